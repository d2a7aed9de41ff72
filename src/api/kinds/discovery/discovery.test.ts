import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'a slice of the wrong family',
    object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv6', endpoints: [{ addresses: ['10.0.0.1'] }] }),
    ['endpoints[0].addresses: Invalid value: "10.0.0.1": must be an IPv6 address'],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

test('what of an endpoint slice is not written any more is dropped', (t) => {
  const { object: slice, errors } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          deprecatedTopology: { 'topology.kubernetes.io/zone': 'z' },
          hints: { forNodes: [{ name: 'n' }], forZones: [{ name: 'z' }] },
        },
      ],
    }),
  );
  t.deepEqual(errors, []);
  t.like(slice, {
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        deprecatedTopology: undefined,
        hints: { forNodes: undefined, forZones: [{ name: 'z' }] },
      },
    ],
  });
});

test('a change of its labels counts as a change of an endpoint slice', (t) => {
  const { object: slice } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [] }),
  );
  t.is(slice.metadata.generation, 1);
  t.is(
    updated(slice, (next) => {
      (next['metadata'] as JsonObject)['labels'] = { a: 'b' };
    }).object.metadata.generation,
    2,
  );
  t.is(
    updated(slice, (next) => {
      (next['metadata'] as JsonObject)['annotations'] = { a: 'b' };
    }).object.metadata.generation,
    1,
  );
});

test('an endpoint slice that is written as it was asked for first does not change', (t) => {
  const { object: slice } = created(
    object('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'] }],
      ports: [{ port: 80 }],
    }),
  );
  const written = (conditions: object): unknown =>
    updated(slice, (next) => {
      next['endpoints'] = [{ addresses: ['10.0.0.1'], ...conditions }];
    }).object.metadata.generation;
  t.deepEqual([written({}), written({ conditions: {} }), written({ conditions: { ready: true } })], [1, 1, 2]);
});
