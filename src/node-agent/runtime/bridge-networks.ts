/** The networks of a runtime that makes none: bridges of the machine, whose alias says whose they are. */
import { networksOverlap, parseCidr } from '../../api/index.ts';
import type { RunCommand } from '../network/command.ts';
import { clusterLabels, isForeign, labels as names } from './labels.ts';
import { type ContainerSummary, type NetworkSpec, RuntimeError } from './runtime.ts';

type Labels = Readonly<Record<string, string>>;

interface NetworkPorts {
  readonly run: RunCommand;
  /** Containers by their labels. */
  readonly summaries: (labels: Labels) => Promise<readonly ContainerSummary[]>;
}

interface Bridge {
  readonly device: string;
  /** Undefined: not made by us, or made again after somebody removed it. */
  readonly name: string | undefined;
  readonly labels: Labels;
  /** Its IPv4 address with the length of its prefix. */
  readonly address: string | undefined;
}

interface ShownLink {
  readonly ifname: string;
  readonly ifalias?: string | undefined;
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[] | undefined;
}

/** `troupe-network NAME label=value …`; the kernel keeps it as long as the bridge. */
const aliasWord = 'troupe-network';

function aliasOf({ name, labels }: NetworkSpec): string {
  const whose = [names.cluster, names.clusterId].filter((key) => labels[key] !== undefined);
  return [aliasWord, name, ...whose.map((key) => `${key}=${labels[key]}`)].join(' ');
}

async function shown(run: RunCommand, args: readonly string[]): Promise<readonly ShownLink[]> {
  const text = await run('ip', ['-j', ...args]);
  return text.trim() === '' ? [] : (JSON.parse(text) as readonly ShownLink[]);
}

async function bridges(run: RunCommand): Promise<readonly Bridge[]> {
  const links = await shown(run, ['link', 'show', 'type', 'bridge']);
  const addresses = await shown(run, ['-4', 'address', 'show', 'type', 'bridge']);
  return links.map(({ ifname: device, ifalias = '' }) => {
    const [word, name, ...pairs] = ifalias.split(' ');
    const [first] = addresses.find(({ ifname }) => ifname === device)?.addr_info ?? [];
    return {
      device,
      name: word === aliasWord ? name : undefined,
      labels: Object.fromEntries(
        pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      ),
      address: first === undefined ? undefined : `${first.local}/${first.prefixlen}`,
    };
  });
}

const wantedAddress = ({ subnet, gateway }: NetworkSpec): string | undefined =>
  subnet === undefined || gateway === undefined ? undefined : `${gateway}/${subnet.split('/')[1] ?? '32'}`;

/** Makes the bridge; an unused one of another range, or of a cluster that is gone, is changed. */
export async function ensureNetwork(ports: NetworkPorts, spec: NetworkSpec): Promise<void> {
  const { run } = ports;
  const there = (await bridges(run)).find(({ device }) => device === spec.bridge);
  const address = wantedAddress(spec);
  const foreign = there !== undefined && isForeign(there.labels, spec.labels);
  const moved = there?.name !== undefined && there.address !== address && spec.subnet !== undefined;
  if (there !== undefined && (foreign || moved) && (await hasLinks(ports, there.labels, spec)))
    throw new RuntimeError('conflict', foreign ? foreignText(spec) : rangeText(spec, there.address ?? 'none'));
  await assertFree(run, spec);
  const lines = [
    ...(there === undefined ? [`link add ${spec.bridge} type bridge`] : []),
    ...(address === undefined || there?.address === address
      ? []
      : [
          ...(there?.address === undefined ? [] : [`address delete ${there.address} dev ${spec.bridge}`]),
          `address add ${address} broadcast + dev ${spec.bridge}`,
        ]),
    ...(spec.mtu === undefined ? [] : [`link set ${spec.bridge} mtu ${spec.mtu}`]),
    `link set ${spec.bridge} up`,
  ];
  await run('ip', ['-batch', '-'], [...lines, ''].join('\n'));
  await run('ip', ['link', 'set', 'dev', spec.bridge, 'alias', aliasOf(spec)]);
  await openFilter(run, spec.bridge);
}

const foreignText = ({ name, labels }: NetworkSpec): string =>
  `network ${name} belongs to another cluster named ${labels[names.cluster] ?? ''} on this machine, which has pods; ` +
  'start this cluster under another name (troupe up --cluster NAME), or purge that one (troupe down --purge)';

const rangeText = ({ name, subnet }: NetworkSpec, theirs: string): string =>
  `network ${name} has the address ${theirs}, which is not of ${subnet ?? ''}, and is in use; ` +
  'stop its pods or keep the range';

/** Whether pods of the network's cluster run. */
async function hasLinks({ summaries }: NetworkPorts, labels: Labels, spec: NetworkSpec): Promise<boolean> {
  const whose = {
    cluster: labels[names.cluster] ?? spec.labels[names.cluster] ?? '',
    clusterId: labels[names.clusterId],
  };
  const wanted = { ...clusterLabels(whose), [names.link]: '' };
  return (await summaries(wanted)).some(({ state }) => state === 'running');
}

async function assertFree(run: RunCommand, { bridge, subnet }: NetworkSpec): Promise<void> {
  const range = parseCidr(subnet ?? '');
  if (range === undefined) return;
  for (const { ifname, addr_info: addresses = [] } of await shown(run, ['-4', 'address', 'show'])) {
    const clash = addresses.find(({ local, prefixlen }) => {
      const theirs = parseCidr(`${local}/${prefixlen}`);
      return theirs !== undefined && networksOverlap(theirs, range);
    });
    if (ifname === bridge || clash === undefined) continue;
    throw new RuntimeError(
      'conflict',
      `the pod range ${subnet} overlaps ${clash.local}/${clash.prefixlen} of ${ifname} on this machine ` +
        '(ip address; ip route): choose another one',
    );
  }
}

/**
 * What another engine's filter must let pass: it may drop all forwarded packets that it does not know, those between
 * two ports of a bridge among them.
 */
const filterRules = (bridge: string): readonly (readonly string[])[] => [
  ['-i', bridge],
  ['-o', bridge, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED'],
];

/** iptables' word for the end of each of our rules. */
const accepting = (bridge: string): readonly string[] => [
  '-m',
  'comment',
  '--comment',
  `for-${bridge}`,
  '-j',
  'ACCEPT',
];

async function openFilter(run: RunCommand, bridge: string): Promise<void> {
  for (const program of ['iptables', 'ip6tables'])
    for (const rule of filterRules(bridge)) {
      const words = ['FORWARD', ...rule, ...accepting(bridge)];
      const isThere = await run(program, ['-w', '-C', ...words]).then(
        () => true,
        () => false,
      );
      // A machine without the program, or without the family, has no such filter.
      if (!isThere) await run(program, ['-w', '-I', ...words]).catch(() => '');
    }
}

/** False: the network belongs to another cluster. */
export async function removeNetwork(run: RunCommand, name: string, own: Labels): Promise<boolean> {
  const there = (await bridges(run)).find((bridge) => bridge.name === name);
  if (there === undefined) return true;
  if (isForeign(there.labels, own)) return false;
  for (const program of ['iptables', 'ip6tables'])
    for (const rule of filterRules(there.device))
      await run(program, ['-w', '-D', 'FORWARD', ...rule, ...accepting(there.device)]).catch(() => '');
  await run('ip', ['link', 'delete', 'dev', there.device]);
  return true;
}

/** Whether any cluster has a network here. */
export const hasNetworks = async (run: RunCommand): Promise<boolean> =>
  (await bridges(run)).some(({ name }) => name !== undefined);
