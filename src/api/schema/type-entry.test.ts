import test from 'ava';
import { readResourceEntry, readTypeEntry, splitTable } from './type-entry.ts';

const table = splitTable(`
Kite@
  # A toy that flies,
  # on a string.
  resource kites kite namespaced get,list short=kt
  subresource scale autoscaling/v1.Scale get
  subresource status Kite get,patch
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:KiteSpec
    # What the kite
    # should do.

KiteSpec~
  colour!:1/2:s(enum=Blue,Dark~Red,
    Green;default="Blue")
  tails*:3:[]Tail(map=name;patch=merge;key=name)
`);

test('a type is read from an entry of several lines', (t) => {
  const kite = readTypeEntry(table.get('Kite') ?? '', 'toys/v1');
  t.like(kite, { kind: true, atomic: false, description: 'A toy that flies, on a string.' });
  t.deepEqual(
    kite.fields.map(({ name, ref, description }) => [name, ref, description]),
    [
      ['metadata', 'meta/v1.ObjectMeta', undefined],
      ['spec', 'toys/v1.KiteSpec', 'What the kite should do.'],
    ],
  );
});

test('the notes of a field may go on in the next line', (t) => {
  const { kind, atomic, fields } = readTypeEntry(table.get('KiteSpec') ?? '', 'toys/v1');
  t.deepEqual([kind, atomic, fields.length], [false, true, 2]);
  t.like(fields[0], {
    name: 'colour',
    type: 'string',
    required: true,
    protobuf: 2,
    protobufInside: [1],
    enum: ['Blue', 'Dark Red', 'Green'],
    default: 'Blue',
  });
  t.like(fields[1], { list: true, keepsEmpty: true, listType: 'map', mapKeys: ['name'], patchStrategy: 'merge' });
});

test('an entry names the resource that serves its kind', (t) => {
  t.deepEqual(readResourceEntry(table.get('Kite') ?? ''), {
    resource: ['kites', 'kite', 'namespaced', 'get,list', 'short=kt'],
    subresources: [
      ['scale', 'autoscaling/v1.Scale', 'get'],
      ['status', 'Kite', 'get,patch'],
    ],
  });
  t.is(readResourceEntry(table.get('KiteSpec') ?? ''), undefined);
});

test('an entry that cannot be read is an error, not a missing field', (t) => {
  t.throws(() => readTypeEntry('Kite\n  colour:1:s\n  tail 2:s', 'toys/v1'), { message: /entry of Kite/ });
});
