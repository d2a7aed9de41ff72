import test from 'ava';
import { heldAddress, type IPAddress, resources, type Service } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { stored } from '../runtime/stored.fixture.ts';
import { ipAddressController } from './controller.ts';
import { graceMs, planAddress } from './reconcile.ts';

const service = (...clusterIPs: readonly string[]): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'ns' },
    spec: { clusterIPs, clusterIP: clusterIPs[0] ?? '' },
  });
const held = (address: string, name = 'web', labels?: object): IPAddress => {
  const { metadata, spec } = heldAddress(address, { namespace: 'ns', name });
  return stored<IPAddress>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z', ...metadata, ...(labels === undefined ? {} : { labels }) },
    spec,
  } as never);
};
const made = Date.parse('2026-01-01T00:00:00Z');
const late = made + graceMs;

const rows: readonly {
  readonly title: string;
  readonly service?: Service;
  readonly held?: IPAddress;
  readonly now?: number;
  readonly plan: object;
}[] = [
  {
    title: 'an address that its Service holds stays',
    service: service('10.1.0.5'),
    held: held('10.1.0.5'),
    plan: { type: 'nothing' },
  },
  {
    title: 'an address that nothing holds is taken for its Service',
    service: service('10.1.0.5'),
    plan: { type: 'create' },
  },
  {
    title: 'an address that another Service holds is not taken from it',
    service: service('10.1.0.5'),
    held: held('10.1.0.5', 'other'),
    plan: { type: 'conflict' },
  },
  { title: 'an address without its Service goes', held: held('10.1.0.5'), plan: { type: 'remove' } },
  {
    title: 'an address that the Service gave back goes',
    service: service('10.1.0.6'),
    held: held('10.1.0.5'),
    plan: { type: 'remove' },
  },
  {
    title: 'an address without its Service stays for a while',
    held: held('10.1.0.5'),
    now: late - 1_000,
    plan: { type: 'wait', ms: 1_000 },
  },
  { title: 'what was made by hand stays', held: held('10.1.0.5', 'web', {}), plan: { type: 'nothing' } },
  { title: 'a headless Service holds nothing', service: service('None'), plan: { type: 'nothing' } },
];
for (const { title, now = late, plan, ...seen } of rows)
  test(title, (t) => {
    t.deepEqual(planAddress({ address: '10.1.0.5', service: undefined, held: undefined, ...seen, now }), plan as never);
  });

test('what somebody deletes is made again, in each family', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [ipAddressController()]);
  const names = (): readonly string[] =>
    cluster.view.list<IPAddress>(resources.ipAddresses).map(({ metadata }) => metadata.name);
  await cluster.make(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'ns' },
    spec: { clusterIPs: ['10.1.0.5', 'fd00:1::0005'], clusterIP: '10.1.0.5' },
  });
  await harness.settle();
  t.deepEqual(names(), ['10.1.0.5', 'fd00:1::5']);
  await cluster.client.delete({ ...resources.ipAddresses, name: '10.1.0.5' });
  await harness.settle();
  t.deepEqual(names(), ['10.1.0.5', 'fd00:1::5']);
  t.deepEqual(cluster.events.at(-1), {
    object: 'web',
    reason: 'ClusterIPNotAllocated',
    message: 'Cluster IP 10.1.0.5 is not allocated; repairing',
  });
  t.like(cluster.view.get<IPAddress>(resources.ipAddresses, undefined, '10.1.0.5'), {
    metadata: {
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace: 'ns', name: 'web' } },
  });
});
