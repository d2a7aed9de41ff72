import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { NotRunning, TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import type { HashComparison } from '../../src/state/index.ts';
import { eventually } from './cluster.ts';

/**
 * Three members as processes, each with its own folder on the real disk, over a real nats-server; 64 clients write
 * while leaders are killed.
 */
const clients = 64;
/** TROUPE_KILLS=30 for the longer run. */
const kills = Number(process.env['TROUPE_KILLS'] ?? 5);
let folder: string;
let peer: TroupePeer;

test.before('three members', async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-store-members-'));
  peer = await TroupePeer.start(join(folder, 'store'), { members: 3 });
});
test.after.always('removed with everything that they wrote', async () => {
  await peer?.close();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

interface Written {
  /** Keys whose creation was acknowledged, with the revision that the answer told. */
  readonly acknowledged: Map<string, number>;
  /** Keys whose creation got no answer: each may be there or not. */
  readonly unknown: Set<string>;
  /** Creations of a fresh key that were refused as if the key existed: done twice. */
  readonly doubled: string[];
}

/**
 * Creates fresh keys one after the other until told to stop. An answer that is missing is noted, and the next key is
 * tried.
 */
async function client(number: number, written: Written, running: () => boolean): Promise<void> {
  for (let i = 0; running(); i++) {
    const key = `/k/${number}/${i}`;
    try {
      const [, revision] = await peer.ask(peer.leader, 'create', key, Buffer.from(`${number}-${i}`));
      if (revision > 0) written.acknowledged.set(key, revision);
      else if (revision === -1) written.doubled.push(key);
      else written.unknown.add(key);
    } catch (error) {
      // What was never sent is known not to be there.
      if (!(error instanceof NotRunning)) written.unknown.add(key);
      await pause(5);
    }
  }
}

async function allUpToDate(): Promise<boolean> {
  const statuses = await Promise.all(peer.names.map((name) => peer.status(name)));
  const latest = Math.max(...statuses.map(({ commitIndex }) => commitIndex));
  return statuses.every(({ appliedIndex }) => latest - appliedIndex < 1_000);
}

test('leaders are killed under 64 clients: nothing is lost or done twice, and writes go on in time', async (t) => {
  t.timeout(60_000 + kills * 8_000);
  const written: Written = { acknowledged: new Map(), unknown: new Set(), doubled: [] };
  let running = true;
  const writing = Promise.all(Array.from({ length: clients }, (_, number) => client(number, written, () => running)));
  const recoveries: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await pause(800);
    // A member that still replays its log cannot vote: killing another one then takes the majority away.
    await eventually('all members to be up to date', allUpToDate);
    const before = written.acknowledged.size;
    await peer.killLeader();
    const killedAt = performance.now();
    await peer.findLeader();
    await eventually('the next acknowledged write', () => written.acknowledged.size > before + clients);
    recoveries.push(Math.round(performance.now() - killedAt));
    await peer.revive();
  }
  await pause(500);
  running = false;
  await writing;
  const sorted = [...recoveries].sort((one, two) => one - two);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  t.log(
    `${kills} leaders killed; ${written.acknowledged.size} writes acknowledged, ${written.unknown.size} ` +
      `without an answer, ${written.doubled.length} done twice`,
  );
  t.log(`writes went on after ${recoveries.join(', ')} ms: median ${at(0.5)}, p99 ${at(0.99)}`);
  t.deepEqual(written.doubled, []);
  t.true(written.acknowledged.size > 1_000);
  for (const took of recoveries) t.true(took < 5_000);
  // The comparison hashes all that was written, on every member.
  peer.answerMs = 60_000;
  const keys = [...written.acknowledged];
  for (let at = 0; at < keys.length; at += 500) {
    const answers = await Promise.all(keys.slice(at, at + 500).map(([key]) => peer.ask(peer.leader, 'get', key)));
    for (const [i, answer] of answers.entries())
      t.is(answer[1], keys[at + i]?.[1] ?? 0, `${keys[at + i]?.[0]} is at the revision that was acknowledged`);
  }
  const comparison = JSON.parse(String((await peer.ask(peer.leader, 'hash'))[2])) as HashComparison;
  t.deepEqual(comparison.unanswered, []);
  t.true(comparison.equal, JSON.stringify(comparison));
});
