import test from 'ava';
import { fieldPathOf, type JsonSchema, ruleCheckOf } from './index.ts';
import type { FieldError } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import { texts, specOf, untyped } from './schemas.fixture.ts';

const objectOf = (spec: object): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w' },
  spec,
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

const text: JsonSchema = { type: 'string' };

const words: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'set', items: text };

const entries: JsonSchema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', properties: { k: text, v: text } },
};

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
