import test, { type ExecutionContext } from 'ava';
import { type LogIndex, type Revision, silentLogger, type Term } from '../base/index.ts';
import { openWriteAheadLog } from '../raft/wal/index.ts';
import { recoverLostMajority, restoreBackup, type StoreEvent, type StoreMember, verifyFolder } from './index.ts';
import { Members, put, valueOf, write } from './membership/members.suite.ts';

async function bytesOf(members: Members, source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await members.during(
    (async () => {
      for await (const piece of source) pieces.push(piece);
    })(),
  );
  return Buffer.concat(pieces);
}

function ports(members: Members, name: string) {
  const { time, random } = members;
  return {
    disk: members.disk(name),
    clock: time,
    random,
    log: silentLogger,
    folder: '/store',
    member: name,
    segmentBytes: 64 * 1024,
  };
}

async function writeAll(members: Members, store: StoreMember, keys: readonly string[], value: string): Promise<void> {
  for (const key of keys) await members.during(store.transact(write(put(key, value))));
}

const keysOf = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Two of three members are restored from a backup, the third keeps its folder; all have started. */
async function forgottenFolder(t: ExecutionContext) {
  const old = new Members(['a', 'b', 'c'], { seed: 11 });
  await old.startAll();
  const { store } = old.leader();
  await writeAll(old, store, keysOf('/k/', 5), 'before');
  await old.time.run(500);
  const backup = await bytesOf(old, store.backup());
  await writeAll(old, store, keysOf('/future/', 30), 'old');
  await old.time.run(500);
  for (const name of old.names) await old.crash(name);
  const { lastIndex } = await verifyFolder(ports(old, 'c'));
  const fresh = new Members(['a', 'b', 'c'], { seed: 12 });
  for (const name of ['a', 'b']) {
    const options = { ...ports(fresh, name), source: [backup], voters: fresh.names };
    await t.throwsAsync(restoreBackup(options), { message: /each restore must give it the same name/ });
    await restoreBackup({ ...options, timeline: 'restored1' });
  }
  fresh.disks.set('c', old.disk('c'));
  for (const name of fresh.names) await fresh.start(name);
  await fresh.time.run(3_000);
  return { fresh, lastIndex };
}

test('a member that kept its folder over a restore takes no part, and keeps what it has', async (t) => {
  const { fresh, lastIndex } = await forgottenFolder(t);
  const { name, store } = fresh.leader();
  t.not(name, 'c');
  await writeAll(fresh, store, keysOf('/new/', 10), 'new');
  await fresh.time.run(1_000);
  const third = fresh.stores.get('c') as StoreMember;
  t.is(third.count('/new/'), 0);
  t.true((store.status().progress?.['c'] ?? 0) === 0);
  for (const status of [store.status(), third.status()])
    t.true(status.alarms?.some(({ type, message }) => type === 'foreign-member' && /timeline/.test(message)));
  const rows = await fresh.during(store.members.report());
  t.regex(rows.find((row) => row.name === 'c')?.problem ?? '', /c is of timeline .+, and/);
  const other = ['a', 'b'].find((member) => member !== name) as string;
  await fresh.crash(other);
  await t.throwsAsync(fresh.during(store.transact(write(put('/later')), { deadlineMs: 1_000 })));
  await fresh.crash('c');
  t.is((await verifyFolder(ports(fresh, 'c'))).lastIndex, lastIndex, 'nothing of its log was replaced');
  t.deepEqual(fresh.failures, []);
});

test('hashes are compared within one timeline only', async (t) => {
  const { fresh } = await forgottenFolder(t);
  const { hashes, unanswered, equal } = await fresh.during(fresh.leader().store.members.compareHashes(), 130_000);
  t.deepEqual(Object.keys(hashes).sort(), ['a', 'b']);
  t.deepEqual(unanswered, ['c']);
  t.true(equal);
});

test('after a recovery the others are refused with their old folders, and the recovered member goes on', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  await members.startAll();
  await writeAll(members, members.leader().store, keysOf('/k/', 10), 'before');
  await members.time.run(500);
  for (const name of members.names) await members.crash(name);
  const before = await verifyFolder(ports(members, 'a'));
  const { timeline, term, revision } = await recoverLostMajority(ports(members, 'a'));
  t.true(term > before.term, 'no entry of a lost term is taken for one of this');
  t.true(revision > before.revision + 2 ** 30, 'no revision that the lost members gave is given again');
  const a = await members.start('a');
  t.is(a.status().timeline, timeline);
  await writeAll(members, a, keysOf('/after/', 5), 'after');
  await members.start('b');
  await members.start('c');
  await members.time.run(10_000);
  t.is(a.status().role, 'leader');
  t.true(a.status().term <= term + 1, 'the others cannot take it into their terms');
  t.like(await members.during(a.transact(write(put('/x')))), { committed: true });
  t.is(members.stores.get('b')?.count('/after/'), 0);
  t.deepEqual(members.failures, []);
});

test('a member that joined and never heard what was committed then leads after its recovery', async (t) => {
  const members = new Members(['a'], { seed: 4 });
  const { wal } = await openWriteAheadLog({ ...ports(members, 'a'), folder: '/store/log' });
  const [index, term] = [1 as LogIndex, 1 as Term];
  const identity = { member: 'a', timeline: 'lost1234', incarnation: 'joined12', joinedAt: null };
  await wal.append({
    hardState: { term, vote: '', commit: index, identity },
    entries: [{ index, term, type: 'empty', data: new Uint8Array() }],
  });
  await wal.close();
  await recoverLostMajority(ports(members, 'a'));
  const a = await members.start('a');
  t.like(await members.during(a.transact(write(put('/x')))), { committed: true });
  t.deepEqual(members.failures, []);
});

/** A client that follows a prefix into a future that a restore takes away. */
async function lostFuture() {
  const members = new Members(['a'], { seed: 5 });
  const store = await members.start('a');
  await store.transact(write(put('/core/configmaps/n/x', 'x1')));
  const backup = await bytesOf(members, store.backup());
  await writeAll(members, store, ['/core/configmaps/n/p', '/core/configmaps/n/q'], 'lost');
  const { revision: seen } = await store.transact(write(put('/core/configmaps/n/x', 'x-lost')));
  await members.during(store.close());
  const fresh = new Members(['a'], { seed: 6 });
  const report = await restoreBackup({ ...ports(fresh, 'a'), source: [backup], voters: ['a'] });
  return { fresh, backup, report, seen, store: await fresh.start('a') };
}

const watchFrom = (store: StoreMember, after: Revision, into: StoreEvent[] = []) =>
  store.watch(
    { prefix: '/core/', after },
    (events) => into.push(...events),
    () => undefined,
  );

test('whoever saw the future that a restore took away is told to read again, at once and later', async (t) => {
  const { fresh, store, seen, report } = await lostFuture();
  const gone = { name: 'CompactedError' };
  t.throws(() => watchFrom(store, seen), gone);
  t.throws(() => store.range({ prefix: '/core/', revision: seen }), gone);
  await writeAll(fresh, store, keysOf('/core/configmaps/n/', 5), 'new');
  t.throws(() => watchFrom(store, seen), gone);
  t.is(store.status().oldestRevision, report.continuesAt);
  const heard: StoreEvent[] = [];
  watchFrom(store, report.continuesAt, heard);
  await fresh.time.run(1);
  t.is(heard.length, 5, 'whoever reads now and watches from there hears all');
});

test('no comparison with a revision of the lost future holds, and one with a restored revision does', async (t) => {
  const { fresh, store, seen } = await lostFuture();
  const key = '/core/configmaps/n/x';
  await writeAll(fresh, store, keysOf('/core/configmaps/n/', 3), 'new');
  const { revision } = store.get(key) as { revision: Revision };
  const swap = (expected: Revision) =>
    fresh.during(store.transact({ compares: [{ key, revision: expected }], operations: [put(key, 'mine')] }));
  t.like(await swap(seen), { committed: false });
  t.is(valueOf(store.get(key)), 'x1');
  t.like(await swap(revision), { committed: true });
});

test('a backup that is restored twice gives no revision twice', async (t) => {
  const { fresh, store, backup } = await lostFuture();
  await writeAll(fresh, store, keysOf('/k/', 20), 'second future');
  const seen = store.revision;
  await fresh.time.run(1_000);
  const again = new Members(['a'], { seed: 7 });
  await again.time.run(fresh.time.now() - again.time.now());
  const report = await restoreBackup({ ...ports(again, 'a'), source: [backup], voters: ['a'] });
  t.true(report.continuesAt > seen);
});
