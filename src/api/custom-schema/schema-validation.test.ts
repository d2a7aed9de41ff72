import test from 'ava';
import { type JsonSchema, listTypeErrors, noOld, schemaErrors } from './index.ts';
import { texts, specOf } from './schemas.fixture.ts';

const violations: readonly (readonly [schema: JsonSchema, value: unknown, texts: readonly string[]])[] = [
  [{ type: 'integer' }, 'x', ['spec.v: Invalid value: "string": spec.v in body must be of type integer: "string"']],
  [{ type: 'integer', maximum: 3 }, 4, ['spec.v: Invalid value: 4: spec.v in body should be less than or equal to 3']],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', ['spec.v: Unsupported value: "c": supported values: "a", "b"']],
  [{ type: 'string', pattern: '^a+$' }, 'b', ['spec.v: Invalid value: "b": spec.v in body should match \'^a+$\'']],
  [
    { 'x-kubernetes-int-or-string': true },
    true,
    ['spec.v: Invalid value: "boolean": spec.v in body must be of type integer,string: "boolean"'],
  ],
  [{ type: 'integer' }, 4, []],
  [
    { type: 'integer', format: 'int32' },
    1.5,
    ['spec.v: Invalid value: "number": spec.v in body must be of type integer: "number"'],
  ],
  [
    { type: 'string', format: 'date-time' },
    5,
    ['spec.v: Invalid value: "int64": spec.v in body must be of type date-time: "int64"'],
  ],
  [{ type: 'string', format: 'uuid' }, true, ['spec.v: Invalid value: "": spec.v in body must be of type uuid: ""']],
  [{ type: 'string', format: 'date' }, ['x'], []],
  // Unknown formats, though every object has members of these names.
  [{ type: 'string', format: 'hasOwnProperty' }, 'x', []],
  [{ type: 'string', format: '__proto__' }, 'x', []],
  [
    { type: 'string', format: 'odd' },
    5,
    ['spec.v: Invalid value: "integer": spec.v in body must be of type string: "integer"'],
  ],
];

for (const [schema, value, expected] of violations) {
  test(`${JSON.stringify(value)} by ${JSON.stringify(schema)}`, (t) => {
    t.deepEqual(
      texts(schemaErrors(specOf({ v: schema }), { value: { spec: { v: value } }, path: '', old: noOld })),
      expected,
    );
  });
}

test('what has not changed is not refused again', (t) => {
  const value = { spec: { v: 'x', w: 'x' } };
  const schema = specOf({ v: { type: 'integer' }, w: { type: 'integer' } });
  t.is(schemaErrors(schema, { value, path: '', old: { spec: { v: 'x', w: 1 } } }).length, 1);
});

test('items of sets and keyed lists stand once', (t) => {
  const keyed: JsonSchema = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items: { type: 'object', properties: { k: { type: 'string' } } },
  };
  const schema = specOf({ set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, keyed });
  t.deepEqual(texts(listTypeErrors({ spec: { set: ['a', 'a'], keyed: [{ k: 'a' }, { k: 'a' }] } }, schema)), [
    'spec.set[1]: Duplicate value: "a"',
    'spec.keyed[1]: Duplicate value: map[string]interface {}{"k":"a"}',
  ]);
  t.deepEqual(texts(listTypeErrors({ spec: { keyed: [{ v: 1 }, { v: 2 }] } }, schema)), [
    'spec.keyed[1]: Duplicate value: map[string]interface {}{}',
  ]);
  t.deepEqual(texts(listTypeErrors({ spec: { keyed: [{ k: 'a' }, 'b', 'c', { k: 'a' }] } }, schema)), [
    'spec.keyed[1]: Invalid value: "b": must be an object for an array of list-type map',
  ]);
  t.is(
    listTypeErrors(
      {
        spec: {
          set: [
            { a: 1, b: 2 },
            { b: 2, a: 1 },
          ],
        },
      },
      schema,
    ).length,
    1,
  );
});

test('bounds are written as numbers of Go are', (t) => {
  const schema = specOf({ n: { type: 'integer', minimum: 1_234_567, maximum: 123_456, multipleOf: 0.00001 } });
  t.deepEqual(texts(schemaErrors(schema, { value: { spec: { n: 999_999 } }, path: '', old: noOld })), [
    'spec.n: Invalid value: 999999: spec.n in body should be less than or equal to 123456',
    'spec.n: Invalid value: 999999: spec.n in body should be greater than or equal to 1.234567e+06',
  ]);
});

test('combined schemas refuse what they refused before', (t) => {
  const schema = specOf({ v: { type: 'string' } }, { anyOf: [{ properties: { v: { maxLength: 1 } } }] });
  t.true(
    texts(schemaErrors(schema, { value: { spec: { v: 'ab', w: 1 } }, path: '', old: { spec: { v: 'ab' } } })).some(
      (line) => line.startsWith('spec.v: Too long'),
    ),
  );
});
