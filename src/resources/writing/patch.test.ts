import test from 'ava';
import { type JsonObject, StatusError } from '../../api/index.ts';
import type { WriteContext } from '../service.ts';
import { type Harness, startHarness, statusLine } from '../testing/harness.ts';

const maps = '/api/v1/namespaces/default/configmaps';

async function withMap(): Promise<Harness> {
  const h = await startHarness();
  await h.post(maps, { metadata: { name: 'x' }, data: { a: '1' } });
  return h;
}

/** Patches with the very text, which an object cannot say: repeated keys, nothing at all. */
async function patchText(
  h: Harness,
  type: string,
  text: string,
  more: Partial<WriteContext> = {},
  path = `${maps}/x`,
): Promise<JsonObject> {
  const context: WriteContext = {
    user: { name: 'admin', groups: ['system:masters'] },
    dryRun: false,
    fieldManager: 'test',
    fieldValidation: 'Warn',
    warn: (line) => {
      h.warnings.push(line);
    },
    annotate: () => undefined,
    ...more,
  };
  try {
    const { object } = await h.service.patch(
      h.target(path),
      { contentType: type, bytes: new TextEncoder().encode(text) },
      { force: true, ...context },
    );
    return object as unknown as JsonObject;
  } catch (error) {
    if (error instanceof StatusError) return error.body() as unknown as JsonObject;
    throw error;
  }
}

const [json, merge, strategic, apply] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

interface Odd {
  readonly title: string;
  readonly type: string;
  readonly text: string;
  readonly warnings: readonly string[];
  /** What a strict client is told. */
  readonly strict: string;
}

const odd: readonly Odd[] = [
  {
    title: 'a merge patch that repeats a key',
    type: merge,
    text: '{"data":{"a":"1","a":"2"}}',
    warnings: ['duplicate field "data.a"'],
    strict: 'strict decoding error: duplicate field "data.a"',
  },
  {
    title: 'a strategic patch that repeats a key and names unknown fields',
    type: strategic,
    text: '{"z":1,"b":1,"data":{"a":"1","a":"2"}}',
    warnings: ['duplicate field "data.a"', 'unknown field "b"', 'unknown field "z"'],
    strict: 'strict decoding error: duplicate field "data.a", unknown field "b", unknown field "z"',
  },
  {
    title: 'a JSON patch with a repeated and an unknown member',
    type: json,
    text:
      '[{"op":"add","path":"/data/b","value":"1","value":"2"},{"op":"replace","path":"/data/a","value":"1",' +
      '"why":1}]',
    warnings: ['json patch duplicate field "[0].value"', 'json patch unknown field "[1].why"'],
    strict: 'strict decoding error: json patch duplicate field "[0].value", json patch unknown field "[1].why"',
  },
  {
    title: 'an applied text that repeats keys',
    type: apply,
    text: 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: b\n  a: c\n  d: e\n  d: f\n',
    warnings: ['line 5: key "a" already set in map', 'line 7: key "d" already set in map'],
    strict:
      'error strict decoding YAML: yaml: unmarshal errors:\n  line 5: key "a" already set in map\n  line 7: ' +
      'key "d" already set in map',
  },
];

for (const { title, type, text, warnings, strict } of odd) {
  test(`of ${title} a client is warned, or refused if it asks for that`, async (t) => {
    const h = await withMap();
    t.is(String((await patchText(h, type, text))['kind']), 'ConfigMap');
    t.deepEqual(h.warnings, warnings);
    t.true(String((await patchText(h, type, text, { fieldValidation: 'Strict' }))['message']).endsWith(strict));
    const told = h.warnings.length;
    await patchText(h, type, text, { fieldValidation: 'Ignore' });
    t.is(h.warnings.length, told);
  });
}

const texts: readonly (readonly [title: string, type: string, text: string, answer: string])[] = [
  ['a merge patch of null', merge, 'null', '400 BadRequest: Invalid JSON Patch'],
  ['a JSON patch without operations', json, 'null', 'ConfigMap {"a":"1"}'],
  ['a strategic patch of null', strategic, 'null', 'ConfigMap {"a":"1"}'],
  ['an empty configuration', apply, '', '400 BadRequest: invalid object type: /, Kind='],
  [
    'an applied list',
    apply,
    '[]',
    '400 BadRequest: error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot ' +
      'unmarshal array into Go value of type map[string]interface {}',
  ],
  [
    'a strategic patch to another kind',
    strategic,
    '{"kind":"Secret","apiVersion":"v2","data":{"b":"2"}}',
    'ConfigMap {"a":"1","b":"2"}',
  ],
  [
    'a strategic patch that replaces everything',
    strategic,
    '{"$patch":"replace","metadata":{"name":"x"}}',
    'ConfigMap undefined',
  ],
  ['a JSON patch that takes the kind away', json, '[{"op":"remove","path":"/kind"}]', 'ConfigMap {"a":"1"}'],
  [
    'a JSON patch that takes the version away',
    json,
    '[{"op":"remove","path":"/apiVersion"}]',
    '400 BadRequest: the name of the object (x based on URL) was undeterminable: name must be provided',
  ],
  [
    'a strategic patch with a number for a text',
    strategic,
    '{"data":{"a":1}}',
    '422 Invalid:  "" is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string',
  ],
  [
    'a strategic patch with a list for a map',
    strategic,
    '{"data":[]}',
    '422 Invalid:  "" is invalid: patch: Invalid value: "map[data:[]]": cannot restore map from slice',
  ],
  [
    'a strategic patch with a text for a struct',
    strategic,
    '{"metadata":"x"}',
    '422 Invalid:  "" is invalid: patch: Invalid value: "map[metadata:x]": cannot restore struct from: string',
  ],
  [
    'a strategic patch with a text for a list',
    strategic,
    '{"metadata":{"finalizers":"x"}}',
    '422 Invalid:  "" is invalid: patch: Invalid value: "map[metadata:map[finalizers:x]]": cannot restore ' +
      'slice from string',
  ],
  [
    'a strategic patch with a text for a truth',
    strategic,
    '{"immutable":"x"}',
    '422 Invalid:  "" is invalid: patch: Invalid value: "map[immutable:x]": unrecognized type: bool',
  ],
];

for (const [title, type, text, answer] of texts) {
  test(`${title} is answered as upstream does: ${answer.slice(0, 60)}`, async (t) => {
    const object = await patchText(await withMap(), type, text);
    t.is(
      object['kind'] === 'Status' ? statusLine(object) : `${String(object['kind'])} ${JSON.stringify(object['data'])}`,
      answer,
    );
  });
}

test('a patch of nothing is a 404, whatever the patch says', async (t) => {
  const h = await startHarness();
  t.is(statusLine(await patchText(h, merge, '{')), '404 NotFound: configmaps "x" not found');
});

const lost = '9007199254740993';
for (const [type, text] of [
  [json, `[{"op":"add","path":"/data","value":{"n":${lost}}}]`],
  [merge, `{"data":{"n":${lost}}}`],
  [strategic, `{"data":{"n":${lost}}}`],
  [apply, `{"apiVersion":"v1","kind":"ConfigMap","data":{"n":${lost}}}`],
  [apply, `apiVersion: v1\nkind: ConfigMap\ndata: {n: ${lost}}`],
] as const)
  test(`a whole number that would be rounded is refused: ${type} ${text.slice(0, 20)}`, async (t) => {
    const { code, message } = await patchText(await withMap(), type, text);
    t.is(code, 400);
    t.regex(String(message), /number 9007199254740993.* would be rounded/);
  });

test('bounds of the schemas of a definition are float64, in patches too', async (t) => {
  const h = await startHarness();
  const made = {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', maxProperties: 5 } } },
      ],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await h.post(path, made);
  const head = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
  for (const [type, body] of [
    [merge, made],
    [apply, { ...head, ...made }],
  ] as const) {
    const text = JSON.stringify(body).replace(
      '"maxProperties":5',
      '"properties":{"n":{"type":"integer","maximum":9223372036854775807}}',
    );
    const object = await patchText(h, type, text, {}, `${path}/widgets.example.com`);
    t.true(JSON.stringify(object).includes('"maximum":9223372036854776000'), JSON.stringify(object));
  }
});
