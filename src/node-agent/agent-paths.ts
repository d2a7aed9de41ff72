/** What the agent serves of a kubelet's port, and the configuration that it shows there. */
import type { NodeAgentOptions } from './agent-settings.ts';
import type { Csi } from './csi/index.ts';
import { kubeletSettings } from './kubelet-settings.ts';
import { type KubeletPaths, kubeletPaths } from './kubelet/index.ts';
import type { Machine, NodeFacts } from './node/index.ts';
import type { PodPorts } from './pod/index.ts';
import { localVolumeStats, volumeCounts } from './volumes/index.ts';
import type { UsageMeter } from './usage/index.ts';

interface NodePathParts {
  readonly ports: PodPorts;
  readonly machine: Machine;
  readonly facts: NodeFacts;
  readonly meter: UsageMeter;
  readonly csi: Csi | undefined;
  /** Why the node cannot run pods now; undefined: it can. */
  readonly notReadyReason: () => string | undefined;
}

/** What `/logs/` of the node shows, as with a kubelet. */
const logsFolder = '/var/log';

export function nodePaths(options: NodeAgentOptions, parts: NodePathParts): KubeletPaths {
  const { settings } = options;
  const { ports, machine, facts, meter, notReadyReason, csi } = parts;
  return kubeletPaths({
    ...options,
    node: options.nodeName,
    meter,
    probes: ports.probes,
    log: (path) => machine.nodeLog(logsFolder, path),
    disk: () => machine.disk(settings.stateFolder),
    notReadyReason,
    volumeCounts: (pods) => [volumeCounts(pods, options.view)],
    volumeStats: async (pod) => [
      ...((await csi?.stats(pod.metadata.uid ?? '')) ?? []),
      ...(await localVolumeStats({ ...options, disk: machine.disk }, pod)),
    ],
    configuration: configurationOf(options, facts),
  });
}

/** What of a KubeletConfiguration means something here. */
function configurationOf({ settings }: NodeAgentOptions, facts: NodeFacts): Readonly<Record<string, unknown>> {
  const { podPidsLimit = 4096, seccompDefault = true, networks, clusterDomain } = settings;
  return {
    ...kubeletSettings(settings),
    podCIDR: facts.podCidrs.join(','),
    maxPods: facts.podsMax,
    podPidsLimit: podPidsLimit === 0 ? -1 : podPidsLimit,
    clusterDNS: networks.map(({ dnsAddress }) => dnsAddress),
    clusterDomain,
    seccompDefault,
    enableServer: true,
    enableSystemLogHandler: true,
  };
}
