/** The bridge of a machine's pods: its names, its settings, and how it is made. */
import { parseIpv4Range } from '../../api/index.ts';
import { errorMessage, fnv1a, type Logger } from '../../base/index.ts';
import {
  type ClusterIdentity,
  clusterLabels,
  type ContainerRuntime,
  labels,
  type NetworkSpec,
} from '../runtime/index.ts';
import { gatewayOf } from './gateway.ts';
import type { RunCommand } from './command.ts';
import type { LinkSettings } from './pod-links.ts';

interface NetworkSettings extends ClusterIdentity {
  readonly clusterCidr: string;
  readonly serviceCidr: string;
}

/** Names of what a cluster has on a machine's network. Bridge names are at most 15 bytes long, so they carry a hash. */
export function networkNames(cluster: string): {
  readonly network: string;
  readonly bridge: string;
  readonly table: string;
} {
  const plain = cluster.replace(/[^A-Za-z0-9]/g, '');
  const short =
    plain === cluster && cluster.length <= 11
      ? cluster
      : `${plain.slice(0, 4)}${(fnv1a(cluster) % 2 ** 28).toString(16).padStart(7, '0')}`;
  return {
    network: `troupe-${cluster}`,
    bridge: `trp-${short}`,
    table: `troupe_${cluster.replace(/[^A-Za-z0-9_]/g, '_')}`,
  };
}

/** The cluster's bridge, as the engine is to make it. */
function bridgeSpec(settings: NetworkSettings): NetworkSpec {
  const names = networkNames(settings.cluster);
  return {
    name: names.network,
    bridge: names.bridge,
    subnet: settings.clusterCidr,
    gateway: gatewayOf(settings.clusterCidr),
    labels: { ...clusterLabels(settings), [labels.role]: 'network' },
  };
}

/** What links of pods need to know of the cluster's bridge. */
export function linkSettings(settings: Pick<NetworkSettings, 'cluster' | 'clusterCidr'>): LinkSettings {
  return {
    bridge: networkNames(settings.cluster).bridge,
    gateway: gatewayOf(settings.clusterCidr),
    bits: parseIpv4Range(settings.clusterCidr)?.prefix ?? 16,
  };
}

/** What the proxy's rules depend on. */
export interface BridgeFacts {
  /** Frames between ports of the bridge pass the packet filter, so replies are translated back without masquerading. */
  readonly filtered: boolean;
}

/**
 * Makes the bridge and the machine's part of it: forwarding, the route of the service range (so that the machine itself
 * reaches services, from the bridge's address), and translation of packets to loopback.
 */
export async function setUpBridge(
  ports: { readonly runtime: ContainerRuntime; readonly run: RunCommand; readonly log: Logger },
  settings: NetworkSettings,
): Promise<BridgeFacts> {
  const { runtime, run, log } = ports;
  const { bridge } = networkNames(settings.cluster);
  await runtime.ensureNetwork(bridgeSpec(settings));
  await ensureDevice(run, settings);
  const tryRun = async (command: string, args: readonly string[]): Promise<string | undefined> => {
    try {
      return await run(command, args);
    } catch (error) {
      log.warn('failed to set up part of the network; services may not be reachable from everywhere', {
        command: [command, ...args].join(' '),
        error: errorMessage(error),
      });
      return undefined;
    }
  };
  await tryRun('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1', `net.ipv4.conf.${bridge}.route_localnet=1`]);
  await tryRun('ip', ['route', 'replace', settings.serviceCidr, 'dev', bridge, 'src', gatewayOf(settings.clusterCidr)]);
  const filtered = await run('sysctl', ['-n', 'net.bridge.bridge-nf-call-iptables']).catch(() => '0');
  return { filtered: filtered.trim() === '1' };
}

/** The engine knows the network by its name, and not whether somebody removed the interface behind it. */
async function ensureDevice(run: RunCommand, settings: NetworkSettings): Promise<void> {
  const { bridge, gateway, bits } = linkSettings(settings);
  const isThere = await run('ip', ['-o', 'link', 'show', 'dev', bridge]).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const lines = [
    `link add ${bridge} type bridge`,
    `address add ${gateway}/${bits} broadcast + dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  await run('ip', ['-batch', '-'], [...lines, ''].join('\n'));
}
