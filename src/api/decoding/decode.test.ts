import test from 'ava';
import { StatusError } from '../machinery/index.ts';
import { decodeObject, type FieldValidation, parseYaml } from './index.ts';

const encoder = new TextEncoder();

interface Given {
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly validation?: FieldValidation;
  readonly contentType?: string;
}

function decode({
  type,
  body,
  validation = 'Strict',
  contentType = 'application/json',
}: Given): ReturnType<typeof decodeObject> {
  return decodeObject({
    type,
    body: { bytes: typeof body === 'string' ? encoder.encode(body) : body, contentType },
    fieldValidation: validation,
  });
}

function refusal(given: Given): string {
  try {
    return `accepted: ${JSON.stringify(decode(given))}`;
  } catch (error) {
    return error instanceof StatusError ? `${error.code} ${error.message}` : `crashed: ${String(error)}`;
  }
}

const unrecognized =
  "400 the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ";
const configMap = 'core/v1.ConfigMap';

test('a malformed body is refused in the words of upstream', (t) => {
  t.is(
    refusal({ type: configMap, body: '{nope' }),
    `${unrecognized}invalid character 'n' looking for beginning of object key string ({nope)`,
  );
  t.is(refusal({ type: configMap, body: '' }), `${unrecognized}unexpected end of JSON input (<empty>)`);
  t.is(
    refusal({ type: configMap, body: '{"a":1} x' }),
    `${unrecognized}invalid character 'x' after top-level value ({"a":1} x)`,
  );
  t.regex(refusal({ type: configMap, body: '[]' }), /json: cannot unmarshal array into Go value of type struct/);
  t.regex(
    refusal({ type: configMap, body: '{"kind":5}' }),
    /cannot unmarshal number into Go struct field \.kind of type string/,
  );
  t.is(
    refusal({ type: configMap, body: '{"apiVersion":"a/b/c"}' }),
    '400 the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: a/b/c ' +
      '({"apiVersion":"a/b/c"})',
  );
  t.regex(
    refusal({ type: configMap, body: 'x', contentType: 'text/plain' }),
    /^415 the body of the request was in an unknown format/,
  );
});

test('kind and apiVersion may be left out, but not be others', (t) => {
  t.deepEqual(decode({ type: configMap, body: '{"metadata":{"name":"a"}}' }).object, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'a' },
  });
  t.is(
    refusal({ type: configMap, body: '{"kind":"Secret","apiVersion":"v1"}' }),
    '400 Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): ' +
      'unknown conversion',
  );
  t.true(
    refusal({ type: configMap, body: '{"kind":"ConfigMap","apiVersion":"v2"}' }).startsWith(
      '400 ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for ' +
        'version "v2" in scheme',
    ),
  );
  t.is(
    refusal({ type: 'apps/v1.Deployment', body: '{"kind":"Deployment","apiVersion":"extensions/v1beta1"}' }),
    '400 the API version in the data (extensions/v1beta1) does not match the expected API version (apps/v1)',
  );
  t.is(
    decode({
      type: 'meta/v1.DeleteOptions',
      body: '{"kind":"DeleteOptions","apiVersion":"apps/v1","gracePeriodSeconds":0}',
    }).object['gracePeriodSeconds'],
    0,
  );
});

test('a value of a wrong type is refused with its field', (t) => {
  const cases: readonly (readonly [type: string, body: string, expected: string])[] = [
    [
      'apps/v1.Deployment',
      '{"spec":{"replicas":"three"}}',
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'apps/v1.Deployment',
      '{"spec":{"replicas":1.5}}',
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'core/v1.Pod',
      '{"spec":{"containers":{}}}',
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [configMap, '{"data":{"n":5}}', 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string'],
    [
      'core/v1.Pod',
      '{"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}}',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ['core/v1.Secret', '{"data":{"a":"aGk"}}', 'illegal base64 data at input byte 0'],
    [
      'coordination/v1.Lease',
      '{"spec":{"renewTime":"now"}}',
      'parsing time "now" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "now" as "2006"',
    ],
  ];
  for (const [type, body, expected] of cases) {
    const kind = type.slice(type.indexOf('.') + 1);
    t.is(refusal({ type, body }), `400 ${kind} in version "v1" cannot be handled as a ${kind}: ${expected}`);
  }
});

const unknown = '{"metadata":{"name":"u"},"spec":{"podSelector":{"matchLables":{"a":"b"}},"colour":"red"},"extra":1}';
const repeated = '{"metadata":{"name":"d","name":"d"},"spec":{"podSelector":{},"podSelector":{}}}';

test('unknown and repeated fields are refused, told or dropped, as the request wants', (t) => {
  const type = 'networking/v1.NetworkPolicy';
  const texts = [
    'unknown field "spec.podSelector.matchLables"',
    'unknown field "spec.colour"',
    'unknown field "extra"',
  ];
  t.is(
    refusal({ type, body: unknown }),
    '400 NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: strict decoding error: ' +
      `${texts.join(', ')}`,
  );
  t.deepEqual(decode({ type, body: unknown, validation: 'Warn' }).warnings, texts);
  t.deepEqual(decode({ type, body: unknown, validation: 'Ignore' }), {
    object: {
      kind: 'NetworkPolicy',
      apiVersion: 'networking.k8s.io/v1',
      metadata: { name: 'u' },
      spec: { podSelector: {} },
    },
    warnings: [],
  });
  t.deepEqual(decode({ type, body: repeated, validation: 'Warn' }).warnings, [
    'duplicate field "metadata.name"',
    'duplicate field "spec.podSelector"',
  ]);
  t.deepEqual(decode({ type, body: repeated, validation: 'Ignore' }).warnings, []);
  t.regex(
    refusal({ type: 'core/v1.Pod', body: '{"spec":{"containers":[{"name":"a"},{"name":"b","bogus":1}]}}' }),
    /unknown field "spec\.containers\[1\]\.bogus"$/,
  );
});

test('YAML is read as Go reads it', (t) => {
  const yaml = (body: string): Given => ({ type: configMap, body, contentType: 'application/yaml; charset=utf-8' });
  t.deepEqual(
    decode(yaml('metadata:\n  name: a\ndata:\n  text: |\n    one\n    two\n  day: 2001-01-01\n  ports: 80:80\n'))
      .object,
    {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'a' },
      data: { day: '2001-01-01', ports: '80:80', text: 'one\ntwo\n' },
    },
  );
  t.regex(
    refusal(yaml('metadata:\n  name: y\n')),
    /json: cannot unmarshal bool into Go struct field ObjectMeta\.metadata\.name of type string$/,
  );
  t.regex(
    refusal(yaml('metadata:\n  name: a\n  name: b\n')),
    /strict decoding error: yaml: unmarshal errors:\n {2}line 3: key "name" already set in map$/,
  );
  t.regex(
    refusal(yaml('a: b: c\n')),
    /^400 the object provided is unrecognized \(must be of type ConfigMap\): yaml: line 1: /,
  );
  t.regex(refusal(yaml('metadata: {}\n---\nmetadata: {}\n')), /only one document/);
  t.regex(refusal(yaml(`a: ${'['.repeat(100_000)}`)), /^400 .*yaml: /s);
});

test('a plain scalar of YAML is a number only where Go takes it for one', (t) => {
  const read = (text: string): unknown => (parseYaml(`a: ${text}`).value as { a: unknown }).a;
  for (const text of [
    '.',
    '-.',
    '+.',
    '._',
    'e5',
    'E10',
    '-e5',
    '.e5',
    '.5_0',
    '1e999',
    '12345e789',
    '0x_',
    '0b_',
    '0b2',
  ])
    t.is(read(text), text);
  for (const text of ['0o8', '1e', '--1', '1.2.3', '_1', '0xffffffffffffffffff', '12:30', '2001-01-01', '0x1p2'])
    t.is(read(text), text);
  const numbers = {
    '.5': 0.5,
    '-.5': -0.5,
    '1.': 1,
    '1.e5': 100_000,
    '1e3': 1_000,
    '0o17': 15,
    '0644': 420,
    '-0644': -420,
    '0X1F': 31,
    '-0x1f': -31,
    '0B11': 3,
    '0_': 0,
    '08': 8,
    '-0': 0,
    '1_000.5': 1000.5,
    '+5': 5,
    '1e-400': 0,
  };
  for (const [text, number] of Object.entries(numbers)) t.is(read(text), number, text);
  t.throws(() => read('-.inf'), { message: 'yaml: json: unsupported value: -Inf' });
  t.is(read('!!int "5"'), 5);
  t.is(read('!!str 5'), '5');
  t.deepEqual(parseYaml('f:data: {.: {}, f:a: {}}\ne1: e2\n').value, { 'f:data': { '.': {}, 'f:a': {} }, e1: 'e2' });
});

test('protobuf bodies are read by the field numbers of the tables', (t) => {
  const contentType = 'application/vnd.kubernetes.protobuf';
  const body = Uint8Array.from(atob('azhzAAoPCgJ2MRIJQ29uZmlnTWFwEg8KBQoDcGJhEgYKAWsSAXYaACIA'), (character) =>
    character.charCodeAt(0),
  );
  t.deepEqual(decode({ type: configMap, body, contentType }).object, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'pba' },
    data: { k: 'v' },
  });
  t.is(
    refusal({ type: configMap, body: encoder.encode('k9s\0xxxx'), contentType }),
    '400 the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be ' +
      'a protobuf message, expected prefix [107 56 115 0] (6b39730078787878)',
  );
  t.regex(
    refusal({ type: 'core/v1.Secret', body, contentType }),
    /^400 ConfigMap in version "v1" cannot be handled as a Secret/,
  );
});

test('nesting beyond all reason is refused, not followed', (t) => {
  t.regex(refusal({ type: configMap, body: '{"a":'.repeat(100_000) }), /^400 /);
  t.regex(refusal({ type: configMap, body: `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}` }), /exceeded max depth/);
});
