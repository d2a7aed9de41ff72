/** Measures what a put costs as keys, values or watches grow. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, quantile } from '../figures.ts';
import { load } from './load.ts';
import { TroupePeer } from './troupe-peer.ts';

const clients = 64;
const options = { clients, durationMs: 2_000, warmUpMs: 700 };
/** Caches fill and code is compiled before the first row of each store. */
const settleMs = 2_000;

/** What a put costs as one thing grows: throughput, and the leader's processor time for each. */
async function measure(peer: TroupePeer, name: string, bytes = 256): Promise<Figure[]> {
  const value = Buffer.alloc(bytes, 'v');
  const before = (await peer.facts(peer.leader)).cpuMs;
  const startedAt = performance.now();
  const run = await load(options, (key) => peer.put(key, value));
  const cpuMs = (await peer.facts(peer.leader)).cpuMs - before;
  const puts = (run.perSecond * (performance.now() - startedAt)) / 1000;
  return [
    { name, value: run.perSecond, unit: 'per s' },
    { name: `${name}, p99`, value: quantile(run.latencies, 0.99), unit: 'ms' },
    { name: `${name}, leader's processor time`, value: (cpuMs / puts) * 1000, unit: 'µs a put' },
  ];
}

async function fill(peer: TroupePeer, keys: number): Promise<void> {
  const value = Buffer.alloc(256, 'v');
  let left = keys;
  const client = async (number: number): Promise<void> => {
    while (left-- > 0) await peer.put(`/fill/${number}/${left}`, value);
  };
  await Promise.all(Array.from({ length: 256 }, (_, number) => client(number)));
}

async function withPeer(
  folder: string,
  members: number,
  run: (peer: TroupePeer) => Promise<Figure[]>,
): Promise<Figure[]> {
  const home = join(folder, `growth-${members}`);
  const peer = await TroupePeer.start(home, { members, directClients: clients });
  try {
    peer.useClients(clients);
    peer.answerMs = 20_000;
    await load({ clients, durationMs: settleMs, warmUpMs: 0 }, (key) => peer.put(key, Buffer.alloc(256, 'v')));
    return await run(peer);
  } finally {
    await peer.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Rows named `growth: <what> <how much>`. */
export async function growthFigures(folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const members of [1, 5])
    figures.push(...(await withPeer(folder, members, (peer) => measure(peer, `growth: members ${members}`))));
  figures.push(
    ...(await withPeer(folder, 3, async (peer) => {
      const rows = await measure(peer, 'growth: members 3');
      for (const watchers of [10, 100, 1_000]) {
        await peer.ask(peer.leader, 'watch', watchers);
        rows.push(...(await measure(peer, `growth: watchers ${watchers}`)));
      }
      await peer.ask(peer.leader, 'watch', 0);
      for (const bytes of [1_024, 4_096, 16_384])
        rows.push(...(await measure(peer, `growth: value bytes ${bytes}`, bytes)));
      for (const [add, keys] of [
        [100_000, 100_000],
        [200_000, 300_000],
      ] as const) {
        await fill(peer, add);
        rows.push(...(await measure(peer, `growth: keys ${keys}`)));
      }
      return rows;
    })),
  );
  return figures;
}
