import test from 'ava';
import { type Endpoints, type EndpointSlice, resources, type Service } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { endpointSliceMirroringController } from './controller.ts';
import { planMirror } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const endpoints = (metadata: object = {}, subsets: Endpoints['subsets'] = []): Endpoints =>
  stored<Endpoints>({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'db', namespace: 'ns', uid: 'e', ...metadata },
    subsets,
  });
const service = (selector?: Record<string, string>): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'ns', uid: 's' },
    spec: selector === undefined ? {} : { selector },
  });
function planned(made: Endpoints): readonly EndpointSlice[] {
  const { create, update, remove } = planMirror(made, service(), []);
  return update.length + remove.length === 0 ? (create as readonly EndpointSlice[]) : [];
}

const subset = {
  addresses: [{ ip: '192.0.2.1', hostname: 'one', nodeName: 'n' }, { ip: '2001:db8::1' }],
  notReadyAddresses: [{ ip: '192.0.2.2' }],
  ports: [{ name: 'sql', port: 5432 }],
};

test('each family becomes a slice that says which addresses are ready', (t) => {
  const create = planned(endpoints({}, [subset]));
  t.deepEqual(
    create.map(({ addressType, endpoints: found, ports }) => [
      addressType,
      found?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
      ports?.map(({ name, protocol, port }) => `${String(name)} ${String(protocol)} ${String(port)}`),
    ]),
    [
      [
        'IPv4',
        [
          ['192.0.2.1', true],
          ['192.0.2.2', false],
        ],
        ['sql TCP 5432'],
      ],
      ['IPv6', [['2001:db8::1', true]], ['sql TCP 5432']],
    ],
  );
  t.like(create[0]?.endpoints?.[0], { hostname: 'one', nodeName: 'n' });
});

test('labels and annotations go along, except those that are only for the Endpoints', (t) => {
  const create = planned(
    endpoints(
      {
        labels: { app: 'db', 'endpointslice.kubernetes.io/skip-mirror': 'false' },
        annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
      [subset],
    ),
  );
  t.deepEqual(create[0]?.metadata.labels, {
    app: 'db',
    'kubernetes.io/service-name': 'db',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  });
  t.deepEqual(create[0]?.metadata.annotations, { note: 'x' });
});

/** As a slice that was created is stored. */
const created = (slices: readonly object[]): readonly EndpointSlice[] =>
  slices.map((each, i) => {
    const { metadata } = each as EndpointSlice;
    return { ...each, metadata: { ...metadata, name: `db-${i}`, uid: `slice-${i}` } } as EndpointSlice;
  });
const addressesIn = (slices: readonly object[]): readonly string[] =>
  (slices as readonly EndpointSlice[]).map(({ endpoints: found }) =>
    (found ?? []).map(({ addresses }) => addresses[0]).join(),
  );

test('subsets with the same ports share a slice, before a change and after it', (t) => {
  const ports = [{ name: 'sql', port: 5432 }];
  const of = (...ips: readonly string[]): Endpoints =>
    endpoints(
      {},
      ips.map((ip) => ({ addresses: [{ ip }], ports })),
    );
  const before = planned(of('192.0.2.1', '192.0.2.2'));
  t.deepEqual(addressesIn(before), ['192.0.2.1,192.0.2.2']);
  const { create, update, remove } = planMirror(of('192.0.2.1', '192.0.2.3'), service(), created(before));
  t.deepEqual([create, addressesIn(update), remove], [[], ['192.0.2.1,192.0.2.3'], []]);
});

test('one address in subsets of several ports is in a slice for each of them', (t) => {
  const subsets = [80, 90].map((port) => ({ addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'a', port }] }));
  const found = planned(endpoints({}, subsets));
  t.deepEqual(addressesIn(found), ['192.0.2.1', '192.0.2.1']);
  t.deepEqual(
    found.map(({ ports }) => ports?.[0]?.port),
    [80, 90],
  );
});

test('slices of Endpoints that were deleted and made anew are replaced, and not left to be collected', (t) => {
  const before = created(planned(endpoints({ uid: 'earlier' }, [subset])));
  const { create, update, remove } = planMirror(endpoints({}, [subset]), service(), before);
  t.deepEqual([create.length, update.length, remove], [2, 0, before]);
});

test('more than 1,000 addresses of a subset are not copied, and it is said how many', async (t) => {
  const ips = (count: number, block = 18): readonly { ip: string }[] =>
    Array.from({ length: count }, (_, i) => ({ ip: `198.${block}.${Math.floor(i / 250)}.${1 + (i % 250)}` }));
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [endpointSliceMirroringController()]);
  await cluster.make(resources.services, { ...service(), metadata: { name: 'db', namespace: 'ns' } });
  await cluster.make(resources.endpoints, {
    ...endpoints({}, [
      { addresses: ips(998), notReadyAddresses: ips(5, 19), ports: [{ name: 'a', port: 80 }] },
      { addresses: ips(1_001), ports: [{ name: 'b', port: 80 }] },
    ]),
    metadata: { name: 'db', namespace: 'ns' },
  });
  await harness.settle();
  const held = cluster.view.list<EndpointSlice>(resources.endpointSlices, 'ns').map(({ endpoints: own }) => own ?? []);
  t.is(held.flat().length, 2_000);
  t.true(held.every(({ length }) => length <= 100));
  t.deepEqual(
    cluster.events.map(({ object, reason, message }) => [object, reason, message]),
    [
      [
        'db',
        'TooManyAddressesToMirror',
        'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 4 addresses were skipped',
      ],
    ],
  );
});

const slice = { metadata: { name: 'old', uid: 'o' } } as EndpointSlice;
const unmirrored: readonly {
  readonly title: string;
  readonly endpoints: Endpoints | undefined;
  readonly service: Service | undefined;
}[] = [
  { title: 'Endpoints that are gone', endpoints: undefined, service: service() },
  { title: 'Endpoints without a Service', endpoints: endpoints(), service: undefined },
  { title: 'Endpoints of a Service with a selector', endpoints: endpoints(), service: service({ app: 'db' }) },
  { title: 'Endpoints that go', endpoints: endpoints({ deletionTimestamp: 'now' }), service: service() },
  {
    title: 'Endpoints that ask to stay alone',
    endpoints: endpoints({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
    service: service(),
  },
  {
    title: 'Endpoints that serve as a lock',
    endpoints: endpoints({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }),
    service: service(),
  },
];
for (const row of unmirrored)
  test(`${row.title} are not mirrored`, (t) => {
    t.deepEqual(planMirror(row.endpoints, row.service, [slice]), { create: [], update: [], remove: [slice] });
  });
