import test from 'ava';
import { type Revision, seededRandom } from '../base/index.ts';
import { create, Members, put, remove, valueOf, write } from './membership/members.suite.ts';
import { StoreError, type StoreEvent, type StoreMember } from './index.ts';

const revision = (value: number): Revision => value as Revision;

test('a write is durable when it resolves: it is there after a crash at once', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  t.is(store.status().role, 'leader');
  const result = await store.transact(write(put('/core/pods/n/x', 'one')));
  t.like(result, { committed: true, revision: 2 });
  await members.crash('a');
  const again = await members.start('a');
  t.is(valueOf(again.get('/core/pods/n/x')), 'one');
  t.is(again.revision, revision(2));
  t.like(await again.transact(create('/core/pods/n/x')), { committed: false, failed: 0 });
});

test('no acknowledged write is lost over many crashes, torn writes, snapshots and segments', async (t) => {
  for (let seed = 1; seed <= 12; seed++) {
    const members = new Members(['a'], { seed, syncMs: 1, overrides: { segmentBytes: 8 * 1024, snapshotEntries: 40 } });
    const random = seededRandom(seed + 1000);
    const acknowledged = new Map<string, string>();
    for (let life = 0; life < 5; life++) {
      const store = await members.start('a');
      for (const [key, value] of acknowledged) t.is(valueOf(store.get(key)), value, `seed ${seed} life ${life} ${key}`);
      for (let client = 0; client < 8; client++) {
        void (async () => {
          for (let i = 0; i < 40; i++) {
            const key = `/k/${life}-${client}-${i}`;
            await store.transact(write(put(key, `${i}`)));
            acknowledged.set(key, `${i}`);
          }
        })().catch(() => undefined);
      }
      await members.time.run(random.below(40));
      await members.crash('a');
    }
    t.true(acknowledged.size > 50);
  }
});

test('writes that come together share one sync', async (t) => {
  const members = new Members(['a'], { syncMs: 2 });
  const store = await members.start('a');
  const before = members.disk('a').syncs;
  const writes = Array.from({ length: 64 }, (_, i) => store.transact(write(put(`/k/${i}`))));
  await members.time.run(10);
  await Promise.all(writes);
  t.true(members.disk('a').syncs - before <= 3);
  t.is(store.count('/k/'), 64);
});

test('a watch gets history and then live changes, without gap or repeat, and nothing after its end', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  await store.transact(write(put('/core/pods/n/x')));
  await store.transact(write(put('/core/services/n/s')));
  const seen: string[] = [];
  const note = (events: readonly StoreEvent[]): void => {
    for (const event of events) seen.push(`${event.type} ${event.record.key.slice(-1)} ${event.revision}`);
  };
  const watch = store.watch({ prefix: '/core/pods/', after: revision(1) }, note, () => {
    t.fail();
  });
  t.deepEqual(seen, [], 'delivery begins after the caller has its handle');
  await store.transact(write(put('/core/pods/n/y')));
  await store.transact(write(remove('/core/pods/n/x')));
  t.deepEqual(seen, ['put x 2', 'put y 4', 'delete x 5']);
  watch.close();
  await store.transact(write(put('/core/pods/n/z')));
  t.is(seen.length, 3);
  t.throws(() => store.range({ prefix: '/', revision: revision(99) }), {
    instanceOf: StoreError,
    message: /not reached/,
  });
});

test('a result is seen by watchers and readers before its writer hears of it', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  const applied: number[] = [];
  store.onApplied((events, reached) => {
    applied.push(events.length, reached);
  });
  await store.transact(write(put('/a'), put('/b')));
  t.deepEqual(applied, [2, 2]);
});

test('a snapshot lets the log go and a restart continues from it, history included', async (t) => {
  const members = new Members(['a'], { overrides: { segmentBytes: 8 * 1024, snapshotEntries: 100 } });
  const store = await members.start('a');
  for (let i = 0; i < 400; i++) await store.transact(write(put(`/k/${i % 50}`, `v${i}`)));
  await members.time.run(100);
  const disk = members.disk('a');
  t.is((await disk.list('/store/snapshots')).length, 1);
  t.true(store.status().logBytes < 40 * 1024);
  await members.crash('a');
  const again = await members.start('a');
  t.is(again.revision, revision(401));
  t.is(valueOf(again.get('/k/49')), 'v399');
  const seen: number[] = [];
  again.watch(
    { prefix: '/k/', after: revision(5) },
    (events) => {
      for (const event of events) seen.push(event.revision);
    },
    () => {
      t.fail();
    },
  );
  await members.time.run(1);
  t.deepEqual(
    seen,
    Array.from({ length: 396 }, (_, i) => i + 6),
  );
});

test('a snapshot is due when the log is as large as the state, however few its entries, across restarts', async (t) => {
  const segmentBytes = 8 * 1024;
  const members = new Members(['a'], { overrides: { segmentBytes, snapshotEntries: 1_000_000 } });
  const large = 'x'.repeat(2_000);
  const fill = async (store: StoreMember, writes: number): Promise<void> => {
    for (let i = 0; i < writes; i++) await store.transact(write(put('/k/often-written', `${large}${i}`)));
    await members.time.run(100);
  };
  const store = await members.start('a', { history: { historyEventsMax: 10 } });
  for (let i = 0; i < 100; i++) await store.transact(write(put(`/k/${i}`, large)));
  await members.time.run(100);
  const state = store.status().snapshotBytes ?? 0;
  t.true(state > 4 * segmentBytes, 'the first one came after a few segments');
  await members.crash('a');
  const again = await members.start('a', { history: { historyEventsMax: 10 } });
  t.true((again.status().snapshotBytes ?? 0) > 4 * segmentBytes, 'the size is known');
  const [first] = await members.disk('a').list('/store/snapshots');
  await fill(again, 10);
  t.deepEqual(await members.disk('a').list('/store/snapshots'), [first], 'a little log is no reason');
  await fill(again, 200);
  t.notDeepEqual(await members.disk('a').list('/store/snapshots'), [first]);
  t.true(again.status().logBytes < 250 * 1024 + 4 * segmentBytes, `${again.status().logBytes} bytes of log stay`);
});

test('keys expire by themselves, through the log', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  const seen: string[] = [];
  store.watch(
    { prefix: '/events/', after: store.revision },
    (events) => {
      for (const event of events) seen.push(`${event.type} ${event.record.key}`);
    },
    () => {
      t.fail();
    },
  );
  await store.transact(write(put('/events/1', 'v', { expiresAt: members.time.now() + 5_000 })));
  await members.time.run(4_900);
  t.is(store.count('/events/'), 1);
  await members.time.run(200);
  t.is(store.count('/events/'), 0);
  t.deepEqual(seen, ['put /events/1', 'delete /events/1']);
  await members.crash('a');
  t.is((await members.start('a')).count('/events/'), 0);
});

test('a full disk refuses writes clearly, still takes deletions and reads, and resumes by itself', async (t) => {
  const members = new Members(['a'], { overrides: { segmentBytes: 16 * 1024 } });
  const disk = members.disk('a');
  const store = await members.start('a');
  await members.time.run(100);
  disk.capacityBytes = disk.usedBytes + 100;
  let written = 0;
  const error = await t.throwsAsync(
    async () => {
      for (; written < 500; written++) {
        await store.transact(write(put(`/k/${written}`, 'x'.repeat(100))));
        await members.time.run(1);
      }
    },
    { instanceOf: StoreError },
  );
  t.is(error.code, 'disk-full');
  t.true(error.retryable);
  t.like(await store.transact(write(remove('/k/0'))), { committed: true });
  t.is(store.count('/k/'), written - 1);
  disk.capacityBytes = 10e6;
  await members.time.run(1_500);
  t.like(await store.transact(write(put('/k/again'))), { committed: true });
  t.deepEqual(members.failures, []);
});

test('a write that waits too long is given up, and too many waiting ones are refused', async (t) => {
  const members = new Members(['a'], { syncMs: 1 });
  const store = await members.start('a');
  const slow = store.transact(write(put('/slow')), { deadlineMs: 0 });
  const late = t.throwsAsync(slow, { instanceOf: StoreError });
  const many = Array.from({ length: 9_000 }, (_, i) =>
    store.transact(write(put(`/k/${i}`))).then(
      () => 'ok',
      (error: unknown) => (error as StoreError).code,
    ),
  );
  members.time.advance(250);
  await members.time.run(200);
  const results = await Promise.all(many);
  t.true(results.filter((result) => result === 'overloaded').length > 500);
  t.true(results.filter((result) => result === 'ok').length > 8_000);
  t.is((await late).code, 'timeout');
});

test('a failed sync stops the store: nothing more is promised, and the member is told', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  await store.transact(write(put('/a')));
  members.disk('a').failSyncs(1);
  const error = await t.throwsAsync(store.transact(write(put('/b'))), { instanceOf: StoreError });
  t.is(error.code, 'stopped');
  t.is(members.failures.length, 1);
  await t.throwsAsync(store.transact(write(put('/c'))), { instanceOf: StoreError });
  t.is(valueOf(store.get('/a')), 'v');
});

test('an object beyond the limit is refused before it costs anything', async (t) => {
  const store = await new Members(['a']).start('a');
  const error = await t.throwsAsync(store.transact(write(put('/a', 'x'.repeat(1536 * 1024)))), {
    instanceOf: StoreError,
  });
  t.is(error.code, 'too-large');
  t.false(error.retryable);
});

test('damage on the disk is refused at the start with what to do', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  for (let i = 0; i < 5; i++) await store.transact(write(put(`/k/${i}`)));
  await store.close();
  members.disk('a').corrupt('/store/log/00000001.log', 1_600);
  const error = await t.throwsAsync(members.start('a'), { instanceOf: StoreError });
  t.is(error.code, 'corrupt');
});

test('a closed store rejects what waits and can be opened again', async (t) => {
  const members = new Members(['a'], { syncMs: 5 });
  const store = await members.start('a');
  const waiting = t.throwsAsync(store.transact(write(put('/a'))), { instanceOf: StoreError });
  const closing = store.close();
  await members.time.run(100);
  await closing;
  t.is((await waiting).code, 'stopped');
  await t.notThrowsAsync(members.start('a'));
});
