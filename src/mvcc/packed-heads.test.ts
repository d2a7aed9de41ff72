import test from 'ava';
import { emptyIndex, KeySpace, type Operation, type RecordIndex } from './index.ts';

const put = (key: string, index: Partial<RecordIndex> = {}): Operation => ({
  type: 'put',
  key,
  value: Buffer.from('{}'),
  revisionAt: -1,
  index: { ...emptyIndex, ...index },
});

test('what is packed keeps whatever its index says, be it one thing alone', (t) => {
  const space = new KeySpace({ packedFrom: 1 });
  const indexes: Readonly<Record<string, Partial<RecordIndex>>> = {
    '/k/uid': { uid: 'u1' },
    '/k/labels': { labels: { app: 'web' } },
    '/k/fields': { fields: { 'spec.nodeName': 'n1' } },
    '/k/owners': { owners: ['u1'] },
  };
  const others = Array.from({ length: 40 }, (_, i) => put(`/k/x${i}`));
  const operations = [...Object.entries(indexes).map(([key, index]) => put(key, index)), ...others];
  space.apply({ compares: [], operations }, 1000);
  const unpacked = space.get('/k/uid');
  space.compact(space.revision);
  while (space.sweep(100));
  t.not(space.get('/k/uid'), unpacked, 'it was packed');
  for (const [key, index] of Object.entries(indexes)) t.deepEqual(space.get(key)?.index, { ...emptyIndex, ...index });
});

test('a deletion that was not swept yet is not packed: its key stays deleted', (t) => {
  const space = new KeySpace({ packedFrom: 1 });
  const keys = Array.from({ length: 40 }, (_, i) => `/k/${i}`);
  space.apply({ compares: [], operations: keys.map((key) => put(key)) }, 1000);
  const first = space.get('/k/0');
  space.apply({ compares: [], operations: [{ type: 'delete', key: '/k/1' }] }, 1000);
  space.compact(space.revision);
  // So many are freed that the rest is packed, but the deletion, which is newer, is not among them.
  while (space.get('/k/0') === first) space.sweep(1);
  t.is(space.get('/k/1'), undefined);
  t.is(space.count('/k/'), 39);
  while (space.sweep(1));
  t.is(space.get('/k/1'), undefined);
  t.deepEqual(
    space.range({ prefix: '/k/' }).records.map(({ key }) => key),
    keys.filter((key) => key !== '/k/1').sort(),
  );
});
