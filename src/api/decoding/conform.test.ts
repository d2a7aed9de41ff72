import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { decodeProtobuf, encodeProtobuf } from '../protobuf/index.ts';
import { typeOfKind } from '../schema/index.ts';
import { canonicalObject, conformObject, decodeObject } from './index.ts';
import { readJson } from './json-reader.ts';

test('empty optional values go, empty values that mean something stay', (t) => {
  const pod = {
    spec: {
      hostNetwork: false,
      nodeName: '',
      automountServiceAccountToken: false,
      containers: [{ name: '', image: '', args: [], env: null }],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  };
  t.deepEqual(conformObject('core/v1.Pod', pod).object, {
    spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [{ name: '' }], automountServiceAccountToken: false },
  });
});

test('fields stand in wire order and the keys of maps are sorted', (t) => {
  const { object } = conformObject('core/v1.ConfigMap', {
    data: { b: '1', a: '2' },
    metadata: { labels: { z: '', y: '' }, name: 'n' },
    apiVersion: 'v1',
    kind: 'ConfigMap',
  });
  t.is(
    JSON.stringify(object),
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"n","labels":{"y":"","z":""}},"data":{"a":"2","b":"1"}}',
  );
});

test('the canonical form has what upstream always writes', (t) => {
  t.deepEqual(
    canonicalObject('apps/v1.Deployment', {
      spec: { template: { spec: { containers: [{ name: 'c', resources: { limits: { cpu: 0.5 } } }] } } },
    }),
    {
      metadata: { creationTimestamp: null },
      spec: {
        selector: null,
        template: {
          metadata: { creationTimestamp: null },
          spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m' } } }] },
        },
        strategy: {},
      },
      status: {},
    },
  );
});

test('an empty list that is told from an absent one is not shown when it may be left out', (t) => {
  const rules = { spec: { behavior: { scaleUp: { policies: [] } } } };
  t.like(conformObject('autoscaling/v2.HorizontalPodAutoscaler', rules).object, rules);
  t.like(canonicalObject('autoscaling/v2.HorizontalPodAutoscaler', rules), {
    spec: { behavior: { scaleUp: { policies: undefined } } },
  });
});

test('an owned value becomes the same, and what is as it should be is not copied', (t) => {
  const value = {
    kind: 'Pod',
    metadata: { name: 'n', labels: { a: '1', b: '2' }, annotations: { b: '1', a: '2' } },
    spec: { containers: [{ name: 'c' }, { image: 'i', name: 'd' }], volumes: [] },
  };
  const before = JSON.stringify(value);
  const copied = conformObject('core/v1.Pod', value).object;
  const kept = conformObject('core/v1.Pod', value, { owned: true }).object;
  t.is(JSON.stringify(kept), JSON.stringify(copied));
  t.is(JSON.stringify(value), before);
  const [own, other] = [value, copied].map((from) => (from['metadata'] as typeof value.metadata).labels);
  t.is((kept['metadata'] as typeof value.metadata).labels, own as typeof value.metadata.labels);
  t.not(other, own);
});

test('the same object at two places of a YAML text becomes two', (t) => {
  const text = 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  labels: &l {a: b}\n  annotations: *l\n';
  const { object } = decodeObject({
    body: { bytes: new TextEncoder().encode(text), contentType: 'application/yaml' },
    type: 'core/v1.ConfigMap',
    fieldValidation: 'Strict',
  });
  const { labels, annotations } = object['metadata'] as { readonly labels: object; readonly annotations: object };
  t.deepEqual(labels, annotations);
  t.not(labels, annotations);
});

const scenarios = new URL('../../../../shared/kubernetes/replay/scenarios/', import.meta.url);

/** Masks of the recordings that stand where only a time can. */
function unmask(value: unknown): unknown {
  const texts = { '<time>': '2020-01-01T00:00:00Z', '<time:micro>': '2020-01-01T00:00:00.000001Z' } as const;
  return JSON.parse(JSON.stringify(value), (_, item: unknown) =>
    typeof item === 'string' && item in texts ? texts[item as keyof typeof texts] : item,
  );
}

interface Step {
  readonly name: string;
  readonly pick?: unknown;
  readonly ignore?: unknown;
  readonly expect?: { readonly body?: unknown };
}

/** Every whole object that the recordings expect, with its type. */
function* recordedObjects(): Generator<{ readonly type: string; readonly object: object; readonly where: string }> {
  for (const file of readdirSync(scenarios)) {
    const { steps } = JSON.parse(readFileSync(new URL(file, scenarios), 'utf8')) as { readonly steps: readonly Step[] };
    for (const { name, pick, ignore, expect } of steps) {
      const body = unmask(expect?.body ?? null);
      if (pick !== undefined || ignore !== undefined || typeof body !== 'object' || body === null || 'magic' in body)
        continue;
      const { kind, apiVersion } = body as { readonly kind?: unknown; readonly apiVersion?: unknown };
      if (typeof kind !== 'string' || typeof apiVersion !== 'string') continue;
      const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      const type = typeOfKind({ group, version, kind });
      // A masked node port is no number.
      if (type !== undefined && !JSON.stringify(body).includes('<node port>'))
        yield { type, object: body, where: `${file} ${name}` };
    }
  }
}

const recorded = existsSync(scenarios) ? test : test.skip;
if (!existsSync(scenarios)) console.log('tests are skipped: the recorded exchanges are not beside this checkout');

recorded('recorded objects of the reference server are canonical already, and survive protobuf', (t) => {
  let count = 0;
  for (const { type, object, where } of recordedObjects()) {
    const canonical = canonicalObject(type, object);
    t.is(JSON.stringify(canonical), JSON.stringify(object), where);
    if (!type.endsWith('List') && !type.endsWith('StatefulSet')) {
      t.is(
        JSON.stringify(canonicalObject(type, decodeProtobuf(type, encodeProtobuf(type, canonical)))),
        JSON.stringify(canonical),
        `${where}, by protobuf`,
      );
    }
    count += 1;
  }
  t.true(count > 500);
});

test('the careful JSON reader agrees with JSON.parse', (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      t.deepEqual(readJson(text).value, JSON.parse(text));
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('a null in a map of bytes stands for no bytes', (t) => {
  t.deepEqual(canonicalObject('core/v1.Secret', { data: { a: null, b: 'Yg==' } })['data'], { a: '', b: 'Yg==' });
});
