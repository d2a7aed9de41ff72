import test from 'ava';
import fc from 'fast-check';
import { ClusterState } from './cluster-state.ts';
import type { Node, Pod } from './objects.ts';
import { schedule } from './pipeline.ts';
import { podInfo } from './pod-info.ts';
import { preempt } from './preemption.ts';
import { SchedulingQueue } from './queue.ts';

const lookup = {
  namespaceLabels: () => ({}),
  claim: () => undefined,
  volume: () => undefined,
  storageClass: () => undefined,
};

function node(
  name: string,
  parts: {
    readonly cpu?: string;
    readonly memory?: string;
    readonly pods?: string;
    readonly labels?: Record<string, string>;
    readonly spec?: object;
    readonly images?: readonly object[];
  } = {},
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
    spec: { ...parts.spec },
    status: {
      allocatable: { cpu: parts.cpu ?? '4', memory: parts.memory ?? '8Gi', pods: parts.pods ?? '110' },
      images: (parts.images ?? []) as never,
    },
  };
}

let sequence = 0;
function pod(
  parts: {
    readonly name?: string;
    readonly cpu?: string;
    readonly memory?: string;
    readonly labels?: Record<string, string>;
    readonly owner?: string;
    readonly spec?: object;
  } = {},
): Pod {
  sequence += 1;
  const name = parts.name ?? `p${String(sequence)}`;
  const requests = {
    ...(parts.cpu === undefined ? {} : { cpu: parts.cpu }),
    ...(parts.memory === undefined ? {} : { memory: parts.memory }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      labels: parts.labels ?? {},
      ...(parts.owner === undefined
        ? {}
        : {
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: parts.owner, uid: parts.owner, controller: true },
            ],
          }),
    },
    spec: { containers: [{ name: 'c', image: 'i:1', resources: { requests } }], ...parts.spec },
  };
}

function cluster(...nodes: readonly Node[]): ClusterState {
  const state = new ClusterState(lookup);
  for (const one of nodes) state.putNode(one);
  return state;
}

/** Schedules and takes up the room; answers the node or the failure's sentence. */
function place(state: ClusterState, what: Pod): string {
  const result = schedule(podInfo(what), state, 0);
  if (result.type === 'failure') return result.message;
  state.putPod(podInfo(what), result.node);
  return result.node;
}

test('without nodes nothing can be scheduled', (t) => {
  t.is(place(cluster(), pod()), 'no nodes available to schedule pods');
});

test('a failure counts the reasons by node, sorted as text', (t) => {
  const state = cluster(
    node('a', { cpu: '1' }),
    node('b', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
    node('c', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } }),
    node('d', { spec: { unschedulable: true } }),
  );
  t.is(
    place(state, pod({ cpu: '2' })),
    '0/4 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 2 node(s) had untolerated taint {k: v}.',
  );
});

test('one node may lack several resources, and the number of pods is one of them', (t) => {
  const state = cluster(node('a', { cpu: '1', memory: '1Gi', pods: '0' }));
  t.is(
    place(state, pod({ cpu: '2', memory: '2Gi' })),
    '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.',
  );
});

test('selectors and affinity say so, and a pod pinned by name looks at that node only', (t) => {
  const state = cluster(node('a', { labels: { disk: 'ssd' } }), node('b'));
  t.is(place(state, pod({ spec: { nodeSelector: { disk: 'ssd' } } })), 'a');
  t.is(
    place(state, pod({ spec: { nodeSelector: { disk: 'none' } } })),
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
  );
  const pin = (name: string): object => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
        },
      },
    },
  });
  t.is(place(state, pod({ spec: pin('b') })), 'b');
  t.is(
    place(state, pod({ cpu: '64', spec: pin('b') })),
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  );
});

test('a host port is given once for each address', (t) => {
  const state = cluster(node('a'));
  const withPort = (hostIP?: string, protocol = 'TCP'): object => ({
    containers: [
      {
        name: 'c',
        ports: [{ hostPort: 80, containerPort: 80, protocol, ...(hostIP === undefined ? {} : { hostIP }) }],
      },
    ],
  });
  t.is(place(state, pod({ spec: withPort('10.0.0.1') })), 'a');
  t.is(place(state, pod({ spec: withPort('10.0.0.2') })), 'a');
  t.is(place(state, pod({ spec: withPort(undefined, 'UDP') })), 'a');
  t.is(
    place(state, pod({ spec: withPort() })),
    "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  );
});

test('pods of one controller spread over nodes', (t) => {
  const state = cluster(node('a'), node('b'), node('c'));
  const chosen = Array.from({ length: 6 }, () => place(state, pod({ owner: 'rs', cpu: '100m' })));
  t.deepEqual(chosen.sort(), ['a', 'a', 'b', 'b', 'c', 'c']);
});

test('anti-affinity keeps apart, in both directions, and affinity brings together', (t) => {
  const state = cluster(node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } }));
  const apart = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'zone' },
      ],
    },
  };
  const first = place(state, pod({ labels: { app: 'db' }, spec: { affinity: apart } }));
  const second = place(state, pod({ labels: { app: 'db' }, spec: { affinity: apart } }));
  t.deepEqual([first, second].sort(), ['a', 'b']);
  t.is(
    place(state, pod({ labels: { app: 'db' }, spec: { affinity: apart } })),
    "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
  );
  t.is(
    place(state, pod({ labels: { app: 'db' } })),
    "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
  );
  const near = (app: string): object => ({
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app } }, topologyKey: 'zone' },
        ],
      },
    },
  });
  const cache = place(state, pod({ labels: { app: 'cache' } }));
  t.is(place(state, pod({ spec: near('cache') })), cache);
  t.is(
    place(state, pod({ spec: near('nothing') })),
    "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
  );
  t.regex(place(state, pod({ labels: { app: 'self' }, spec: near('self') })), /^[ab]$/);
});

test('a hard spread constraint keeps the skew', (t) => {
  const state = cluster(node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' }, cpu: '1' }));
  const spread = {
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
    place(state, pod({ cpu: '500m', labels: { app: 'x' }, spec: spread })),
  );
  t.deepEqual(chosen.sort(), ['a', 'a', 'b', 'b']);
  t.is(place(state, pod({ cpu: '500m', labels: { app: 'x' }, spec: spread })), 'a');
  t.is(
    place(state, pod({ cpu: '500m', labels: { app: 'x' }, spec: spread })),
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.",
  );
});

test('a claim that is not there or not bound holds the pod back', (t) => {
  const state = new ClusterState({
    ...lookup,
    claim: (_namespace, name) =>
      name === 'unbound'
        ? { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, uid: name }, spec: {} }
        : undefined,
  });
  state.putNode(node('a'));
  const claim = (claimName: string): object => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] });
  t.is(place(state, pod({ spec: claim('none') })), '0/1 nodes are available: persistentvolumeclaim "none" not found.');
  t.is(
    place(state, pod({ spec: claim('unbound') })),
    '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
  );
});

test('a node that has the image is preferred', (t) => {
  const state = cluster(node('a'), node('b', { images: [{ names: ['i:1'], sizeBytes: 900 * 1024 * 1024 }] }));
  t.is(place(state, pod()), 'b');
});

test('preemption takes the least important victims, and says so when it does not help', (t) => {
  const state = cluster(node('a', { cpu: '1' }), node('b', { cpu: '1' }));
  for (const [name, priority, target] of [
    ['low', 1, 'a'],
    ['middle', 5, 'b'],
  ] as const)
    state.putPod(podInfo(pod({ name, cpu: '1', spec: { priority } })), target);
  const urgent = podInfo(pod({ cpu: '1', spec: { priority: 10 } }));
  const failure = schedule(urgent, state, 0);
  if (failure.type !== 'failure') return t.fail('it fits');
  t.deepEqual(
    preempt(urgent, failure, state).preemption?.victims.map((victim) => victim.uid),
    ['low'],
  );
  const weak = podInfo(pod({ cpu: '1', spec: { priority: 0 } }));
  const hopeless = schedule(weak, state, 0);
  t.is(
    hopeless.type === 'failure' ? preempt(weak, hopeless, state).message : '',
    'preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
  );
  const huge = podInfo(pod({ cpu: '9', spec: { priority: 10 } }));
  const never = schedule(huge, state, 0);
  t.is(
    never.type === 'failure' ? preempt(huge, never, state).message : '',
    'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
});

test('the queue gives the most important pod first, then the oldest, and a rejected one only after its pause', (t) => {
  const queue = new SchedulingQueue();
  const [low, high, old] = [
    podInfo(pod({ name: 'low' })),
    podInfo(pod({ name: 'high', spec: { priority: 9 } })),
    podInfo(pod({ name: 'old' })),
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
      const state = cluster(
        ...Array.from({ length: nodes }, (_, index) =>
          node(`n${String(index)}`, { cpu: '2', memory: '4Gi', pods: '5' }),
        ),
      );
      const placed: string[] = [];
      for (const { cpu, memory, leave, victim, tie } of steps) {
        if (leave && placed.length > 0) state.removePod(placed.splice(victim % placed.length, 1)[0] ?? '');
        const info = podInfo(pod({ cpu: `${String(cpu)}m`, memory: `${String(memory)}Mi` }));
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
  const state = cluster(node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } }));
  const counter = state.counter('all', () => true);
  const [first, second] = [podInfo(pod()), podInfo(pod())];
  state.putPod(first, 'a');
  state.putPod(second, 'b');
  t.deepEqual(
    [...counter.domains('zone', state.nodes)],
    [
      ['1', 1],
      ['2', 1],
    ],
  );
  state.putNode(node('b', { labels: { zone: '1' } }));
  t.deepEqual([...counter.domains('zone', state.nodes)], [['1', 2]]);
  state.putPod(second, 'a');
  state.removeNode('a');
  t.deepEqual([...counter.domains('zone', state.nodes)], []);
  state.putNode(node('a', { labels: { zone: '3' } }));
  t.deepEqual([...counter.domains('zone', state.nodes)], [['3', 2]]);
});
