import test from 'ava';
import { seededRandom } from '../../base/index.ts';
import { create, Members, put, valueOf, write } from './members.suite.ts';

test('three members hold the same state, and a write through a follower is committed', async (t) => {
  const members = new Members(['a', 'b', 'c'], { syncMs: 1 });
  await members.startAll();
  const { name } = members.leader();
  const follower = members.names.find((other) => other !== name) as string;
  const result = members.stores.get(follower)?.transact(write(put('/k', 'one')));
  await members.time.run(100);
  t.like(await result, { committed: true });
  await members.time.run(100);
  for (const store of members.stores.values()) {
    t.is(valueOf(store.get('/k')), 'one');
    t.is(store.status().leader, name);
  }
});

test('a linearisable read on a follower sees every write that was acknowledged before', async (t) => {
  const members = new Members(['a', 'b', 'c'], { syncMs: 1 });
  await members.startAll();
  const { name, store } = members.leader();
  const follower = members.stores.get(members.names.find((other) => other !== name) as string);
  const written = store.transact(write(put('/k', 'new')));
  await members.time.run(20);
  await written;
  let value: string | undefined;
  void follower?.readBarrier().then(() => {
    value = valueOf(follower.get('/k'));
  });
  await members.time.run(200);
  t.is(value, 'new');
});

test('when the leader dies, writes resume within about a second, none lost and none done twice', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const members = new Members(['a', 'b', 'c'], { seed, syncMs: 1 });
    await members.startAll();
    const random = seededRandom(seed);
    const { name } = members.leader();
    const results = new Map<string, boolean>();
    const survivors = members.names.filter((other) => other !== name);
    for (let i = 0; i < 60; i++) {
      const store = members.stores.get(survivors[i % 2] as string);
      void store?.transact(create(`/k/${i}`)).then(
        (result) => results.set(`/k/${i}`, result.committed),
        () => results.set(`/k/${i}`, false),
      );
      await members.time.run(random.below(3));
      if (i === 30) await members.crash(name);
    }
    await members.time.run(4_000);
    t.is(results.size, 60, `seed ${seed}: every write was answered`);
    t.true([...results.values()].every(Boolean), `seed ${seed}: each creation happened once`);
    await members.start(name);
    await members.time.run(2_000);
    for (const store of members.stores.values()) t.is(store.count('/k/'), 60);
    t.deepEqual(members.failures, []);
  }
});

test('a member that lags behind the log gets a snapshot, and its listeners miss no outcome', async (t) => {
  const members = new Members(['a', 'b', 'c'], { overrides: { snapshotEntries: 50, entriesKept: 20 } });
  await members.startAll();
  const { name, store } = members.leader();
  const lagging = members.names.find((other) => other !== name) as string;
  const state = new Map<string, string>();
  members.stores.get(lagging)?.onApplied((events) => {
    for (const event of events) state.set(event.record.key, valueOf(event.record) ?? '');
  });
  members.cut.add(lagging);
  for (let i = 0; i < 1_000; i++) {
    const written = store.transact(write(put(`/k/${i % 100}`, `v${i}`)));
    await members.time.run(3);
    await written;
  }
  members.cut.delete(lagging);
  await members.time.run(5_000);
  const caught = members.stores.get(lagging);
  t.is(caught?.revision, store.revision);
  t.is(state.size, 100);
  for (const [key, value] of state) t.is(valueOf(store.get(key)), value);
  t.deepEqual(members.failures, []);
});

test('without a majority nothing is written, and the caller hears why', async (t) => {
  const members = new Members(['a', 'b', 'c']);
  await members.startAll();
  const { name, store } = members.leader();
  for (const other of members.names) if (other !== name) members.cut.add(other);
  const codes: unknown[] = [];
  const note = (error: unknown): void => {
    codes.push((error as { code: string }).code);
  };
  store.transact(write(put('/k'))).catch(note);
  await members.time.run(5_000);
  store.transact(write(put('/k2')), { deadlineMs: 20_000 }).catch(note);
  store.readBarrier().catch(note);
  await members.time.run(200);
  t.deepEqual(codes, ['no-leader', 'no-leader'], 'a member that has long known no leader says so at once');
  await members.time.run(20_000);
  t.deepEqual(
    codes,
    ['no-leader', 'no-leader', 'timeout'],
    'what was on its way when the majority was lost may still happen',
  );
  t.is(store.get('/k'), undefined);
});

test("what two followers synced is acknowledged before the leader's slow disk has it, and outlives it", async (t) => {
  const members = new Members(['a', 'b', 'c'], { syncMs: 1 });
  await members.startAll();
  const { name, store } = members.leader();
  members.disk(name).syncMs = 5_000;
  const written = store.transact(write(put('/k', 'one')));
  const result = await members.during(written, 200);
  t.true(result.committed);
  await members.crash(name);
  members.disk(name).syncMs = 1;
  await members.time.run(3_000);
  t.is(valueOf(members.leader().store.get('/k')), 'one');
  const back = await members.start(name);
  await members.time.run(1_000);
  t.is(valueOf(back.get('/k')), 'one', 'its own disk never had it');
});

test('a write is not acknowledged while only the leader and no follower can sync it', async (t) => {
  const members = new Members(['a', 'b', 'c'], { syncMs: 1 });
  await members.startAll();
  const { name, store } = members.leader();
  for (const other of members.names) if (other !== name) members.disk(other).syncMs = 5_000;
  let acknowledged = false;
  const written = store.transact(write(put('/k', 'one'))).then(() => {
    acknowledged = true;
  });
  await members.time.run(1_000);
  t.false(acknowledged);
  await members.during(written, 10_000);
});

test('a snapshot waits for the log, so that a power loss leaves no gap between the two', async (t) => {
  const members = new Members(['a', 'b', 'c'], { syncMs: 1 });
  await members.startAll();
  const { name, store } = members.leader();
  members.disk(name).syncMs = 5_000;
  await members.during(store.transact(write(put('/k/0'))), 200);
  members.disk(name).syncMs = 1;
  for (let i = 1; i < 10; i++) await members.during(store.transact(write(put(`/k/${i}`))), 200);
  void store.compact().catch(() => undefined);
  await members.time.run(1_000);
  await members.crash(name);
  for (let life = 0; life < 2; life++) {
    await members.start(name);
    await members.time.run(3_000);
    for (let i = 0; i < 5; i++)
      await members.during(members.leader().store.transact(write(put(`/life/${life}/${i}`))), 5_000);
    await members.time.run(1_000);
    t.is(members.stores.get(name)?.count('/k/'), 10, `life ${life}`);
    await members.crash(name);
  }
  t.deepEqual(members.failures, []);
});
