import test from 'ava';
import fc from 'fast-check';
import type { New, PodSpec } from '../api/index.ts';
import { aClaim, aCluster, aNode, aPod, place } from './cluster.fixture.ts';
import { schedule } from './pipeline.ts';
import { podInfo } from './pod-info.ts';
import { preempt } from './preemption.ts';
import { SchedulingQueue } from './queue.ts';

test('without nodes nothing can be scheduled', (t) => {
  t.is(place(aCluster([]), aPod()), 'no nodes available to schedule pods');
});

test('a failure counts the reasons by node, sorted as text', (t) => {
  const state = aCluster([
    aNode('a', { cpu: '1' }),
    aNode('b', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
    aNode('c', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } }),
    aNode('d', { spec: { unschedulable: true } }),
  ]);
  t.is(
    place(state, aPod({ cpu: '2' })),
    '0/4 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, ' +
      '2 node(s) had untolerated taint {k: v}.',
  );
});

test('one node may lack several resources, and the number of pods is one of them', (t) => {
  const state = aCluster([aNode('a', { cpu: '1', memory: '1Gi', pods: '0' })]);
  t.is(
    place(state, aPod({ cpu: '2', memory: '2Gi' })),
    '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.',
  );
});

test('selectors and affinity say so, and a pod pinned by name looks at that node only', (t) => {
  const state = aCluster([aNode('a', { labels: { disk: 'ssd' } }), aNode('b')]);
  t.is(place(state, aPod({ spec: { nodeSelector: { disk: 'ssd' } } })), 'a');
  t.is(
    place(state, aPod({ spec: { nodeSelector: { disk: 'none' } } })),
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
  );
  const pin = (name: string): New<PodSpec> => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
        },
      },
    },
  });
  t.is(place(state, aPod({ spec: pin('b') })), 'b');
  t.is(
    place(state, aPod({ cpu: '64', spec: pin('b') })),
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  );
});

test('a host port is given once for each address', (t) => {
  const state = aCluster([aNode('a')]);
  const withPort = (hostIP?: string, protocol: 'TCP' | 'UDP' = 'TCP'): New<PodSpec> => ({
    containers: [
      {
        name: 'c',
        ports: [{ hostPort: 80, containerPort: 80, protocol, ...(hostIP === undefined ? {} : { hostIP }) }],
      },
    ],
  });
  t.is(place(state, aPod({ spec: withPort('10.0.0.1') })), 'a');
  t.is(place(state, aPod({ spec: withPort('10.0.0.2') })), 'a');
  t.is(place(state, aPod({ spec: withPort(undefined, 'UDP') })), 'a');
  t.is(
    place(state, aPod({ spec: withPort() })),
    "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  );
});

test('pods of one controller spread over nodes', (t) => {
  const state = aCluster([aNode('a'), aNode('b'), aNode('c')]);
  const chosen = Array.from({ length: 6 }, () => place(state, aPod({ owner: 'rs', cpu: '100m' })));
  t.deepEqual(chosen.sort(), ['a', 'a', 'b', 'b', 'c', 'c']);
});

test('anti-affinity keeps apart, in both directions, and affinity brings together', (t) => {
  const state = aCluster([aNode('a', { labels: { zone: '1' } }), aNode('b', { labels: { zone: '2' } })]);
  const apart = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'zone' },
      ],
    },
  };
  const first = place(state, aPod({ labels: { app: 'db' }, spec: { affinity: apart } }));
  const second = place(state, aPod({ labels: { app: 'db' }, spec: { affinity: apart } }));
  t.deepEqual([first, second].sort(), ['a', 'b']);
  t.is(
    place(state, aPod({ labels: { app: 'db' }, spec: { affinity: apart } })),
    "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
  );
  t.is(
    place(state, aPod({ labels: { app: 'db' } })),
    "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
  );
  const near = (app: string): New<PodSpec> => ({
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app } }, topologyKey: 'zone' },
        ],
      },
    },
  });
  const cache = place(state, aPod({ labels: { app: 'cache' } }));
  t.is(place(state, aPod({ spec: near('cache') })), cache);
  t.is(
    place(state, aPod({ spec: near('nothing') })),
    "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
  );
  t.regex(place(state, aPod({ labels: { app: 'self' }, spec: near('self') })), /^[ab]$/);
});

test('a hard spread constraint keeps the skew', (t) => {
  const state = aCluster([aNode('a', { labels: { zone: '1' } }), aNode('b', { labels: { zone: '2' }, cpu: '1' })]);
  const spread: New<PodSpec> = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'x' } },
      },
    ],
  };
  const chosen = Array.from({ length: 4 }, () =>
    place(state, aPod({ cpu: '500m', labels: { app: 'x' }, spec: spread })),
  );
  t.deepEqual(chosen.sort(), ['a', 'a', 'b', 'b']);
  t.is(place(state, aPod({ cpu: '500m', labels: { app: 'x' }, spec: spread })), 'a');
  t.is(
    place(state, aPod({ cpu: '500m', labels: { app: 'x' }, spec: spread })),
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.",
  );
});

test('a claim that is not there or not bound holds the pod back', (t) => {
  const state = aCluster([aNode('a')], {
    claim: (_namespace, name) => (name === 'unbound' ? aClaim(name) : undefined),
  });
  const claim = (claimName: string): New<PodSpec> => ({
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
  });
  t.is(place(state, aPod({ spec: claim('none') })), '0/1 nodes are available: persistentvolumeclaim "none" not found.');
  t.is(
    place(state, aPod({ spec: claim('unbound') })),
    '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
  );
});

test("a pod's ephemeral volume waits for its claim, and takes nobody else's", (t) => {
  const state = aCluster([aNode('a')], { claim: (_namespace, name) => (name === 'p-v' ? undefined : aClaim(name)) });
  const spec = { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } }] } as New<PodSpec>;
  t.is(
    place(state, aPod({ name: 'p', spec })),
    '0/1 nodes are available: ' + 'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v".',
  );
  t.is(
    place(state, aPod({ name: 'q', spec })),
    '0/1 nodes are available: PVC ns/q-v was not created for pod ns/q (pod is not owner).',
  );
});

test('a node that has the image is preferred', (t) => {
  const state = aCluster([aNode('a'), aNode('b', { images: [{ names: ['i:1'], sizeBytes: 900 * 1024 * 1024 }] })]);
  t.is(place(state, aPod()), 'b');
});

test('preemption takes the least important victims, and says so when it does not help', (t) => {
  const state = aCluster([aNode('a', { cpu: '1' }), aNode('b', { cpu: '1' })]);
  for (const [name, priority, target] of [
    ['low', 1, 'a'],
    ['middle', 5, 'b'],
  ] as const)
    state.putPod(podInfo(aPod({ name, cpu: '1', spec: { priority } })), target);
  const urgent = podInfo(aPod({ cpu: '1', spec: { priority: 10 } }));
  const failure = schedule(urgent, state, 0);
  if (failure.type !== 'failure') return t.fail('it fits');
  t.deepEqual(
    preempt(urgent, failure, state).preemption?.victims.map((victim) => victim.uid),
    ['low'],
  );
  const weak = podInfo(aPod({ cpu: '1', spec: { priority: 0 } }));
  const hopeless = schedule(weak, state, 0);
  t.is(
    hopeless.type === 'failure' ? preempt(weak, hopeless, state).message : '',
    'preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
  );
  const huge = podInfo(aPod({ cpu: '9', spec: { priority: 10 } }));
  const never = schedule(huge, state, 0);
  t.is(
    never.type === 'failure' ? preempt(huge, never, state).message : '',
    'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
});

test('the queue gives the most important pod first, then the oldest, and a rejected one only after its pause', (t) => {
  const queue = new SchedulingQueue();
  const [low, high, old] = [
    podInfo(aPod({ name: 'low' })),
    podInfo(aPod({ name: 'high', spec: { priority: 9 } })),
    podInfo(aPod({ name: 'old' })),
  ];
  queue.put(old, 0);
  queue.put(low, 1);
  queue.put(high, 2);
  const first = queue.pop();
  t.is(first?.info.uid, 'high');
  if (first !== undefined) queue.park(first, new Set(['NodeResourcesFit']), 10);
  t.deepEqual([queue.pop()?.info.uid, queue.pop()?.info.uid, queue.pop()], ['old', 'low', undefined]);
  queue.wake(['NodePorts'], 10);
  t.is(queue.pop(), undefined);
  queue.wake(['NodeResourcesFit'], 10);
  t.is(queue.pop(), undefined);
  t.is(queue.flush(10), 1_000);
  queue.flush(1_010);
  t.is(queue.pop()?.info.uid, 'high');
});

test('no node is ever given more than it has, whatever comes and goes', (t) => {
  const step = fc.record({
    cpu: fc.integer({ min: 0, max: 1500 }),
    memory: fc.integer({ min: 0, max: 3000 }),
    leave: fc.boolean(),
    victim: fc.nat(),
    tie: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, nodes) => {
      const state = aCluster([
        ...Array.from({ length: nodes }, (_, index) =>
          aNode(`n${String(index)}`, { cpu: '2', memory: '4Gi', pods: '5' }),
        ),
      ]);
      const placed: string[] = [];
      for (const { cpu, memory, leave, victim, tie } of steps) {
        if (leave && placed.length > 0) state.removePod(placed.splice(victim % placed.length, 1)[0] ?? '');
        const info = podInfo(aPod({ cpu: `${String(cpu)}m`, memory: `${String(memory)}Mi` }));
        const result = schedule(info, state, tie);
        if (result.type === 'placement') {
          state.putPod(info, result.node);
          placed.push(info.uid);
        }
      }
      for (const one of state.nodes.values()) {
        const sum = [...one.pods.values()].reduce((total, info) => total + info.requests.cpuMilli, 0);
        if (sum !== one.requested.cpuMilli || sum > 2_000 || one.requested.memory > 4 * 1024 ** 3 || one.pods.size > 5)
          throw new Error(`${one.name} is overcommitted`);
      }
    }),
    { seed: 7 },
  );
  t.pass();
});

test('counts by domain stay right when nodes change their labels and pods move', (t) => {
  const state = aCluster([aNode('a', { labels: { zone: '1' } }), aNode('b', { labels: { zone: '2' } })]);
  const counter = state.counter('all', () => true);
  const counted = (): readonly (readonly [string, number])[] =>
    ['1', '2', '3'].flatMap((value) => {
      const count = counter.domains('zone', state.columns).of(value);
      return count === 0 ? [] : [[value, count] as const];
    });
  const [first, second] = [podInfo(aPod()), podInfo(aPod())];
  state.putPod(first, 'a');
  state.putPod(second, 'b');
  t.deepEqual(counted(), [
    ['1', 1],
    ['2', 1],
  ]);
  state.putNode(aNode('b', { labels: { zone: '1' } }));
  t.deepEqual(counted(), [['1', 2]]);
  state.putPod(second, 'a');
  state.removeNode('a');
  t.deepEqual(counted(), []);
  state.putNode(aNode('a', { labels: { zone: '3' } }));
  t.deepEqual(counted(), [['3', 2]]);
});

test('a node that comes is put behind the others without a new order of all', (t) => {
  const state = aCluster([aNode('a'), aNode('b')]);
  const { order } = state;
  state.putNode(aNode('c'));
  t.is(state.order, order);
  const names = (): readonly string[] => state.order.map(({ name }) => name);
  t.deepEqual(names(), ['a', 'b', 'c']);
  state.removeNode('a');
  t.deepEqual(names(), ['b', 'c']);
  state.putNode(aNode('a'));
  t.deepEqual(names(), ['b', 'c', 'a']);
});
