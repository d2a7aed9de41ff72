import test from 'ava';
import { type Revision, seededRandom } from '../base/index.ts';
import {
  CompactedError,
  emptyIndex,
  KeySpace,
  type Operation,
  SnapshotDecoder,
  SnapshotEncoder,
  stateHash,
  type StoreEvent,
  type StoredRecord,
} from './index.ts';

const text = (record: StoredRecord | undefined): string | undefined =>
  record === undefined ? undefined : Buffer.from(record.bytes).toString();

function put(
  key: string,
  value = 'v',
  extra: { readonly expiresAt?: number; readonly owners?: readonly string[] } = {},
): Operation {
  const bytes = Buffer.from(`{"metadata":{"resourceVersion":""},"value":"${value}"}`);
  const index = {
    uid: `uid-${key}`,
    labels: { app: value },
    fields: { 'metadata.name': key },
    owners: extra.owners ?? [],
  };
  const operation = { type: 'put', key, value: bytes, revisionAt: bytes.indexOf('""') + 1, index } as const;
  return extra.expiresAt === undefined ? operation : { ...operation, expiresAt: extra.expiresAt };
}
const remove = (key: string): Operation => ({ type: 'delete', key });
const run = (space: KeySpace, ...operations: Operation[]): ReturnType<KeySpace['apply']> =>
  space.apply({ compares: [], operations }, 1000);

function encode(space: KeySpace, chunkBytes?: number): Uint8Array[] {
  const encoder = new SnapshotEncoder(space);
  const chunks: Uint8Array[] = [];
  for (let chunk = encoder.next(chunkBytes); chunk !== undefined; chunk = encoder.next(chunkBytes)) chunks.push(chunk);
  return chunks;
}

function restore(chunks: readonly Uint8Array[], options = {}): KeySpace {
  const decoder = new SnapshotDecoder(options);
  for (const chunk of chunks) decoder.add(chunk);
  return decoder.finish();
}

test('a put carries its revision in its bytes, and so does a deletion', (t) => {
  const space = new KeySpace();
  run(space, put('/core/pods/a/x', 'one'));
  t.is(text(space.get('/core/pods/a/x')), '{"metadata":{"resourceVersion":"2"},"value":"one"}');
  for (let i = 0; i < 10; i++) run(space, put('/core/pods/a/x', 'two'));
  const { result, events } = run(space, remove('/core/pods/a/x'));
  t.is(space.get('/core/pods/a/x'), undefined);
  t.is(events[0]?.type, 'delete');
  t.is(text(events[0]?.record), '{"metadata":{"resourceVersion":"13"},"value":"two"}');
  t.is(text(events[0]?.previous), '{"metadata":{"resourceVersion":"12"},"value":"two"}');
  t.true(result.committed && result.records[0] === events[0]?.record);
  t.is(events[0]?.record.createRevision, 2 as Revision);
});

test('a transaction whose compare fails changes nothing and says which one failed', (t) => {
  const space = new KeySpace();
  run(space, put('/a'));
  const compares = [
    { key: '/a', revision: 2 as Revision },
    { key: '/b', revision: 7 as Revision },
  ];
  t.deepEqual(space.apply({ compares, operations: [put('/c')] }, 0).result, {
    committed: false,
    revision: 2 as Revision,
    failed: 1,
  });
  const absent = [{ key: '/a', revision: 0 as Revision }];
  t.deepEqual(space.apply({ compares: absent, operations: [put('/a')] }, 0).result, {
    committed: false,
    revision: 2 as Revision,
    failed: 0,
  });
  t.is(space.revision, 2 as Revision);
});

test('a transaction that writes nothing keeps the revision', (t) => {
  const space = new KeySpace();
  t.deepEqual(run(space, remove('/none')).result, { committed: true, revision: 1 as Revision, records: [undefined] });
});

test('the parsed object is frozen to its depth and cached', (t) => {
  const space = new KeySpace();
  run(space, put('/a'));
  const object = space.get('/a')?.object<{ metadata: { resourceVersion: string } }>();
  t.is(object?.metadata.resourceVersion, '2');
  t.true(Object.isFrozen(object?.metadata));
  t.is(space.get('/a')?.object(), object);
});

const putLarge = (key: string): Operation => ({
  type: 'put',
  key,
  value: Buffer.from(JSON.stringify({ value: 'x'.repeat(10_000) })),
  revisionAt: -1,
  index: emptyIndex,
});

test('who reads every object once does not push out what is read again and again, and what was read once goes', (t) => {
  const space = new KeySpace();
  for (let i = 0; i < 2_000; i++) run(space, putLarge(`/k/${i}`));
  const objectOf = (key: string): unknown => space.get(key)?.object();
  const often = objectOf('/k/0');
  t.is(objectOf('/k/0'), often);
  const once = objectOf('/k/1');
  for (let i = 2; i < 2_000; i++) objectOf(`/k/${i}`);
  t.is(objectOf('/k/0'), often);
  t.not(objectOf('/k/1'), once);
});

test('objects that are read in turn, more than are tried at a time, are kept from their second reading on', (t) => {
  const space = new KeySpace();
  for (let i = 0; i < 200; i++) run(space, putLarge(`/k/${i}`));
  const round = (): unknown[] => Array.from({ length: 200 }, (_, i) => space.get(`/k/${i}`)?.object());
  const [first, second, third] = [round(), round(), round()];
  t.not(second[0], first[0]);
  t.true(third.every((object, i) => object === second[i]));
});

test('pages of an old revision show that moment, with exact remaining counts, while keys come and go', (t) => {
  const space = new KeySpace();
  for (const name of ['a', 'b', 'c', 'd', 'e']) run(space, put(`/core/pods/n/${name}`));
  run(space, put('/core/podsother/n/z'));
  const { revision } = space;
  const first = space.range({ prefix: '/core/pods/', limit: 2, revision });
  t.deepEqual([first.records.map((record) => record.key.slice(-1)), first.remaining], [['a', 'b'], 3]);
  run(space, remove('/core/pods/n/c'));
  run(space, put('/core/pods/n/d', 'changed'));
  run(space, put('/core/pods/n/bb'));
  const second = space.range({ prefix: '/core/pods/', limit: 2, revision, after: '/core/pods/n/b' });
  t.deepEqual([second.records.map((record) => record.key.slice(-1)), second.remaining], [['c', 'd'], 1]);
  t.is(second.records[1]?.index.labels['app'], 'v');
  t.is(space.count('/core/pods/'), 5);
  t.is(space.range({ prefix: '/core/pods/', limit: 1 }).remaining, 4);
  t.is(space.range({ prefix: '/core/pods/', limit: 5 }).remaining, 0);
  t.is(space.count('/'), 6);
});

test('records are found by the UID of their owner', (t) => {
  const space = new KeySpace();
  run(space, put('/b', 'v', { owners: ['o1'] }), put('/a', 'v', { owners: ['o1', 'o2'] }));
  t.deepEqual(
    space.ownedBy('o1').map((record) => record.key),
    ['/a', '/b'],
  );
  run(space, put('/a', 'v', { owners: ['o2'] }), remove('/b'));
  t.deepEqual(space.ownedBy('o1'), []);
  t.deepEqual(
    space.ownedBy('o2').map((record) => record.key),
    ['/a'],
  );
});

test('keys expire by the time in the log, all due ones at one revision, unless they were written again', (t) => {
  const space = new KeySpace();
  run(
    space,
    put('/e/1', 'v', { expiresAt: 5000 }),
    put('/e/2', 'v', { expiresAt: 5000 }),
    put('/e/3', 'v', { expiresAt: 5000 }),
  );
  run(space, put('/e/3', 'again', { expiresAt: 9000 }));
  t.is(space.nextExpiryAt, 5000);
  t.deepEqual(space.expire(4999), []);
  const events = space.expire(5000);
  t.deepEqual(
    events.map((event) => [event.type, event.record.key, event.revision]),
    [
      ['delete', '/e/1', 4],
      ['delete', '/e/2', 4],
    ],
  );
  t.is(space.count('/e/'), 1);
});

test('history older than its age or beyond its count is compacted, by whole transactions', (t) => {
  const byAge = new KeySpace({ historyMs: 60_000 });
  byAge.apply({ compares: [], operations: [put('/a')] }, 0);
  byAge.apply({ compares: [], operations: [put('/a')] }, 30_000);
  byAge.expire(59_000);
  t.is(byAge.oldest, 1 as Revision);
  byAge.expire(95_000);
  t.is(byAge.oldest, 2 as Revision);
  byAge.expire(155_000);
  t.is(byAge.oldest, 3 as Revision);
  t.throws(() => byAge.range({ prefix: '/', revision: 2 as Revision }), { instanceOf: CompactedError });
  const byCount = new KeySpace({ historyEventsMax: 3 });
  run(byCount, put('/a'), put('/b'));
  run(byCount, put('/a'));
  t.is(byCount.oldest, 1 as Revision);
  run(byCount, put('/a'));
  t.is(byCount.oldest, 2 as Revision);
  t.throws(() => byCount.eventsSince('/', 1 as Revision), { instanceOf: CompactedError });
  t.is(byCount.eventsSince('/', 2 as Revision).length, 2);
});

/** The plainest key space that could be right: a full copy per revision. */
class Oracle {
  readonly states = new Map<number, Map<string, string>>([[1, new Map()]]);
  note(space: KeySpace, events: readonly StoreEvent[]): void {
    if (events.length === 0) return;
    const copy = new Map(this.states.get(space.revision - 1));
    for (const event of events) {
      if (event.type === 'put') copy.set(event.record.key, text(event.record) ?? '');
      else copy.delete(event.record.key);
    }
    this.states.set(space.revision, copy);
  }
}

test('any history agrees with a copy per revision, and restoring equals replaying, packed or not', (t) => {
  for (let seed = 1; seed <= 18; seed++) {
    const random = seededRandom(seed);
    const limits = { historyEventsMax: [150, 40, 10][seed % 3] as number, historyMs: 20_000 };
    const options = { ...limits, packedFrom: [0, 20, 1_000][seed % 3] as number };
    let space = new KeySpace(options);
    const replayed = new KeySpace(limits);
    const oracle = new Oracle();
    let now = 1_000_000;
    for (let step = 0; step < 500; step++) {
      now += random.below(200);
      const key = (): string => `/g/r${random.below(3)}/n/${random.below(300)}`;
      const operation = (): Operation => {
        const choice = random.below(10);
        if (choice < 3) return remove(key());
        return choice < 4
          ? put(key(), 'expiring', { expiresAt: now + random.below(5_000) })
          : put(key(), `v${step}`, { owners: [`o${random.below(4)}`] });
      };
      const transaction = { compares: [], operations: Array.from({ length: 1 + random.below(3) }, operation) };
      if (random.below(10) === 0) {
        oracle.note(space, space.expire(now));
        replayed.expire(now);
      } else {
        oracle.note(space, space.apply(transaction, now).events);
        replayed.apply(transaction, now);
      }
      if (random.below(5) === 0) space.sweep(random.below(20));
      if (random.below(100) === 0) space = restore(encode(space, 1 + random.below(4000)), options);
      const revision = (space.oldest + random.below(space.revision - space.oldest + 1)) as Revision;
      const prefix = ['/', '/g/r1/', '/g/r2/n/1'][random.below(3)] as string;
      const expected = [...(oracle.states.get(revision) ?? [])]
        .filter(([name]) => name.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const skip = expected[random.below(Math.max(1, expected.length))]?.[0];
      const rest = skip === undefined ? expected : expected.filter(([name]) => name > skip);
      const page = space.range({ prefix, revision, limit: 7, ...(skip === undefined ? {} : { after: skip }) });
      t.deepEqual(
        page.records.map((record) => [record.key, text(record)]),
        rest.slice(0, 7),
      );
      t.is(page.remaining, Math.max(0, rest.length - 7));
    }
    t.is(
      space.count('/g/r1/'),
      [...(oracle.states.get(space.revision) ?? [])].filter(([name]) => name.startsWith('/g/r1/')).length,
    );
    t.deepEqual(Buffer.concat(encode(space)), Buffer.concat(encode(replayed)));
    t.is(stateHash(space), stateHash(replayed));
    t.deepEqual(
      space.eventsSince('/', space.oldest).map((event) => [event.type, event.record.key, text(event.previous)]),
      replayed.eventsSince('/', space.oldest).map((event) => [event.type, event.record.key, text(event.previous)]),
    );
  }
});

test('a snapshot taken in steps shows the moment it began, whatever is written, deleted and swept meanwhile', (t) => {
  const space = new KeySpace({ historyEventsMax: 10 });
  for (let i = 0; i < 200; i++) run(space, put(`/k/${String(i).padStart(3, '0')}`, `v${i}`));
  const before = stateHash(space);
  const expected = Buffer.concat(encode(space, 500));
  const encoder = new SnapshotEncoder(space);
  const chunks: Uint8Array[] = [];
  for (let chunk = encoder.next(500); chunk !== undefined; chunk = encoder.next(500)) {
    chunks.push(chunk);
    for (let i = 0; i < 3; i++)
      run(
        space,
        remove(`/k/${String((chunks.length * 17 + i) % 200).padStart(3, '0')}`),
        put(`/k/new-${chunks.length}`),
      );
    space.sweep(100);
  }
  t.deepEqual(Buffer.concat(chunks), expected);
  const restored = restore(chunks, { historyEventsMax: 10 });
  t.is(stateHash(restored), before);
  t.is(restored.count('/k/'), 200);
  while (space.sweep(100));
});

test('a deleted key leaves no trace once its history is swept', (t) => {
  const space = new KeySpace({ historyEventsMax: 1 });
  for (let i = 0; i < 1000; i++) run(space, put(`/k/${i}`));
  for (let i = 0; i < 1000; i++) run(space, remove(`/k/${i}`));
  while (space.sweep(64));
  let heads = 0;
  space.scan('', () => {
    heads += 1;
    return true;
  });
  t.is(heads, 1);
  t.is(space.count(''), 0);
});

test('records of one node are found by its name, replayed or restored, whatever moved, came and went', (t) => {
  const pod = (name: string, node: string): Operation => {
    const made = put(`/core/pods/${name}`);
    return made.type === 'put'
      ? {
          ...made,
          index: {
            ...made.index,
            fields: { 'spec.nodeName': node, 'status.phase': node === '' ? 'Pending' : 'Running' },
          },
        }
      : made;
  };
  const random = seededRandom(5);
  const space = new KeySpace();
  for (let i = 0; i < 400; i++) {
    const name = `${'ab'[random.below(2)]}/${random.below(30)}`;
    run(
      space,
      random.below(4) === 0 ? remove(`/core/pods/${name}`) : pod(name, ['', 'n1', 'n2', 'n3'][random.below(4)] ?? ''),
    );
  }
  const keysOf = (from: KeySpace, prefix: string, name: string, value: string): readonly string[] =>
    from.range({ prefix, field: { name, value } }).records.map(({ key }) => key);
  for (const from of [space, restore(encode(space))]) {
    for (const prefix of ['/core/pods/', '/core/pods/a/', '/core/nodes/']) {
      for (const [name, value] of [
        ['spec.nodeName', 'n1'],
        ['spec.nodeName', 'n9'],
        ['spec.nodeName', ''],
        ['status.phase', 'Running'],
      ] as const) {
        const expected = from
          .range({ prefix })
          .records.filter(({ index }) => index.fields[name] === value)
          .map(({ key }) => key);
        t.deepEqual(keysOf(from, prefix, name, value), expected, `${prefix} ${name}=${value}`);
      }
    }
  }
  t.true(keysOf(space, '/core/pods/', 'spec.nodeName', 'n1').length > 0);
});

test('keys that nobody writes are packed, and behave as before in every read and write', (t) => {
  const options = { historyEventsMax: 5, packedFrom: 1 };
  const space = new KeySpace(options);
  const name = (i: number): string => `/k/${String(i).padStart(4, '0')}`;
  for (let i = 0; i < 600; i++) {
    run(
      space,
      put(name(i), `v${i}`, { owners: [`o${i % 2}`] }),
      ...(i % 3 === 0
        ? [{ type: 'put', key: `${name(i)}/bare`, value: Buffer.from('x'), revisionAt: -1, index: emptyIndex } as const]
        : []),
    );
    space.sweep(10);
  }
  while (space.sweep(10));
  const record = space.get(name(7));
  t.like(record, {
    key: name(7),
    index: { uid: `uid-${name(7)}`, labels: { app: 'v7' }, fields: { 'metadata.name': name(7) }, owners: ['o1'] },
  });
  t.is(text(record), `{"metadata":{"resourceVersion":"${record?.revision}"},"value":"v7"}`);
  t.is(record?.object<{ value: string }>().value, 'v7');
  t.is(text(space.get(`${name(9)}/bare`)), 'x');
  t.is(space.count('/k/'), 800);
  t.is(space.ownedBy('o0').length, 300);
  t.is(space.get('/k/0007x'), undefined);
  t.is(
    space
      .range({ prefix: '/k/', after: name(100), limit: 3 })
      .records.map(({ key }) => key)
      .join(),
    [name(101), name(102), `${name(102)}/bare`].join(),
  );
  t.false(
    space.apply({ compares: [{ key: name(7), revision: 1 as Revision }], operations: [remove(name(7))] }, 1000).result
      .committed,
  );
  const { events } = run(space, put(name(7), 'new'), remove(name(8)));
  t.is(text(events[0]?.previous), text(record));
  t.is(events[0]?.record.createRevision, record?.createRevision as Revision);
  t.is(space.count('/k/'), 799);
  t.is(text(space.range({ prefix: name(7), revision: (space.revision - 1) as Revision }).records[0]), text(record));
  for (let i = 0; i < 600; i++) run(space, remove(name(i)), ...(i % 3 === 0 ? [remove(`${name(i)}/bare`)] : []));
  while (space.sweep(10));
  t.is(space.count(''), 0);
  t.deepEqual(encode(restore(encode(space), options)), encode(space));
});

test('a sweep frees fewer versions where it has to pack neighbours, so that no step lasts long', (t) => {
  const sweepsOf = (packedFrom: number): number => {
    const space = new KeySpace({ packedFrom });
    for (let i = 0; i < 6_400; i++) run(space, put(`/k/${i}`));
    space.compact(space.revision);
    let sweeps = 1;
    while (space.sweep(100)) sweeps += 1;
    t.is(space.count(''), 6_400);
    return sweeps;
  };
  t.is(sweepsOf(Number.POSITIVE_INFINITY), 64);
  const packing = sweepsOf(100);
  t.true(packing > 70 && packing < 128, `${packing} sweeps`);
});

test('history is bounded in bytes and in marks, and ends at the newest revision at most', (t) => {
  const bytes = new KeySpace({ historyBytesMax: 2_000 });
  for (let i = 0; i < 100; i++) run(bytes, put('/a'));
  t.true(bytes.oldest > 1 && bytes.oldest < bytes.revision);
  const kept = bytes.eventsSince('/', bytes.oldest);
  t.true(kept.reduce((sum, { record }) => sum + record.bytes.length, 0) <= 2_000);
  const marks = new KeySpace({ historyMs: 60_000 });
  for (let i = 0; i < 3_000; i++) marks.apply({ compares: [], operations: [put('/a')] }, i * 100);
  t.true(marks.marks.length <= 62, `${marks.marks.length} marks`);
  t.true(marks.revision - marks.oldest < 700, 'they end the past in time');
  marks.compact((marks.revision + 100) as Revision);
  t.is(marks.oldest, marks.revision);
  run(marks, put('/a'));
  t.is(marks.eventsSince('/', (marks.revision - 1) as Revision).length, 1);
});
