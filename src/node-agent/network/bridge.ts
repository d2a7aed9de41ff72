/** The bridge of a machine's pods: its names, its settings, and how it is made. */
import { familyOf, type IpFamily } from '../../api/index.ts';
import { errorMessage, fnv1a, type Logger } from '../../base/index.ts';
import {
  type ClusterIdentity,
  clusterLabels,
  type ContainerRuntime,
  labels,
  type NetworkSpec,
} from '../runtime/index.ts';
import { type FamilyNetwork, gatewayOf, rangeOf } from './family-network.ts';
import type { RunCommand } from './command.ts';
import { hardwareAddress, type LinkSettings } from './pod-links.ts';

interface NetworkSettings extends ClusterIdentity {
  readonly networks: readonly FamilyNetwork[];
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

/** The cluster's bridge, as the engine is to make it; its part of IPv6 is made beside the engine. */
function bridgeSpec(settings: NetworkSettings): NetworkSpec {
  const names = networkNames(settings.cluster);
  const range = settings.networks.find(({ family }) => family === 'IPv4')?.clusterCidr;
  return {
    name: names.network,
    bridge: names.bridge,
    subnet: range,
    gateway: range === undefined ? undefined : gatewayOf(range),
    labels: { ...clusterLabels(settings), [labels.role]: 'network' },
  };
}

/** What links of pods need to know of the cluster's bridge; `podCidrs`: the node's own. */
export function linkSettings(settings: {
  readonly cluster: string;
  readonly networks: readonly FamilyNetwork[];
  readonly podCidrs: readonly string[];
}): LinkSettings {
  return {
    bridge: networkNames(settings.cluster).bridge,
    gateways: settings.networks.map(({ family, clusterCidr }) => {
      const own = settings.podCidrs.find((podCidr) => familyOf(podCidr) === family) ?? clusterCidr;
      // A machine answers ARP for pods of others, but not what asks for their IPv6 addresses: those are sent to it.
      return { family, address: gatewayOf(clusterCidr), bits: rangeOf(family === 'IPv4' ? clusterCidr : own).prefix };
    }),
  };
}

/** What the proxy's rules depend on. */
export interface BridgeFacts {
  /**
   * The families whose frames between ports of the bridge pass the packet filter, so that replies are translated back
   * without masquerading.
   */
  readonly filtered: ReadonlySet<IpFamily>;
}

interface BridgePorts {
  readonly runtime: ContainerRuntime;
  readonly run: RunCommand;
  readonly log: Logger;
}

/**
 * Makes the bridge and the machine's part of it: forwarding, the route of each service range (so that the machine
 * itself reaches services, from the bridge's address), and translation of packets to loopback.
 */
export async function setUpBridge(ports: BridgePorts, settings: NetworkSettings): Promise<BridgeFacts> {
  const { runtime, run, log } = ports;
  const { bridge } = networkNames(settings.cluster);
  await runtime.ensureNetwork(bridgeSpec(settings));
  await ensureDevice(run, settings);
  const filtered = new Set<IpFamily>();
  for (const network of settings.networks) {
    const shown = network.family === 'IPv6' ? await advertisedRoutes(run) : '';
    for (const [command = '', ...args] of bridgeCommands(bridge, network, shown))
      await run(command, args).catch((error: unknown) => {
        log.warn('failed to set up part of the network; services may not be reachable from everywhere', {
          command: [command, ...args].join(' '),
          error: errorMessage(error),
        });
      });
    const key = `net.bridge.bridge-nf-call-${network.family === 'IPv4' ? 'iptables' : 'ip6tables'}`;
    if ((await run('sysctl', ['-n', key]).catch(() => '0')).trim() === '1') filtered.add(network.family);
  }
  return { filtered };
}

const advertisedRoutes = (run: RunCommand): Promise<string> =>
  run('ip', ['-6', 'route', 'show', 'default', 'proto', 'ra']).catch(() => '');

/** Where one side of a connection has ended, the other one may take an hour (as with kube-proxy), not a minute. */
const halfClosed = ['sysctl', '-e', '-q', '-w', 'net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600'];

/**
 * The commands for one family, after the engine has made the bridge. `advertised`: the default routes that routers
 * advertise (`ip -6 route show default proto ra`). Pure.
 */
export function bridgeCommands(
  bridge: string,
  { family, clusterCidr, serviceCidr }: Pick<FamilyNetwork, 'family' | 'clusterCidr' | 'serviceCidr'>,
  advertised: string,
): readonly (readonly string[])[] {
  const gateway = gatewayOf(clusterCidr);
  const services = ['route', 'replace', serviceCidr, 'dev', bridge, 'src', gateway];
  if (family === 'IPv4')
    return [
      ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', `net.ipv4.conf.${bridge}.route_localnet=1`],
      ['ip', ...services],
      halfClosed,
    ];
  const uplinks = [...new Set([...advertised.matchAll(/\bdev (\S+)/g)].map(([, device = '']) => device))];
  return [
    // A machine that forwards takes no more routes from routers, its own default route among them, unless told to.
    ...uplinks.map((device) => ['sysctl', '-q', '-w', `net/ipv6/conf/${device}/accept_ra=2`]),
    // The engine knows nothing of this family. No address waits for an objection (DAD): pods start at once.
    ['sysctl', '-q', '-w', `net/ipv6/conf/${bridge}/disable_ipv6=0`, `net/ipv6/conf/${bridge}/accept_ra=0`],
    ['sysctl', '-q', '-w', 'net.ipv6.conf.all.forwarding=1'],
    ['ip', '-6', 'address', 'replace', `${gateway}/${rangeOf(clusterCidr).prefix}`, 'dev', bridge, 'nodad'],
    ['ip', '-6', ...services],
    halfClosed,
  ];
}

/**
 * The engine knows the network by its name, and not whether somebody removed the interface behind it. A bridge without
 * a hardware address of its own takes the lowest of its ports', so that a pod which comes changes it. Pods that were
 * there before go on sending to the old one, and as long as one connection is answered they do not ask again.
 */
async function ensureDevice(run: RunCommand, settings: NetworkSettings): Promise<void> {
  const { bridge } = networkNames(settings.cluster);
  const isThere = await run('ip', ['-o', 'link', 'show', 'dev', bridge]).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const [first] = settings.networks;
  const own = first === undefined ? '' : ` address ${hardwareAddress(gatewayOf(first.clusterCidr))}`;
  const lines = [
    `link add ${bridge}${own} type bridge`,
    ...settings.networks
      .filter(({ family }) => family === 'IPv4')
      .map(({ clusterCidr }) => {
        const { prefix } = rangeOf(clusterCidr);
        return `address add ${gatewayOf(clusterCidr)}/${prefix} broadcast + dev ${bridge}`;
      }),
    `link set ${bridge} up`,
  ];
  await run('ip', ['-batch', '-'], [...lines, ''].join('\n'));
}
