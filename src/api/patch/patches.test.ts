import test from 'ava';
import fc from 'fast-check';
import { jsonPatch, mergePatch, strategicPatch } from './index.ts';

const refused = { message: 'the server rejected our request due to an error in our request', code: 422 } as const;

test('JSON patch adds, replaces, removes, moves and copies', (t) => {
  const document = { data: { a: '1', b: '2', 'x/y': 'z' }, list: [1, 2] };
  t.deepEqual(
    jsonPatch(document, [
      { op: 'add', path: '/data/c', value: '3' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'remove', path: '/data/b' },
      { op: 'replace', path: '/data/x~1y', value: 'q' },
      { op: 'copy', from: '/data/a', path: '/data/d' },
      { op: 'move', from: '/data/c', path: '/data/e' },
      { op: 'add', path: '/list/-', value: 3 },
      { op: 'add', path: '/list/0', value: 0 },
      { op: 'remove', path: '/list/-1' },
      { op: 'test', path: '/data/d', value: '9' },
      { op: 'replace', path: '/data/new', value: null },
    ]),
    { data: { a: '9', 'x/y': 'q', d: '9', e: '3', new: null }, list: [0, 1, 2] },
  );
  t.deepEqual(document.list, [1, 2]);
});

for (const operation of [
  { op: 'test', path: '/a', value: 2 },
  { op: 'remove', path: '/b' },
  { op: 'add', path: '/b/c', value: 1 },
  { op: 'frobnicate', path: '/a' },
  { op: 'remove', path: '/list/9' },
  { op: 'add', path: '/list/x', value: 1 },
  { op: 'add', path: '', value: {} },
  { op: 'replace', path: '/list/5', value: 1 },
]) {
  test(`JSON patch refuses ${JSON.stringify(operation)}`, (t) => {
    t.like(
      t.throws(() => jsonPatch({ a: 1, list: [] }, [operation])),
      refused,
    );
  });
}

test('JSON patch does not let copies of copies grow without bound', (t) => {
  const operations = Array.from({ length: 40 }, (_item, index) => ({ op: 'copy', from: '/a', path: `/a/${index}` }));
  t.like(
    t.throws(() => jsonPatch({ a: { x: 'y' } }, operations)),
    refused,
  );
});

test('JSON patch replaces the whole document', (t) => {
  t.deepEqual(jsonPatch({ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }]), { b: 2 });
});

test('merge patch merges objects, removes by null and replaces lists', (t) => {
  t.deepEqual(mergePatch({ a: { b: 1, c: 2 }, l: [1, 2] }, { a: { b: null, d: { e: null, f: 1 } }, l: [3], x: null }), {
    a: { c: 2, d: { f: 1 } },
    l: [3],
  });
});

test('merge patch agrees with the algorithm of the RFC', (t) => {
  const oracle = (target: unknown, patch: unknown): unknown => {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
    const result: Record<string, unknown> =
      typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete result[key];
      else
        Object.defineProperty(result, key, {
          value: oracle(Object.hasOwn(result, key) ? result[key] : undefined, value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
    }
    return result;
  };
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (target, patch) => {
      t.deepEqual(mergePatch(target, patch), oracle(target, patch));
    }),
    { numRuns: 200 },
  );
});

const pod = {
  spec: {
    containers: [
      {
        name: 'one',
        image: '1',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        command: ['x'],
      },
      { name: 'two', image: '2' },
    ],
  },
};
const containersAfter = (patch: unknown): unknown =>
  (strategicPatch(pod, { spec: patch }, 'core/v1.Pod')['spec'] as { containers: unknown }).containers;

test('strategic patch merges items by their key and puts new ones first', (t) => {
  t.deepEqual(
    containersAfter({
      containers: [
        { name: 'three', image: '3' },
        { name: 'two', image: '22' },
      ],
    }),
    [{ name: 'three', image: '3' }, pod.spec.containers[0], { name: 'two', image: '22' }],
  );
  t.deepEqual(containersAfter({ containers: [{ name: 'three', image: '3' }] }), [
    { name: 'three', image: '3' },
    ...pod.spec.containers,
  ]);
  t.deepEqual(
    containersAfter({
      containers: [
        {
          name: 'one',
          env: [
            { name: 'B', value: '22' },
            { name: 'C', value: '3' },
          ],
          command: ['y'],
        },
      ],
    }),
    [
      {
        name: 'one',
        image: '1',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '22' },
          { name: 'C', value: '3' },
        ],
        command: ['y'],
      },
      { name: 'two', image: '2' },
    ],
  );
});

test('strategic patch follows the directives of items', (t) => {
  t.deepEqual(containersAfter({ containers: [{ name: 'one', $patch: 'delete' }] }), [{ name: 'two', image: '2' }]);
  t.deepEqual(containersAfter({ containers: [{ $patch: 'replace' }, { name: 'n' }] }), [{ name: 'n' }]);
  t.deepEqual(
    containersAfter({
      '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }],
      containers: [{ name: 'two', image: '3' }],
    }),
    [{ name: 'two', image: '3' }, pod.spec.containers[0]],
  );
});

test('strategic patch follows the directives of maps and plain lists', (t) => {
  const meta = { metadata: { finalizers: ['a', 'b', 'c'], labels: { a: '1' } } };
  const patched = (patch: unknown): unknown => strategicPatch(meta, { metadata: patch }, 'core/v1.Pod')['metadata'];
  t.deepEqual(patched({ '$deleteFromPrimitiveList/finalizers': ['b'], finalizers: ['d'] }), {
    finalizers: ['d', 'a', 'c'],
    labels: { a: '1' },
  });
  t.deepEqual(patched({ labels: { $patch: 'replace', z: '2' } }), { finalizers: ['a', 'b', 'c'], labels: { z: '2' } });
  t.deepEqual(patched({ annotations: { $patch: 'replace', z: '2' } }), meta.metadata);
  t.deepEqual(
    strategicPatch(
      { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: {} } } },
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      'apps/v1.Deployment',
    ),
    { spec: { strategy: { type: 'Recreate' } } },
  );
});

const failures: readonly (readonly [unknown, string])[] = [
  [[{ $patch: 'delete' }], 'map: map[$patch:delete] does not contain declared merge key: name'],
  [[{ name: 'one', $patch: 'fold' }], 'unknown patch type: fold in map: map[$patch:fold name:one]'],
  [[{ image: 'x' }], 'map: map[image:x] does not contain declared merge key: name'],
];
for (const [containers, message] of failures) {
  test(`strategic patch refuses ${JSON.stringify(containers)}`, (t) => {
    t.like(
      t.throws(() => containersAfter({ containers })),
      { message, code: 400 },
    );
  });
}

test('a JSON patch may move so many items of lists', (t) => {
  const list = Array.from({ length: 10_000 }, () => 1);
  const inserts = Array.from({ length: 600 }, () => ({ op: 'add', path: '/list/0', value: 1 }));
  t.throws(() => jsonPatch({ list }, inserts), { message: /A JSON patch may move 5000000 items of lists$/ });
  t.notThrows(() => jsonPatch({ list }, inserts.slice(0, 400)));
});
