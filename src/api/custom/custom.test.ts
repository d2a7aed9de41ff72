import test from 'ava';
import { compareVersions, decideNames, escapedName, fillDefaults, type JsonSchema, listTypeErrors, noOld, prune, ruleErrorsOf, schemaErrors, valuesAt } from '../custom-schema/index.ts';
import { type FieldError, fieldErrorText } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import { conformCustom } from './decoding.ts';

const texts = (errors: readonly FieldError[]): string[] => errors.map((error) => `${error.field}: ${fieldErrorText(error)}`);
const specOf = (properties: Readonly<Record<string, JsonSchema>>, more: Partial<JsonSchema> = {}): JsonSchema => ({ type: 'object', properties: { spec: { type: 'object', properties, ...more } } });
const objectOf = (spec: object): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec });

test('what the schema does not know is pruned, but where it says to keep it', (t) => {
  const object = { spec: { known: 1, unknown: 2, free: { any: 3 }, list: [{ a: 1, b: 2 }] } };
  const schema = specOf({ known: { type: 'integer' }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, list: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer' } } } } });
  t.deepEqual(prune(object, schema), ['spec.list[0].b', 'spec.unknown']);
  t.deepEqual(object as object, { spec: { known: 1, free: { any: 3 }, list: [{ a: 1 }] } });
});

test('defaults fill what is missing, and null where it may not be', (t) => {
  const object = { spec: { b: null, items: [{}] } };
  fillDefaults(object, specOf({ a: { type: 'string', default: 'x' }, b: { type: 'integer', default: 1 }, items: { type: 'array', items: { type: 'object', properties: { c: { type: 'boolean', default: true } } } } }));
  t.is(JSON.stringify(object), JSON.stringify({ spec: { a: 'x', b: 1, items: [{ c: true }] } }));
});

const violations: readonly (readonly [schema: JsonSchema, value: unknown, texts: readonly string[]])[] = [
  [{ type: 'integer' }, 'x', ['spec.v: Invalid value: "string": spec.v in body must be of type integer: "string"']],
  [{ type: 'integer', maximum: 3 }, 4, ['spec.v: Invalid value: 4: spec.v in body should be less than or equal to 3']],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', ['spec.v: Unsupported value: "c": supported values: "a", "b"']],
  [{ type: 'string', pattern: '^a+$' }, 'b', ["spec.v: Invalid value: \"b\": spec.v in body should match '^a+$'"]],
  [{ 'x-kubernetes-int-or-string': true }, true, ['spec.v: Invalid value: "boolean": spec.v in body must be of type integer,string: "boolean"']],
  [{ type: 'integer' }, 4, []],
];

for (const [schema, value, expected] of violations) {
  test(`${JSON.stringify(value)} by ${JSON.stringify(schema)}`, (t) => {
    t.deepEqual(texts(schemaErrors(specOf({ v: schema }), { value: { spec: { v: value } }, path: '', old: noOld })), expected);
  });
}

test('what has not changed is not refused again', (t) => {
  const value = { spec: { v: 'x', w: 'x' } };
  const schema = specOf({ v: { type: 'integer' }, w: { type: 'integer' } });
  t.is(schemaErrors(schema, { value, path: '', old: { spec: { v: 'x', w: 1 } } }).length, 1);
});

test('items of sets and keyed lists stand once', (t) => {
  const keyed: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { k: { type: 'string' } } } };
  const schema = specOf({ set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, keyed });
  t.deepEqual(texts(listTypeErrors({ spec: { set: ['a', 'a'], keyed: [{ k: 'a' }, { k: 'a' }] } }, schema)), [
    'spec.set[1]: Duplicate value: "a"', 'spec.keyed[1]: Duplicate value: map[string]interface {}{"k":"a"}',
  ]);
});

test('paths of printer columns', (t) => {
  const root = { spec: { list: [{ n: 'a', v: 1 }, { n: 'b', v: 2 }], 'a.b': 3 } };
  const table: readonly (readonly [path: string, found: readonly unknown[]])[] = [
    ['.spec.list[0].v', [1]], ['.spec.list[*].v', [1, 2]], ['.spec.list[?(@.n=="b")].v', [2]], ['.spec.a\\.b', [3]], ['.spec.none', []],
  ];
  for (const [path, found] of table) t.deepEqual(valuesAt(root, path), found, path);
});

test('versions: the stable ones first, then beta, then alpha, then others by name', (t) => {
  t.deepEqual(['foo', 'v1alpha1', 'v1', 'v2', 'v1beta2', 'v1beta10', 'bar'].sort(compareVersions), ['v2', 'v1', 'v1beta10', 'v1beta2', 'v1alpha1', 'bar', 'foo']);
});

test('a name that another definition of the group has is not accepted', (t) => {
  const definition = (name: string, kind: string): Parameters<typeof decideNames>[0] => ({
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${name}.example.com` },
    spec: { group: 'example.com', names: { plural: name, singular: name, kind, listKind: `${kind}List` } },
  });
  const first = definition('widgets', 'Widget');
  const names = { plural: 'widgets', singular: 'widgets', kind: 'Widget', listKind: 'WidgetList' };
  const accepted = { ...first, status: { acceptedNames: names } };
  t.is(decideNames(first, [], 'now').conditions.find(({ type }) => type === 'NamesAccepted')?.status, 'True');
  const refused = decideNames(definition('gadgets', 'Widget'), [accepted], 'now').conditions.find(({ type }) => type === 'NamesAccepted');
  t.like(refused, { status: 'False', reason: 'ListKindConflict', message: '"WidgetList" is already in use' });
});

const escapes: readonly (readonly [field: string, escaped: string | undefined])[] = [
  ['plain', 'plain'], ['with-dash', 'with__dash__dash'], ['a.b', 'a__dot__b'], ['a/b', 'a__slash__b'], ['a__b', 'a__underscores__b'], ['if', '__if__'], ['$x', undefined],
];
test('fields that expressions cannot spell have other names', (t) => {
  for (const [field, escaped] of escapes) t.is(escapedName(field), escaped, field);
});

const ruled = specOf({
  min: { type: 'integer' }, max: { type: 'integer' }, 'end-date': { type: 'string', format: 'date-time' },
  names: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'], items: { type: 'object', properties: { n: { type: 'string' }, v: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'only up' }] } } } },
  once: { type: 'string', 'x-kubernetes-validations': [{ rule: "!oldSelf.hasValue() || oldSelf.value() == self", optionalOldSelf: true, message: 'set once', reason: 'FieldValueForbidden' }] },
}, {
  'x-kubernetes-validations': [
    { rule: 'self.min <= self.max', messageExpression: "'min is over ' + string(self.max)", fieldPath: '.min' },
    { rule: "!has(self.end__dash__date) || self.end__dash__date > timestamp('2020-01-01T00:00:00Z')" },
  ],
});

const changes: readonly (readonly [what: string, spec: object, old: object | undefined, texts: readonly string[]])[] = [
  ['good', { min: 1, max: 2 }, undefined, []],
  ['a message from an expression', { min: 3, max: 2 }, undefined, ['spec.min: Invalid value: "object": min is over 2']],
  ['a missing field', { min: 3 }, undefined, ['spec: Invalid value: "object": no such key: max evaluating rule: self.min <= self.max']],
  ['an early date', { min: 1, max: 2, 'end-date': '2019-01-01T00:00:00Z' }, undefined, ["spec: Invalid value: \"object\": failed rule: !has(self.end__dash__date) || self.end__dash__date > timestamp('2020-01-01T00:00:00Z')"]],
  ['bad as before', { min: 3, max: 2 }, { min: 3, max: 2 }, []],
  ['an item by its key', { min: 1, max: 2, names: [{ n: 'b', v: 1 }, { n: 'a', v: 1 }] }, { min: 1, max: 2, names: [{ n: 'a', v: 2 }] }, ['spec.names[1].v: Invalid value: "integer": only up']],
  ['first set', { min: 1, max: 2, once: 'a' }, undefined, []],
  ['set again', { min: 1, max: 2, once: 'b' }, { min: 1, max: 2, once: 'a' }, ['spec.once: Forbidden: set once']],
];

for (const [what, spec, old, expected] of changes) {
  test(`rules: ${what}`, (t) => {
    t.deepEqual(texts(ruleErrorsOf(ruled)?.(objectOf(spec), old === undefined ? undefined : objectOf(old)) ?? []), expected);
  });
}

test('a schema without rules has no check', (t) => { t.is(ruleErrorsOf(specOf({ a: { type: 'string' } })), undefined); });

test('objects inside an object have metadata of the common shape; what it does not know goes', (t) => {
  const schema = specOf({ inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } });
  const value = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', odd: 1 }, spec: { inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', odd: 1 }, spec: { kept: 1 } } } };
  const { object, strictErrors } = conformCustom({ group: 'example.com', version: 'v1', kind: 'Widget', schema }, value, (problem) => new Error(problem));
  t.deepEqual(object['spec'], { inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { kept: 1 } } });
  t.deepEqual(strictErrors, ['unknown field "metadata.odd"', 'unknown field "spec.inner.metadata.odd"']);
});
