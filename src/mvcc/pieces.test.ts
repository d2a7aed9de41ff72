import test, { type ExecutionContext } from 'ava';
import { limits, type Revision } from '../base/index.ts';
import { KeySpace, type PutOperation, SnapshotDecoder, SnapshotEncoder, stateHash } from './index.ts';

const nobody = { uid: '', labels: {}, fields: {}, owners: [] };
function put(key: string, bytes: number, more: Partial<PutOperation> = {}): PutOperation {
  return { type: 'put', key, value: Buffer.alloc(bytes, key), revisionAt: -1, index: nobody, ...more };
}

/** All chunks of a space: none is too large, and together they make the same space. */
function copied(t: ExecutionContext, space: KeySpace, bytes?: number): KeySpace {
  const encoder = new SnapshotEncoder(space);
  const decoder = new SnapshotDecoder();
  for (let chunk = encoder.next(bytes); chunk !== undefined; chunk = encoder.next(bytes)) {
    t.true(chunk.length <= limits.pieceBytesMax, `a piece of ${chunk.length} bytes`);
    decoder.add(chunk);
  }
  const copy = decoder.finish();
  t.is(copy.revision, space.revision);
  t.is(copy.oldest, space.oldest);
  for (let revision = space.oldest; revision <= space.revision; revision = (revision + 1) as Revision)
    t.is(stateHash(copy, revision), stateHash(space, revision), `at revision ${revision}`);
  t.deepEqual(copy.eventsSince('', space.oldest).length, space.eventsSince('', space.oldest).length);
  return copy;
}

test('versions of one hot key beyond any piece are divided, and every revision is readable after', (t) => {
  const space = new KeySpace();
  for (let i = 0; i < 40; i++) {
    space.apply({ compares: [], operations: [put('/hot', 200_000 + i), put(`/cold/${i}`, 100)] }, 1_000);
    if (i % 7 === 3) space.apply({ compares: [], operations: [{ type: 'delete', key: '/hot' }] }, 1_000);
  }
  copied(t, space);
  t.is(copied(t, space, 1_000).get('/hot')?.bytes.length, 200_039);
});

const { pieceBytesMax, objectBytesMax } = limits;
for (const bytes of [pieceBytesMax / 2 - 200, pieceBytesMax / 2, pieceBytesMax, objectBytesMax])
  test(`a version of ${bytes} bytes comes back whole`, (t) => {
    const space = new KeySpace();
    const labels = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`label-${i}`, 'x'.repeat(60)]));
    const labelled = { index: { ...nobody, labels } };
    for (const key of ['/a', '/b', '/c'])
      space.apply({ compares: [], operations: [put(key, bytes), put(`${key}/labels`, 10, labelled)] }, 1);
    t.deepEqual(copied(t, space).get('/b/labels')?.index.labels, labels);
  });

test('a key that one transaction writes twice expires by its last value alone, here and in a copy', (t) => {
  const space = new KeySpace();
  const operations = [put('/k', 1, { expiresAt: 2_000 }), put('/k', 2)];
  space.apply({ compares: [], operations }, 1_000);
  const copy = copied(t, space);
  t.deepEqual([space.expire(3_000).length, copy.expire(3_000).length], [0, 0]);
  t.is(space.revision, copy.revision);
});

test('the hash sees indexes and expiries', (t) => {
  const hashOf = (more: Partial<PutOperation>): string => {
    const space = new KeySpace();
    space.apply({ compares: [], operations: [put('/k', 1, more)] }, 1_000);
    return stateHash(space);
  };
  const index = { uid: 'u', labels: { a: 'b' }, fields: { c: 'd' }, owners: ['o'] };
  const variants: Partial<PutOperation>[] = [
    {},
    { index },
    { index: { ...index, uid: 'v' } },
    { index: { ...index, labels: {} } },
    { index: { ...index, fields: { c: 'e' } } },
    { index: { ...index, owners: [] } },
    { expiresAt: 5_000 },
    { expiresAt: 5_000 + 2 ** 32 },
  ];
  t.is(new Set(variants.map(hashOf)).size, variants.length);
});
