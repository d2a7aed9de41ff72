import test from 'ava';
import { fillDefaults, prune } from './index.ts';
import { specOf } from './schemas.fixture.ts';

test('what the schema does not know is pruned, but where it says to keep it', (t) => {
  const object = { spec: { known: 1, unknown: 2, free: { any: 3 }, list: [{ a: 1, b: 2 }] } };
  const schema = specOf({
    known: { type: 'integer' },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    list: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer' } } } },
  });
  t.deepEqual(prune(object, schema), ['spec.list[0].b', 'spec.unknown']);
  t.deepEqual(object as object, { spec: { known: 1, free: { any: 3 }, list: [{ a: 1 }] } });
});

test('defaults fill what is missing, and null where it may not be', (t) => {
  const object = { spec: { b: null, items: [{}] } };
  fillDefaults(
    object,
    specOf({
      a: { type: 'string', default: 'x' },
      b: { type: 'integer', default: 1 },
      items: { type: 'array', items: { type: 'object', properties: { c: { type: 'boolean', default: true } } } },
    }),
  );
  t.is(JSON.stringify(object), JSON.stringify({ spec: { a: 'x', b: 1, items: [{ c: true }] } }));
});
