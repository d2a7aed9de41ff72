/** The volumes' part of the agent: what pods get them from, CSI drivers among it. */
import type { NodeAgentOptions } from './agent-settings.ts';
import { localPlace } from './agent-pods.ts';
import { type Csi, openCsi } from './csi/index.ts';
import type { Lifetime } from './lifetime.ts';
import { NodeEvents, type Machine } from './node/index.ts';
import { configReader, tokenSource, type VolumePorts } from './volumes/index.ts';

export interface NodeVolumes {
  readonly ports: VolumePorts;
  readonly events: NodeEvents;
  /** Undefined: this node serves no CSI drivers. */
  readonly csi: Csi | undefined;
}

interface VolumeGround {
  readonly machine: Machine;
  readonly lifetime: Lifetime;
  /** The Node's status is to be written: other volumes are in use. */
  readonly inUseChanged: () => void;
}

export async function openVolumes(
  options: NodeAgentOptions,
  { machine, lifetime, inUseChanged }: VolumeGround,
): Promise<NodeVolumes> {
  const { client, clock, cluster, nodeName: node, settings } = options;
  const events = new NodeEvents(options, node);
  lifetime.atEnd(() => {
    events.close();
  });
  const own = {
    files: machine.files,
    config: configReader(client),
    tokens: tokenSource(client, clock, options.tokensNotBefore),
    client,
    local: localPlace(options),
  };
  const { kubeletRoot: wanted, stateFolder } = settings;
  if (wanted === undefined) return { ports: own, events, csi: undefined };
  const csi = await openCsi(
    {
      ...options,
      ...own,
      run: machine.run,
      event: (pod, event) => {
        events.record(pod, event);
      },
    },
    { cluster, node, stateFolder, wanted, inUseChanged },
  );
  lifetime.atEnd(() => {
    csi.close();
  });
  return { ports: { ...own, csi: csi.volumes }, events, csi };
}
