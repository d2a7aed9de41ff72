import test from 'ava';
import { type ApiService, obstacleOf } from './api-service/condition.ts';
import { flowSchemaController } from './flow-schema/controller.ts';
import { Harness, MemoryCluster } from './runtime/memory-cluster.fixture.ts';
import { resources, type Stored } from './objects.ts';
import type { Service } from './endpoint-slice/service.ts';
import { serviceCidrController } from './service-cidr/controller.ts';
import { isStranded } from './service-cidr/ranges.ts';

const api = (port?: number): ApiService => ({
  apiVersion: '',
  kind: 'APIService',
  metadata: { name: 'v1.x', uid: 'u' },
  spec: { service: { namespace: 'n', name: 's', ...(port === undefined ? {} : { port }) } },
});
const service = (spec: object): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', uid: 'u' }, spec }) as never;
const slice = (ready: boolean, name = 'https'): never =>
  ({ ports: [{ name, port: 443 }], endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }] }) as never;

test('an APIService says what its Service lacks', (t) => {
  const listening = service({ type: 'ClusterIP', ports: [{ name: 'https', port: 443 }] });
  const rows: readonly (readonly [ReturnType<typeof obstacleOf> extends infer R ? R : never, string | undefined])[] = [
    [obstacleOf(api(), { service: undefined, slices: [] }), 'service/s in "n" is not present'],
    [obstacleOf(api(8443), { service: listening, slices: [] }), 'service/s in "n" is not listening on port 8443'],
    [obstacleOf(api(), { service: listening, slices: [] }), 'cannot find endpointslices for service/s in "n"'],
    [
      obstacleOf(api(), { service: listening, slices: [slice(false)] }),
      'endpointslices for service/s in "n" have no addresses with port name "https"',
    ],
    [
      obstacleOf(api(), { service: listening, slices: [slice(true, 'other')] }),
      'endpointslices for service/s in "n" have no addresses with port name "https"',
    ],
    [obstacleOf(api(), { service: listening, slices: [slice(true)] }), undefined],
    [obstacleOf(api(), { service: service({ type: 'ExternalName' }), slices: [] }), undefined],
  ];
  for (const [found, message] of rows) t.is(found?.message, message);
});

test('a flow schema dangles until its priority level is made', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [flowSchemaController()]);
  const dangling = (): unknown =>
    (
      cluster.view.get<Stored & { readonly status?: { readonly conditions: readonly { readonly status: string }[] } }>(
        resources.flowSchemas,
        undefined,
        'f',
      )?.status?.conditions ?? []
    ).map(({ status }) => status);
  await cluster.make(resources.flowSchemas, {
    apiVersion: '',
    kind: 'FlowSchema',
    metadata: { name: 'f' },
    spec: { priorityLevelConfiguration: { name: 'p' } },
  });
  await harness.settle();
  t.deepEqual(dangling(), ['True']);
  await cluster.make(resources.priorityLevels, {
    apiVersion: '',
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'p' },
    spec: {},
  });
  await harness.settle();
  t.deepEqual(dangling(), ['False']);
});

test('a service range is kept while an address lies in it alone', async (t) => {
  t.true(isStranded(['10.1.0.5'], ['10.1.0.0/24'], ['10.2.0.0/24']));
  t.false(isStranded(['10.1.0.5'], ['10.1.0.0/24'], ['10.1.0.0/16']));
  t.false(isStranded(['10.3.0.5'], ['10.1.0.0/24'], []));
  t.true(isStranded(['2001:db8::1'], ['2001:db8::/64'], ['10.1.0.0/24']));
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [serviceCidrController()]);
  await cluster.make(resources.serviceCidrs, {
    apiVersion: '',
    kind: 'ServiceCIDR',
    metadata: { name: 'r' },
    spec: { cidrs: ['10.1.0.0/24'] },
  });
  await cluster.make(resources.ipAddresses, { apiVersion: '', kind: 'IPAddress', metadata: { name: '10.1.0.5' } });
  await harness.settle();
  await cluster.client.delete({ ...resources.serviceCidrs, name: 'r' });
  await harness.settle();
  const range = (): Stored | undefined => cluster.view.get<Stored>(resources.serviceCidrs, undefined, 'r');
  t.deepEqual(range()?.metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer']);
  await cluster.client.delete({ ...resources.ipAddresses, name: '10.1.0.5' });
  await harness.settle();
  t.is(range(), undefined);
});
