import test from 'ava';
import { isRegistered } from './registered-kinds.ts';
import { decodeObject, longYaml, parseJson, parseYaml, YamlTextError } from './index.ts';

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/** What the event loop does not parse: its name, the text, and why. */
const tooMuchWork: readonly (readonly [string, string, RegExp])[] = [
  ['280,000 keys', lines(280_000, (index) => `k${index}: 1`), /^yaml: the text has 2968889 characters, the limit is/],
  ['600 keys', lines(600, (index) => `k${index}: 1`), /^yaml: the text has 1199 lines and marks, the limit is 800$/],
  ['1 MB of open brackets', '[ '.repeat(500_000), /^yaml: the text has 1000000 characters/],
  ['65 open brackets', '[ '.repeat(65), /^yaml: brackets are nested more than 64 deep$/],
  ['65 open braces', '{a: '.repeat(65), /^yaml: brackets are nested more than 64 deep$/],
  ['0.9 MB of anchors', lines(80_000, (index) => `- &a${index} 1`), /^yaml: the text has \d+ characters/],
  ['101 anchors', lines(101, (index) => `- &a${index} 1`), /^yaml: the text has 101 anchors and aliases, the limit/],
  ['101 aliases', `- &a 1\n${lines(100, () => '- *a')}`, /^yaml: the text has 101 anchors and aliases/],
  ['dashes on one line', '- '.repeat(801), /^yaml: the text has 801 lines and marks/],
  ['colons on one line', ': '.repeat(801), /^yaml: the text has 801 lines and marks/],
  ['tags', '! '.repeat(801), /^yaml: the text has 801 lines and marks/],
  ['directives', '%x\n'.repeat(401), /^yaml: the text has 802 lines and marks/],
  ['documents', '---\n'.repeat(500), /^yaml: the text has 1000 lines and marks/],
  ['empty lines', '\r\n'.repeat(401), /^yaml: the text has 802 lines and marks/],
];

for (const [name, text, problem] of tooMuchWork)
  test(`the event loop does not parse YAML of ${name}`, (t) => {
    t.throws(() => parseYaml(text), { instanceOf: YamlTextError, message: problem });
  });

test('keys that hold keys are refused, whatever parses them: the work would double with each level', (t) => {
  const nested = [
    ['? '.repeat(300), 1],
    [`${'{'.repeat(50)}a${'}: 1'.repeat(49)}}`, 1],
    [`${'['.repeat(50)}a${']: 1'.repeat(49)}]`, 1],
    ['a: &a [1]\n*a : 2', 2],
  ] as const;
  for (const [text, line] of nested)
    t.throws(() => parseYaml(text, longYaml), { message: `yaml: line ${line}: a key must be a scalar` });
});

test('the first document that is wrong ends the parse, and so does a second document', (t) => {
  t.throws(() => parseYaml('a: 1\n---\nb: 2\n---\n]'), { message: 'yaml: only one document is allowed in a request' });
  t.throws(() => parseYaml(']\n---\nb: 2'), { message: /^yaml: line 1: Unexpected flow-seq-end token/ });
});

const tooMuchJson: readonly (readonly [string, string, string])[] = [
  ['items', `[${'1,'.repeat(1_400_000)}1]`, 'an object or list has more than 10000 values'],
  ['lists', `[${'[1,1,1,1],'.repeat(290_000)}1]`, 'the text has more than 40000 values'],
  ['members', `{${lines(200_000, (index) => `"k${index}":1,`)}"a":1}`, 'an object or list has more than 10000 values'],
  ['one member many times', `{${'"a":1,'.repeat(400_000)}"a":1}`, 'an object or list has more than 10000 values'],
  [
    'empty objects, with a mistake at the end',
    `[${'{},'.repeat(900_000)}x`,
    'an object or list has more than 10000 values',
  ],
  [
    'managed fields',
    `{"metadata":{"managedFields":[${'{"a":[1,1,1,1,1]},'.repeat(9_990)}1]}}`,
    'the text has more than 60000 values',
  ],
  ['open lists', '['.repeat(2_900_000), 'exceeded max depth'],
  ['open objects', '{"a":'.repeat(500_000), 'exceeded max depth'],
];

for (const [name, text, message] of tooMuchJson)
  test(`3 MB of JSON of ${name} are refused before a parser sees them`, (t) => {
    t.throws(() => parseJson(text, true), { message });
  });

test('what says who owns the fields of an object counts apart from them, wherever it stands', (t) => {
  const rows = (count: number): string => '[1,1,1,1],'.repeat(count);
  const managed = `"managedFields":[${rows(4_000)}1]`;
  const texts = [
    `{"metadata":{${managed},"name":"a"},"spec":[${rows(7_000)}1]}`,
    `{"spec":[${rows(7_000)}1],"metadata":{"name":"a",${managed}}}`,
  ];
  for (const text of texts) t.notThrows(() => parseJson(text, true));
  t.throws(() => parseJson(`{"metadata":{"name":"a"},${managed},"spec":[${rows(5_000)}1]}`, true), {
    message: 'the text has more than 40000 values',
  });
  t.throws(() => parseJson(`{"metadata":{"managedFields":[1],"spec":[${rows(9_000)}1]}}`, true), {
    message: 'the text has more than 40000 values',
  });
});

test('protobuf of more fields than JSON may have values is refused, whatever the fields are', (t) => {
  const bodies: readonly (readonly [string, readonly number[]])[] = [
    ['core/v1.ConfigMap', [0x12, 0]],
    ['core/v1.ConfigMap', [0x7a, 0]],
    ['core/v1.Secret', [0x12, 2, 0x0a, 0]],
  ];
  for (const [type, field] of bodies) {
    const count = 60_000;
    const raw = Uint8Array.from({ length: count * field.length }, (_, index) => field[index % field.length] ?? 0);
    const bytes = Uint8Array.from([0x6b, 0x38, 0x73, 0, 0x0a, 0, 0x12, ...varint(raw.length), ...raw]);
    const decode = () =>
      decodeObject({
        body: { bytes, contentType: 'application/vnd.kubernetes.protobuf' },
        type,
        fieldValidation: 'Ignore',
      });
    t.throws(decode, { message: /proto: (the message has too many fields|a map has too many entries)/ });
  }
});

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

test('marks in the strings of a JSON text are no values, whatever is escaped', (t) => {
  const marks = `${'[,{'.repeat(100_000)}\\"\\`;
  t.deepEqual(parseJson(JSON.stringify([marks, 1]), true).value, [marks, 1]);
  t.throws(() => parseJson(`["${'a,'.repeat(100_000)}`, true), { message: 'unexpected end of JSON input' });
});

test('an object of an ordinary size is parsed in place, with texts that look like marks', (t) => {
  const container = 'image: "registry.example:5000/a@sha256:00"\n    args: [--a=1, "*", "&", "["]';
  const text = `kind: Pod\nspec:\n  containers:\n${lines(30, (index) => `  - name: c${index}\n    ${container}`)}`;
  t.is((parseYaml(text).value as { spec: { containers: unknown[] } }).spec.containers.length, 30);
});

test('a refusal says which limit the body is over', (t) => {
  const bytes = new TextEncoder().encode('[ '.repeat(65));
  const decode = () =>
    decodeObject({ body: { bytes, contentType: 'application/yaml' }, type: 'core/v1.Pod', fieldValidation: 'Ignore' });
  t.throws(decode, {
    message:
      /^the object provided is unrecognized \(must be of type Pod\): yaml: brackets are nested more than 64 deep/,
  });
});

test('a version or a kind that is called as a member of every object is unknown as others are', (t) => {
  for (const name of ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty'])
    t.false(isRegistered(name, name), name);
});
