import test from 'ava';
import type { Revision } from '../../base/index.ts';
import { silentLogger } from '../../base/index.ts';
import { SimulatedDisk } from '../../platform/index.ts';
import {
  AdministrationError,
  type BackupReport,
  recoverLostMajority,
  restoreBackup,
  type StoreMember,
  StoreError,
  verifyBackup,
  verifyFolder,
} from '../index.ts';
import { Members, put, remove, valueOf, write } from '../membership/members.suite.ts';

async function fill(members: Members, store: StoreMember, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await members.during(store.transact(write(put(`/k/${String(i).padStart(4, '0')}`, `v${i}`))));
}

async function bytesOf(members: Members, source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await members.during(
    (async () => {
      for await (const piece of source) pieces.push(piece);
    })(),
  );
  return Buffer.concat(pieces);
}

const code = (expected: AdministrationError['code']): { instanceOf: typeof AdministrationError; code: string } => ({
  instanceOf: AdministrationError,
  code: expected,
});
const offline = (members: Members, name: string) => ({
  disk: members.disk(name),
  clock: members.time,
  random: members.random,
  log: silentLogger,
  folder: '/store',
  segmentBytes: 64 * 1024,
});

test('one voter becomes three: learners are added, catch up by a snapshot and are promoted', async (t) => {
  const members = new Members(['a'], { overrides: { entriesKept: 10, snapshotEntries: 50 } });
  const a = await members.start('a');
  await fill(members, a, 300);
  for (const name of ['b', 'c']) {
    const joining = await members.start(name, { voters: [] });
    await members.during(a.members.addLearner(name));
    await members.time.run(3_000);
    t.is(joining.revision, a.revision);
    t.is(joining.status().role, 'learner');
    await members.during(joining.members.promote(name));
    t.is(joining.status().role, 'follower');
  }
  t.true((members.sent.get('snapshot-chunk') ?? 0) > 0);
  t.deepEqual(
    a.members.list().map(({ name, role }) => `${name} ${role}`),
    ['a voter', 'b voter', 'c voter'],
  );
  await members.crash('a');
  await members.time.run(5_000);
  const { store } = members.leader();
  t.like(await members.during(store.transact(write(put('/k/new')))), { committed: true });
  t.is(store.count('/k/'), 301);
});

test('a learner is not promoted before it has caught up, a stranger never, and the last voter stays', async (t) => {
  const members = new Members(['a'], { overrides: { entriesKept: 10 } });
  const a = await members.start('a');
  await fill(members, a, 20);
  await t.throwsAsync(members.during(a.members.promote('x')), code('unknown-member'));
  await t.throwsAsync(members.during(a.members.transferLeadership('x')), code('unknown-member'));
  await members.during(a.members.addLearner('x'));
  await t.throwsAsync(members.during(a.members.promote('x')), code('not-caught-up'));
  await t.throwsAsync(members.during(a.members.remove('a')), code('last-voter'));
  await members.during(a.members.remove('x'));
  await members.during(a.members.remove('x'));
  t.deepEqual(a.members.list(), [{ name: 'a', role: 'voter', leader: true }]);
});

test('leadership is handed over and a leader is removed, asked from a follower, and writes go on', async (t) => {
  const members = new Members(['a', 'b', 'c']);
  await members.startAll();
  const { name } = members.leader();
  const [next, third] = members.names.filter((other) => other !== name) as [string, string];
  const follower = members.stores.get(third) as StoreMember;
  await members.during(follower.members.transferLeadership(next));
  t.is(members.leader().name, next);
  await members.during(follower.members.remove(next));
  await members.time.run(5_000);
  t.like(await members.during(follower.transact(write(put('/k')))), { committed: true });
  t.deepEqual(
    follower.members.list().map((row) => row.name),
    [name, third].sort(),
  );
  t.deepEqual(members.failures, []);
});

test('members report themselves, and their hashes agree at one revision while writes go on', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { entriesKept: 10 } });
  await members.startAll();
  const { store } = members.leader();
  await fill(members, store, 50);
  const comparing = store.members.compareHashes();
  void store.transact(write(put('/k/0001', 'later')));
  const { hashes, equal, unanswered } = await members.during(comparing);
  t.true(equal);
  t.deepEqual(Object.keys(hashes).sort(), ['a', 'b', 'c']);
  t.deepEqual(unanswered, []);
  members.cut.add(members.names.find((name) => name !== members.leader().name) as string);
  const report = await members.during(store.members.report());
  t.is(report.filter(({ status }) => status !== undefined).length, 2);
  t.regex(report.find(({ problem }) => problem !== undefined)?.problem ?? '', /did not answer/);
});

test('a snapshot reaches a member although every third message is lost', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { entriesKept: 10, snapshotEntries: 50 } });
  await members.startAll();
  const { name, store } = members.leader();
  const lagging = members.names.find((other) => other !== name) as string;
  members.cut.add(lagging);
  const value = 'x'.repeat(10_000);
  for (let i = 0; i < 300; i++) await members.during(store.transact(write(put(`/k/${i}`, value))));
  members.cut.delete(lagging);
  members.lossOneIn = 3;
  for (
    let waitedMs = 0;
    members.stores.get(lagging)?.revision !== store.revision && waitedMs < 120_000;
    waitedMs += 100
  )
    await members.time.run(100);
  t.is(members.stores.get(lagging)?.count('/k/'), 300);
  members.lossOneIn = 0;
  await members.time.run(3_000);
  t.true((await members.during(members.leader().store.members.compareHashes())).equal);
  t.deepEqual(members.failures, []);
});

test('a backup that is taken while writes go on restores to the very hash of its revision', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { cluster: 'one' } });
  await members.startAll();
  const { store } = members.leader();
  await fill(members, store, 100);
  await members.during(store.transact(write(remove('/k/0003'))));
  const before = store.revision;
  const source = store.backup()[Symbol.asyncIterator]();
  const first = await members.during(source.next());
  const writes = Array.from({ length: 50 }, (_, i) =>
    store.transact(write(put(`/k/${String(i).padStart(4, '0')}`, 'changed'))),
  );
  const rest = await bytesOf(members, { [Symbol.asyncIterator]: () => source });
  await members.during(Promise.all(writes));
  const backup = Buffer.concat([first.value as Uint8Array, rest]);
  const report: BackupReport = await verifyBackup([backup]);
  t.like(report, { cluster: 'one', revision: before, keys: 99 });
  t.is(report.hash, (await members.during(store.members.hash(before))).hash);

  const fresh = new Members(['r'], { seed: 2, overrides: { cluster: 'one' } });
  await fresh.during(
    restoreBackup({
      ...offline(fresh, 'r'),
      member: 'r',
      source: [backup.subarray(0, 700), backup.subarray(700)],
      voters: ['r'],
      cluster: 'one',
    }),
  );
  const restored = await fresh.start('r');
  t.true(restored.revision >= before + 2 ** 30, 'what was written after the backup had other revisions');
  t.is((await fresh.during(restored.members.hash())).hash, report.hash);
  t.is(valueOf(restored.get('/k/0001')), 'v1');
  t.like(await fresh.during(restored.transact(write(put('/k/new')))), { committed: true, revision: restored.revision });
});

test('a cut, changed or foreign backup is refused, as is a full folder, and nothing is written', async (t) => {
  const members = new Members(['a'], { overrides: { cluster: 'one' } });
  const store = await members.start('a');
  await fill(members, store, 30);
  const backup = await bytesOf(members, store.backup());
  const into = (source: Uint8Array, cluster = 'one', disk = new SimulatedDisk()) =>
    restoreBackup({
      disk,
      member: 'a',
      random: members.random,
      clock: members.time,
      log: silentLogger,
      folder: '/new',
      source: [source],
      voters: ['a'],
      cluster,
    });
  for (const length of [0, 5, 100, backup.length - 1, backup.length - 30])
    await t.throwsAsync(into(backup.subarray(0, length)), code('damaged'));
  for (const at of [3, 20, 400, backup.length - 5])
    await t.throwsAsync(into(backup.map((byte, i) => (i === at ? byte ^ 1 : byte))), code('damaged'));
  const disk = new SimulatedDisk();
  await t.throwsAsync(into(backup, 'two', disk), code('foreign'));
  t.deepEqual(await disk.list('/new/snapshots'), []);
  await into(backup, 'one', disk);
  await t.throwsAsync(into(backup, 'one', disk), code('not-empty'));
});

test("a folder is verified unchanged: its hash is the running store's, and damage is reported", async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  await fill(members, store, 60);
  await members.during(store.compact());
  await fill(members, store, 100);
  const { hash, revision } = await members.during(store.members.hash());
  await members.during(store.close());
  const report = await verifyFolder(offline(members, 'a'));
  t.like(report, { hash, revision, keys: 100, voters: ['a'], tornBytes: 0 });
  t.true(report.snapshotIndex > 0);
  await t.throwsAsync(verifyFolder({ ...offline(members, 'a'), folder: '/nowhere' }), code('empty'));
  const [snapshot] = await members.disk('a').list('/store/snapshots');
  members.disk('a').corrupt(`/store/snapshots/${snapshot}`, 300);
  t.is((await t.throwsAsync(verifyFolder(offline(members, 'a')), { instanceOf: StoreError })).code, 'corrupt');
});

test('when the majority is lost for good, one member goes on alone, and others join it again', async (t) => {
  const members = new Members(['a', 'b', 'c']);
  await members.startAll();
  const { store } = members.leader();
  await fill(members, store, 60);
  await members.time.run(500);
  for (const name of members.names) await members.crash(name);
  const report = await members.during(recoverLostMajority({ ...offline(members, 'b'), member: 'b' }));
  t.like(report, { voters: ['b'], keys: 60 });
  const b = await members.during(members.start('b'));
  t.is(b.status().role, 'leader');
  t.is(b.count('/k/'), 60);
  const d = await members.start('d', { voters: [] });
  await members.during(b.members.addLearner('d'));
  await members.time.run(3_000);
  await members.during(b.members.promote('d'));
  t.like(await members.during(d.transact(write(put('/k/again')))), { committed: true });
});

test('a member whose log is damaged in the middle gives its vote back, is copied afresh and votes again', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { entriesKept: 10 } });
  await members.startAll();
  const { name, store } = members.leader();
  const damaged = members.names.find((other) => other !== name) as string;
  await fill(members, store, 60);
  await members.crash(damaged);
  members.disk(damaged).corrupt('/store/log/00000001.log', 2_000);
  t.is((await t.throwsAsync(verifyFolder(offline(members, damaged)), { instanceOf: StoreError })).code, 'corrupt');
  const again = await members.during(members.start(damaged));
  t.is(again.status().role, 'learner');
  await members.time.run(10_000);
  t.is(again.status().role, 'follower');
  t.is(again.count('/k/'), 60);
  t.true((await members.disk(damaged).list('/store/damaged/log')).length > 0);
  t.false((await members.disk(damaged).list('/store')).includes('rejoin'));
  await members.crash(name);
  await members.time.run(5_000);
  t.like(await members.during(again.transact(write(put('/k/after')))), { committed: true });
  t.is(again.count('/k/'), 61);
});

test('a rejoining that a crash interrupts is taken up again, without a vote in between', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { entriesKept: 10 } });
  await members.startAll();
  const { name, store } = members.leader();
  const damaged = members.names.find((other) => other !== name) as string;
  await fill(members, store, 30);
  await members.crash(damaged);
  members.disk(damaged).corrupt('/store/log/00000001.log', 2_000);
  // The first try reaches nobody and ends with its process.
  void members
    .start(damaged, { transport: { send: () => undefined, onMessage: () => undefined } })
    .catch(() => undefined);
  await members.time.run(2_000);
  members.disk(damaged).crash();
  const again = await members.during(members.start(damaged));
  await members.time.run(10_000);
  t.is(again.status().role, 'follower');
  t.is(again.count('/k/'), 30);
});

test('a compaction ends the past on every member and lets the log go', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { snapshotEntries: 1_000_000 } });
  await members.startAll();
  const { store } = members.leader();
  await fill(members, store, 200);
  await members.during(store.compact());
  await members.time.run(500);
  for (const other of members.stores.values()) t.is(other.status().oldestRevision, store.revision);
  t.throws(
    () =>
      store.watch(
        { prefix: '/', after: 3 as Revision },
        () => undefined,
        () => undefined,
      ),
    { name: 'CompactedError' },
  );
  t.is((await members.disk(members.leader().name).list('/store/snapshots')).length, 1);
});

test('a quota keeps one kind of keys from crowding out the others', async (t) => {
  const members = new Members(['a'], { overrides: { quotas: [{ prefix: '/core/events/', keysMax: 3 }] } });
  const store = await members.start('a');
  for (let i = 0; i < 3; i++) await store.transact(write(put(`/core/events/${i}`)));
  t.is(
    (await t.throwsAsync(store.transact(write(put('/core/events/4'))), { instanceOf: StoreError })).code,
    'overloaded',
  );
  t.like(await store.transact(write(put('/core/pods/n/x'))), { committed: true });
  t.like(await store.transact(write(remove('/core/events/0'))), { committed: true });
  t.like(await store.transact(write(put('/core/events/4'))), { committed: true });
});

test('a folder that another process has open is refused by name, and given back at the end', async (t) => {
  const held = new Set<string>();
  const lock = async (folder: string) => {
    await Promise.resolve();
    if (held.has(folder)) return { held: 'process 17' };
    held.add(folder);
    return {
      release: async () => {
        await Promise.resolve();
        held.delete(folder);
      },
    };
  };
  const members = new Members(['a'], { overrides: { lock } });
  const store = await members.start('a');
  await t.throwsAsync(members.start('a'), { ...code('in-use'), message: /process 17/ });
  await t.throwsAsync(verifyFolder({ ...offline(members, 'a'), lock }), code('in-use'));
  await members.during(store.close());
  t.is(held.size, 0);
  await t.notThrowsAsync(members.start('a'));
});
