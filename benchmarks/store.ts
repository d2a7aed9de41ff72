/**
 * The store beside etcd on the same disk: puts of 256 B under unique keys, synced before they are acknowledged,
 * linearisable gets, and the time from the leader's death to the next accepted write.
 *   npm run bench:store -- --members 3 --clients 1,64,256 --peer etcd [--seconds 3] [--rounds 2] [--kills 5] [--folder
 *   DIR] [--json FILE]
 *     [--growth] [--large KEYS] [--skip-comparison] [--write-docs] [--bus]
 * --growth: what a put costs with more members, watchers, keys and larger values. --large: a store of many keys of 1
 * KB. --skip-comparison: nothing else. --write-docs: the tables and plots of docs/store.md come from this run. --bus:
 * members and clients talk over NATS alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, quantile, report } from './figures.ts';
import { writeDocuments } from './store/documents.ts';
import { EtcdPeer } from './store/etcd-peer.ts';
import { growthFigures } from './store/growth.ts';
import { largeFigures } from './store/large.ts';
import { freshKey, load, type Run } from './store/load.ts';
import type { Peer } from './store/peer.ts';
import { TroupePeer } from './store/troupe-peer.ts';

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '3' },
    clients: { type: 'string', default: '1,64,256' },
    peer: { type: 'string', default: '' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '2' },
    kills: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    growth: { type: 'boolean', default: false },
    large: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    bus: { type: 'boolean', default: false },
    'skip-gets': { type: 'boolean', default: false },
    'skip-comparison': { type: 'boolean', default: false },
  },
});
const members = Number(values.members);
const clientCounts = values.clients.split(',').map(Number);
const rounds = Number(values.rounds);
const kills = Number(values.kills);
const durationMs = Number(values.seconds) * 1000;
const value = Buffer.alloc(256, 'v');
const warmUpMs = 3_000;

interface Summary {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** ms from the kill until a write is accepted by whoever leads then. */
async function failover(peer: Peer): Promise<number> {
  await peer.killLeader();
  const started = performance.now();
  for (;;) {
    await peer.findLeader();
    const written = await peer.put(freshKey(), value).then(
      () => true,
      () => false,
    );
    if (written) break;
  }
  const tookMs = performance.now() - started;
  await peer.revive();
  await new Promise((resolve) => {
    setTimeout(resolve, 1_500);
  });
  return tookMs;
}

interface Job {
  readonly name: string;
  readonly clients: number;
  readonly goal: string;
  readonly call: (peer: Peer) => (key: string) => Promise<void>;
}

function jobs(): Job[] {
  const puts = clientCounts.map((clients): Job => ({
    name: `puts, ${clients} clients`,
    clients,
    goal: clients === 1 ? 'equal' : '>= 4x',
    call: (peer) => (key) => peer.put(key, value),
  }));
  const gets: Job = {
    name: 'linearisable gets, 64 clients',
    clients: 64,
    goal: '>= 3x',
    call: (peer) => () => peer.get('/bench/0000000001'),
  };
  return values['skip-gets'] ? puts : [...puts, gets];
}

/** Rounds are interleaved, so that what else the machine does meets both. */
async function measure(job: Job, peers: readonly Peer[]): Promise<Figure[]> {
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      peer.useClients(job.clients);
      runs.set(peer.name, [
        ...(runs.get(peer.name) ?? []),
        await load({ clients: job.clients, durationMs }, job.call(peer)),
      ]);
    }
  }
  const [own, other] = peers.map((peer): Summary => {
    const all = runs.get(peer.name) ?? [];
    const latencies = all.flatMap((run) => run.latencies);
    return {
      perSecond: all.reduce((sum, run) => sum + run.perSecond, 0) / rounds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    };
  });
  if (own === undefined) return [];
  const figure = (name: string, unit: string, goal: string, pick: (run: Summary) => number): Figure => {
    const beside =
      other === undefined ? {} : { peer: peers[1]?.name ?? '', peerValue: pick(other), ratio: pick(own) / pick(other) };
    return { name: `${job.name}${name}`, value: pick(own), unit, goal, ...beside };
  };
  return [
    figure('', 'per s', job.goal, (run) => run.perSecond),
    figure(', p50', 'ms', '', (run) => run.p50),
    figure(', p99', 'ms', 'not higher', (run) => run.p99),
  ];
}

async function failovers(peers: readonly Peer[]): Promise<Figure[]> {
  if (kills === 0 || members < 3) return [];
  const times = new Map<string, number[]>();
  for (let i = 0; i < kills; i++)
    for (const peer of peers) times.set(peer.name, [...(times.get(peer.name) ?? []), await failover(peer)]);
  for (const [name, all] of times)
    console.log(`${name}: leader killed -> next write accepted, in ms: ${all.map((ms) => Math.round(ms)).join(' ')}`);
  const [own, other] = peers.map(({ name }) => times.get(name) ?? []);
  return [0.5, 0.99].map((q) => {
    const mine = quantile(own ?? [], q);
    const figure = {
      name: `leader killed -> next write accepted, p${q * 100} of ${kills}`,
      value: mine,
      unit: 'ms',
      goal: q === 0.99 ? '<= 1,500 ms' : '',
    };
    return other === undefined
      ? figure
      : { ...figure, peer: peers[1]?.name ?? '', peerValue: quantile(other, q), ratio: mine / quantile(other, q) };
  });
}

/** Caches fill and code is compiled before the first job, which may be one of a single client. */
async function warmUp(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) {
    const clients = Math.min(64, Math.max(...clientCounts));
    peer.useClients(clients);
    await load({ clients, durationMs: warmUpMs, warmUpMs: 0 }, (key) => peer.put(key, value));
  }
}

/** Puts, gets and failovers of three members or as many as asked, beside the peer's. */
async function compare(folder: string): Promise<Figure[]> {
  const peers: Peer[] = [
    await TroupePeer.start(join(folder, 'troupe'), {
      members,
      ...(values.bus ? {} : { directClients: Math.max(...clientCounts) }),
    }),
  ];
  try {
    if (values.peer === 'etcd') {
      if (!EtcdPeer.installed()) throw new Error('etcd is not installed (apt install etcd-server)');
      peers.push(await EtcdPeer.start(join(folder, 'etcd'), { members, clients: Math.max(...clientCounts) }));
    }
    for (const peer of peers) console.log(`${peer.name}: ${members} members, client: ${peer.client}`);
    const figures: Figure[] = [];
    await warmUp(peers);
    for (const job of jobs()) figures.push(...(await measure(job, peers)));
    return [...figures, ...(await failovers(peers))];
  } finally {
    for (const peer of peers) await peer.close();
  }
}

const folder = mkdtempSync(join(values.folder, 'troupe-bench-'));
try {
  const figures = values['skip-comparison'] ? [] : await compare(folder);
  if (values.growth) figures.push(...(await growthFigures(folder)));
  if (values.large !== undefined) figures.push(...(await largeFigures(folder, Number(values.large))));
  report(`The store: ${members} members, puts of 256 B, synced`, figures);
  if (values['write-docs'])
    writeDocuments(
      figures,
      `npm run bench:store -- ${process.argv
        .slice(2)
        .join(' ')
        .replace(/ ?--json \S+/, '')}`,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
