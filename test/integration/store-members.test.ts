import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { errorMessage, type Random, seededRandom } from '../../src/base/index.ts';
import { TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import { run } from './cluster.ts';
import { compileFaultyDisk, FaultyDisk } from './faulty-disk/faulty-disk.ts';
import { StoreClients } from './store-clients.ts';
import { type FaultKind, type FaultReport, fullKind, lyingKinds, plainKinds, StoreNemesis } from './store-nemesis.ts';
import { StoreWatchers } from './store-watchers.ts';

/**
 * Three members as processes, each with its own folder on a real disk, over a real nats-server; 64 clients write, read
 * and compare, watches follow, while members are killed and stopped and their disks fill, fail, hang, lie and lose
 * power. At the end nothing may be lost, done twice, or untold.
 *   TROUPE_KILLS=100 for the long run; TROUPE_SEED=N for the faults of an earlier one.
 */
const clientCount = 64;
const names = ['a', 'b', 'c'];
const root = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'troupe-store-members-'));
const compiled = compileFaultyDisk(folder);
const seed = Number(process.env['TROUPE_SEED'] ?? Date.now() % 1_000_000);
/** The folder of this member is a small file system of its own. */
const cramped = { member: 'c', folder: join(folder, 'store', 'c') };
let mounted = false;
let peer: TroupePeer | undefined;
const disks = new Map<string, FaultyDisk>();

if ('reason' in compiled) console.log(`skipped: ${compiled.reason}: the faults of ${lyingKinds.join(', ')}`);
if (!root) console.log(`skipped: a small file system needs root: the fault of a ${fullKind}`);
const kinds: readonly FaultKind[] = [
  ...plainKinds,
  ...('reason' in compiled ? [] : lyingKinds),
  ...(root ? ([fullKind] as const) : []),
];
const faultCount = Number(process.env['TROUPE_KILLS'] ?? kinds.length);

test.before('three members on their disks', async () => {
  mkdirSync(cramped.folder, { recursive: true });
  const size = `size=${64 + 2 * faultCount}m`;
  mounted = root && run('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', cramped.folder]).status === 0;
  const environments = new Map<string, readonly string[]>();
  for (const name of names) {
    if ('reason' in compiled) break;
    const place = { root: join(folder, 'store', name), platter: join(folder, 'platters', name) };
    const disk = new FaultyDisk({ ...place, library: compiled.library });
    disks.set(name, disk);
    environments.set(name, disk.environment);
  }
  const sizes = { members: names.length, directClients: clientCount, segmentBytes: 1024 * 1024 };
  peer = await TroupePeer.start(join(folder, 'store'), { ...sizes, environments });
  peer.answerMs = 4_000;
});
test.after.always('removed with everything that they wrote', async () => {
  await peer?.close().catch(() => undefined);
  for (const disk of disks.values()) disk.close();
  if (mounted) run('umount', ['-l', cramped.folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** Each kind once, in any order, and again. */
function plan(random: Random): readonly FaultKind[] {
  const planned: FaultKind[] = [];
  while (planned.length < faultCount) {
    const bag = [...kinds];
    while (bag.length > 0) planned.push(...bag.splice(random.below(bag.length), 1));
  }
  return planned.slice(0, faultCount);
}

function report(t: ExecutionContext, reports: readonly FaultReport[]): void {
  const line = (name: string, of: readonly FaultReport[]): void => {
    const sorted = of.map(({ recoveryMs }) => recoveryMs).sort((one, two) => one - two);
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    t.log(`${name}: ${of.length}; writes went on after: median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  };
  for (const kind of kinds)
    line(
      kind,
      reports.filter((one) => one.kind === kind),
    );
  line('all faults', reports);
}

test('under faults of every kind nothing is lost, done twice or untold, and the history has an order', async (t) => {
  t.timeout(120_000 + faultCount * 30_000);
  t.is(mounted, root, 'a small file system is mounted');
  const members = peer as TroupePeer;
  const random = seededRandom(seed);
  const clients = new StoreClients(members, { name: 'k', clients: clientCount, restMs: 25 });
  const watchers = new StoreWatchers(members, clients.prefix);
  const nemesis = new StoreNemesis({ peer: members, clients, random, disks, cramped: mounted ? cramped : undefined });
  t.log(`seed ${seed}: ${faultCount} faults`);
  const reports: FaultReport[] = [];
  const failures: string[] = [];
  for (const kind of plan(random)) {
    const done = await nemesis.strike(kind).catch((error: unknown) => {
      failures.push(`fault ${reports.length + 1} (${kind}) of seed ${seed}: ${errorMessage(error)}`);
    });
    if (done === undefined) break;
    reports.push(done);
    clients.round += 1;
    if (process.env['TROUPE_KILLS'] !== undefined)
      console.log(`${reports.length} ${kind}: ${done.effect}; ${done.recoveryMs} ms`);
  }
  await clients.stop();
  // What clients were told up to a fault that failed is judged all the same.
  if (failures.length > 0) failures.push(...(await nemesis.end()));
  members.answerMs = 60_000;
  const { faults, ...counts } = await clients.judge(await watchers.histories());
  report(t, reports);
  t.log(
    `${counts.acknowledged} writes acknowledged, ${counts.lost} lost, ${counts.doubled} done twice, ` +
      `${counts.unanswered} without an answer, ${counts.refused} refused; ${counts.reads} reads; watches moved ` +
      `${watchers.moves} times`,
  );
  t.deepEqual(faults, []);
  t.deepEqual(watchers.faults, []);
  t.deepEqual(failures, []);
  t.is(counts.lost + counts.doubled, 0);
  t.true(counts.acknowledged > 1_000 && counts.reads > 500);
});
