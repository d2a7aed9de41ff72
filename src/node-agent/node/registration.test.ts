import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { type Node, resources } from '../../api/index.ts';
import { register, type Registration } from './index.ts';
import type { NodeFacts } from './node-object.ts';

const facts: NodeFacts = {
  name: 'n1',
  address: '192.0.2.1',
  machineId: '',
  bootId: '',
  version: 'v1.33.5',
  diskBytes: 2 ** 30,
  podsMax: 10,
  podCidr: undefined,
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

async function fixture(): Promise<Fixture> {
  const api = memoryApi();
  const time = new SimulatedTime();
  const registration = await register(
    { client: api.client, clock: time, timers: time, log: silentLogger },
    { facts, leaseMs: 1_500, images: () => Promise.resolve([]), notReadyReason: () => undefined },
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
