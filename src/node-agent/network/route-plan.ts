/** What must change in a machine's routes and packet filter for the pods of a cluster, as pure functions. */
import { addressBits, familyOf, holdsAddress, type IpFamily, parseAddress } from '../../api/index.ts';
import { gatewayOf, rangeOf } from './family-network.ts';
import { endAddress, overlayDevice } from './overlay.ts';

/** A node's pods of one family, and the address of its machine in the family. */
export interface PodRange {
  readonly podCidr: string;
  readonly address: string;
}

/** Pods of another machine, and how they are reached. */
export interface RemoteRange extends PodRange {
  /** Packets to them travel in the overlay: the machine is behind a router, or has no address in the family (''). */
  readonly overlay?: boolean | undefined;
}

/** What the routes of one family depend on. */
export interface FamilyRoutes {
  readonly cluster: string;
  readonly bridge: string;
  readonly clusterCidr: string;
  /** See ContainerRuntime.forwardChain. */
  readonly forwardChain: string | undefined;
}

/** How the programs of the machine are told the family. */
export const routeWords: Readonly<Record<IpFamily, { readonly flag: string; readonly filter: string }>> = {
  IPv4: { flag: '-4', filter: 'iptables' },
  IPv6: { flag: '-6', filter: 'ip6tables' },
};

/** Marks our routes in the kernel's table, so that those of nodes that are gone are found again. */
export const routeProtocol = '177';

/**
 * What must change so that the kernel's routes of a family (`ip -4 route show proto 177`) lead to every other machine's
 * pods, by the machine's address or in the overlay, and to the pods here from the machine's address: a program of the
 * machine that answers a pod's datagram would else answer from the bridge's address, which nobody asked. Lines for
 * `ip -batch`. Pure.
 */
export function routeChanges(
  { remote, local }: { readonly remote: readonly RemoteRange[]; readonly local: readonly PodRange[] },
  shown: string,
  { cluster, clusterCidr, bridge }: Pick<FamilyRoutes, 'cluster' | 'clusterCidr' | 'bridge'>,
): readonly string[] {
  const device = overlayDevice(cluster);
  const hopOf = ({ podCidr, address, overlay = false }: RemoteRange): string =>
    overlay ? `via ${endAddress(podCidr)} dev ${device} onlink` : `via ${address}`;
  const wanted = new Map([
    ...remote.map((range) => [range.podCidr, hopOf(range)] as const),
    ...local.map(({ podCidr, address }) => [podCidr, `dev ${bridge} src ${address}`] as const),
  ]);
  const present = shownRoutes(shown, { clusterCidr, device });
  return [
    ...[...present.keys()]
      .filter((range) => !wanted.has(range))
      .map((range) => `route del ${range} proto ${routeProtocol}`),
    ...[...wanted]
      .filter(([range, hop]) => present.get(range) !== hop)
      .map(([range, hop]) => `route replace ${range} ${hop} proto ${routeProtocol}`),
  ];
}

/** The routes into the cluster's range, each in the words that make it. */
function shownRoutes(
  shown: string,
  { clusterCidr, device }: { readonly clusterCidr: string; readonly device: string },
): ReadonlyMap<string, string> {
  const cluster = rangeOf(clusterCidr);
  const routes = shown.split('\n').flatMap((line) => {
    const [, range = '', via, dev, src] = /^(\S+)(?: via (\S+))? dev (\S+)(?:.* src (\S+))?/.exec(line) ?? [];
    const base = parseAddress(range.split('/')[0] ?? '');
    if (base === undefined || !holdsAddress(cluster, base)) return [];
    if (via === undefined) return [[range, `dev ${dev} src ${src}`] as const];
    return [[range, dev === device ? `via ${via} dev ${dev} onlink` : `via ${via}`] as const];
  });
  return new Map(routes);
}

/** Behind the metrics that network managers give to the machine's own networks. */
const lastMetric = 30_000;

/**
 * What must change so that the kernel's routes of a family (`ip -4 route show proto 177`) lead to Services in these
 * ranges, from the bridge's address: the service rules of the output see only what has a route. A route that the
 * machine has to just such a range stays, and goes first. Lines for `ip -batch`. Pure.
 */
export function serviceRouteChanges(
  ranges: readonly string[],
  shown: string,
  { clusterCidr, bridge }: Pick<FamilyRoutes, 'clusterCidr' | 'bridge'>,
): readonly string[] {
  const pods = rangeOf(clusterCidr);
  const hop = `dev ${bridge} src ${gatewayOf(clusterCidr)} metric ${lastMetric}`;
  const present = shown.split('\n').flatMap((line) => {
    const [, base = '', bits, device] = /^([^\s/]+)(\/\d+)? dev (\S+)/.exec(line) ?? [];
    const address = parseAddress(base);
    if (address === undefined || device !== bridge || holdsAddress(pods, address)) return [];
    return [`${base}${bits ?? `/${addressBits[familyOf(base)]}`}`];
  });
  return [
    ...present
      .filter((range) => !ranges.includes(range))
      .map((range) => `route del ${range} dev ${bridge} proto ${routeProtocol}`),
    ...ranges
      .filter((range) => !present.includes(range))
      .map((range) => `route append ${range} ${hop} proto ${routeProtocol}`),
  ];
}

/** The bit of the connection mark that the service rules give to what they translate. */
export const translatedMark = '0x400000';

/**
 * What must change in the chain that the container engine leaves to others (`iptables -S <chain>`), since its own rules
 * let nobody in from outside and nothing pass on to another machine: what the service rules translated, pods of other
 * machines and these machines themselves come through. `wanted` undefined: none of our rules stays. Lines for
 * `iptables-restore`. Pure.
 */
export function filterChanges(
  wanted: readonly RemoteRange[] | undefined,
  shown: string,
  { cluster, bridge, clusterCidr, forwardChain = '' }: FamilyRoutes,
): readonly string[] {
  const mark = `-m comment --comment troupe-${cluster} -j ACCEPT`;
  const addresses = [...new Set((wanted ?? []).map(({ address }) => address))].filter((address) => address !== '');
  const rules = [
    ...(wanted === undefined ? [] : [`-m connmark --mark ${translatedMark}/${translatedMark} ${mark}`]),
    ...(wanted === undefined || wanted.length === 0 ? [] : [`-s ${clusterCidr} -d ${clusterCidr} ${mark}`]),
    ...addresses.map((address) => `-s ${address}/${addressBits[familyOf(address)]} -o ${bridge} ${mark}`),
  ];
  const appended = `-A ${forwardChain} `;
  const present = shown
    .split('\n')
    .flatMap((line) =>
      line.startsWith(appended) && line.includes(` --comment troupe-${cluster} `) ? [line.slice(appended.length)] : [],
    );
  return [
    ...present.filter((rule) => !rules.includes(rule)).map((rule) => `-D ${forwardChain} ${rule}`),
    ...rules.filter((rule) => !present.includes(rule)).map((rule) => `-I ${forwardChain} ${rule}`),
  ];
}
