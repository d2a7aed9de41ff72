/** The devices' part of the agent: plug-ins of vendors, which find the node by the kubelet's folder. */
import { join } from 'node:path';
import { isFinished, type Pod, resources } from '../api/index.ts';
import { errorMessage } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import type { Csi } from './csi/index.ts';
import { NodeDevices } from './devices/index.ts';
import type { Lifetime } from './lifetime.ts';

interface DeviceGround {
  /** Its folder is that of all plug-ins; undefined: this node serves none. */
  readonly csi: Csi | undefined;
  readonly lifetime: Lifetime;
  /** The Node's status is to be written. */
  readonly changed: () => void;
}

/** Undefined where plug-ins cannot find the node; pods without devices run all the same. */
export async function openDevices(
  options: NodeAgentOptions,
  { csi, lifetime, changed }: DeviceGround,
): Promise<NodeDevices | undefined> {
  if (csi === undefined) return undefined;
  const { view, nodeName, log } = options;
  const podUids = (): ReadonlySet<string> =>
    new Set(
      view
        .list<Pod>(resources.pods)
        .filter((pod) => pod.spec.nodeName === nodeName && !isFinished(pod))
        .map(({ metadata }) => metadata.uid ?? ''),
    );
  const folder = join(csi.root, 'device-plugins');
  try {
    const devices = await NodeDevices.open({ ...options, folder, podUids, changed });
    lifetime.atEnd(() => {
      devices.close();
    });
    return devices;
  } catch (error) {
    log.error('device plug-ins cannot register with this node', { folder, error: errorMessage(error) });
    return undefined;
  }
}
