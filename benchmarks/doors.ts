/**
 * What a replica takes off the leader: the processor time of each of them for one request, sent to the leader's own
 * door and to a replica's. Both run on this machine, at ports of their own; processor time says something on a busy
 * machine, too. At the end, what that means for machines of more cores.
 *   node benchmarks/doors.ts [--rounds 3] [--json FILE]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, freePort, run } from '../test/integration/cluster.ts';
import { Bench, spentBy } from './api/bench.ts';
import { type Figure, quantile, report } from './figures.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, json: { type: 'string' } } });
const rounds = Number(values.rounds);
const address = '127.0.0.1';
const maps = '/api/v1/namespaces/default/configmaps';
const listed = 500;
const requests = 2_000;
const cores = [2, 4, 8, 16];

const body = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'x'.repeat(256) } });

interface Case {
  readonly name: string;
  readonly load: (turn: string) => Parameters<Bench['load']>[0];
}

const cases: readonly Case[] = [
  { name: 'GET of a ConfigMap', load: () => ({ path: `${maps}/listed-0`, requests, seconds: 60 }) },
  {
    name: 'POST of a ConfigMap',
    load: (turn) => ({ method: 'POST', path: maps, body: body(`made-${turn}-{n}`), requests, seconds: 60 }),
  },
  {
    name: 'PATCH of a ConfigMap',
    load: (turn) => ({
      method: 'PATCH',
      path: `${maps}/listed-{n}`,
      modulo: listed,
      contentType: 'application/merge-patch+json',
      body: `{"data":{"key":"${turn}-{m}"}}`,
      requests,
      seconds: 60,
    }),
  },
  {
    name: `LIST of ${listed} ConfigMaps`,
    load: () => ({ path: `${maps}?limit=${listed}`, requests: 200, seconds: 60 }),
  },
];

/** One member, and one replica that joined it, each with its ports on loopback. */
class Pair {
  readonly leader: Cluster;
  readonly #folder: string;
  readonly #replicaPort: number;

  private constructor(leader: Cluster, folder: string, replicaPort: number) {
    this.leader = leader;
    this.#folder = folder;
    this.#replicaPort = replicaPort;
  }

  static async start(): Promise<Pair> {
    const leader = await Cluster.create('doors', ['--nodes', '0'], await settings());
    const folder = mkdtempSync(join(tmpdir(), 'troupe-doors-replica-'));
    const port = await freePort();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.yaml'), [`apiPort: ${port}`, ...(await settings()), ''].join('\n'));
    const token = leader.troupe('token', 'create', '--role', 'member').stdout.trim().split(' ');
    const joined = run(
      process.execPath,
      [
        resolve(import.meta.dirname, '..', 'dist', 'troupe.js'),
        'join',
        ...token.slice(2).map((word) => (word === 'member' ? 'replica' : word)),
        ...['--name', 'replica', '--nodes', '0', '--address', address],
      ],
      { env: { TROUPE_HOME: folder } },
    );
    if (joined.status !== 0) throw new Error(joined.stderr);
    return new Pair(leader, folder, port);
  }

  get leaderPid(): number {
    return pidIn(this.leader.home, 'member-1');
  }

  get replicaPid(): number {
    return pidIn(this.#folder, 'replica');
  }

  /** Loads at the replica's port. */
  atReplica(): Bench {
    const cluster = Object.create(this.leader, { port: { value: this.#replicaPort } }) as Cluster;
    return new Bench(cluster, { seconds: 1, groups: 1 });
  }

  atLeader(): Bench {
    return new Bench(this.leader, { seconds: 1, groups: 1 });
  }

  destroy(): void {
    run(process.execPath, [resolve(import.meta.dirname, '..', 'dist', 'troupe.js'), 'down', '--purge'], {
      env: { TROUPE_HOME: this.#folder },
    });
    rmSync(this.#folder, { recursive: true, force: true });
    this.leader.destroy();
  }
}

async function settings(): Promise<readonly string[]> {
  const [nats, route, link] = [await freePort(), await freePort(), await freePort()];
  return [`address: ${address}`, `linkPort: ${link}`, 'nats:', `  port: ${nats}`, `  routePort: ${route}`];
}

const pidIn = (home: string, name: string): number =>
  (JSON.parse(readFileSync(join(home, 'run', `member-${name}.json`), 'utf8')) as { readonly pid: number }).pid;

/** µs of processor time for a request, of the leader and of the replica. */
interface Cost {
  readonly leader: number;
  readonly replica: number;
}

async function costOf(pair: Pair, bench: Bench, load: Parameters<Bench['load']>[0]): Promise<Cost> {
  const before = [spentBy(pair.leaderPid), spentBy(pair.replicaPid)] as const;
  const { answers } = await bench.load(load);
  return {
    leader: (spentBy(pair.leaderPid) - before[0]) / answers,
    replica: (spentBy(pair.replicaPid) - before[1]) / answers,
  };
}

async function measure(pair: Pair): Promise<ReadonlyMap<string, readonly [own: Cost[], other: Cost[]]>> {
  const samples = new Map(cases.map(({ name }): [string, [Cost[], Cost[]]] => [name, [[], []]]));
  for (let i = 0; i <= rounds; i++)
    for (const { name, load } of cases)
      for (const [at, bench] of [pair.atLeader(), pair.atReplica()].entries()) {
        const cost = await costOf(pair, bench, load(`${i}-${at}`));
        // The first round warms both up.
        if (i > 0) samples.get(name)?.[at]?.push(cost);
      }
  return samples;
}

const median = (costs: readonly Cost[], of: keyof Cost): number =>
  quantile(
    costs.map((cost) => cost[of]),
    0.5,
  );

function figuresOf(name: string, [own, other]: readonly [readonly Cost[], readonly Cost[]]): readonly Figure[] {
  return [
    {
      name: `${name}: the leader, through the replica's door`,
      value: median(other, 'leader'),
      unit: 'µs',
      peer: 'through its own',
      peerValue: median(own, 'leader'),
      ratio: median(other, 'leader') / median(own, 'leader'),
    },
    {
      name: `${name}: the replica, through its own door`,
      value: median(other, 'replica'),
      unit: 'µs',
      peer: 'as a follower alone',
      peerValue: median(own, 'replica'),
    },
  ];
}

/**
 * What a machine of more cores answers, if the leader keeps a core to itself and each replica has one: the leader's
 * core is full, or the replicas' are. `follow`: what each replica pays for every write, wherever it came in.
 */
function modelled(leader: number, replica: number, follow: number): readonly Figure[] {
  return cores.map((count) => {
    const doors = count - 1;
    const most = 1e6 / leader;
    // doors × 1e6 = perSecond × (replica − follow) + doors × perSecond × follow
    const perSecond = Math.min(most, (doors * 1e6) / (Math.max(0, replica - follow) + doors * follow));
    return {
      name: `modelled: POST of a ConfigMap on ${count} cores, the clients elsewhere`,
      value: perSecond,
      unit: '/s',
    };
  });
}

const pair = await Pair.start();
try {
  await pair.atLeader().load({ method: 'POST', path: maps, body: body('listed-{n}'), requests: listed, seconds: 60 });
  const samples = await measure(pair);
  const posts = samples.get('POST of a ConfigMap') ?? [[], []];
  report(`A replica beside a leader (median of ${rounds} rounds)`, [
    ...[...samples].flatMap(([name, costs]) => figuresOf(name, costs)),
    { name: 'modelled: POST of a ConfigMap on one core', value: 1e6 / median(posts[0], 'leader'), unit: '/s' },
    ...modelled(median(posts[1], 'leader'), median(posts[1], 'replica'), median(posts[0], 'replica')),
  ]);
} finally {
  pair.destroy();
}
