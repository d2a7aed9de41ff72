import test from 'ava';
import type { SimulatedDisk } from '../platform/index.ts';
import { type LogIndex, silentLogger, type Term } from '../base/index.ts';
import { openWriteAheadLog } from '../raft/wal/index.ts';
import { StoreError, verifyFolder } from './index.ts';
import { Members, put, valueOf, write } from './membership/members.suite.ts';

/*
 * A disk loses the newest that it had synced. A write that a crash interrupted looks the same, but was acknowledged to
 * nobody; the marks in the segments tell that something is missing, and the others tell whether it counts.
 */
const logFolder = '/store/log';

async function segments(disk: SimulatedDisk): Promise<readonly string[]> {
  return (await disk.list(logFolder)).filter((name) => name.endsWith('.log')).map((name) => `${logFolder}/${name}`);
}

/** Where the newest batch of a log lies. */
async function newestBatch(
  disk: SimulatedDisk,
): Promise<{ readonly path: string; readonly at: number; readonly bytes: number }> {
  const path = (await segments(disk)).at(-1) as string;
  const file = await disk.open(path, 'read');
  const content = await file.read(0, await file.size());
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  let [at, bytes] = [1536, 0];
  while (view.getUint32(at + bytes) === 0x54525046) {
    at += bytes;
    bytes = 20 + view.getUint32(at + 12);
  }
  return { path, at, bytes };
}

const losses: Readonly<Record<string, (disk: SimulatedDisk) => Promise<void>>> = {
  'the newest batch rots': async (disk) => {
    const { path, at, bytes } = await newestBatch(disk);
    disk.corrupt(path, at + bytes - 5);
  },
  'the newest batch reads as zeros': async (disk) => {
    const { path, at, bytes } = await newestBatch(disk);
    disk.forget(path, at, bytes);
  },
  'the newest segment is gone': async (disk) => {
    disk.lose((await segments(disk)).at(-1) as string);
  },
  'the log is gone': async (disk) => {
    for (const path of await segments(disk)) disk.lose(path);
  },
};

/** A write that the leader and one follower have, while the other follower is away; then that follower is down. */
async function twoHaveIt(segmentBytes: number): Promise<{
  readonly members: Members;
  readonly leader: string;
  readonly follower: string;
  readonly away: string;
}> {
  const members = new Members(['a', 'b', 'c'], { seed: 7, overrides: { segmentBytes } });
  await members.startAll();
  const { name: leader, store } = members.leader();
  const [follower, away] = members.names.filter((name) => name !== leader) as [string, string];
  for (let i = 0; i < 12; i++) await members.during(store.transact(write(put(`/k/${i}`, 'x'.repeat(400)))));
  await members.time.run(500);
  await members.crash(away);
  await members.during(store.transact(write(put('/k/precious'))));
  return { members, leader, follower, away };
}

for (const [loss, strike] of Object.entries(losses)) {
  for (const idleMs of [0, 400]) {
    test(`${loss} on one member, ${idleMs} ms after a write: nobody leads without the write`, async (t) => {
      const { members, leader, follower, away } = await twoHaveIt(4096);
      await members.time.run(idleMs);
      await members.crash(follower);
      await strike(members.disk(follower));
      await members.crash(leader);
      const starting = members.start(follower);
      await members.start(away);
      await members.time.run(4_000);
      t.is(members.stores.get(away)?.status().leader, undefined, 'the write is on the disk of the third alone');
      // Else it has set its log aside, and no store is open.
      if (loss.startsWith('the newest batch')) {
        const [alarm, ...more] = members.stores.get(follower)?.status().alarms ?? [];
        t.is(alarm?.type, 'owed-entries');
        t.regex(
          alarm?.message ?? '',
          /disk of . lost the newest of its log, .* entry \d+ of term \d+: .* seeks no votes/,
        );
        t.deepEqual(more, []);
      }
      const back = members.start(leader);
      await members.time.run(8_000);
      await Promise.all([back, starting]);
      for (const name of members.names)
        t.is(valueOf(members.stores.get(name)?.get('/k/precious')), 'v', `${name} has it`);
      for (const store of members.stores.values()) t.deepEqual(store.status().alarms, []);
      await members.during(members.leader().store.transact(write(put('/k/next'))));
    });
  }
}

test('the founding snapshot is lost, and after a start the only segment: no write is forgotten', async (t) => {
  const { members, leader, follower, away } = await twoHaveIt(64 * 1024);
  const disk = members.disk(follower);
  await members.crash(follower);
  for (const name of await disk.list('/store/snapshots')) disk.lose(`/store/snapshots/${name}`);
  await members.start(follower);
  await members.time.run(2_000);
  await members.crash(follower);
  t.is((await segments(disk)).length, 1);
  await losses['the log is gone']?.(disk);
  await members.crash(leader);
  const starting = members.start(follower);
  await members.start(away);
  await members.time.run(4_000);
  t.is(members.stores.get(away)?.status().leader, undefined, 'the write is on the disk of the third alone');
  await Promise.all([members.start(leader), members.time.run(8_000)]);
  await starting;
  for (const name of members.names) t.is(valueOf(members.stores.get(name)?.get('/k/precious')), 'v', `${name} has it`);
});

test('a snapshot is lost that covered the whole log: the member is damaged, not new', async (t) => {
  const members = new Members(['a'], { seed: 3 });
  const disk = members.disk('a');
  const options = { disk, clock: members.time, log: silentLogger, segmentBytes: 2_048 };
  await disk.makeFolder();
  const { wal } = await openWriteAheadLog({ ...options, folder: logFolder });
  const [index, term] = [1 as LogIndex, 1 as Term];
  const entry = { index, term, type: 'data', data: new Uint8Array(100) } as const;
  await wal.append({ hardState: { term, vote: 'a', commit: 0 as LogIndex }, entries: [entry] });
  wal.turnOver();
  await wal.append({ hardState: { term, vote: 'a', commit: index }, entries: [] });
  await wal.deleteThrough(index);
  await wal.close();
  const corrupt = {
    instanceOf: StoreError,
    code: 'corrupt',
    message: /snapshots is damaged at byte 0: the snapshot is missing that segment 2 of the log follows/,
  };
  await t.throwsAsync(verifyFolder({ ...options, folder: '/store' }), corrupt);
  await t.throwsAsync(members.start('a'), corrupt);
});

test('a member that lost its newest batch gets it again from the leader that it had confirmed it to', async (t) => {
  const { members, leader, follower, away } = await twoHaveIt(64 * 1024);
  await members.crash(follower);
  await losses['the newest batch reads as zeros']?.(members.disk(follower));
  await members.start(follower);
  await members.time.run(2_000);
  t.is(members.leader().name, leader);
  t.is(valueOf(members.stores.get(follower)?.get('/k/precious')), 'v');
  await members.crash(leader);
  await members.start(away);
  await members.time.run(4_000);
  t.is(members.leader().name, follower, 'it holds everything again, so that it can lead');
  t.is(valueOf(members.stores.get(away)?.get('/k/precious')), 'v');
});

test('what no member holds any more after a power failure everywhere is forgotten, and writes go on', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  await members.startAll();
  await members.during(members.leader().store.transact(write(put('/k/1'))));
  await members.time.run(500);
  await members.during(members.leader().store.transact(write(put('/k/2'))));
  for (const name of members.names) {
    await members.crash(name);
    await losses['the newest batch reads as zeros']?.(members.disk(name));
  }
  const [first, ...others] = members.names as [string, ...string[]];
  for (const name of others) await members.start(name);
  await members.time.run(4_000);
  t.true(
    others.every((name) => members.stores.get(name)?.status().leader === undefined),
    `${first} may have it`,
  );
  await members.start(first);
  await members.time.run(4_000);
  await members.during(members.leader().store.transact(write(put('/k/3'))));
  for (const key of ['/k/1', '/k/3']) t.is(valueOf(members.leader().store.get(key)), 'v');
});

test('the only voter refuses to start without what it had synced, and starts where a crash came between', async (t) => {
  for (const idleMs of [0, 400]) {
    const members = new Members(['a'], { seed: 3 });
    const store = await members.start('a');
    await members.during(store.transact(write(put('/k/1'))));
    await members.time.run(500);
    await members.during(store.transact(write(put('/k/2'))));
    await members.time.run(idleMs);
    await members.crash('a');
    await losses['the newest batch reads as zeros']?.(members.disk('a'));
    if (idleMs === 0) {
      const again = await members.start('a');
      t.is(valueOf(again.get('/k/1')), 'v');
      await members.during(again.transact(write(put('/k/3'))));
      continue;
    }
    await t.throwsAsync(members.start('a'), {
      instanceOf: StoreError,
      code: 'corrupt',
      message: /00000001\.log is damaged at byte \d+: the newest batches had been synced and are missing; .*restore/,
    });
    const offline = { disk: members.disk('a'), clock: members.time, log: silentLogger, folder: '/store' };
    await t.throwsAsync(verifyFolder(offline), { instanceOf: StoreError, code: 'corrupt' });
  }
});

test('who became the only voter is not copied from members that left, when it lost what it had synced', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 5 });
  await members.startAll();
  await members.during(members.leader().store.transact(write(put('/k/1'))));
  const { store, name } = members.leader();
  for (const other of members.names.filter((each) => each !== name)) await members.during(store.members.remove(other));
  await members.during(store.transact(write(put('/k/2'))));
  await members.time.run(500);
  await members.crash(name);
  await losses['the newest batch reads as zeros']?.(members.disk(name));
  await t.throwsAsync(members.during(members.start(name)), { instanceOf: StoreError, code: 'corrupt' });
  t.false((await members.disk(name).list('/store')).includes('rejoin'), 'its data is the only copy');
});

test('a member whose sync failed writes again what it reads at its start: a power loss takes nothing', async (t) => {
  const { members, leader, follower, away } = await twoHaveIt(64 * 1024);
  const { store } = members.leader();
  members.disk(follower).failSyncs(1);
  const written = store.transact(write(put('/k/late')), { deadlineMs: 9_000 });
  await members.time.run(200);
  t.is(members.failures.length, 1, 'it stopped');
  // On the same machine: what was not synced is still in the page cache.
  members.stores.delete(follower);
  await members.start(follower);
  await members.time.run(3_000);
  await written;
  await members.crash(follower);
  await members.crash(leader);
  await members.start(follower);
  await members.start(away);
  await members.time.run(5_000);
  t.is(valueOf(members.leader().store.get('/k/late')), 'v');
});
