import test, { type ExecutionContext } from 'ava';
import type { Revision } from '../../src/base/index.ts';
import { MemoryStore } from '../../src/resources/testing/memory-store.ts';
import { create, Members, put, remove, valueOf, write } from '../../src/state/membership/members.suite.ts';
import { type CompactedError, type Operation, type Store, StoreError, type StoreEvent } from '../../src/state/index.ts';

const at = (value: number): Revision => value as Revision;
const keys = (records: readonly { readonly key: string }[]): readonly string[] => records.map(({ key }) => key);
const told = (events: readonly StoreEvent[]): readonly string[] =>
  events.map(({ type, revision, record, previous }) => {
    const before = previous === undefined ? '' : ` after ${valueOf(previous)} of ${previous.revision}`;
    return `${revision} ${type} ${record.key} ${valueOf(record)}${before}`;
  });
const lost = (error: CompactedError): never => {
  throw error;
};

function owned(key: string, owner: string, node: string): Operation {
  const operation = put(key);
  if (operation.type !== 'put') throw new Error('put makes puts');
  return { ...operation, index: { uid: '', labels: {}, fields: { 'spec.nodeName': node }, owners: [owner] } };
}

type Behaviour = (t: ExecutionContext, store: Store) => Promise<void>;

const behaviours: Readonly<Record<string, Behaviour>> = {
  'a put has a revision of its own in its bytes, and its key that of its creation': async (t, store) => {
    const from = store.revision;
    const first = await store.transact(write(put('/k/a', 'one')));
    const second = await store.transact(write(put('/k/a', 'two')));
    t.deepEqual([first.revision, second.revision], [at(from + 1), at(from + 2)]);
    const record = store.get('/k/a');
    t.like(record, { revision: second.revision, createRevision: first.revision });
    t.deepEqual(record?.object(), { metadata: { resourceVersion: String(second.revision) }, value: 'two' });
    t.true(Object.isFrozen(record?.object()));
    t.deepEqual(second.committed && second.records.map((one) => one?.key), ['/k/a']);
  },
  'a compare that does not hold is named, and nothing happens': async (t, store) => {
    const { revision } = await store.transact(write(put('/k/a')));
    const compares = [
      { key: '/k/a', revision },
      { key: '/k/b', revision: at(7) },
    ];
    t.deepEqual(await store.transact({ compares, operations: [put('/k/c')] }), {
      committed: false,
      revision,
      failed: 1,
    });
    t.like(await store.transact(create('/k/a')), { committed: false, failed: 0 });
    t.is(store.get('/k/c'), undefined);
    t.is(store.revision, revision);
  },
  'operations of one transaction share a revision and one batch': async (t, store) => {
    const batches: (readonly string[])[] = [];
    store.watch({ prefix: '/k/', after: store.revision }, (events) => batches.push(told(events)), lost);
    const first = await store.transact(write(put('/k/a', '1'), put('/k/b', '2')));
    const second = await store.transact(write(remove('/k/a'), put('/k/b', '3'), remove('/k/none')));
    await settled();
    t.deepEqual(batches, [
      [`${first.revision} put /k/a 1`, `${first.revision} put /k/b 2`],
      [
        `${second.revision} delete /k/a 1 after 1 of ${first.revision}`,
        `${second.revision} put /k/b 3 after 2 of ${first.revision}`,
      ],
    ]);
    t.true(second.committed && second.records[2] === undefined);
  },
  'a deleted record carries the revision of its deletion, and a new one has a new creation': async (t, store) => {
    await store.transact(write(put('/k/a')));
    const gone = await store.transact(write(remove('/k/a')));
    const [record] = gone.committed ? gone.records : [];
    t.like(record?.object(), { metadata: { resourceVersion: String(gone.revision) } });
    t.is(store.get('/k/a'), undefined);
    const again = await store.transact(write(put('/k/a')));
    t.is(store.get('/k/a')?.createRevision, again.revision);
  },
  'a range is in order, in pages, by field, and as of a revision': async (t, store) => {
    await store.transact(write(put('/k/c'), put('/k/a'), put('/l/x')));
    const { revision } = await store.transact(write(owned('/k/b', 'u', 'node-1')));
    await store.transact(write(remove('/k/a')));
    t.deepEqual(keys(store.range({ prefix: '/k/' }).records), ['/k/b', '/k/c']);
    const page = store.range({ prefix: '/k/', revision, after: '/k/a', limit: 1 });
    t.deepEqual([keys(page.records), page.remaining, page.revision], [['/k/b'], 1, revision]);
    t.deepEqual(keys(store.range({ prefix: '/k/', revision }).records), ['/k/a', '/k/b', '/k/c']);
    const field = { name: 'spec.nodeName', value: 'node-1' };
    t.deepEqual(keys(store.range({ prefix: '/k/', field }).records), ['/k/b']);
    t.deepEqual([store.count('/k/'), store.count('/')], [2, 3]);
    t.deepEqual(keys(store.ownedBy('u')), ['/k/b']);
    t.deepEqual(store.ownedBy('other'), []);
  },
  'a read of the future is refused by its code': async (t, store) => {
    const beyond = at(store.revision + 1);
    t.like(
      t.throws(() => store.range({ prefix: '/', revision: beyond }), { instanceOf: StoreError }),
      {
        code: 'not-reached',
      },
    );
    await t.notThrowsAsync(store.waitForRevision(store.revision));
    await t.notThrowsAsync(store.readBarrier());
  },
  'a watch gets the past after its revision, then what comes, and nothing after its end': async (t, store) => {
    const { revision } = await store.transact(write(put('/k/a', '1')));
    await store.transact(write(put('/k/b', '2'), put('/l/x', '3')));
    const seen: string[] = [];
    const watch = store.watch({ prefix: '/k/', after: revision }, (events) => seen.push(...told(events)), lost);
    await store.transact(write(put('/k/c', '4')));
    await settled();
    watch.close();
    await store.transact(write(put('/k/d', '5')));
    await settled();
    t.deepEqual(seen, [`${revision + 1} put /k/b 2`, `${revision + 2} put /k/c 4`]);
  },
  'who hears of every batch hears of it before its writer does': async (t, store) => {
    const heard: string[] = [];
    const listening = store.onApplied((events, revision) => {
      if (events.length > 0) heard.push(`${revision}: ${told(events).join(', ')}`);
    });
    const { revision } = await store.transact(write(put('/k/a', '1')));
    t.deepEqual(heard, [`${revision}: ${revision} put /k/a 1`]);
    listening.close();
    await store.transact(write(put('/k/b')));
    t.is(heard.length, 1);
  },
};

/** Until what was committed is told to watches. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** The real store, and the one in memory that stands in for it in tests of the floors above. */
const stores: Readonly<Record<string, () => Promise<Store>>> = {
  'the store': () => new Members(['a']).start('a'),
  'the store in memory': () => Promise.resolve(new MemoryStore()),
};

for (const [name, open] of Object.entries(stores))
  for (const [title, behaviour] of Object.entries(behaviours))
    test(`${name}: ${title}`, async (t) => {
      await behaviour(t, await open());
    });
