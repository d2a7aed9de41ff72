import test from 'ava';
import { resources, type Service, serviceNameLabel } from '../../api/index.ts';
import { ingressPortsAnnotation } from '../../protocol/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { loadBalancerController } from './controller.ts';

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
  service(name: string, port: number, spec?: object): Promise<unknown>;
  /** `address`: one, or several with a comma between them. */
  node(name: string, address: string, metadata?: object): Promise<unknown>;
  /** The addresses that a Service shows, after all has come to rest. */
  shown(name: string): Promise<readonly (string | undefined)[] | undefined>;
}

function world(): World {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [loadBalancerController({ reservedPorts: [22, 6443] })]);
  return {
    cluster,
    harness,
    service: (name, port, spec = {}) =>
      cluster.make(resources.services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'shop' },
        spec: { type: 'LoadBalancer', ports: [{ port, protocol: 'TCP' }], ...spec },
      }),
    node: (name, address, metadata = {}) =>
      cluster.make(resources.nodes, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, ...metadata },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [
            { type: 'Hostname', address: name },
            ...address.split(',').map((each) => ({ type: 'InternalIP', address: each })),
          ],
        },
      }),
    shown: async (name) => {
      await harness.settle();
      return cluster.view
        .get<Service>(resources.services, 'shop', name)
        ?.status?.loadBalancer?.ingress?.map(({ ip }) => ip);
    },
  };
}

test('a load balancer is reached at the addresses of all ready nodes, each once', async (t) => {
  const { cluster, service, node, shown } = world();
  await service('web', 80);
  t.is(await shown('web'), undefined);
  await node('b', '192.0.2.2');
  await node('a', '192.0.2.1');
  await node('same-machine', '192.0.2.1');
  await node('kept-out', '192.0.2.9', { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } });
  t.deepEqual(await shown('web'), ['192.0.2.1', '192.0.2.2']);
  await cluster.client.patch(
    { ...resources.nodes, name: 'b' },
    { type: 'merge', body: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } } },
    { subresource: 'status' },
  );
  t.deepEqual(await shown('web'), ['192.0.2.1']);
  await cluster.client.patch(
    { ...resources.services, namespace: 'shop', name: 'web' },
    { type: 'merge', body: { spec: { type: 'ClusterIP' } } },
  );
  t.is(await shown('web'), undefined);
});

test('a node that the cluster autoscaler is about to remove is no address of a load balancer', async (t) => {
  const { cluster, service, node, shown } = world();
  await service('web', 80);
  await node('a', '192.0.2.1');
  await node('b', '192.0.2.2');
  t.deepEqual(await shown('web'), ['192.0.2.1', '192.0.2.2']);
  const taint = (taints: readonly object[] | null): Promise<unknown> =>
    cluster.client.patch({ ...resources.nodes, name: 'b' }, { type: 'merge', body: { spec: { taints } } });
  await taint([{ key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' }]);
  t.deepEqual(await shown('web'), ['192.0.2.1']);
  await taint(null);
  t.deepEqual(await shown('web'), ['192.0.2.1', '192.0.2.2']);
});

test('a load balancer is reached in the families of its Service', async (t) => {
  const { service, node, shown } = world();
  await node('a', '192.0.2.1,2001:db8::1');
  await node('b', '192.0.2.2');
  await service('both', 80, { ipFamilies: ['IPv6', 'IPv4'] });
  await service('four', 81, { ipFamilies: ['IPv4'] });
  await service('six', 82, { ipFamilies: ['IPv6'] });
  t.deepEqual(await shown('both'), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
  t.deepEqual(await shown('four'), ['192.0.2.1', '192.0.2.2']);
  t.deepEqual(await shown('six'), ['2001:db8::1']);
});

test("a port of the nodes is the oldest Service's, and free again after it", async (t) => {
  const { cluster, service, node, shown } = world();
  await node('a', '192.0.2.1');
  await service('old', 80);
  cluster.now += 1_000;
  await service('also-old', 80, { ports: [{ port: 80, protocol: 'UDP' }] });
  await service('new', 80, { ports: [{ port: 443 }, { port: 80 }] });
  t.deepEqual(
    [await shown('old'), await shown('also-old'), await shown('new')],
    [['192.0.2.1'], ['192.0.2.1'], undefined],
  );
  t.true(
    cluster.events.some(
      ({ object, reason, message }) =>
        object === 'new' &&
        reason === 'PortTaken' &&
        message === 'port 80/TCP of the nodes belongs to the Service shop/old, which is older',
    ),
  );
  await cluster.client.delete({ ...resources.services, namespace: 'shop', name: 'old' });
  t.deepEqual(await shown('new'), ['192.0.2.1']);
});

test("ports of the machine and of served Ingresses are no Service's", async (t) => {
  const { cluster, service, node, shown } = world();
  await node('a', '192.0.2.1', { annotations: { [ingressPortsAnnotation]: '80,443' } });
  await service('shell', 22);
  await service('web', 80);
  t.deepEqual([await shown('shell'), await shown('web')], [undefined, ['192.0.2.1']]);
  await cluster.make(resources.ingressClasses, {
    apiVersion: '',
    kind: 'IngressClass',
    metadata: { name: 'troupe' },
    spec: { controller: 'troupe.dev/ingress' },
  });
  await cluster.make(resources.ingresses, {
    apiVersion: '',
    kind: 'Ingress',
    metadata: { name: 'site', namespace: 'shop' },
    spec: { ingressClassName: 'troupe' },
  });
  t.is(await shown('web'), undefined);
});

test('a node that begins to serve Ingresses takes its ports back from a Service', async (t) => {
  const { cluster, service, node, shown } = world();
  await cluster.make(resources.ingressClasses, {
    apiVersion: '',
    kind: 'IngressClass',
    metadata: { name: 'troupe' },
    spec: { controller: 'troupe.dev/ingress' },
  });
  await cluster.make(resources.ingresses, {
    apiVersion: '',
    kind: 'Ingress',
    metadata: { name: 'site', namespace: 'shop' },
    spec: { ingressClassName: 'troupe' },
  });
  await node('a', '192.0.2.1');
  await service('web', 80);
  t.deepEqual(await shown('web'), ['192.0.2.1']);
  await cluster.client.patch(
    { ...resources.nodes, name: 'a' },
    { type: 'merge', body: { metadata: { annotations: { [ingressPortsAnnotation]: '80,443' } } } },
  );
  t.is(await shown('web'), undefined);
});

test('the policy Local names the nodes with a ready endpoint alone', async (t) => {
  const { cluster, service, node, shown } = world();
  await node('a', '192.0.2.1');
  await node('b', '192.0.2.2');
  await service('web', 80, { externalTrafficPolicy: 'Local' });
  t.is(await shown('web'), undefined);
  const endpoint = (nodeName: string, ready: boolean): object => ({
    addresses: ['10.0.0.1'],
    nodeName,
    conditions: { ready },
  });
  await cluster.make(resources.endpointSlices, {
    apiVersion: '',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'shop', labels: { [serviceNameLabel]: 'web' } },
    addressType: 'IPv4',
    endpoints: [endpoint('b', true), endpoint('a', false)],
  });
  t.deepEqual(await shown('web'), ['192.0.2.2']);
});

test("another load balancer's class and another one's address are left alone", async (t) => {
  const { cluster, service, node, shown } = world();
  await service('classed', 80, { loadBalancerClass: 'example.com/lb' });
  await service('other', 81);
  await cluster.client.patch(
    { ...resources.services, namespace: 'shop', name: 'other' },
    { type: 'merge', body: { status: { loadBalancer: { ingress: [{ ip: '198.51.100.1', ipMode: 'VIP' }] } } } },
    { subresource: 'status', fieldManager: 'somebody' },
  );
  await node('a', '192.0.2.1');
  t.deepEqual([await shown('classed'), await shown('other')], [undefined, ['198.51.100.1']]);
});
