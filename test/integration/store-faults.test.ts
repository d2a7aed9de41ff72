import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import type { StoreStatus } from '../../src/state/index.ts';
import { eventually, run } from './cluster.ts';
import { StoreClients } from './store-clients.ts';

/**
 * Three members as processes on real disks, and clients that write down what they were told, while one fault after the
 * other is made.
 */
const folder = mkdtempSync(join(tmpdir(), 'troupe-store-faults-'));
const root = process.getuid?.() === 0;
/** The folder of this member is a small file system of its own. */
const cramped = 'c';
const crampedFolder = join(folder, 'store', cramped);
const segmentBytes = 1024 * 1024;
let peer: TroupePeer;
let mounted = false;
let clients: StoreClients;

test.before('three members', async () => {
  mkdirSync(crampedFolder, { recursive: true });
  mounted = root && run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', crampedFolder]).status === 0;
  peer = await TroupePeer.start(join(folder, 'store'), { members: 3, directClients: 64, segmentBytes });
  // Requests that a member gets while it stands still are answered when it goes on; the clients wait for that.
  peer.answerMs = 8_000;
});
test.afterEach.always('the clients end', () => clients?.stop());
test.after.always('removed with everything that they wrote', async () => {
  await peer?.close().catch(() => undefined);
  if (mounted) spawnSync('umount', ['-l', crampedFolder]);
  rmSync(folder, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
const since = (startedAt: number): number => Math.round(performance.now() - startedAt);

/** The member that leads, of those that are asked. */
function leaderOf(members: readonly string[]): Promise<StoreStatus> {
  return eventually('a leader', async () => {
    const found = await Promise.all(members.map((name) => peer.status(name).catch(() => undefined)));
    const leading = found
      .filter((status) => status?.role === 'leader')
      .sort((one, two) => (two?.term ?? 0) - (one?.term ?? 0))[0];
    if (leading !== undefined) peer.leader = leading.member;
    return leading;
  });
}

/** Ends the clients and checks everything they were told. */
async function settle(t: ExecutionContext): Promise<void> {
  // A slow machine takes longer for a history that says something.
  await eventually('enough writes and reads', () => clients.acknowledged > 300 && clients.reads > 300);
  await clients.stop();
  const { faults, ...counts } = await clients.verdict();
  t.log(
    `acknowledged ${counts.acknowledged} writes, ${counts.reads} reads; ${counts.unanswered} without an ` +
      `answer, ${counts.refused} refused`,
  );
  t.deepEqual(faults, []);
  t.true(counts.acknowledged > 300 && counts.reads > 300);
}

test.serial(
  'a leader that stands still is replaced, and steps down when it goes on: what it was asked meanwhile is ' +
    'answered truly',
  async (t) => {
    clients = new StoreClients(peer, { name: 'frozen' });
    await clients.progress(300);
    const took: number[] = [];
    for (let i = 0; i < 2; i++) {
      const { member: frozen, term } = await leaderOf(peer.names);
      const others = peer.names.filter((name) => name !== frozen);
      peer.signal(frozen, 'SIGSTOP');
      const frozenAt = performance.now();
      const next = await leaderOf(others);
      await clients.progress(50);
      took.push(since(frozenAt));
      t.true(next.term > term && next.member !== frozen);
      await pause(1_500);
      peer.signal(frozen, 'SIGCONT');
      const thawed = await eventually('the thawed member to follow', async () => {
        const status = await peer.status(frozen);
        return status.role === 'follower' && status.term >= next.term ? status : undefined;
      });
      t.not(thawed.leader, frozen);
      await clients.progress(100);
    }
    t.log(`writes went on ${took.join(' and ')} ms after the leader was stopped`);
    await settle(t);
  },
);

const full = root ? test.serial : test.serial.skip;
if (!root) console.log('skipped: a full disk needs root, to mount a small file system');

full(
  'a member whose disk is full refuses writes in words and goes on reading, the others serve; it takes up ' +
    'again when there is space',
  async (t) => {
    t.true(mounted, 'a small file system is mounted');
    clients = new StoreClients(peer, { name: 'full' });
    await clients.progress(100);
    const ballast = join(crampedFolder, 'ballast');
    fill(ballast);
    const value = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    const refused = await eventually('a refusal', async () => {
      const answer = await peer.ask(cramped, 'put', `/ballast/${written++ % 8}`, value);
      return answer[1] === -2 ? String(answer[2]) : undefined;
    });
    t.regex(refused, /the disk of .* is full: .*\(disk-full\)$/);
    const [, revision] = await peer.ask(cramped, 'get', '/full/shared/0/1');
    t.true(revision > 0, 'it reads on, linearisably');
    t.deepEqual(
      (await peer.status(cramped)).alarms?.map(({ type }) => type),
      ['disk-full'],
    );
    const leader = await leaderOf(peer.names);
    await clients.progress(leader.member === cramped ? 20 : 100);
    rmSync(ballast);
    const freedAt = performance.now();
    await eventually(
      'the member to take writes again',
      async () => (await peer.ask(cramped, 'put', '/ballast/0', Buffer.from('small')))[1] > 0,
    );
    t.log(
      `refused after ${written} writes of 64 KiB: ${refused}; took writes again ${since(freedAt)} ms after ` +
        'space was freed',
    );
    await eventually('the alarm to end', async () => (await peer.status(cramped)).alarms?.length === 0);
    await clients.progress(100);
    await settle(t);
  },
);

/** Writes until the file system has no room left. */
function fill(path: string): void {
  spawnSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=64k'], { stdio: 'ignore' });
}

test.serial(
  'a member whose newest batch rots while it is down starts, gets it again from the leader, and is a voter all along',
  async (t) => {
    clients = new StoreClients(peer, { name: 'rotten' });
    const { member: leader } = await leaderOf(peer.names);
    const rotten = peer.names.find((name) => name !== leader && name !== cramped) as string;
    await clients.progress(100);
    await peer.kill(rotten);
    const log = join(folder, 'store', rotten, 'log');
    const segment = readdirSync(log)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1) as string;
    const bytes = readFileSync(join(log, segment));
    const at = bytes.findLastIndex((byte) => byte !== 0);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(join(log, segment), bytes);
    await clients.progress(100);
    const others = peer.names.filter((name) => name !== rotten);
    for (const name of others) peer.signal(name, 'SIGSTOP');
    await peer.startMember(rotten);
    const owing = await eventually('an alarm, while nobody gives it back', async () => {
      const { alarms = [] } = await peer.status(rotten);
      return alarms.length > 0 ? alarms : undefined;
    }).finally(() => {
      for (const name of others) peer.signal(name, 'SIGCONT');
    });
    t.deepEqual(
      owing.map(({ type }) => type),
      ['owed-entries'],
    );
    t.log(owing[0]?.message ?? '');
    await eventually('the member to follow', async () => (await peer.status(rotten)).role === 'follower');
    await eventually('the alarm to end', async () => (await peer.status(rotten)).alarms?.length === 0);
    t.true((await leaderOf(peer.names)).voters?.includes(rotten), 'it kept its vote');
    t.regex(
      readFileSync(join(folder, 'store', `${rotten}.log`), 'utf8'),
      /the newest batch of the log is not whole/,
      `byte ${at} of ${segment} was changed`,
    );
    await clients.progress(100);
    await settle(t);
  },
);

test.serial(
  'a member whose log is damaged in the middle sets it aside, comes back as a fresh copy without a vote, and ' +
    'votes again',
  async (t) => {
    clients = new StoreClients(peer, { name: 'damaged' });
    const { member: leader } = await leaderOf(peer.names);
    const damaged = peer.names.find((name) => name !== leader && name !== cramped) as string;
    const value = Buffer.alloc(64 * 1024, 'y');
    for (let i = 0; i < 40; i++) await peer.ask(leader, 'put', `/ballast/${i % 8}`, value);
    await clients.progress(100);
    await peer.kill(damaged);
    const log = join(folder, 'store', damaged, 'log');
    const segment = readdirSync(log)
      .filter((name) => name.endsWith('.log'))
      .sort()[0] as string;
    const bytes = readFileSync(join(log, segment));
    // A segment is laid out before it is written: its rest is zeros, and a change there damages nothing.
    const written = bytes.findLastIndex((byte) => byte !== 0) + 1;
    const at = Math.floor(written / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(join(log, segment), bytes);
    await clients.progress(100);
    const startedAt = performance.now();
    await peer.startMember(damaged);
    await eventually(
      'the member to vote again',
      async () =>
        (await leaderOf(peer.names.filter((name) => name !== damaged))).voters?.includes(damaged) === true &&
        (await peer.status(damaged)).role === 'follower',
    );
    t.log(`byte ${at} of ${segment} of ${damaged} was changed; it votes again ${since(startedAt)} ms after its start`);
    t.true(
      readdirSync(join(folder, 'store', damaged, 'damaged', 'log')).includes(segment),
      'the damaged log is kept for whoever wants to look',
    );
    t.regex(
      readFileSync(join(folder, 'store', `${damaged}.log`), 'utf8'),
      /damaged; setting it aside to rejoin as a fresh copy/,
    );
    await clients.progress(100);
    await settle(t);
  },
);
