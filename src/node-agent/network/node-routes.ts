/** Routes to the pods of other machines, and the packet filter's leave for them. */
import { inIpv4Range, ipv4Number, parseIpv4Range } from '../../api/index.ts';
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { RunCommand } from './command.ts';
import {
  endAddress,
  type NetworkMode,
  overlayDevice,
  overlayDeviceChanges,
  type OverlayEnd,
  overlayPeerChanges,
} from './overlay.ts';

/** Another node's pods, and the machine that they run on. */
export interface RemoteRange extends OverlayEnd {
  /** The machine is behind a router: packets to it travel in the overlay. */
  readonly overlay?: boolean | undefined;
}

interface NodeRouteSettings extends ClusterRoutes {
  readonly mode: NetworkMode;
  /** This machine, and the pods of the node. */
  readonly own: OverlayEnd;
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
 * the machine's address or in the overlay. Pure.
 */
export function routeChanges(
  wanted: readonly RemoteRange[],
  shown: string,
  { cluster: name, clusterCidr }: Pick<ClusterRoutes, 'cluster' | 'clusterCidr'>,
): readonly (readonly string[])[] {
  const device = overlayDevice(name);
  const cluster = parseIpv4Range(clusterCidr);
  const present = new Map(
    shown.split('\n').flatMap((line) => {
      const match = /^(\S+) via (\S+) dev (\S+)/.exec(line);
      const base = ipv4Number(match?.[1]?.split('/')[0] ?? '');
      return match === null || cluster === undefined || base === undefined || !inIpv4Range(cluster, base)
        ? []
        : [[match[1] ?? '', hopText(match[2] ?? '', match[3] === device)] as const];
    }),
  );
  const hopOf = ({ podCidr, address, overlay = false }: RemoteRange): string =>
    hopText(overlay ? endAddress(podCidr) : address, overlay);
  const targets = new Map(wanted.map((range) => [range.podCidr, hopOf(range)]));
  const via = (hop: string): readonly string[] => {
    const [address = '', inOverlay] = hop.split(' ');
    return inOverlay === undefined ? ['via', address] : ['via', address, 'dev', device, 'onlink'];
  };
  return [
    ...[...present.keys()]
      .filter((range) => !targets.has(range))
      .map((range) => ['-4', 'route', 'del', range, 'proto', protocol]),
    ...[...targets]
      .filter(([range, hop]) => present.get(range) !== hop)
      .map(([range, hop]) => ['-4', 'route', 'replace', range, ...via(hop), 'proto', protocol]),
  ];
}

const hopText = (address: string, overlay: boolean): string => `${address}${overlay ? ' overlay' : ''}`;

/** The bit of the connection mark that the service rules give to what they translate. */
export const translatedMark = '0x400000';

/**
 * What must change in the chain that the container engine leaves to others (`iptables -S <chain>`), since its own rules
 * let nobody in from outside and nothing pass on to another machine: what the service rules translated, pods of other
 * machines and these machines themselves come through. `wanted` undefined: none of our rules stays. Pure.
 */
export function filterChanges(
  wanted: readonly RemoteRange[] | undefined,
  shown: string,
  { cluster, bridge, clusterCidr, forwardChain = '' }: ClusterRoutes,
): readonly (readonly string[])[] {
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
    ...present.filter((rule) => !rules.includes(rule)).map((rule) => ['-w', '-D', forwardChain, ...rule.split(' ')]),
    ...rules.filter((rule) => !present.includes(rule)).map((rule) => ['-w', '-I', forwardChain, ...rule.split(' ')]),
  ];
}

interface NodeRoutesPorts {
  readonly run: RunCommand;
  readonly timers: Timers;
  readonly log: Logger;
  readonly settings: NodeRouteSettings;
  /** Pods on other machines, as the cluster shows them now. */
  readonly remote: () => readonly RemoteRange[];
  /** Whether this agent sets up the machine's network now. */
  readonly active: () => boolean;
}

const debounceMs = 50;
const retryMs = 5_000;

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
  return {
    wake: () => {
      schedule(debounceMs);
    },
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
}

/** True when all is as it should be. */
async function applyRoutes({ run, log, settings, remote, active }: NodeRoutesPorts): Promise<boolean> {
  if (!active()) return true;
  let done = true;
  const attempt = async (command: string, args: readonly string[], hint: string): Promise<string> => {
    try {
      return await run(command, args);
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
      'pods of other machines may not be reachable from here',
    );
  const shown = await attempt(
    'ip',
    ['-4', 'route', 'show', 'proto', protocol],
    'failed to read the routes of this machine',
  );
  for (const args of routeChanges(wanted, shown, settings))
    await attempt('ip', args, 'no route to the pods of another machine');
  // Without the engine's chain nothing stands in the way either.
  const filter = await shownChain(run, settings);
  if (filter !== undefined)
    for (const args of filterChanges(wanted, filter, settings))
      await attempt('iptables', args, "this machine's packet filter may reject pods of other machines");
  return done;
}

type Attempt = (command: string, args: readonly string[], hint: string) => Promise<string>;

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
  const hint = 'the way to another machine is not known';
  const near = onLink(await attempt('ip', ['-4', 'route', 'show', 'scope', 'link'], hint));
  const ranges = wanted.map((range) => ({ ...range, overlay: mode === 'vxlan' || !near(range.address) }));
  const behind = ranges.filter(({ overlay }) => overlay);
  const [first] = behind;
  if (first === undefined) return ranges;
  const shown = await attempt('sh', ['-c', `ip -d -o link show dev ${overlayDevice(cluster)} 2>/dev/null || true`], '');
  const outer = /\bdev (\S+)/.exec(await attempt('ip', ['-4', 'route', 'get', first.address], hint))?.[1] ?? 'lo';
  const mtu = Number(
    /\bmtu (\d+)/.exec(await attempt('ip', ['-o', 'link', 'show', 'dev', outer], hint))?.[1] ?? '1500',
  );
  const commands = [
    ...overlayDeviceChanges(cluster, own, { shown, mtu }),
    ...behind.flatMap((range) => overlayPeerChanges(cluster, range)),
  ];
  for (const [command = '', ...args] of commands)
    await attempt(command, args, 'pods of machines behind a router are not reachable: the overlay (VXLAN) failed');
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
  const shown = await run('ip', ['-4', 'route', 'show', 'proto', protocol]).catch(() => '');
  for (const args of routeChanges([], shown, settings)) await run('ip', args).catch(() => '');
  await run('ip', ['link', 'del', overlayDevice(settings.cluster)]).catch(() => '');
  const filter = (await shownChain(run, settings)) ?? '';
  for (const args of filterChanges(undefined, filter, settings)) await run('iptables', args).catch(() => '');
}

/** The engine's chain as iptables lists it; undefined where there is none. */
async function shownChain(run: RunCommand, { forwardChain }: ClusterRoutes): Promise<string | undefined> {
  if (forwardChain === undefined) return undefined;
  return await run('iptables', ['-w', '-S', forwardChain]).catch(() => undefined);
}
