/** Measures a store of many keys: memory, restarts, newcomers, snapshots. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, quantile } from '../figures.ts';
import { freshKey, load } from './load.ts';
import { TroupePeer } from './troupe-peer.ts';

const clients = 64;
const value = Buffer.alloc(1024, 'v');
const learner = 'learner';

/**
 * A store of many keys of 1 KB: its memory, how long a restart and a newcomer take, and what a snapshot does to writes
 * meanwhile.
 */
export async function largeFigures(folder: string, keys: number): Promise<Figure[]> {
  const peer = await TroupePeer.start(join(folder, 'large'), { members: 3, directClients: clients });
  peer.useClients(clients);
  peer.answerMs = 120_000;
  try {
    const figure = (name: string, measured: number, unit: string, goal = ''): Figure => ({
      name: `${keys.toLocaleString('en')} keys of 1 KB: ${name}`,
      value: measured,
      unit,
      goal,
    });
    const before = (await peer.facts(peer.leader)).residentBytes;
    const filled = await fill(peer, keys);
    const { residentBytes, pauseMs } = await peer.facts(peer.leader);
    return [
      figure('written', filled, 'per s'),
      figure('longest pause of the leader while it is filled', pauseMs, 'ms', '<= 50'),
      figure('memory of a member for each key', (residentBytes - before) / keys, 'bytes'),
      ...(await underSnapshot(peer)).map(({ name, value: measured, unit, goal }) => figure(name, measured, unit, goal)),
      figure('restart of a killed member, until it serves', await restart(peer), 'ms'),
      ...(await newcomer(peer)).map(({ name, value: measured, unit, goal }) => figure(name, measured, unit, goal)),
    ];
  } finally {
    await peer.close();
    rmSync(join(folder, 'large'), { recursive: true, force: true });
  }
}

async function fill(peer: TroupePeer, keys: number): Promise<number> {
  let left = keys;
  const startedAt = performance.now();
  const client = async (): Promise<void> => {
    while (left-- > 0) await peer.put(freshKey(), value);
  };
  await Promise.all(Array.from({ length: clients * 4 }, client));
  return keys / ((performance.now() - startedAt) / 1000);
}

/** Writes over keys that are there, so that the state keeps its size. */
const rewrite =
  (peer: TroupePeer) =>
  (key: string): Promise<void> =>
    peer.put(`/bench/${key.slice(-5).padStart(10, '0')}`, value);

/**
 * The same load without and with a snapshot under way on the leader; the second run lasts as long as the snapshot does.
 */
async function underSnapshot(peer: TroupePeer): Promise<Figure[]> {
  const options = { clients, durationMs: 5_000, warmUpMs: 500 };
  await peer.ask(peer.leader, 'compact');
  const quiet = await load(options, rewrite(peer));
  await peer.facts(peer.leader);
  let running = true;
  const startedAt = performance.now();
  const snapshot = peer.ask(peer.leader, 'compact').then(() => {
    running = false;
    return performance.now() - startedAt;
  });
  const latencies: number[] = [];
  while (running) latencies.push(...(await load({ clients, durationMs: 250, warmUpMs: 0 }, rewrite(peer))).latencies);
  const tookMs = await snapshot;
  const { pauseMs } = await peer.facts(peer.leader);
  const [alone, beside] = [quantile(quiet.latencies, 0.99), quantile(latencies, 0.99)];
  return [
    { name: 'a snapshot takes, under load', value: tookMs, unit: 'ms' },
    { name: 'longest pause of the leader meanwhile', value: pauseMs, unit: 'ms', goal: '<= 50' },
    { name: 'write p99 without a snapshot', value: alone, unit: 'ms' },
    { name: 'write p99 during a snapshot', value: beside, unit: 'ms' },
    { name: 'write p99 during a snapshot, against without', value: beside / alone, unit: 'times', goal: '<= 2' },
  ];
}

async function restart(peer: TroupePeer): Promise<number> {
  const follower = peer.names.find((name) => name !== peer.leader) ?? '';
  void peer.kill(follower);
  const startedAt = performance.now();
  await peer.startMember(follower);
  return performance.now() - startedAt;
}

/** A learner with an empty folder gets the state as a snapshot, and the log behind it. */
async function newcomer(peer: TroupePeer): Promise<Figure[]> {
  await peer.startMember(learner);
  await peer.facts(peer.leader);
  const startedAt = performance.now();
  await peer.ask(peer.leader, 'add-learner', learner);
  const { appliedIndex } = await peer.status(peer.leader);
  while ((await peer.status(learner)).appliedIndex < appliedIndex)
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  const tookMs = performance.now() - startedAt;
  const { pauseMs } = await peer.facts(peer.leader);
  return [
    { name: 'a newcomer has everything after', value: tookMs, unit: 'ms' },
    { name: 'longest pause of the leader while it sends the snapshot', value: pauseMs, unit: 'ms', goal: '<= 50' },
  ];
}
