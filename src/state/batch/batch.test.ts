import test from 'ava';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import type { Revision } from '../../base/index.ts';
import type { Operation } from '../../mvcc/index.ts';
import { BatchEncoder, decodeBatch } from './batch.ts';
import type { Batch } from './batch-shape.ts';
import { Sessions } from '../sessions.ts';

const encoder = new BatchEncoder();

test('a batch comes back from its bytes as it was', (t) => {
  const batch: Batch = {
    session: 's1',
    sequence: 7,
    bornAt: 3,
    now: 1_767_225_600_123,
    items: [
      'expire',
      {
        compares: [
          { key: '/a', revision: 0 as Revision },
          { key: '/b', revision: 4_294_967_400 as Revision },
        ],
        operations: [
          {
            type: 'put',
            key: '/a',
            value: Uint8Array.of(1, 2, 3),
            revisionAt: 2,
            expiresAt: 99,
            index: { uid: 'u', labels: { b: '1', a: '2' }, fields: {}, owners: ['o'] },
          },
          {
            type: 'put',
            key: '/c',
            value: new Uint8Array(0),
            revisionAt: -1,
            index: { uid: '', labels: {}, fields: { 'metadata.name': 'c' }, owners: [] },
          },
          { type: 'delete', key: '/d' },
        ],
      },
      {
        compares: [],
        operations: [{ type: 'delete', key: '/e' }],
        trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    ],
  };
  const decoded = decodeBatch(encoder.encode(batch));
  t.deepEqual(decoded, batch);
  t.true(JSON.stringify(decoded).includes('"labels":{"b":"1","a":"2"}'), 'labels keep their order');
});

test('a batch that an earlier version wrote into its log is read', (t) => {
  const put = ['/a', Uint8Array.of(1), -1, 0, 'u', { l: '1' }, {}, ['o']];
  const decoded = decodeBatch(
    pack([
      's1',
      7,
      99,
      [
        0,
        12,
        [
          ['/b', 4],
          [put, '/d'],
        ],
      ],
    ]),
  );
  t.deepEqual(decoded.items, [
    'expire',
    { compact: 12 as Revision },
    {
      compares: [{ key: '/b', revision: 4 as Revision }],
      operations: [
        {
          type: 'put',
          key: '/a',
          value: Buffer.of(1),
          revisionAt: -1,
          index: { uid: 'u', labels: { l: '1' }, fields: {}, owners: ['o'] },
        },
        { type: 'delete', key: '/d' },
      ],
    },
  ]);
  t.deepEqual([decoded.session, decoded.sequence, decoded.now, decoded.bornAt], ['s1', 7, 99, 0]);
});

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
);
const maps = fc.dictionary(texts, texts, { maxKeys: 4, noNullPrototype: true });
const revisions = fc.maxSafeNat().map((revision) => revision as Revision);

test('any batch comes back from its bytes as it was, whatever its texts and numbers are', (t) => {
  const put = fc
    .record({
      type: fc.constant('put' as const),
      key: texts,
      value: fc.uint8Array({ maxLength: 300 }),
      revisionAt: fc.integer({ min: -1, max: 300 }),
      index: fc.record({ uid: texts, labels: maps, fields: maps, owners: fc.array(texts, { maxLength: 3 }) }),
      expiresAt: fc.option(fc.double({ min: 1, noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    })
    .map(({ expiresAt, ...rest }): Operation => (expiresAt === undefined ? rest : { ...rest, expiresAt }));
  const operation = fc.oneof(
    put,
    texts.map((key): Operation => ({ type: 'delete', key })),
  );
  const transaction = fc.record(
    {
      compares: fc.array(fc.record({ key: texts, revision: revisions }), { maxLength: 3 }),
      operations: fc.array(operation, { maxLength: 5 }),
      trace: texts,
    },
    { requiredKeys: ['compares', 'operations'] },
  );
  const item = fc.oneof(fc.constant('expire' as const), fc.record({ compact: revisions }), transaction);
  fc.assert(
    fc.property(
      texts,
      fc.maxSafeNat(),
      fc.maxSafeNat(),
      fc.double({ noNaN: true }),
      fc.array(item, { maxLength: 6 }),
      (session, sequence, bornAt, now, items) => {
        const batch: Batch = { session, sequence, bornAt, now, items };
        t.deepEqual(decodeBatch(encoder.encode(batch)), batch);
      },
    ),
    { numRuns: 300 },
  );
});

test('a batch of an unknown layout, and one that ends too early, are refused', (t) => {
  const bytes = encoder.encode({
    session: 's',
    sequence: 1,
    bornAt: 0,
    now: 5,
    items: [{ compares: [], operations: [{ type: 'delete', key: '/a' }] }],
  });
  for (let end = 1; end < bytes.length; end++)
    t.throws(() => decodeBatch(bytes.subarray(0, end)), { instanceOf: RangeError });
  t.throws(() => decodeBatch(Uint8Array.of(2, ...bytes.subarray(1))));
});

const batchOf = (sequence: number, session = 's', bornAt = 0): Batch => ({
  session,
  sequence,
  bornAt,
  now: 0,
  items: [],
});

test('a session takes each batch once and in order, also after a snapshot', (t) => {
  const sessions = new Sessions();
  t.is(sessions.accept(batchOf(1)), 'due');
  t.is(sessions.accept(batchOf(1)), 'repeated');
  t.is(sessions.accept(batchOf(3)), 'repeated', 'its predecessor was lost');
  const restored = new Sessions(sessions.image());
  t.is(restored.accept(batchOf(2)), 'due');
  t.is(restored.accept(batchOf(3)), 'due');
});

test('a session that was silent too long is forgotten, and no late batch of it is ever taken again', (t) => {
  const sessions = new Sessions(undefined, 2);
  t.is(sessions.accept(batchOf(1, 'silent')), 'due');
  for (const name of ['a', 'b', 'c']) t.is(sessions.accept(batchOf(1, name, sessions.moment)), 'due');
  const restored = new Sessions(sessions.image(), 2);
  for (const state of [sessions, restored]) {
    t.is(state.accept(batchOf(1, 'silent')), 'forgotten', 'it would be done twice');
    t.is(state.accept(batchOf(2, 'silent')), 'forgotten', 'it would wait for ever');
    t.is(state.accept(batchOf(2, 'new', state.moment)), 'repeated', 'its first one is still to come');
    t.is(state.accept(batchOf(1, 'new', state.moment)), 'due');
  }
});

test('of two sessions the one that was silent longer is forgotten, whichever began first', (t) => {
  const sessions = new Sessions(undefined, 2);
  for (const [sequence, name] of [
    [1, 'a'],
    [1, 'b'],
    [2, 'a'],
    [1, 'c'],
  ] as const)
    t.is(sessions.accept(batchOf(sequence, name, sequence === 1 ? sessions.moment : 0)), 'due');
  const restored = new Sessions(sessions.image(), 2);
  for (const state of [sessions, restored]) {
    t.is(state.lastOf('a'), 2);
    t.is(state.lastOf('b'), 0);
    t.is(state.accept(batchOf(2, 'b', 1)), 'forgotten');
  }
});
