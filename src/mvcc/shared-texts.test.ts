import test from 'ava';
import fc from 'fast-check';
import { emptyIndex, type RecordIndex } from './record.ts';
import { SharedTexts } from './shared-texts.ts';

const texts = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'app', '7')),
  fc.string(),
  { maxKeys: 5 },
);
const indices: fc.Arbitrary<RecordIndex> = fc.record({
  uid: fc.string(),
  labels: texts,
  fields: texts,
  owners: fc.array(fc.string(), { maxLength: 3 }),
});
const textOf = (index: RecordIndex): string => JSON.stringify(index);
/** As a copy that shares nothing with the original. */
const copyOf = (index: RecordIndex): RecordIndex => JSON.parse(textOf(index)) as RecordIndex;

test('an index with shared texts says what the original says, whatever the version before was', (t) => {
  fc.assert(
    fc.property(fc.array(indices, { maxLength: 20 }), (all) => {
      const shared = new SharedTexts();
      let before = emptyIndex;
      for (const index of all) {
        before = shared.index(copyOf(index), before);
        t.deepEqual(copyOf(before), copyOf(index));
      }
    }),
  );
});

test('a version whose index is as before shares it, and what differs is all that is new', (t) => {
  const shared = new SharedTexts();
  const index: RecordIndex = { uid: 'u', labels: { app: 'web' }, fields: { 'status.phase': 'Pending' }, owners: ['o'] };
  const first = shared.index(index);
  t.is(shared.index(copyOf(index), first), first);
  const second = shared.index({ ...copyOf(index), fields: { 'status.phase': 'Running' } }, first);
  t.is(second.labels, first.labels);
  t.is(second.owners, first.owners);
  t.deepEqual(second.fields, { 'status.phase': 'Running' });
  t.is(shared.index({ ...index, owners: [] }, first).owners.length, 0);
  t.is(shared.index({ ...index, labels: {} }, first).labels, emptyIndex.labels);
});

test('a text is kept once however many records have it, and what is known is bounded', (t) => {
  let kept = 0;
  const shared = new SharedTexts((text) => {
    kept += 1;
    return text;
  });
  const rounds = 100_000;
  for (let i = 0; i < rounds; i++)
    shared.index({ uid: '', labels: { app: 'web' }, fields: { 'metadata.name': `name-${i}` }, owners: [] });
  // The UID and the name of each, and the label's value now and then, after all were forgotten.
  t.true(kept < rounds * 2 + 100);
});
