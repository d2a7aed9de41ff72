import test from 'ava';
import {
  baseEnvironment,
  compileProgram,
  isCompiled,
  jsonOf,
  misplacedTypes,
  registerPatchFunctions,
} from './index.ts';
import { environment, object } from './expressions.fixture.ts';

const patches: readonly (readonly [source: string, outcome: string])[] = [
  ["Object{metadata: Object.metadata{labels: {'a': object.metadata.name}}}", '{"metadata":{"labels":{"a":"ok-1"}}}'],
  [
    'Object{spec: Object.spec{?replicas: object.?n, ?other: object.?nope, list: [1, 2].map(x, ' +
      'Object.spec.list{x: x})}}',
    '{"spec":{"replicas":5,"list":[{"x":1},{"x":2}]}}',
  ],
  ['has(object.nope) ? Object{a: 1} : Object{}', '{}'],
  ["JSONPatch{op: 'add', path: '/a'}", 'must evaluate to Object but got JSONPatch'],
  ['Objects{}', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'Objects' (in container '')"],
  [
    "Object{a: 1 + 'x'}",
    "compilation failed: ERROR: <input>:1:13: found no matching overload for '_+_' applied to '(int, string)'",
  ],
];

for (const [source, expected] of patches) {
  test(`${source} makes ${expected}`, (t) => {
    const result = compileProgram(environment, source, 'Object');
    t.is(
      isCompiled(result) ? JSON.stringify(jsonOf(result.program({ object }))) : result.error.split('\n')[0],
      expected,
    );
  });
}

test('operations of a patch are written out, with keys that are escaped', (t) => {
  const mutations = baseEnvironment().registerVariable('object', 'dyn');
  registerPatchFunctions(mutations);
  const source =
    "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: 'x'}, " +
    "JSONPatch{op: 'test', path: '/n', value: Object.n{a: object.n}}]";
  const result = compileProgram(mutations, source, 'list<JSONPatch>');
  t.deepEqual(isCompiled(result) ? jsonOf(result.program({ object })) : result.error, [
    { op: 'add', path: '/metadata/labels/a~1b~0c', value: 'x' },
    { op: 'test', path: '/n', value: { a: 5 } },
  ]);
  const wrong: readonly (readonly [source: string, error: string])[] = [
    [
      '[JSONPatch{op: 1}]',
      "compilation failed: ERROR: <input>:1:12: expected type of field 'op' is 'string' but provided type is 'int'",
    ],
    ['[JSONPatch{nope: 1}]', "compilation failed: ERROR: <input>:1:12: undefined field 'nope'"],
    ["['a']", 'must evaluate to list(JSONPatch) but got list(string)'],
  ];
  for (const [bad, error] of wrong) {
    const made = compileProgram(mutations, bad, 'list<JSONPatch>');
    t.is(isCompiled(made) ? 'compiled' : made.error.split('\n')[0], error);
  }
});

test('an object of a type that its place does not have is found', (t) => {
  const result = compileProgram(environment, 'Object{spec: Object.wrong{list: [Object.wrong.list{}]}}', 'Object');
  t.deepEqual(
    isCompiled(result) ? misplacedTypes(result.program({}), 'Object') : result.error,
    ['"Object.wrong", expected "Object.spec"', '"Object.wrong.list", expected "Object.spec.list"'].map(
      (names) => `unexpected type name ${names}, which matches field name path from root Object type`,
    ),
  );
});
