import test from 'ava';
import { resources, type ServiceCIDR, type StoredObject } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { serviceCidrController } from './controller.ts';
import { isStranded, type Observed, planRange } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

test('a service range is kept while an address lies in it alone', async (t) => {
  t.true(isStranded(['10.1.0.5'], ['10.1.0.0/24'], ['10.2.0.0/24']));
  t.false(isStranded(['10.1.0.5'], ['10.1.0.0/24'], ['10.1.0.0/16']));
  t.false(isStranded(['10.3.0.5'], ['10.1.0.0/24'], []));
  t.true(isStranded(['2001:db8::1'], ['2001:db8::/64'], ['10.1.0.0/24']));
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [serviceCidrController()]);
  await cluster.make(resources.serviceCIDRs, {
    apiVersion: '',
    kind: 'ServiceCIDR',
    metadata: { name: 'r' },
    spec: { cidrs: ['10.1.0.0/24'] },
  });
  await cluster.make(resources.ipAddresses, { apiVersion: '', kind: 'IPAddress', metadata: { name: '10.1.0.5' } });
  await harness.settle();
  await cluster.client.delete({ ...resources.serviceCIDRs, name: 'r' });
  await harness.settle();
  const range = (): StoredObject | undefined => cluster.view.get<StoredObject>(resources.serviceCIDRs, undefined, 'r');
  t.deepEqual(range()?.metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer']);
  await cluster.client.delete({ ...resources.ipAddresses, name: '10.1.0.5' });
  await harness.settle();
  t.is(range(), undefined);
});

test('a service range is kept for a Service whose address nothing holds any more', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [serviceCidrController()]);
  await cluster.make(resources.serviceCIDRs, {
    apiVersion: '',
    kind: 'ServiceCIDR',
    metadata: { name: 'r' },
    spec: { cidrs: ['10.1.0.0/24'] },
  });
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'ns' } };
  await cluster.make(resources.services, { ...service, spec: { clusterIP: '10.1.0.5', clusterIPs: ['10.1.0.5'] } });
  await harness.settle();
  await cluster.client.delete({ ...resources.serviceCIDRs, name: 'r' });
  await harness.settle();
  const range = (): unknown => cluster.view.get(resources.serviceCIDRs, undefined, 'r');
  t.truthy(range());
  await cluster.client.delete({ ...resources.services, namespace: 'ns', name: 's' });
  await harness.settle();
  t.is(range(), undefined);
});

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const range = (uid: string, cidr: string, metadata: object = {}, ready?: 'True' | 'False'): ServiceCIDR =>
  stored<ServiceCIDR>({
    apiVersion: '',
    kind: 'ServiceCIDR',
    metadata: { name: uid, uid, ...metadata },
    spec: { cidrs: [cidr] },
    status: {
      conditions:
        ready === undefined
          ? []
          : [
              {
                type: 'Ready',
                status: ready,
                reason: ready === 'False' ? 'Terminating' : '',
                lastTransitionTime: '2026-01-01T00:00:00Z',
              },
            ],
    },
  });
const ending = { finalizers: [finalizer], deletionTimestamp: 'now' };
const wide = range('wide', '10.1.0.0/16');

const rows: readonly { readonly title: string; readonly observed: Partial<Observed>; readonly plan: object }[] = [
  {
    title: 'a new range holds itself first',
    observed: { range: range('r', '10.1.0.0/24') },
    plan: { type: 'finalizers', finalizers: [finalizer] },
  },
  {
    title: 'a held range says that it is ready',
    observed: { range: range('r', '10.1.0.0/24', { finalizers: [finalizer] }) },
    plan: { type: 'status', status: { conditions: [{ type: 'Ready', status: 'True' }] } },
  },
  {
    title: 'a ready range is left alone',
    observed: { range: range('r', '10.1.0.0/24', { finalizers: [finalizer] }, 'True') },
    plan: { type: 'nothing' },
  },
  {
    title: 'a range that ends with an address in it says what holds it',
    observed: { range: range('r', '10.1.0.0/24', ending, 'True'), addresses: ['10.1.0.5'] },
    plan: { type: 'status', status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Terminating' }] } },
  },
  {
    title: 'a range that has said what holds it says it once',
    observed: { range: range('r', '10.1.0.0/24', ending, 'False'), addresses: ['10.1.0.5'] },
    plan: { type: 'nothing' },
  },
  {
    title: 'a range whose addresses another one has goes',
    observed: { range: range('r', '10.1.0.0/24', ending), addresses: ['10.1.0.5'], others: [wide] },
    plan: { type: 'finalizers', finalizers: [] },
  },
  {
    title: 'a range that ends as well takes over no addresses',
    observed: {
      range: range('r', '10.1.0.0/24', ending),
      addresses: ['10.1.0.5'],
      others: [range('wide', '10.1.0.0/16', ending)],
    },
    plan: { type: 'status', status: { conditions: [{ reason: 'Terminating' }] } },
  },
];
for (const { title, observed, plan } of rows)
  test(title, (t) => {
    const all: Observed = { range: wide, others: [], addresses: [], now: 0, ...observed };
    t.like(planRange(all), plan);
  });
