import test from 'ava';
import type { Endpoints, EndpointSlice, Service } from '../../api/index.ts';
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
