/** Routes to the pods of other machines, and the packet filter's leave for them. */
import { inIpv4Range, ipv4Number, parseIpv4Range } from '../../api/index.ts';
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { RunCommand } from './command.ts';
import {
  endAddress,
  type NetworkMode,
  overlayDevice,
  overlayDeviceChanges,
  type PodRange,
  overlayPeerChanges,
} from './overlay.ts';

/** Another node's pods, and the machine that they run on. */
export interface RemoteRange extends PodRange {
  /** The machine is behind a router: packets to it travel in the overlay. */
  readonly overlay?: boolean | undefined;
}

interface NodeRouteSettings extends ClusterRoutes {
  readonly mode: NetworkMode;
  /** This machine, and the pods of the node. */
  readonly own: PodRange;
}

interface ClusterRoutes {
  readonly cluster: string;
  readonly bridge: string;
  readonly clusterCidr: string;
  /** See ContainerRuntime.forwardChain. */
  readonly forwardChain: string | undefined;
}

/** Marks our routes in the kernel's table, so that those of nodes that are gone are found again. */
const protocol = '177';

/**
 * What must change so that the kernel's routes (`ip -4 route show proto 177`) lead to every other machine's pods, by
 * the machine's address or in the overlay, and to the pods here from the machine's address: a program of the machine
 * that answers a pod's datagram would else answer from the bridge's address, which nobody asked. Lines for `ip -batch`.
 * Pure.
 */
export function routeChanges(
  { remote, local }: { readonly remote: readonly RemoteRange[]; readonly local: readonly PodRange[] },
  shown: string,
  { cluster, clusterCidr, bridge }: Pick<ClusterRoutes, 'cluster' | 'clusterCidr' | 'bridge'>,
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
    ...[...present.keys()].filter((range) => !wanted.has(range)).map((range) => `route del ${range} proto ${protocol}`),
    ...[...wanted]
      .filter(([range, hop]) => present.get(range) !== hop)
      .map(([range, hop]) => `route replace ${range} ${hop} proto ${protocol}`),
  ];
}

/** The routes into the cluster's range, each in the words that make it. */
function shownRoutes(
  shown: string,
  { clusterCidr, device }: { readonly clusterCidr: string; readonly device: string },
): ReadonlyMap<string, string> {
  const cluster = parseIpv4Range(clusterCidr);
  const routes = shown.split('\n').flatMap((line) => {
    const [, range = '', via, dev, src] = /^(\S+)(?: via (\S+))? dev (\S+)(?:.* src (\S+))?/.exec(line) ?? [];
    const base = ipv4Number(range.split('/')[0] ?? '');
    if (cluster === undefined || base === undefined || !inIpv4Range(cluster, base)) return [];
    if (via === undefined) return [[range, `dev ${dev} src ${src}`] as const];
    return [[range, dev === device ? `via ${via} dev ${dev} onlink` : `via ${via}`] as const];
  });
  return new Map(routes);
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
  { cluster, bridge, clusterCidr, forwardChain = '' }: ClusterRoutes,
): readonly string[] {
  const mark = `-m comment --comment troupe-${cluster} -j ACCEPT`;
  const addresses = [...new Set((wanted ?? []).map(({ address }) => address))];
  const rules = [
    ...(wanted === undefined ? [] : [`-m connmark --mark ${translatedMark}/${translatedMark} ${mark}`]),
    ...(addresses.length === 0 ? [] : [`-s ${clusterCidr} -d ${clusterCidr} ${mark}`]),
    ...addresses.map((address) => `-s ${address}/32 -o ${bridge} ${mark}`),
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

interface NodeRoutesPorts {
  readonly run: RunCommand;
  readonly timers: Timers;
  readonly log: Logger;
  readonly settings: NodeRouteSettings;
  /** Pods on other machines, and those on this one, as the cluster shows them now. */
  readonly remote: () => readonly RemoteRange[];
  readonly local: () => readonly PodRange[];
  /** Whether this agent sets up the machine's network now. */
  readonly active: () => boolean;
}

const debounceMs = 50;
const retryMs = 5_000;
/** How often is looked whether all is still there: an interface that goes takes its routes along, firewalls flush. */
const lookMs = 5_000;

/**
 * Keeps the routes to other machines' pods. The bridge spans the whole cluster's range, so a pod asks for another
 * machine's pod by ARP; the machine answers in its place (proxy ARP) for every range that a route leads elsewhere, and
 * forwards.
 */
export function keepNodeRoutes(ports: NodeRoutesPorts): { wake(): void; close(): void } {
  let timer: Timer | undefined;
  let order = Promise.resolve();
  let closed = false;
  const schedule = (delayMs: number): void => {
    if (closed || timer !== undefined) return;
    timer = ports.timers.after(delayMs, () => {
      timer = undefined;
      order = order.then(async () => {
        if (!(await applyRoutes(ports))) schedule(retryMs);
      });
    });
  };
  schedule(0);
  const looking = ports.timers.every(lookMs, () => {
    schedule(debounceMs);
  });
  return {
    wake: () => {
      schedule(debounceMs);
    },
    close: () => {
      closed = true;
      timer?.cancel();
      looking.cancel();
    },
  };
}

/** True when all is as it should be. */
async function applyRoutes({ run, log, settings, remote, local, active }: NodeRoutesPorts): Promise<boolean> {
  if (!active()) return true;
  let done = true;
  const attempt: Attempt = async (command, args, { hint, lines }) => {
    if (lines?.length === 0) return '';
    try {
      return await run(command, args, lines === undefined ? undefined : [...lines, ''].join('\n'));
    } catch (error) {
      done = false;
      log.warn(hint, { command: [command, ...args].join(' '), error: errorMessage(error) });
      return '';
    }
  };
  const wanted = await withOverlay(remote(), { attempt, settings });
  if (wanted.length > 0)
    await attempt(
      'sysctl',
      ['-q', '-w', `net.ipv4.conf.${settings.bridge}.proxy_arp=1`, `net.ipv4.neigh.${settings.bridge}.proxy_delay=0`],
      { hint: 'pods of other machines may not be reachable from here' },
    );
  const shown = await attempt('ip', ['-4', 'route', 'show', 'proto', protocol], {
    hint: 'failed to read the routes of this machine',
  });
  await attempt('ip', ['-4', ...batch], {
    hint: 'no route to the pods of another machine',
    lines: routeChanges({ remote: wanted, local: local() }, shown, settings),
  });
  // Without the engine's chain nothing stands in the way either.
  const filter = await shownChain(run, settings);
  if (filter !== undefined)
    await attempt('iptables-restore', restore, {
      hint: "this machine's packet filter may reject pods of other machines",
      lines: restoreLines(filterChanges(wanted, filter, settings)),
    });
  return done;
}

/** Line after line, those after one that fails too; it fails where one did. */
const batch = ['-force', '-batch', '-'];
/** All lines or none, beside what is there. */
const restore = ['-w', '--noflush'];
const restoreLines = (changes: readonly string[]): readonly string[] =>
  changes.length === 0 ? [] : ['*filter', ...changes, 'COMMIT'];

/** `lines`: what the program reads; without any it is not run. */
type Attempt = (
  command: string,
  args: readonly string[],
  how: { readonly hint: string; readonly lines?: readonly string[] },
) => Promise<string>;

/**
 * The ranges with the way that leads to each, after this machine's end of the overlay is made where one needs it. In
 * mode `auto` that is a machine which the kernel reaches through a router only.
 */
async function withOverlay(
  wanted: readonly RemoteRange[],
  { attempt, settings }: { readonly attempt: Attempt; readonly settings: NodeRouteSettings },
): Promise<readonly RemoteRange[]> {
  const { mode, cluster, own } = settings;
  if (mode === 'routes' || wanted.length === 0) return wanted;
  const way = { hint: 'the way to another machine is not known' };
  const near = onLink(await attempt('ip', ['-4', 'route', 'show', 'scope', 'link'], way));
  const ranges = wanted.map((range) => ({ ...range, overlay: mode === 'vxlan' || !near(range.address) }));
  const behind = ranges.filter(({ overlay }) => overlay);
  const [first] = behind;
  if (first === undefined) return ranges;
  const show = `ip -d -o link show dev ${overlayDevice(cluster)} 2>/dev/null || true`;
  const shown = await attempt('sh', ['-c', show], way);
  const outer = /\bdev (\S+)/.exec(await attempt('ip', ['-4', 'route', 'get', first.address], way))?.[1] ?? 'lo';
  const link = await attempt('ip', ['-o', 'link', 'show', 'dev', outer], way);
  const mtu = Number(/\bmtu (\d+)/.exec(link)?.[1] ?? '1500');
  const hint = 'pods of machines behind a router are not reachable: the overlay (VXLAN) failed';
  const peers = overlayPeerChanges(cluster, behind);
  const lines = [...overlayDeviceChanges(cluster, own, { shown, mtu }), ...peers.ip];
  await attempt('ip', batch, { hint, lines });
  await attempt('bridge', batch, { hint, lines: peers.bridge });
  return ranges;
}

/** Tells of an address whether no router is between, by the routes of the machine's own networks; '' tells nothing. */
function onLink(shown: string): (address: string) => boolean {
  const networks = shown.split('\n').flatMap((line) => {
    const [network = ''] = line.split(' ');
    return parseIpv4Range(network.includes('/') ? network : `${network}/32`) ?? [];
  });
  return (address) => networks.length === 0 || networks.some((range) => inIpv4Range(range, ipv4Number(address) ?? 0));
}

/** Takes back what `keepNodeRoutes` set. */
export async function removeNodeRoutes(run: RunCommand, settings: ClusterRoutes): Promise<void> {
  const attempt = async (command: string, args: readonly string[], lines?: readonly string[]): Promise<string> =>
    lines?.length === 0 ? '' : await run(command, args, [...(lines ?? []), ''].join('\n')).catch(() => '');
  const shown = await attempt('ip', ['-4', 'route', 'show', 'proto', protocol]);
  await attempt('ip', ['-4', ...batch], routeChanges({ remote: [], local: [] }, shown, settings));
  await attempt('ip', ['link', 'del', overlayDevice(settings.cluster)]);
  const filter = (await shownChain(run, settings)) ?? '';
  await attempt('iptables-restore', restore, restoreLines(filterChanges(undefined, filter, settings)));
}

/** The engine's chain as iptables lists it; undefined where there is none. */
async function shownChain(run: RunCommand, { forwardChain }: ClusterRoutes): Promise<string | undefined> {
  if (forwardChain === undefined) return undefined;
  return await run('iptables', ['-w', '-S', forwardChain]).catch(() => undefined);
}
