import test from 'ava';
import {
  compareVersions,
  decideNames,
  embeddedErrors,
  escapedName,
  fieldPathOf,
  fillDefaults,
  type JsonSchema,
  listTypeErrors,
  noOld,
  prune,
  ruleCheckOf,
  schemaErrors,
  valuesAt,
} from '../custom-schema/index.ts';
import { type FieldError, fieldErrorText } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import { conformCustom } from './decoding.ts';

const texts = (errors: readonly FieldError[]): string[] =>
  errors.map((error) => `${error.field}: ${fieldErrorText(error)}`);
const specOf = (properties: Readonly<Record<string, JsonSchema>>, more: Partial<JsonSchema> = {}): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
});
const objectOf = (spec: object): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w' },
  spec,
});

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

test('paths of printer columns', (t) => {
  const root = {
    spec: {
      list: [
        { n: 'a', v: 1 },
        { n: 'b', v: 2 },
      ],
      'a.b': 3,
    },
  };
  const table: readonly (readonly [path: string, found: readonly unknown[]])[] = [
    ['.spec.list[0].v', [1]],
    ['.spec.list[*].v', [1, 2]],
    ['.spec.list[?(@.n=="b")].v', [2]],
    ['.spec.a\\.b', [3]],
    ['.spec.none', []],
  ];
  for (const [path, found] of table) t.deepEqual(valuesAt(root, path), found, path);
});

test('versions: the stable ones first, then beta, then alpha, then others by name', (t) => {
  t.deepEqual(['foo', 'v1alpha1', 'v1', 'v2', 'v1beta2', 'v1beta10', 'bar'].sort(compareVersions), [
    'v2',
    'v1',
    'v1beta10',
    'v1beta2',
    'v1alpha1',
    'bar',
    'foo',
  ]);
});

test('a name that another definition of the group has is not accepted', (t) => {
  const definition = (name: string, kind: string): Parameters<typeof decideNames>[0] => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.example.com` },
    spec: { group: 'example.com', names: { plural: name, singular: name, kind, listKind: `${kind}List` } },
  });
  const first = definition('widgets', 'Widget');
  const names = { plural: 'widgets', singular: 'widgets', kind: 'Widget', listKind: 'WidgetList' };
  const accepted = { ...first, status: { acceptedNames: names } };
  t.is(decideNames(first, [], 'now').conditions.find(({ type }) => type === 'NamesAccepted')?.status, 'True');
  const refused = decideNames(definition('gadgets', 'Widget'), [accepted], 'now').conditions.find(
    ({ type }) => type === 'NamesAccepted',
  );
  t.like(refused, { status: 'False', reason: 'ListKindConflict', message: '"WidgetList" is already in use' });
});

const escapes: readonly (readonly [field: string, escaped: string | undefined])[] = [
  ['plain', 'plain'],
  ['with-dash', 'with__dash__dash'],
  ['a.b', 'a__dot__b'],
  ['a/b', 'a__slash__b'],
  ['a__b', 'a__underscores__b'],
  ['if', '__if__'],
  ['$x', undefined],
];
test('fields that expressions cannot spell have other names', (t) => {
  for (const [field, escaped] of escapes) t.is(escapedName(field), escaped, field);
});

const ruled = specOf(
  {
    min: { type: 'integer' },
    max: { type: 'integer' },
    'end-date': { type: 'string', format: 'date-time' },
    names: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['n'],
      items: {
        type: 'object',
        properties: {
          n: { type: 'string' },
          v: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'only up' }] },
        },
      },
    },
    once: {
      type: 'string',
      'x-kubernetes-validations': [
        {
          rule: '!oldSelf.hasValue() || oldSelf.value() == self',
          optionalOldSelf: true,
          message: 'set once',
          reason: 'FieldValueForbidden',
        },
      ],
    },
  },
  {
    'x-kubernetes-validations': [
      { rule: 'self.min <= self.max', messageExpression: "'min is over ' + string(self.max)", fieldPath: '.min' },
      { rule: "!has(self.end__dash__date) || self.end__dash__date > timestamp('2020-01-01T00:00:00Z')" },
    ],
  },
);

const errorsOf = (schema: JsonSchema, spec: object, old?: object): readonly FieldError[] =>
  ruleCheckOf(schema)?.(objectOf(spec), old === undefined ? undefined : objectOf(old)).errors ?? [];

const changes: readonly (readonly [what: string, spec: object, old: object | undefined, texts: readonly string[]])[] = [
  ['good', { min: 1, max: 2 }, undefined, []],
  ['a message from an expression', { min: 3, max: 2 }, undefined, ['spec.min: Invalid value: "object": min is over 2']],
  [
    'a missing field',
    { min: 3 },
    undefined,
    ['spec: Invalid value: "object": no such key: max evaluating rule: self.min <= self.max'],
  ],
  [
    'an early date',
    { min: 1, max: 2, 'end-date': '2019-01-01T00:00:00Z' },
    undefined,
    [
      'spec: Invalid value: "object": failed rule: !has(self.end__dash__date) || self.end__dash__date > ' +
        "timestamp('2020-01-01T00:00:00Z')",
    ],
  ],
  ['bad as before', { min: 3, max: 2 }, { min: 3, max: 2 }, []],
  [
    'an item by its key',
    {
      min: 1,
      max: 2,
      names: [
        { n: 'b', v: 1 },
        { n: 'a', v: 1 },
      ],
    },
    { min: 1, max: 2, names: [{ n: 'a', v: 2 }] },
    ['spec.names[1].v: Invalid value: "integer": only up'],
  ],
  ['first set', { min: 1, max: 2, once: 'a' }, undefined, []],
  ['set again', { min: 1, max: 2, once: 'b' }, { min: 1, max: 2, once: 'a' }, ['spec.once: Forbidden: set once']],
];

for (const [what, spec, old, expected] of changes) {
  test(`rules: ${what}`, (t) => {
    t.deepEqual(texts(errorsOf(ruled, spec, old)), expected);
  });
}

test('a schema without rules has no check', (t) => {
  t.is(ruleCheckOf(specOf({ a: { type: 'string' } })), undefined);
});

test('objects inside an object have metadata of the common shape; what it does not know goes', (t) => {
  const schema = specOf({
    inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
  });
  const value = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', odd: 1 },
    spec: { inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', odd: 1 }, spec: { kept: 1 } } },
  };
  const { object, strictErrors } = conformCustom(
    { group: 'example.com', version: 'v1', kind: 'Widget', schema },
    value,
    (problem) => new Error(problem),
  );
  t.deepEqual(object['spec'], { inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { kept: 1 } } });
  t.deepEqual(strictErrors, ['unknown field "metadata.odd"', 'unknown field "spec.inner.metadata.odd"']);
});

const text: JsonSchema = { type: 'string' };
const words: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'set', items: text };
const entries: JsonSchema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', properties: { k: text, v: text } },
};
const untyped: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const open: JsonSchema = { type: 'object', ...untyped };

interface RuleCase {
  readonly rule: string;
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly spec: object;
  readonly old?: object;
  /** Absent: the rule holds. */
  readonly problem?: string;
}

const ruleCases: readonly RuleCase[] = [
  {
    rule: "self.namespace == 'x' && self.__namespace__ == 'x' && has(self.if)",
    properties: { namespace: text, if: text },
    spec: { namespace: 'x', if: 'y' },
  },
  {
    rule: "self.wait == duration('90m') && self.wait.getMinutes() == 90",
    properties: { wait: { type: 'string', format: 'duration' } },
    spec: { wait: '1h30m' },
  },
  {
    rule: "self.wait == duration('-36h')",
    properties: { wait: { type: 'string', format: 'duration' } },
    spec: { wait: '-1.5 days' },
  },
  { rule: '!has(self.none)', properties: { none: { type: 'string', nullable: true } }, spec: { none: null } },
  {
    rule: 'self.none == null',
    properties: { none: { type: 'string', nullable: true } },
    spec: {},
    problem: "found no matching overload for '_==_' applied to '(string, null)'",
  },
  { rule: 'self.some != null', properties: { some: { type: 'object', properties: { a: text } } }, spec: { some: {} } },
  { rule: 'self.open.x == 1', properties: { open }, spec: {}, problem: "undefined field 'x'" },
  {
    rule: 'self.open == oldSelf.open',
    properties: { open },
    spec: { open: { x: { y: 1 } } },
    old: { open: { x: { y: 1 } } },
  },
  {
    rule: 'self.open == oldSelf.open',
    properties: { open },
    spec: { open: { x: 1 } },
    old: { open: { x: 2 } },
    problem: 'failed rule',
  },
  { rule: 'has(self.untyped)', properties: { untyped }, spec: {}, problem: "undefined field 'untyped'" },
  {
    rule: 'self.list.size() == 1',
    properties: { list: { type: 'array', items: untyped } },
    spec: {},
    problem: "undefined field 'list'",
  },
  {
    rule: 'self.words == oldSelf.words',
    properties: { words },
    spec: { words: ['a', 'b'] },
    old: { words: ['b', 'a'] },
  },
  {
    rule: "self.words + oldSelf.words == ['a', 'b', 'c']",
    properties: { words },
    spec: { words: ['a', 'b'] },
    old: { words: ['b', 'c'] },
  },
  {
    rule: "self.words == ['b', 'a'] && self.plain == ['b'] && self.plain in [['b']]",
    properties: { words, plain: { type: 'array', items: text } },
    spec: { words: ['a', 'b'], plain: ['b'] },
  },
  {
    rule: 'self == oldSelf',
    properties: { entries },
    spec: { entries: [{ k: 'a', v: '1' }, { k: 'b' }] },
    old: { entries: [{ k: 'b' }, { k: 'a', v: '1' }] },
  },
  {
    rule: "(self.entries + oldSelf.entries).map(e, e.k + e.v) == ['a2', 'b1', 'c3']",
    properties: { entries },
    spec: {
      entries: [
        { k: 'a', v: '1' },
        { k: 'b', v: '1' },
      ],
    },
    old: {
      entries: [
        { k: 'c', v: '3' },
        { k: 'a', v: '2' },
      ],
    },
  },
];

for (const { rule, properties, spec, old, problem } of ruleCases) {
  test(`the rule ${rule} about ${JSON.stringify(spec)}`, (t) => {
    const found = texts(errorsOf(specOf(properties, { 'x-kubernetes-validations': [{ rule }] }), spec, old)).join();
    t.true(problem === undefined ? found === '' : found.includes(problem), found);
  });
}

const even = (places: Partial<JsonSchema> = {}): JsonSchema =>
  specOf(
    {
      n: { type: 'integer' },
      plain: {
        type: 'array',
        items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self % 2 == 0', message: 'odd' }] },
        ...places,
      },
    },
    { 'x-kubernetes-validations': [{ rule: 'self.n > 0' }] },
  );
const ratchets: readonly (readonly [
  what: string,
  places: Partial<JsonSchema>,
  lists: readonly [list: readonly number[], old: readonly number[]],
  errors: readonly string[],
  warnings: readonly string[],
])[] = [
  [
    'a list that has not changed',
    { 'x-kubernetes-list-type': 'atomic' },
    [
      [1, 2],
      [1, 2],
    ],
    [],
    ['spec.plain[0]'],
  ],
  [
    'an atomic list with another item',
    { 'x-kubernetes-list-type': 'atomic' },
    [
      [1, 4],
      [1, 2],
    ],
    ['spec.plain[0]'],
    [],
  ],
  [
    'a list of no type with another item',
    {},
    [
      [1, 4],
      [1, 2],
    ],
    [],
    ['spec.plain[0]'],
  ],
  ['a longer list of no type', {}, [[1, 3], [1]], ['spec.plain[1]'], ['spec.plain[0]']],
];
for (const [what, places, [plain, old], errors, warnings] of ratchets) {
  test(`what was bad before is told only: ${what}`, (t) => {
    const found = ruleCheckOf(even(places))?.(objectOf({ n: 1, plain }), objectOf({ n: 2, plain: old }));
    t.deepEqual(
      [found?.errors.map(({ field }) => field), found?.warnings.map(({ field }) => field)],
      [errors, warnings],
    );
  });
}

test('rules about the change are not forgiven what has not changed', (t) => {
  const schema = specOf({ n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] } });
  t.is(errorsOf(schema, { n: 1 }, { n: 1 }).length, 1);
});

test('a message may name the old value, but not an optional one', (t) => {
  const schema = (more: object): JsonSchema =>
    specOf({
      n: {
        ...text,
        'x-kubernetes-validations': [
          { rule: 'self == oldSelf', message: 'kept', messageExpression: "'was ' + oldSelf", ...more },
        ],
      },
    });
  t.deepEqual(texts(errorsOf(schema({}), { n: 'b' }, { n: 'a' })), ['spec.n: Invalid value: "string": was a']);
  const optional = {
    optionalOldSelf: true,
    rule: 'oldSelf.orValue(self) == self',
    messageExpression: "'was ' + oldSelf.value()",
  };
  t.deepEqual(texts(errorsOf(schema(optional), { n: 'b' }, { n: 'a' })), ['spec.n: Invalid value: "string": kept']);
});

test('members of an atomic map are compared with what they were', (t) => {
  const schema = specOf({
    map: {
      type: 'object',
      'x-kubernetes-map-type': 'atomic',
      additionalProperties: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] },
    },
  });
  t.deepEqual(
    errorsOf(schema, { map: { a: 1, b: 1 } }, { map: { a: 2 } }).map(({ field }) => field),
    ['spec.map[a]'],
  );
});

test('combined schemas refuse what they refused before', (t) => {
  const schema = specOf({ v: { type: 'string' } }, { anyOf: [{ properties: { v: { maxLength: 1 } } }] });
  t.true(
    texts(schemaErrors(schema, { value: { spec: { v: 'ab', w: 1 } }, path: '', old: { spec: { v: 'ab' } } })).some(
      (line) => line.startsWith('spec.v: Too long'),
    ),
  );
});

const fieldPaths: readonly (readonly [path: string, text: string | undefined])[] = [
  ['.a', 'a'],
  ['.a.b', 'a.b'],
  ["['a'].b", 'a.b'],
  [".map['x.y']", 'map[x.y]'],
  ['.map.x', 'map[x]'],
  [".map['it\\'s']", "map[it's]"],
  ['', ''],
  ['a', undefined],
  ['.none', undefined],
  ['.a[0]', undefined],
  ['.a.', undefined],
  [".map['x'", undefined],
];
test('paths of rules lead to fields of the schema', (t) => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { a: { type: 'object', properties: { b: text } }, map: { type: 'object', additionalProperties: text } },
  };
  for (const [path, found] of fieldPaths) t.is(fieldPathOf(path, schema), found, path);
});

test('embedded objects say what they are', (t) => {
  const schema = specOf({
    one: { type: 'object', 'x-kubernetes-embedded-resource': true, ...untyped },
    more: {
      type: 'object',
      additionalProperties: { type: 'object', 'x-kubernetes-embedded-resource': true, ...untyped },
    },
  });
  t.deepEqual(
    texts(
      embeddedErrors(
        {
          spec: {
            one: { apiVersion: 'v1', kind: 'Pod' },
            more: { a: { apiVersion: 'a/b/c', kind: '', metadata: { name: 'x/y' } } },
          },
        },
        schema,
      ),
    ),
    [
      'spec.more[a].apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'spec.more[a].kind: Invalid value: "": must not be empty',
      'spec.more[a].metadata.name: Invalid value: "x/y": may not contain \'/\'',
    ],
  );
});
