/** What a cluster address costs a connection, beside the pod's own: two pods on one machine, and on two. */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ruleset, servicePorts } from '../../src/node-agent/proxy/index.ts';
import { tableText } from '../../src/node-agent/proxy/table.ts';
import { type Figure, quantile } from '../figures.ts';
import { facts, serviceOf, sliceOf } from './rules.ts';

const turns = 24;
const port = 8080;
const script = join(import.meta.dirname, 'stream.ts');
const inside = (space: string, ...command: readonly string[]): string =>
  execFileSync('nsenter', [`--net=/run/netns/${space}`, ...command], { encoding: 'utf8' });

/** A machine with a bridge, as a node has it, and the rules of a thousand Services. */
function addMachine(space: string, own: string): void {
  execFileSync('ip', ['netns', 'add', space]);
  inside(space, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  for (const line of [
    'link set lo up',
    `link add ${facts.bridge} type bridge`,
    `address add 10.244.0.1/16 dev ${facts.bridge}`,
    `link set ${facts.bridge} up`,
    `route add ${facts.serviceCidr} dev ${facts.bridge}`,
  ])
    inside(space, 'ip', ...line.split(' '));
  inside(space, 'sysctl', '-qw', `net.ipv4.conf.${facts.bridge}.proxy_arp=1`);
  const numbers = Array.from({ length: 1_000 }, (_, i) => i);
  const slices = numbers.map((i) => sliceOf(i, i < 2 ? [`10.244.${i + 1}.3`] : ['10.244.9.9']));
  const views = servicePorts(
    numbers.map((i) => serviceOf(i)),
    slices,
    { family: 'IPv4', localNodes: new Set([own]) },
  );
  const input = tableText(ruleset(views, facts).table);
  execFileSync('nsenter', [`--net=/run/netns/${space}`, '/usr/sbin/nft', '-f', '-'], { input });
}

function addPod(machine: string, space: string, address: string): void {
  execFileSync('ip', ['netns', 'add', space]);
  const pair = ['link', 'add', space, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `/run/netns/${space}`];
  inside(machine, 'ip', ...pair);
  inside(machine, 'ip', 'link', 'set', space, 'master', facts.bridge, 'up');
  inside(machine, 'bridge', 'link', 'set', 'dev', space, 'hairpin', 'on');
  for (const line of [`address add ${address}/16 dev eth0`, 'link set lo up', 'link set eth0 up'])
    inside(space, 'ip', ...line.split(' '));
  inside(space, 'ip', 'route', 'add', 'default', 'via', '10.244.0.1');
}

interface Told {
  readonly megabytes: Readonly<Record<'direct' | 'service', readonly number[]>>;
  readonly connections: Readonly<Record<'direct' | 'service', readonly number[]>>;
}

async function measure(source: string, sink: string, number: number): Promise<Told> {
  const server = spawn('nsenter', [`--net=/run/netns/${sink}`, process.execPath, script, 'sink', String(port)]);
  try {
    await new Promise((resolve) => server.stdout.once('data', resolve));
    const [address, service] = [`10.244.${number + 1}.3:${port}`, `10.96.1.${1 + number}:80`];
    return JSON.parse(inside(source, process.execPath, script, 'source', address, service, String(turns))) as Told;
  } finally {
    server.kill();
  }
}

function figures(where: string, { megabytes, connections }: Told): readonly Figure[] {
  const figure = (name: string, unit: string, { direct, service }: Told['megabytes']): Figure => {
    const [value, peerValue] = [quantile(service, 0.5), quantile(direct, 0.5)];
    const goal = '≥ 0.95 of direct';
    return {
      name: `ClusterIP, ${where}: ${name}`,
      value,
      unit,
      goal,
      peer: 'direct',
      peerValue,
      ratio: value / peerValue,
    };
  };
  return [figure('one stream', 'MB/s', megabytes), figure('connections', '/s', connections)];
}

/** The figures, measured in network namespaces of their own. */
export async function connectionFigures(prefix: string): Promise<readonly Figure[]> {
  const [one, two] = [`${prefix}m1`, `${prefix}m2`];
  const pods = { source: `${prefix}a`, here: `${prefix}b`, there: `${prefix}c` };
  try {
    addMachine(one, 'node-1');
    addMachine(two, 'node-2');
    const cable = ['link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `/run/netns/${two}`];
    inside(one, 'ip', ...cable);
    for (const [machine, address, range, via] of [
      [one, '192.0.2.1', '10.244.2.0/24', '192.0.2.2'],
      [two, '192.0.2.2', '10.244.1.0/24', '192.0.2.1'],
    ] as const) {
      inside(machine, 'ip', 'address', 'add', `${address}/24`, 'dev', 'eth0');
      inside(machine, 'ip', 'link', 'set', 'eth0', 'up');
      inside(machine, 'ip', 'route', 'add', range, 'via', via);
    }
    addPod(one, pods.source, '10.244.1.2');
    addPod(one, pods.here, '10.244.1.3');
    addPod(two, pods.there, '10.244.2.3');
    return [
      ...figures('pods of one machine', await measure(pods.source, pods.here, 0)),
      ...figures('pods of two machines', await measure(pods.source, pods.there, 1)),
    ];
  } finally {
    for (const space of [...Object.values(pods), one, two])
      try {
        execFileSync('ip', ['netns', 'del', space], { stdio: 'ignore' });
      } catch {
        // It was not made.
      }
  }
}
