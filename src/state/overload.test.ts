import test from 'ava';
import { limits, type LogIndex } from '../base/index.ts';
import { BatchEncoder } from './batch/index.ts';
import { LogTails } from './log-tails.ts';
import { Members, put, write } from './membership/members.suite.ts';
import { Proposals } from './proposals.ts';
import { Sessions } from './sessions.ts';
import type { StoreError } from './store.ts';
import { LinearReads } from './waiters.ts';

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as StoreError).code,
  );

test('while both followers cannot write, the log does not grow and new writes are refused at once', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 9, overrides: { segmentBytes: 4 * 1024 * 1024 } });
  await members.startAll();
  const { name: leader, store } = members.leader();
  const followers = ['a', 'b', 'c'].filter((name) => name !== leader);
  await members.during(store.transact(write(put('/k/0'))));
  for (const name of followers) members.disk(name).syncMs = 1e9;
  const big = 'x'.repeat(30_000);
  const outcomes: Promise<string>[] = [];
  for (const name of followers)
    for (let i = 0; i < 8; i++)
      outcomes.push(
        codeOf(members.stores.get(name)!.transact(write(put(`/k/${name}-${i}`, big)), { deadlineMs: 5_000 })),
      );
  await members.time.run(2_000);
  const before = store.status().logBytes;
  await members.time.run(15_000);
  t.is(store.status().logBytes, before, 'what is sent again stands in the log already');
  t.deepEqual(new Set(await Promise.all(outcomes)), new Set(['timeout']));
  const late = members.stores.get(followers[0] ?? '')!.transact(write(put('/late')));
  t.is(await codeOf(late), 'overloaded');
  t.deepEqual(members.failures, []);
});

test('a leader takes no more than its bound, and goes on when the others can write again', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 4, overrides: { pendingBytesMax: 200_000 } });
  await members.startAll();
  const { name: leader, store } = members.leader();
  const followers = ['a', 'b', 'c'].filter((name) => name !== leader);
  for (const name of followers) members.disk(name).syncMs = 2_000;
  const outcomes = ['a', 'b', 'c'].flatMap((name) =>
    Array.from({ length: 8 }, (_, i) =>
      codeOf(
        members.stores.get(name)!.transact(write(put(`/k/${name}-${i}`, 'x'.repeat(60_000))), { deadlineMs: 60_000 }),
      ),
    ),
  );
  await members.time.run(1_900);
  const inLog = store.status().logBytes;
  t.true(inLog < 1_000_000, `${inLog} bytes in the log`);
  for (const name of followers) members.disk(name).syncMs = 1;
  await members.time.run(20_000);
  t.deepEqual(new Set(await Promise.all(outcomes)), new Set(['done']));
  t.is(store.count('/k/'), 24);
});

const encoder = new BatchEncoder();
const batch = (session: string, sequence: number, bornAt = 0): Uint8Array =>
  encoder.encode({ session, sequence, bornAt, now: 0, items: ['expire'] }).slice();

test('a leader leaves out what its log holds, and what has a gap before it', (t) => {
  const tails = new LogTails();
  const sessions = new Sessions({ rows: [['a', 2, 5]], moment: 5, floor: 0 });
  const inLog = [
    { type: 'data', data: batch('a', 3) },
    { type: 'empty', data: new Uint8Array(0) },
    { type: 'data', data: batch('b', 1) },
  ];
  const end = { term: 1, unapplied: () => inLog };
  const offered = [batch('a', 2), batch('a', 3), batch('a', 4), batch('a', 6), batch('b', 1), batch('c', 2)];
  t.deepEqual(tails.missing(offered, end, sessions), [offered[2]]);
  t.deepEqual(tails.missing(offered, end, sessions), [offered[2]], 'nothing counts before it was appended');
  tails.appended([batch('a', 4)]);
  t.deepEqual(tails.missing(offered, end, sessions), []);
  t.is(tails.missing([batch('c', 1), batch('c', 2), batch('c', 2)], end, sessions).length, 2);
});

test('a leader that leads again goes by the log that it has then', (t) => {
  const tails = new LogTails();
  const sessions = new Sessions({ rows: [['a', 2, 5]], moment: 5, floor: 0 });
  tails.missing([], { term: 1, unapplied: () => [] }, sessions);
  tails.appended([batch('a', 3), batch('a', 4), batch('b', 1)]);
  // Another leader replaced the end of it.
  const end = { term: 3, unapplied: () => [{ type: 'data', data: batch('a', 3) }] };
  const offered = [batch('a', 4), batch('b', 1)];
  t.deepEqual(tails.missing(offered, end, sessions), offered);
});

test('a forgotten session gets one batch into the log, so that its member hears of it', (t) => {
  const tails = new LogTails();
  const sessions = new Sessions({ rows: [], moment: 90, floor: 80 });
  const end = { term: 1, unapplied: () => [] };
  const old = batch('old', 7, 3);
  t.deepEqual(tails.missing([old], end, sessions), [old]);
  tails.appended([old]);
  t.deepEqual(tails.missing([old], end, sessions), []);
});

test('writes that wait are bounded in bytes too; one always fits', async (t) => {
  const proposals = new Proposals('session');
  const item = { compares: [], operations: [put('/k', 'x'.repeat(1024 * 1024))] };
  const codes: string[] = [];
  const add = (): void => {
    void codeOf(proposals.add(item, 1_000)).then((code) => codes.push(code));
  };
  for (let i = 0; i < 70; i++) add();
  await new Promise(setImmediate);
  t.true(proposals.queued <= limits.proposalsBytesMax / (1024 * 1024));
  t.is(codes.length, 70 - proposals.queued);
  t.deepEqual(new Set(codes), new Set(['overloaded']));
  while (proposals.take(0, 0, 0) !== undefined);
  add();
  t.is(proposals.queued, 1, 'what has left makes room');
});

test('a member asks for a bounded number of read rounds, and keeps a bounded number of readers', async (t) => {
  const reads = new LinearReads(1);
  let asked = 0;
  const ask = (): boolean => ++asked > 0;
  const codes: string[] = [];
  const add = (): void => {
    void codeOf(reads.add(60_000)).then((code) => codes.push(code));
  };
  for (let i = 0; i < 100; i++) {
    add();
    reads.begin(0, ask);
  }
  t.is(asked, limits.readRoundsMax);
  for (let i = 0; i < limits.readsWaitingMax; i++) add();
  await new Promise(setImmediate);
  t.deepEqual(new Set(codes), new Set(['overloaded']));
  t.is(codes.length, 100 - limits.readRoundsMax);
  reads.answered(Array.from({ length: 200 }, (_, i) => ({ context: i, index: 1 as LogIndex })));
  reads.applied(1 as LogIndex);
  reads.begin(0, ask);
  t.is(asked, limits.readRoundsMax + 1, 'all that wait share the next round');
});
