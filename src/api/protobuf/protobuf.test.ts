import test from 'ava';
import fc from 'fast-check';
import { decodeMessage, decodeProtobuf, encodeMessage, encodeProtobuf, ProtobufError } from './index.ts';

test('values whose JSON form is special come back as they were', (t) => {
  const pod = {
    metadata: {
      name: 'p',
      creationTimestamp: '2024-05-06T07:08:09Z',
      annotations: { ä: 'ö' },
      managedFields: [{ manager: 'm', fieldsV1: { 'f:spec': {} } }],
    },
    spec: {
      volumes: [{ name: 's', secret: { secretName: 'x', defaultMode: 420 } }],
      containers: [
        {
          name: 'c',
          resources: { limits: { cpu: '500m' } },
          livenessProbe: { httpGet: { path: '/', port: 'web' }, periodSeconds: 10 },
          readinessProbe: { tcpSocket: { port: 80 } },
        },
      ],
      priority: -5,
    },
  };
  t.deepEqual(decodeMessage('core/v1.Pod', encodeMessage('core/v1.Pod', pod)), pod);
  const secret = { data: { a: 'AAEC/w==', b: '' } };
  t.deepEqual(decodeMessage('core/v1.Secret', encodeMessage('core/v1.Secret', secret)), secret);
  const lease = { spec: { renewTime: '0001-01-01T00:00:00.000001Z', leaseTransitions: 0 } };
  t.deepEqual(decodeMessage('coordination/v1.Lease', encodeMessage('coordination/v1.Lease', lease)), lease);
  const review = { status: { user: { username: 'u', extra: { key: ['a', 'b'] } } } };
  t.deepEqual(
    decodeMessage('authentication/v1.TokenReview', encodeMessage('authentication/v1.TokenReview', review)),
    review,
  );
});

test('an int64 comes back with its digits, or is refused', (t) => {
  const type = 'core/v1.PodSpec';
  const seconds = (value: number): unknown =>
    decodeMessage(type, encodeMessage(type, { activeDeadlineSeconds: value }));
  for (const kept of [2 ** 53, -512445927930753000, 10 ** 18])
    t.deepEqual(seconds(kept), { activeDeadlineSeconds: kept });
  // Field 5, with 2 to the power of 53, plus 1.
  const lost = Uint8Array.of(0x28, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10);
  t.throws(() => decodeMessage(type, lost), {
    instanceOf: ProtobufError,
    message: /number 9007199254740993 of field "activeDeadlineSeconds" would be rounded/,
  });
  const raw = '{"a":9007199254740993}';
  const bytes = new TextEncoder().encode(raw);
  const revision = Uint8Array.of(0x12, bytes.length + 2, 0x0a, bytes.length, ...bytes);
  t.throws(() => decodeMessage('apps/v1.ControllerRevision', revision), {
    message: /number 9007199254740993 would be/,
  });
});

test('JSON schemas of custom resources come back as they were', (t) => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'array', items: { type: 'string' }, maxItems: 5, default: ['x'] },
      b: { additionalProperties: true, 'x-kubernetes-preserve-unknown-fields': true },
      c: { additionalProperties: { type: 'number', minimum: 0.5 }, enum: [1, 'two', null] },
    },
  };
  const type = 'apiextensions/v1.JSONSchemaProps';
  t.deepEqual(decodeMessage(type, encodeMessage(type, schema)), schema);
});

test('fields of embedded structs stand in a message of their own', (t) => {
  const bytes = encodeMessage('core/v1.Volume', { name: 'v', emptyDir: {} });
  t.deepEqual([...bytes], [0x0a, 1, 0x76, 0x12, 2, 0x12, 0]);
});

test('a body tells its kind in the envelope', (t) => {
  const bytes = encodeProtobuf('apps/v1.Deployment', { metadata: { name: 'd' } });
  t.deepEqual([...bytes.subarray(0, 4)], [0x6b, 0x38, 0x73, 0]);
  t.deepEqual(decodeProtobuf('apps/v1.Deployment', bytes), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
  });
  t.deepEqual(decodeProtobuf('core/v1.Pod', bytes), { apiVersion: 'apps/v1', kind: 'Deployment' });
});

test('bytes that are no message are refused, whatever they are', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage('core/v1.Pod', bytes);
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
  t.throws(() => decodeMessage('core/v1.Pod', Uint8Array.of(0x0a, 0x7f)), { instanceOf: ProtobufError });
});
