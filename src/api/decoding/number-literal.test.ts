import test from 'ava';
import fc from 'fast-check';
import { atOnce } from '../../base/index.ts';
import { decodeCustom } from '../custom/decoding.ts';
import { specOf } from '../custom-schema/schemas.fixture.ts';
import { StatusError } from '../machinery/index.ts';
import { decodeObject, parseJson, parseYaml } from './index.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function answerOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof StatusError ? `${error.code} ${error.message}` : `crashed: ${String(error)}`;
  }
}

const builtIn = (type: string, body: string): unknown =>
  answerOf(
    () =>
      decodeObject({
        type,
        body: { bytes: bytesOf(body), contentType: 'application/json' },
        fieldValidation: 'Strict',
      }).object['spec'],
  );

const refused = (kind: string, problem: string): string =>
  `400 ${kind} in version "v1" cannot be handled as a ${kind}: ${problem}`;
const rounded = (source: string, field: string): string =>
  `number ${source} of field "${field}" would be rounded: beyond ±9007199254740991 only some 16 digits of a whole ` +
  'number are kept; write it as a text';

const integers: readonly (readonly [written: string, goType: string | undefined])[] = [
  ['3', undefined],
  ['-0', undefined],
  ['1.0', 'number 1.0'],
  ['1e2', 'number 1e2'],
  ['3.5', 'number 3.5'],
  ['3.50', 'number 3.50'],
  ['-1E+1', 'number -1E+1'],
  ['1e400', 'number 1e400'],
  ['9007199254740993', 'number 9007199254740993'],
];
for (const [written, problem] of integers)
  test(`an int32 of a built-in kind that is written ${written} is read as by Go's decoder`, (t) => {
    const expected =
      problem === undefined
        ? { replicas: Number(written) + 0 }
        : refused(
            'Deployment',
            `json: cannot unmarshal ${problem} into Go struct field DeploymentSpec.spec.replicas of type int32`,
          );
    t.deepEqual(builtIn('apps/v1.Deployment', `{"spec":{"replicas":${written}}}`), expected);
    t.deepEqual(builtIn('apps/v1.Deployment', `{"spec": {"replicas" : ${written} } }`), expected);
  });

test('an int64 of a built-in kind is kept exactly, or refused', (t) => {
  const seconds = (written: string): unknown =>
    builtIn('core/v1.Pod', `{"spec":{"containers":null,"terminationGracePeriodSeconds":${written}}}`);
  for (const kept of ['9007199254740991', '9007199254740992', '1000000000000000000', '-512445927930753000'])
    t.is(JSON.stringify(seconds(kept)), `{"terminationGracePeriodSeconds":${kept}}`);
  for (const lost of ['9007199254740993', '9223372036854775807', '-9223372036854775808', '1152921504606846977'])
    t.is(seconds(lost), refused('Pod', rounded(lost, 'spec.terminationGracePeriodSeconds')));
  const beyond = '9223372036854775808';
  const field = 'Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64';
  t.is(seconds(beyond), refused('Pod', `json: cannot unmarshal number ${beyond} into ${field}`));
});

test('other fields of built-in kinds say of a number what Go says', (t) => {
  const ports = (port: string): unknown => builtIn('core/v1.Service', `{"spec":{"ports":[{"targetPort":${port}}]}}`);
  t.is(ports('80.0'), refused('Service', 'json: cannot unmarshal number 80.0 into Go value of type int32'));
  t.is(
    builtIn('core/v1.Pod', '{"spec":{"hostname":1.0}}'),
    refused('Pod', 'json: cannot unmarshal number into Go struct field PodSpec.spec.hostname of type string'),
  );
  t.is(
    builtIn('core/v1.Pod', '{"spec":{"securityContext":1.0}}'),
    refused(
      'Pod',
      'json: cannot unmarshal number into Go struct field PodSpec.spec.securityContext of type v1.PodSecurityContext',
    ),
  );
  t.is(
    builtIn('core/v1.Pod', '{"spec":{"nodeSelector":1.0}}'),
    refused(
      'Pod',
      'json: cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type map[string]string',
    ),
  );
  t.deepEqual(
    builtIn('core/v1.Pod', '{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":1.0,"memory":1e3}}}]}}'),
    { containers: [{ name: 'a', resources: { limits: { cpu: '1', memory: '1e3' } } }] },
  );
  t.is(
    answerOf(() =>
      decodeObject({
        type: 'core/v1.Pod',
        body: { bytes: bytesOf('{"kind":1.0}'), contentType: '' },
        fieldValidation: 'Warn',
      }),
    ),
    "400 the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: " +
      'json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1.0})',
  );
});

test('a bound of a schema is a float64, and its default anything', (t) => {
  const schema = (text: string): unknown =>
    builtIn(
      'apiextensions/v1.CustomResourceDefinition',
      `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${text}}}]}}`,
    );
  const read = (text: string): string => JSON.stringify(schema(text));
  t.true(read('{"maximum":9223372036854775807}').includes('"maximum":9223372036854776000'));
  t.true(read('{"minimum":1.0,"default":{"a":[1e2]}}').includes('"default":{"a":[100]},"minimum":1'));
  t.is(schema('{"default":{"a":9007199254740993}}'), `400 ${rounded('9007199254740993', 'a')}`);
});

const widget = { group: 'example.com', version: 'v1', kind: 'Widget', schema: specOf({ n: { type: 'integer' } }) };
const custom = (written: string, contentType = ''): unknown =>
  answerOf(() => {
    const text = `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"n":${written}}}`;
    return atOnce(decodeCustom(widget, { bytes: bytesOf(text), contentType, fieldValidation: 'Strict' })).object[
      'spec'
    ];
  });

test('a number of a custom kind is kept exactly, or refused; 1.0 is a whole number', (t) => {
  for (const [written, kept] of [
    ['1.0', 1],
    ['1e2', 100],
    ['9007199254740991', 9007199254740991],
    ['1000000000000000000', 1e18],
    // More than an int64 is a float64 to Go, too.
    ['18446744073709551617', 2 ** 64],
  ] as const)
    t.deepEqual(custom(written), { n: kept }, written);
  for (const contentType of ['application/json', 'application/yaml'])
    for (const lost of ['9007199254740993', '9223372036854775807', '-9007199254740993', '1152921504606846976'])
      t.true(String(custom(lost, contentType)).includes(`number ${lost}`), `${contentType} ${lost}`);
  t.is(custom('9007199254740993'), `400 ${rounded('9007199254740993', 'n')}`);
  t.regex(String(custom('1e400')), /^400 .*json: cannot unmarshal number 1e400 into Go value of type float64/);
});

test('whole numbers of YAML that would be rounded are refused', (t) => {
  for (const text of ['9007199254740993', '9_007_199_254_740_993', '0x20000000000001', '-9223372036854775807'])
    t.throws(() => parseYaml(`a:\n  b: ${text}`), { message: /^yaml: line 2: number .* would be rounded/ }, text);
  t.deepEqual(parseYaml('a: 0x20000000000000\nb: 1e30\nc: 18446744073709551617\nd: 1.0').value, {
    a: 2 ** 53,
    b: 1e30,
    c: 2 ** 64,
    d: 1,
  });
});

test('numbers are found wherever they stand, and texts that look like them are left alone', (t) => {
  const digits = '9007199254740993';
  for (const text of [
    digits,
    `[${digits}]`,
    `[[1],${digits}]`,
    `["a", -${digits}]`,
    `[{"a":"b"},\n${digits}\n]`,
    `{"a":{},"b":\t${digits}}`,
    `{"a":"\\"","b":${digits},"b":1}`,
    `{"b":1,"b":${digits}}`,
  ])
    for (const repeated of [true, false]) t.throws(() => parseJson(text, repeated), { message: /rounded/ }, text);
  const texts = { a: `":${digits}`, b: `[1.0,${digits}]`, c: '\\', [`:${digits}`]: 'd', 'e":1.0': 1.5 };
  t.deepEqual(parseJson(JSON.stringify(texts), true).value, texts);
});

test('every JSON value is read as JSON.parse reads it', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      t.deepEqual(parseJson(text, true).value, JSON.parse(text));
    }),
  );
});
