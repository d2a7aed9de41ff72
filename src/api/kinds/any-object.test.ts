import test from 'ava';
import fc from 'fast-check';
import { canonicalObject, conformObject } from '../decoding/index.ts';
import { deepClone, deepFreeze } from '../machinery/index.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { decodeProtobuf, encodeProtobuf } from '../protobuf/index.ts';
import { allResources, optionalResources, type ServedResource } from '../schema/index.ts';
import { behaviourOf } from './index.ts';
import { anyStruct, type Draw } from './testing/any-object.ts';

const metadata = {
  name: 'x',
  namespace: 'n',
  uid: 'u',
  labels: { a: 'b' },
  generation: 1,
  creationTimestamp: '2024-01-01T00:00:00Z',
};
const now = '2024-01-01T01:00:00Z';

function drawFrom(seed: number): Draw {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

/** Those too that are served only where the settings ask for them. */
const everyResource: readonly ServedResource[] = [
  ...allResources(),
  ...optionalResources(['admissionregistration.k8s.io/v1alpha1', 'resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2']),
];

const drawn = (info: ServedResource, draw: Draw): JsonObject =>
  conformObject(
    info.type,
    {
      ...anyStruct(info.type, draw),
      apiVersion: `${info.group}/${info.version}`,
      kind: info.kind,
      metadata: deepClone(metadata),
    },
    {},
  ).object;
const asKind = (object: JsonObject): KubeObject => object as unknown as KubeObject;

/** Everything that the write path, tables and selectors ask of a kind, once for a new object and once for a change. */
function exercise(info: ServedResource, draw: Draw): void {
  const behaviour = behaviourOf(info);
  const made = drawn(info, draw);
  behaviour.defaults?.(made);
  const old = asKind(deepFreeze(canonicalObject(info.type, deepClone(made))));
  behaviour.prepareForCreate?.(made, { name: 'somebody', groups: [] });
  behaviour.beginAllocation?.(made, ['IPv4', 'IPv6']);
  behaviour.validate?.(asKind(made));
  behaviour.warnings?.(asKind(made));
  behaviour.row(old, Date.parse(now));
  behaviour.rowConditions?.(old);
  behaviour.selectableFields?.(old);
  behaviour.gracePeriodSeconds?.(old);
  const changed = drawn(info, draw);
  behaviour.defaults?.(changed);
  for (const [, way] of Object.entries(behaviour.subresources ?? {})) {
    const object = deepClone(changed);
    way.prepareForUpdate?.(object, old, now);
    way.validateUpdate?.(asKind(object), old);
  }
  behaviour.prepareForUpdate?.(changed, old);
  (behaviour.validateUpdate ?? behaviour.validate)?.(asKind(changed), old);
  behaviour.warnings?.(asKind(changed), old);
}

test("no object of a kind's shape makes what the kind does throw", (t) => {
  const stored = everyResource.filter((info) => info.verbs.includes('create') && info.verbs.includes('get'));
  t.true(stored.length > 40);
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const draw = drawFrom(seed);
      for (const info of stored) exercise(info, draw);
    }),
    { numRuns: 12 },
  );
});

/** Objects inside objects tell their kind in JSON alone, and protobuf does not tell an empty map from none. */
const withoutInnerKinds = (object: JsonObject): unknown =>
  JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      key === 'volumeClaimTemplates' && Array.isArray(value)
        ? value.map((claim) => ({ ...(claim as object), kind: undefined, apiVersion: undefined }))
        : key === 'counters'
          ? (value ?? {})
          : value,
    ),
  );

test('every object comes back from protobuf as it was', (t) => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const draw = drawFrom(seed);
      for (const { type, ...info } of everyResource) {
        const object = canonicalObject(type, drawn({ ...info, type }, draw));
        const back = canonicalObject(type, decodeProtobuf(type, encodeProtobuf(type, object)));
        t.is(JSON.stringify(withoutInnerKinds(back)), JSON.stringify(withoutInnerKinds(object)));
      }
    }),
    { numRuns: 8 },
  );
});
