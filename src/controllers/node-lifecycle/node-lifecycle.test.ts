import test from 'ava';
import { type Node, type Pod, resources, timeText } from '../../api/index.ts';
import { createActorSystem } from '../../actors/index.ts';
import { silentLogger, silentMetrics } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { runController } from '../runtime/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { taintEvictionController } from '../taint-eviction/controller.ts';
import { nodeLifecycleController } from './controller.ts';

const options = { silentMs: 5_000, startMs: 60_000 };

async function world(): Promise<{
  cluster: MemoryCluster;
  harness: Harness;
  node: () => Node | undefined;
  pods: () => readonly Pod[];
  beat: () => Promise<void>;
}> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [nodeLifecycleController(options), taintEvictionController()]);
  await cluster.make(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(cluster.now) }] },
  });
  await cluster.make(resources.leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'n', namespace: 'kube-node-lease' },
    spec: {},
  });
  const tolerant = [
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
  ];
  for (const [name, tolerations] of [
    ['brief', tolerant],
    ['intolerant', []],
  ] as const) {
    await cluster.make(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'ns' },
      spec: { nodeName: 'n', containers: [], tolerations },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
  await harness.settle();
  return {
    cluster,
    harness,
    node: () => cluster.view.get<Node>(resources.nodes, undefined, 'n'),
    pods: () => cluster.view.list<Pod>(resources.pods, 'ns'),
    beat: async () => {
      await cluster.client.patch(
        { ...resources.leases, namespace: 'kube-node-lease', name: 'n' },
        { type: 'merge', body: { spec: { renewTime: String(cluster.now) } } },
      );
    },
  };
}

test('a node whose lease moves stays ready', async (t) => {
  const { harness, node, beat } = await world();
  for (let i = 0; i < 5; i++) {
    await beat();
    await harness.advance(4_000);
  }
  t.is(node()?.status?.conditions?.[0]?.status, 'True');
  t.deepEqual(node()?.spec?.taints ?? [], []);
});

test('a node whose agent is heard stays ready without being looked at, and its silence is noticed', async (t) => {
  const cluster = new MemoryCluster();
  const time = new SimulatedTime(0, 20);
  const log = silentLogger;
  const system = createActorSystem({ name: 'test', clock: time, timers: time, log, metrics: silentMetrics });
  await cluster.make(resources.nodes, {
    metadata: { name: 'n' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(cluster.now) }] },
  });
  await cluster.make(resources.leases, { metadata: { name: 'n', namespace: 'kube-node-lease' }, spec: {} });
  let heardAt = 0;
  const controller = nodeLifecycleController(options, () => heardAt);
  let looks = 0;
  const counted: typeof controller = {
    ...controller,
    reconcile: (key, ports) => {
      looks += 1;
      return controller.reconcile(key, ports);
    },
  };
  const running = runController(counted, { ...cluster.ports, clock: time }, { system, clock: time, timers: time });
  const ready = (): string | undefined =>
    cluster.view.get<Node>(resources.nodes, undefined, 'n')?.status?.conditions?.[0]?.status;
  for (let i = 0; i < 60; i++) {
    await time.run(1_500);
    heardAt = time.monotonic();
  }
  t.is(ready(), 'True');
  t.true(looks <= 2, `${looks} looks`);
  await time.run(4_900);
  t.is(ready(), 'True');
  await time.run(200);
  t.is(ready(), 'Unknown');
  running.stop();
});

test('a look that comes late finds whom this process did not hear while it stood still', async (t) => {
  const cluster = new MemoryCluster();
  const heard: Record<string, number> = {};
  const controller = nodeLifecycleController(options, (node) => heard[node]);
  const harness = new Harness(cluster, [controller]);
  await cluster.make(resources.nodes, {
    metadata: { name: 'n' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(cluster.now) }] },
  });
  await cluster.make(resources.leases, { metadata: { name: 'n', namespace: 'kube-node-lease' }, spec: {} });
  await harness.settle();
  heard['n'] = cluster.now + 4_000;
  cluster.now += 5_000;
  t.is(controller.postponeMs?.('n', cluster.ports), 4_000);
  cluster.now += 6_000;
  t.is(controller.postponeMs?.('n', cluster.ports), 0, 'it stood still: the look is made');
  await harness.advance(0);
  t.is(cluster.view.get<Node>(resources.nodes, undefined, 'n')?.status?.conditions?.[0]?.status, 'True');
});

test('a silent node becomes unknown and tainted; its pods are not ready, and leave by their tolerations', async (t) => {
  const { cluster, harness, node, pods } = await world();
  await harness.advance(5_000);
  const ready = node()?.status?.conditions?.find((condition) => condition.type === 'Ready');
  t.is(ready?.status, 'Unknown');
  t.is(ready?.reason, 'NodeStatusUnknown');
  t.deepEqual(
    node()?.spec?.taints?.map((taint) => [taint.key, taint.effect]),
    [
      ['node.kubernetes.io/unreachable', 'NoSchedule'],
      ['node.kubernetes.io/unreachable', 'NoExecute'],
    ],
  );
  t.deepEqual(
    pods().map((pod) => [
      pod.metadata.name,
      pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.status,
    ]),
    [['brief', 'False']],
  );
  await harness.advance(31_000);
  t.deepEqual(pods(), []);
  t.true(cluster.events.some((event) => event.reason === 'TaintManagerEviction'));
});

test('a node that is heard again and says it is ready loses its taints', async (t) => {
  const { cluster, harness, node, beat } = await world();
  await harness.advance(5_000);
  await beat();
  await cluster.client.update(
    { ...resources.nodes, name: 'n' },
    {
      ...node(),
      status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(cluster.now) }] },
    },
    { subresource: 'status' },
  );
  await harness.settle();
  t.deepEqual(node()?.spec?.taints ?? [], []);
});

test('a node without a lease is given as long as upstream gives it, and its coming and going are told', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [nodeLifecycleController(options)]);
  const status = (): string | undefined =>
    cluster.view.get<Node>(resources.nodes, undefined, 'bare')?.status?.conditions?.[0]?.status;
  await cluster.make(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'bare' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(cluster.now) }] },
  });
  await harness.settle();
  await harness.advance(49_000);
  t.is(status(), 'True');
  await harness.advance(1_500);
  t.is(status(), 'Unknown');
  await cluster.client.delete({ ...resources.nodes, name: 'bare' });
  await harness.settle();
  t.deepEqual(
    cluster.events.map((event) => `${event.reason}: ${event.message}`),
    [
      'RegisteredNode: Node bare event: Registered Node bare in Controller',
      'NodeNotReady: Node bare status is now: NodeNotReady',
      'RemovingNode: Node bare event: Removing Node bare from Controller',
    ],
  );
});

test('a node that takes out its lease a moment after it came is as soon missed as any other', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [nodeLifecycleController(options)]);
  await cluster.make(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'new' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(cluster.now) }] },
  });
  await harness.settle();
  await harness.advance(500);
  await cluster.make(resources.leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'new', namespace: 'kube-node-lease' },
    spec: {},
  });
  await harness.advance(5_000);
  t.is(cluster.view.get<Node>(resources.nodes, undefined, 'new')?.status?.conditions?.[0]?.status, 'Unknown');
});

test('a node that says itself that it is not ready is tainted, and its pods are left to it', async (t) => {
  const { cluster, harness, node, pods } = await world();
  await cluster.client.update(
    { ...resources.nodes, name: 'n' },
    { ...node(), status: { conditions: [{ type: 'Ready', status: 'False' }] } },
    { subresource: 'status' },
  );
  await harness.settle();
  t.deepEqual(
    node()?.spec?.taints?.map((taint) => [taint.key, taint.effect]),
    [
      ['node.kubernetes.io/not-ready', 'NoSchedule'],
      ['node.kubernetes.io/not-ready', 'NoExecute'],
    ],
  );
  t.false(
    pods().some((pod) =>
      pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'False'),
    ),
  );
});

test('the old labels of system and architecture follow the new ones', async (t) => {
  const { cluster, harness, node } = await world();
  const label = async (labels: Readonly<Record<string, string | null>>): Promise<unknown> => {
    await cluster.client.patch({ ...resources.nodes, name: 'n' }, { type: 'merge', body: { metadata: { labels } } });
    await harness.settle();
    return node()?.metadata.labels;
  };
  const full = {
    'kubernetes.io/os': 'linux',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'arm64',
    'beta.kubernetes.io/arch': 'arm64',
  };
  t.deepEqual(await label({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' }), full);
  t.deepEqual(await label({ 'beta.kubernetes.io/os': 'windows', 'beta.kubernetes.io/arch': null }), full);
  t.deepEqual(await label({ 'kubernetes.io/os': null, 'beta.kubernetes.io/os': 'windows' }), {
    'beta.kubernetes.io/os': 'windows',
    'kubernetes.io/arch': 'arm64',
    'beta.kubernetes.io/arch': 'arm64',
  });
});
