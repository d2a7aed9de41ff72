import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { type Node, resources, type StoredObject } from '../../api/index.ts';
import { register, type Registration } from './index.ts';
import type { NodeFacts } from './node-object.ts';

const facts: NodeFacts = {
  name: 'n1',
  addresses: ['192.0.2.1'],
  machineId: '',
  bootId: '',
  version: 'v1.33.5',
  diskBytes: 2 ** 30,
  podsMax: 10,
  heldBack: { cpuMilli: 0, memoryBytes: 0, diskBytes: 0 },
  podCidrs: [],
  runtime: {
    name: 'simulated',
    version: '1',
    cpus: 1,
    memoryBytes: 2 ** 30,
    appArmor: false,
    seLinux: false,
    kernel: '',
    operatingSystem: '',
    architecture: 'amd64',
  },
} as unknown as NodeFacts;

interface Fixture {
  readonly api: ReturnType<typeof memoryApi>;
  readonly time: SimulatedTime;
  readonly registration: Registration;
  readonly node: () => Node;
  readonly ready: () => string | undefined;
}

async function fixture(api = memoryApi()): Promise<Fixture> {
  const time = new SimulatedTime();
  const registration = await register(
    { client: api.client, clock: time, timers: time, log: silentLogger },
    { facts, leaseMs: 1_500, images: () => Promise.resolve([]), notReadyReason: () => undefined, pressures: () => [] },
  );
  const node = (): Node => api.get<Node>(resources.nodes, undefined, 'n1') as Node;
  return {
    api,
    time,
    registration,
    node,
    ready: () => node().status?.conditions?.find(({ type }) => type === 'Ready')?.status,
  };
}

test('a node that was given up as silent says at once that it lives', async (t) => {
  const { api, time, registration, node, ready } = await fixture();
  t.is(ready(), 'True');
  await api.client.patch(
    { ...resources.nodes, name: 'n1' },
    { type: 'strategic', body: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } } },
    { subresource: 'status' },
  );
  t.is(ready(), 'Unknown');
  registration.notice(node());
  await time.run(0);
  t.is(ready(), 'True');
  const patches = api.patches();
  registration.notice(node());
  await time.run(0);
  t.is(api.patches(), patches, 'a Node that is right is left alone');
  registration.close();
});

test('a status that could not be written is retried until it is', async (t) => {
  const { api, time, registration, node, ready } = await fixture();
  await api.client.patch(
    { ...resources.nodes, name: 'n1' },
    { type: 'strategic', body: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } } },
    { subresource: 'status' },
  );
  const { get } = api.client;
  let failures = 2;
  Object.assign(api.client, {
    get: (...args: Parameters<typeof get>) =>
      failures-- > 0 ? Promise.reject(new Error('no member answers')) : get(...args),
  });
  registration.notice(node());
  await time.run(0);
  t.is(ready(), 'Unknown');
  await time.run(3_000);
  t.is(ready(), 'True');
  registration.close();
});

const leaseOf = ({ api }: Fixture) => api.get<StoredObject>(resources.leases, 'kube-node-lease', 'n1')?.metadata;

test('the lease of a node belongs to the Node, and to the new one when the node registers again', async (t) => {
  const f = await fixture();
  await f.time.run(0);
  const owner = (uid: string) => [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid }];
  const { uid } = f.node().metadata;
  t.deepEqual(leaseOf(f)?.ownerReferences, owner(uid));
  f.api.remove(resources.leases, 'kube-node-lease', 'n1');
  f.api.remove(resources.nodes, undefined, 'n1');
  f.registration.update();
  await f.time.run(3_000);
  t.deepEqual(leaseOf(f)?.ownerReferences, owner(f.node().metadata.uid));
  f.registration.close();
});

test('a lease that an earlier version made without an owner gets one', async (t) => {
  const api = memoryApi();
  const metadata = { name: 'n1', namespace: 'kube-node-lease' };
  api.put({ ...resources.leases, namespace: 'kube-node-lease' } as never, { kind: 'Lease', metadata });
  const f = await fixture(api);
  await f.time.run(0);
  t.is(leaseOf(f)?.ownerReferences?.[0]?.kind, 'Node');
  f.registration.close();
});

test('a setting of the node counts for a Node that exists as well', async (t) => {
  const api = memoryApi();
  const status = { capacity: { pods: '110', 'example.com/gpu': '1' }, allocatable: { pods: '110' } };
  api.put(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {}, status });
  const f = await fixture(api);
  t.like(f.node().status, { capacity: { pods: '10', 'example.com/gpu': '1' }, allocatable: { pods: '10' } });
  f.registration.close();
});
