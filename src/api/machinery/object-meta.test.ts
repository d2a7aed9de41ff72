import test from 'ava';
import {
  ageText,
  canonicalMicroTime,
  canonicalTime,
  deepEqual,
  durationText,
  fieldErrorText,
  parseTime,
  scaledValue,
  semanticEqual,
  timeText,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './index.ts';

const texts = (errors: readonly { field: string }[]): string[] =>
  errors.map((error) => `${error.field}: ${fieldErrorText(error as Parameters<typeof fieldErrorText>[0])}`);

test('good metadata has no errors', (t) => {
  const meta = {
    name: 'a.b-c',
    namespace: 'x',
    labels: { 'a.example/b': '', app: 'x' },
    annotations: { 'A/B_c': 'anything at all' },
    finalizers: ['a.example/b', 'orphan'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }],
  };
  t.deepEqual(validateObjectMeta(meta, { namespaced: true }), []);
});

test('names, namespaces and prefixes are checked', (t) => {
  t.deepEqual(texts(validateObjectMeta({}, { namespaced: true })), [
    'metadata.name: Required value: name or generateName is required',
    'metadata.namespace: Required value',
  ]);
  t.deepEqual(texts(validateObjectMeta({ name: 'x', namespace: 'y' }, { namespaced: false })), [
    'metadata.namespace: Forbidden: not allowed on this type',
  ]);
  t.deepEqual(validateObjectMeta({ name: 'a-bcdef', generateName: 'a-' }, { namespaced: false }), []);
  t.is(validateObjectMeta({ name: 'dot.x', generateName: 'dot.' }, { namespaced: false }).length, 1);
});

test('finalizers need a domain unless they are of Kubernetes, save for custom resources', (t) => {
  t.deepEqual(texts(validateObjectMeta({ name: 'x', finalizers: ['noslash'] }, { namespaced: false })), [
    'metadata.finalizers[0]: Invalid value: "noslash": name is neither a standard finalizer name nor is it ' +
      'fully qualified',
  ]);
  t.deepEqual(
    validateObjectMeta({ name: 'x', finalizers: ['noslash'] }, { namespaced: false, strictFinalizers: false }),
    [],
  );
});

test('an owner is of a version that can be read', (t) => {
  const owned = (apiVersion: string): string[] =>
    texts(
      validateObjectMeta(
        { name: 'x', ownerReferences: [{ apiVersion, kind: 'Pod', name: 'p', uid: 'u' }] },
        { namespaced: false },
      ),
    );
  t.deepEqual(owned('apps/v1'), []);
  for (const apiVersion of ['', 'apps/', 'a/b/c'])
    t.deepEqual(owned(apiVersion), [
      `metadata.ownerReferences.apiVersion: Invalid value: "${apiVersion}": version must not be empty`,
    ]);
});

test('what the system fixed stays as it is', (t) => {
  const old = {
    name: 'x',
    uid: 'u',
    creationTimestamp: '2024-01-01T00:00:00Z',
    resourceVersion: '1',
    generation: 2,
    deletionTimestamp: '2024-01-01T00:00:00Z',
    finalizers: ['a/b'],
  };
  t.deepEqual(validateObjectMetaUpdate(old, old), []);
  t.deepEqual(
    texts(
      validateObjectMetaUpdate(
        { ...old, uid: 'v', generation: 1, finalizers: ['a/b', 'c/d'], resourceVersion: '' },
        old,
      ),
    ),
    [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new ' +
        'finalizers []string{"c/d"}',
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
      'metadata.generation: Invalid value: 1: must not be decremented',
      'metadata.uid: Invalid value: "v": field is immutable',
    ],
  );
});

test('times are written in UTC', (t) => {
  t.is(canonicalTime('2024-02-29T12:00:00.999+02:00'), '2024-02-29T10:00:00Z');
  t.is(canonicalTime('2023-02-29T12:00:00Z'), undefined);
  t.is(canonicalMicroTime('2024-01-01T00:00:00.1234567Z'), '2024-01-01T00:00:00.123456Z');
  t.is(timeText(parseTime('2024-01-01T00:00:01.9Z') ?? 0), '2024-01-01T00:00:01Z');
});

const ages: readonly (readonly [number, string])[] = [
  [-5, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [185, '3m5s'],
  [600, '10m'],
  [3600 * 2.9, '174m'],
  [3600 * 3, '3h'],
  [3600 * 5 + 600, '5h10m'],
  [3600 * 47, '47h'],
  [86400 * 2, '2d'],
  [86400 * 3 + 7200, '3d2h'],
  [86400 * 8, '8d'],
  [86400 * 729, '729d'],
  [86400 * 730, '2y'],
  [86400 * 740, '2y10d'],
  [86400 * 365 * 9, '9y'],
];
for (const [seconds, text] of ages)
  test(`a span of ${seconds} s is printed ${text}`, (t) => {
    t.is(durationText(seconds * 1000), text);
  });

test('the age of something without a time is unknown', (t) => {
  t.is(ageText(null, 0), '<unknown>');
  t.is(ageText('1970-01-01T00:00:00Z', 5000), '5s');
});

test('equality looks at members, semantic equality also takes empty for absent', (t) => {
  t.true(deepEqual({ a: 1, b: [{ c: undefined }] }, { b: [{}], a: 1 }));
  t.false(deepEqual({ a: [] }, {}));
  t.true(semanticEqual({ a: [], b: {}, c: null }, {}));
  t.false(semanticEqual({ a: '' }, {}));
  t.false(deepEqual([1], { 0: 1 }));
});

test('percentages are scaled up or down', (t) => {
  t.is(scaledValue('25%', 10, 'up'), 3);
  t.is(scaledValue('25%', 10, 'down'), 2);
  t.is(scaledValue('0%', 10, 'up'), 0);
  t.is(scaledValue(4, 10, 'up'), 4);
  t.is(scaledValue('many', 10, 'up'), undefined);
  t.is(scaledValue(undefined, 10, 'down'), undefined);
});
