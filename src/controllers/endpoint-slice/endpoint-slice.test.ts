import test from 'ava';
import { type Endpoints, type EndpointSlice, resources } from '../../api/index.ts';
import { endpointSliceMirroringController } from '../endpoint-slice-mirroring/controller.ts';
import { endpointsController } from '../endpoints/controller.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { endpointSliceController } from './controller.ts';
import { planSlices } from './slices.ts';

function world(): {
  cluster: MemoryCluster;
  harness: Harness;
  slices: () => readonly EndpointSlice[];
  endpoints: (name: string) => Endpoints | undefined;
} {
  const cluster = new MemoryCluster();
  return {
    cluster,
    harness: new Harness(cluster, [
      endpointSliceController(),
      endpointsController(),
      endpointSliceMirroringController(),
    ]),
    slices: () => cluster.view.list<EndpointSlice>(resources.endpointSlices, 'ns'),
    endpoints: (name) => cluster.view.get<Endpoints>(resources.endpoints, 'ns', name),
  };
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'sel', namespace: 'ns', labels: { s: 'sel' } },
  spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
};
const pod = (ready: string): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', labels: { a: 'b' } },
  spec: { nodeName: 'n', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080 }] }] },
  status: {
    phase: 'Running',
    podIP: '10.7.0.1',
    podIPs: [{ ip: '10.7.0.1' }],
    conditions: [{ type: 'Ready', status: ready }],
  },
});

test('a service without pods has one empty slice, which then takes the pods', async (t) => {
  const { cluster, harness, slices, endpoints } = world();
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  await cluster.make(resources.services, service);
  await harness.settle();
  const [empty] = slices();
  t.is(slices().length, 1);
  t.is(empty?.ports, null);
  t.deepEqual(empty?.metadata.labels, {
    s: 'sel',
    'service.kubernetes.io/headless': '',
    'kubernetes.io/service-name': 'sel',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  await cluster.make(resources.pods, pod('False'));
  await harness.settle();
  t.is(slices()[0]?.metadata.name, empty?.metadata.name);
  t.deepEqual(slices()[0]?.ports, [{ name: 'http', protocol: 'TCP', port: 8080 }]);
  t.deepEqual(slices()[0]?.endpoints?.[0]?.conditions, { ready: false, serving: false, terminating: false });
  t.deepEqual(
    endpoints('sel')?.subsets?.[0]?.notReadyAddresses?.map((address) => address.ip),
    ['10.7.0.1'],
  );
  await cluster.client.update({ ...resources.pods, namespace: 'ns', name: 'p' }, pod('True'), {
    subresource: 'status',
  });
  await harness.settle();
  t.deepEqual(slices()[0]?.endpoints?.[0]?.conditions, { ready: true, serving: true, terminating: false });
  t.deepEqual(
    endpoints('sel')?.subsets?.[0]?.addresses?.map((address) => address.ip),
    ['10.7.0.1'],
  );
  t.is(endpoints('sel')?.metadata.labels?.['endpoints.kubernetes.io/managed-by'], 'endpoint-controller');
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'p' });
  await harness.settle();
  t.deepEqual(
    slices().map((slice) => slice.endpoints),
    [null],
  );
});

test('a service of two families has an empty slice for each that no pod has an address of', async (t) => {
  const { cluster, harness, slices } = world();
  const shown = (): unknown[] => slices().map(({ addressType, endpoints }) => [addressType, endpoints?.length ?? 0]);
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  await cluster.make(resources.services, { ...service, spec: { ...service.spec, ipFamilies: ['IPv4', 'IPv6'] } });
  await harness.settle();
  t.deepEqual(shown().sort(), [
    ['IPv4', 0],
    ['IPv6', 0],
  ]);
  await cluster.make(resources.pods, pod('True'));
  await harness.settle();
  t.deepEqual(shown().sort(), [
    ['IPv4', 1],
    ['IPv6', 0],
  ]);
});

test('endpoints made by hand are mirrored while their service has no selector, and go with it', async (t) => {
  const { cluster, harness, slices, endpoints } = world();
  const subsets = [
    { addresses: [{ ip: '10.7.0.5' }], notReadyAddresses: [{ ip: '10.7.0.7' }], ports: [{ name: 'x', port: 81 }] },
  ];
  await cluster.make(resources.endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'bare', namespace: 'ns', labels: { l: '1' } },
    subsets,
  });
  await harness.settle();
  t.is(slices().length, 0);
  await cluster.make(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bare', namespace: 'ns' },
    spec: { clusterIP: 'None' },
  });
  await harness.settle();
  t.deepEqual(
    slices()[0]?.endpoints?.map((endpoint) => [endpoint.addresses[0], endpoint.conditions?.ready]),
    [
      ['10.7.0.5', true],
      ['10.7.0.7', false],
    ],
  );
  await cluster.client.delete({ ...resources.services, namespace: 'ns', name: 'bare' });
  await harness.settle();
  t.is(endpoints('bare'), undefined);
  t.is(slices().length, 0);
});

test('many endpoints fill slices of a hundred, and one that leaves changes one slice', (t) => {
  const frame = {
    namespace: 'ns',
    generateName: 's-',
    labels: {},
    owner: { apiVersion: 'v1', kind: 'Service', name: 's', uid: 'u' },
  };
  const endpoints = Array.from({ length: 250 }, (_, index) => ({
    conditions: {},
    addresses: [`10.0.${String(Math.floor(index / 250))}.${String(index)}`],
  }));
  const first = planSlices(frame, [{ addressType: 'IPv4', ports: [], endpoints }], []);
  t.deepEqual(
    first.create.map((slice) => (slice as EndpointSlice).endpoints?.length),
    [100, 100, 50],
  );
  const existing = first.create.map((slice, index) => ({
    ...(slice as EndpointSlice),
    metadata: { ...(slice as EndpointSlice).metadata, name: `s-${String(index)}`, uid: String(index) },
  }));
  const next = planSlices(frame, [{ addressType: 'IPv4', ports: [], endpoints: endpoints.slice(1) }], existing);
  t.deepEqual([next.create.length, next.update.length, next.remove.length], [0, 1, 0]);
});

test('a service that prefers what is close hints each ready endpoint at its own zone', async (t) => {
  const { cluster, harness, slices } = world();
  await cluster.make(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'a', labels: { 'topology.kubernetes.io/zone': 'z' } },
  });
  await cluster.make(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'ns' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], trafficDistribution: 'PreferClose' },
  });
  for (const [name, ready] of [
    ['p', 'True'],
    ['q', 'False'],
  ] as const) {
    const pod = await cluster.make(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'ns', labels: { app: 'web' } },
      spec: { nodeName: 'a', containers: [] },
    });
    await cluster.client.update(
      { ...resources.pods, namespace: 'ns', name },
      {
        ...pod,
        status: {
          phase: 'Running',
          podIP: `10.0.0.${String(name.length)}`,
          podIPs: [{ ip: '10.0.0.1' }],
          conditions: [{ type: 'Ready', status: ready }],
        },
      },
      { subresource: 'status' },
    );
  }
  await harness.settle();
  t.deepEqual(
    slices()[0]?.endpoints?.map((endpoint) => endpoint.hints),
    [{ forZones: [{ name: 'z' }] }, undefined],
  );
});

test('a service in the topology mode Auto hints by zone while nodes say theirs, and tells of the end', async (t) => {
  const { cluster, harness, slices } = world();
  const node = (name: string, zone: string): ReturnType<typeof pod> => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: zone === '' ? {} : { 'topology.kubernetes.io/zone': zone } },
    status: { allocatable: { cpu: '2' }, conditions: [{ type: 'Ready', status: 'True' }] },
  });
  await cluster.make(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'ns', annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } },
    spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] },
  });
  for (const [i, zone] of ['x', 'y'].entries()) {
    await cluster.make(resources.nodes, node(`n${i}`, zone));
    const { spec, metadata, status, ...head } = pod('True') as ReturnType<typeof pod> & {
      spec: object;
      status: object;
    };
    await cluster.make(resources.pods, {
      ...head,
      metadata: { ...metadata, name: `p${i}` },
      spec: { ...spec, nodeName: `n${i}` },
      status: { ...status, podIP: `10.7.0.${i}`, podIPs: [{ ip: `10.7.0.${i}` }] },
    });
  }
  await harness.settle();
  const zones = (): unknown =>
    slices()[0]
      ?.endpoints?.map(({ hints }) => hints?.forZones?.[0]?.name)
      .sort();
  t.deepEqual(zones(), ['x', 'y']);
  await cluster.client.update({ ...resources.nodes, name: 'n1' }, node('n1', ''));
  await harness.settle();
  t.deepEqual(zones(), [undefined, undefined]);
  t.deepEqual(
    cluster.events.map(({ reason }) => reason),
    ['TopologyAwareHintsEnabled', 'TopologyAwareHintsDisabled'],
  );
});

/** How many nodes are listed when one of so many, in two zones, is no longer ready, for a Service with hints. */
async function nodesListed(count: number): Promise<number> {
  const { cluster, harness, slices } = world();
  for (let i = 0; i < count; i++)
    await cluster.make(resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `n${i}`, labels: { 'topology.kubernetes.io/zone': i % 2 === 0 ? 'x' : 'y' } },
      status: { allocatable: { cpu: '2' }, conditions: [{ type: 'Ready', status: 'True' }] },
    });
  const annotations = { 'service.kubernetes.io/topology-mode': 'Auto' };
  await cluster.make(resources.services, { ...service, metadata: { ...service.metadata, annotations } });
  await harness.settle();
  const { list } = cluster.view;
  let [listed, reconciled] = [0, 0];
  Object.assign(cluster.view, {
    list: (...args: Parameters<typeof list>) => {
      const found = list(...args);
      if (args[0].resource === 'nodes') listed += found.length;
      return found;
    },
    ownedBy: (...[resource]: Parameters<typeof cluster.view.ownedBy>) => {
      reconciled += 1;
      return resource === resources.endpointSlices ? slices() : [];
    },
  });
  const body = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
  await cluster.client.patch({ ...resources.nodes, name: 'n0' }, { type: 'merge', body }, { subresource: 'status' });
  await harness.settle();
  if (reconciled === 0) throw new Error('the Service was not looked at');
  return listed;
}

test('for hints by zone, a change of one node looks at no other, among 100 and among 5,000', async (t) => {
  t.deepEqual([await nodesListed(100), await nodesListed(5_000)], [0, 0]);
});
