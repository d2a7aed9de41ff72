/** Keeps the routes to pods of other machines and to Services, and the packet filter's leave for them. */
import { addressBits, familyOf, holdsAddress, type IpFamily, parseAddress, parseCidr } from '../../api/index.ts';
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { RunCommand } from './command.ts';
import {
  type MachinePods,
  type NetworkMode,
  overlayDevice,
  overlayDeviceChanges,
  overlayPeerChanges,
} from './overlay.ts';
import {
  type FamilyRoutes,
  filterChanges,
  type PodRange,
  type RemoteRange,
  routeChanges,
  routeProtocol,
  routeWords,
  serviceRouteChanges,
} from './route-plan.ts';

/** A node's pods, and the machine that they run on. */
export interface NodePods extends MachinePods {
  /** One for each family that the machine has an address of; `address` is the first. */
  readonly addresses: readonly string[];
}

interface NodeRouteSettings extends Omit<FamilyRoutes, 'clusterCidr'> {
  /** The ranges of all pods, one for each family. */
  readonly clusterCidrs: readonly string[];
  readonly mode: NetworkMode;
  /** This machine, and the pods of the node. */
  readonly own: MachinePods;
}

interface NodeRoutesPorts {
  readonly run: RunCommand;
  readonly timers: Timers;
  readonly log: Logger;
  readonly settings: NodeRouteSettings;
  /** Pods on other machines, and those on this one, as the cluster shows them now. */
  readonly remote: () => readonly NodePods[];
  readonly local: () => readonly NodePods[];
  /** The ranges of Services that the bridge's setup makes no route to; undefined: not known yet. */
  readonly services: (family: IpFamily) => readonly string[] | undefined;
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
 * forwards. With IPv6 a pod sends to the machine what is not of its own node.
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
async function applyRoutes({ run, log, settings, remote, local, services, active }: NodeRoutesPorts): Promise<boolean> {
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
  const others = await withOverlay(remote(), { attempt, settings });
  const own = local();
  for (const clusterCidr of settings.clusterCidrs) {
    const family = familyOf(clusterCidr);
    const ranges = {
      remote: rangesIn(family, others),
      local: rangesIn(family, own).filter(({ address }) => address !== ''),
      services: services(family),
    };
    await applyFamily({ run, attempt }, ranges, { ...settings, clusterCidr });
  }
  return done;
}

interface FamilyRanges {
  readonly remote: readonly RemoteRange[];
  readonly local: readonly PodRange[];
  readonly services: readonly string[] | undefined;
}

/** The ranges of one family, each with the way that leads to it. A range without a way is left out. */
function rangesIn(family: IpFamily, nodes: readonly PlacedNode[]): readonly RemoteRange[] {
  return nodes.flatMap(({ addresses, podCidrs, way = 'direct' }) => {
    const podCidr = podCidrs.find((each) => familyOf(each) === family);
    const address = addresses.find((each) => familyOf(each) === family);
    if (podCidr === undefined || (address === undefined && way === 'direct')) return [];
    return [{ podCidr, address: address ?? '', overlay: way === 'overlay' || address === undefined }];
  });
}

async function applyFamily(
  { run, attempt }: { readonly run: RunCommand; readonly attempt: Attempt },
  ranges: FamilyRanges,
  settings: FamilyRoutes,
): Promise<void> {
  const { bridge, clusterCidr } = settings;
  const family = familyOf(clusterCidr);
  const { flag, filter } = routeWords[family];
  if (ranges.remote.length > 0 && family === 'IPv4')
    await attempt(
      'sysctl',
      ['-q', '-w', `net.ipv4.conf.${bridge}.proxy_arp=1`, `net.ipv4.neigh.${bridge}.proxy_delay=0`],
      { hint: 'pods of other machines may not be reachable from here' },
    );
  const shown = await attempt('ip', [flag, 'route', 'show', 'proto', routeProtocol], {
    hint: 'failed to read the routes of this machine',
  });
  await attempt('ip', [flag, ...batch], {
    hint: 'no route to the pods of another machine',
    lines: routeChanges(ranges, shown, settings),
  });
  if (ranges.services !== undefined)
    await attempt('ip', [flag, ...batch], {
      hint: 'programs of this machine may not reach Services of a range that was added (ServiceCIDR)',
      lines: serviceRouteChanges(ranges.services, shown, settings),
    });
  // Without the engine's chain nothing stands in the way either.
  const present = await shownChain(run, settings);
  if (present !== undefined)
    await attempt(`${filter}-restore`, restore, {
      hint: "this machine's packet filter may reject pods of other machines",
      lines: restoreLines(filterChanges(ranges.remote, present, settings)),
    });
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

interface PlacedNode extends NodePods {
  /** `direct` (by the machine's addresses alone; the default), `mixed` (the overlay where it has none), `overlay`. */
  readonly way?: 'direct' | 'mixed' | 'overlay' | undefined;
}

/**
 * The machines with the way that leads to each, after this machine's end of the overlay is made where one needs it. In
 * mode `auto` that is a machine which the kernel reaches through a router only, or one without an address in a family.
 */
async function withOverlay(
  nodes: readonly NodePods[],
  { attempt, settings }: { readonly attempt: Attempt; readonly settings: NodeRouteSettings },
): Promise<readonly PlacedNode[]> {
  const { mode, own } = settings;
  if (mode === 'routes' || nodes.length === 0) return nodes;
  const hint = 'the way to another machine is not known';
  const near = onLink(await attempt('ip', onLinkRoutes(own.address), { hint }));
  const placed = nodes.map((node) => ({
    ...node,
    way: mode === 'vxlan' || !near(node.address) ? ('overlay' as const) : ('mixed' as const),
  }));
  const behind = placed.filter(
    ({ way, addresses, podCidrs }) => way === 'overlay' || addresses.length < podCidrs.length,
  );
  await makeOverlay(behind, attempt, settings);
  return placed;
}

async function makeOverlay(
  behind: readonly NodePods[],
  attempt: Attempt,
  { cluster, own }: NodeRouteSettings,
): Promise<void> {
  const [first] = behind;
  if (first === undefined) return;
  const way = { hint: 'the way to another machine is not known' };
  const show = `ip -d -o link show dev ${overlayDevice(cluster)} 2>/dev/null || true`;
  const shown = await attempt('sh', ['-c', show], way);
  const route = await attempt('ip', [routeWords[familyOf(first.address)].flag, 'route', 'get', first.address], way);
  const outer = /\bdev (\S+)/.exec(route)?.[1] ?? 'lo';
  const link = await attempt('ip', ['-o', 'link', 'show', 'dev', outer], way);
  const mtu = Number(/\bmtu (\d+)/.exec(link)?.[1] ?? '1500');
  const hint = 'pods of machines behind a router are not reachable: the overlay (VXLAN) failed';
  const peers = overlayPeerChanges(cluster, behind);
  const lines = [...overlayDeviceChanges(cluster, own, { shown, mtu }), ...peers.ip];
  await attempt('ip', batch, { hint, lines });
  await attempt('bridge', batch, { hint, lines: peers.bridge });
}

/** IPv6 knows no scope of a route: its routes of the link are those without a gateway. */
const onLinkRoutes = (address: string): readonly string[] =>
  familyOf(address) === 'IPv4' ? ['-4', 'route', 'show', 'scope', 'link'] : ['-6', 'route', 'show'];

/** Tells of an address whether no router is between, by the routes of the machine's own networks; '' tells nothing. */
function onLink(shown: string): (address: string) => boolean {
  const networks = shown.split('\n').flatMap((line) => {
    const [network = ''] = line.split(' ');
    if (line.includes(' via ')) return [];
    return parseCidr(network.includes('/') ? network : `${network}/${addressBits[familyOf(network)]}`) ?? [];
  });
  return (text) => {
    const address = parseAddress(text);
    return networks.length === 0 || (address !== undefined && networks.some((range) => holdsAddress(range, address)));
  };
}

/** Takes back what `keepNodeRoutes` set. */
export async function removeNodeRoutes(
  run: RunCommand,
  { clusterCidrs, ...shared }: Pick<NodeRouteSettings, 'cluster' | 'bridge' | 'clusterCidrs' | 'forwardChain'>,
): Promise<void> {
  const attempt = async (command: string, args: readonly string[], lines?: readonly string[]): Promise<string> =>
    lines?.length === 0 ? '' : await run(command, args, [...(lines ?? []), ''].join('\n')).catch(() => '');
  for (const clusterCidr of clusterCidrs) {
    const settings = { ...shared, clusterCidr };
    const { flag, filter } = routeWords[familyOf(clusterCidr)];
    const shown = await attempt('ip', [flag, 'route', 'show', 'proto', routeProtocol]);
    await attempt('ip', [flag, ...batch], routeChanges({ remote: [], local: [] }, shown, settings));
    const present = (await shownChain(run, settings)) ?? '';
    await attempt(`${filter}-restore`, restore, restoreLines(filterChanges(undefined, present, settings)));
  }
  await attempt('ip', ['link', 'del', overlayDevice(shared.cluster)]);
}

/** The engine's chain as iptables lists it; undefined where there is none. */
async function shownChain(run: RunCommand, { clusterCidr, forwardChain }: FamilyRoutes): Promise<string | undefined> {
  if (forwardChain === undefined) return undefined;
  return await run(routeWords[familyOf(clusterCidr)].filter, ['-w', '-S', forwardChain]).catch(() => undefined);
}
