import test from 'ava';
import type { New, PersistentVolume, PodSpec } from '../../api/index.ts';
import type { ClusterState, Lookup } from '../cluster-state.ts';
import { aClaim, aCluster, aNode, aPod, type NodeParts, type PodParts } from '../cluster.fixture.ts';
import { podInfo } from '../pod-info.ts';
import type { Filter } from './filter.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';

/** What the filter says of each node: 'fits', its reasons (`!` when preemption may help), or the pod's refusal. */
function verdicts(filter: Filter, pod: PodParts, state: ClusterState): readonly string[] {
  const prepared = filter.prepare(podInfo(aPod(pod)), state);
  if (prepared === undefined) return ['nothing to say'];
  if (typeof prepared === 'object' && 'refusal' in prepared) return [prepared.refusal];
  const check = typeof prepared === 'function' ? prepared : prepared.check;
  const only = typeof prepared === 'function' ? undefined : prepared.nodes;
  return state.order.map((node) => {
    if (only !== undefined && !only.includes(node.name)) return 'not looked at';
    const rejection = check?.(node);
    const quickly = check?.fits?.(node.slot);
    if (quickly !== undefined && quickly !== (rejection === undefined)) return 'two answers';
    if (rejection === undefined) return 'fits';
    return `${rejection.reasons.join(', ')}${rejection.resolvable ? '!' : ''}`;
  });
}

const nodes = (...parts: readonly NodeParts[]): ClusterState =>
  aCluster(parts.map((part, index) => aNode(`n${String(index)}`, part)));

interface Case {
  readonly title: string;
  readonly filter: Filter;
  readonly pod: PodParts;
  readonly nodes: readonly NodeParts[];
  readonly expected: readonly string[];
}

const cordon = { key: 'node.kubernetes.io/unschedulable', operator: 'Exists' } as const;
const taint = { key: 'k', value: 'v', effect: 'NoSchedule' } as const;

const cases: readonly Case[] = [
  {
    title: 'a cordoned node takes no pod',
    filter: nodeUnschedulable,
    pod: {},
    nodes: [{ spec: { unschedulable: true } }, {}],
    expected: ['node(s) were unschedulable', 'fits'],
  },
  {
    title: 'a pod that tolerates a cordon is not held by it',
    filter: nodeUnschedulable,
    pod: { spec: { tolerations: [cordon] } },
    nodes: [{ spec: { unschedulable: true } }],
    expected: ['nothing to say'],
  },
  {
    title: 'a pod that names its node goes there only',
    filter: nodeName,
    pod: { spec: { nodeName: 'n1' } },
    nodes: [{}, {}],
    expected: ["node(s) didn't match the requested node name", 'fits'],
  },
  {
    title: 'a taint keeps pods away that do not tolerate it',
    filter: taintToleration,
    pod: {},
    nodes: [{ spec: { taints: [taint] } }, { spec: { taints: [{ ...taint, effect: 'PreferNoSchedule' }] } }],
    expected: ['node(s) had untolerated taint {k: v}', 'fits'],
  },
  {
    title: 'a tolerated taint keeps nobody away',
    filter: taintToleration,
    pod: { spec: { tolerations: [{ key: 'k', value: 'v' }] } },
    nodes: [{ spec: { taints: [taint] } }],
    expected: ['fits'],
  },
  {
    title: 'a node selector needs every label',
    filter: nodeAffinity,
    pod: { spec: { nodeSelector: { disk: 'ssd' } } },
    nodes: [{ labels: { disk: 'ssd' } }, { labels: { disk: 'hdd' } }],
    expected: ['fits', "node(s) didn't match Pod's node affinity/selector"],
  },
  {
    title: 'a pod without a node selector has no node affinity',
    filter: nodeAffinity,
    pod: {},
    nodes: [{}],
    expected: ['nothing to say'],
  },
  {
    title: 'a pod is refused by each resource that is short, and preemption helps only where the node is large enough',
    filter: nodeResourcesFit,
    pod: { requests: { cpu: '2', 'ephemeral-storage': '1Gi', 'example.com/gpu': '1' } },
    nodes: [{ cpu: '1' }, { allocatable: { 'ephemeral-storage': '2Gi', 'example.com/gpu': '1' } }],
    expected: ['Insufficient cpu, Insufficient ephemeral-storage, Insufficient example.com/gpu', 'fits'],
  },
  {
    title: 'the number of pods is limited, too',
    filter: nodeResourcesFit,
    pod: {},
    nodes: [{ pods: '0' }],
    expected: ['Too many pods!'],
  },
  {
    title: 'a pod without host ports does not care about ports',
    filter: nodePorts,
    pod: {},
    nodes: [{}],
    expected: ['nothing to say'],
  },
];

for (const { title, filter, pod, nodes: parts, expected } of cases)
  test(`${filter.name}: ${title}`, (t) => {
    t.deepEqual(verdicts(filter, pod, nodes(...parts)), expected);
  });

test('NodeAffinity: a pod pinned to a node by name looks at that node only', (t) => {
  const spec: New<PodSpec> = {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
        },
      },
    },
  };
  t.deepEqual(verdicts(nodeAffinity, { spec }, nodes({}, {})), ['not looked at', 'fits']);
});

test('NodePorts: a host port is taken for its address and protocol', (t) => {
  const withPort = (hostIP: string, protocol: 'TCP' | 'UDP' = 'TCP'): PodParts => ({
    spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, hostIP, protocol }] }] },
  });
  const state = nodes({}, {});
  state.putPod(podInfo(aPod(withPort('10.0.0.1'))), 'n0');
  const taken = "node(s) didn't have free ports for the requested pod ports!";
  t.deepEqual(verdicts(nodePorts, withPort('10.0.0.1'), state), [taken, 'fits']);
  t.deepEqual(verdicts(nodePorts, withPort(''), state), [taken, 'fits']);
  t.deepEqual(verdicts(nodePorts, withPort('10.0.0.2'), state), ['fits', 'fits']);
  t.deepEqual(verdicts(nodePorts, withPort('10.0.0.1', 'UDP'), state), ['fits', 'fits']);
});

test('NodeResourcesFit: room that is kept for a nominated pod is not given to a less important one', (t) => {
  const state = nodes({ cpu: '2' });
  state.nominate(podInfo(aPod({ cpu: '2', spec: { priority: 10 } })), 'n0');
  t.deepEqual(verdicts(nodeResourcesFit, { cpu: '1' }, state), ['Insufficient cpu!']);
  t.deepEqual(verdicts(nodeResourcesFit, { cpu: '1', spec: { priority: 20 } }, state), ['fits']);
});

const zones = (): ClusterState => nodes({ labels: { zone: 'a' } }, { labels: { zone: 'b' } }, {});
const selects = (app: string): { readonly matchLabels: Readonly<Record<string, string>> } => ({ matchLabels: { app } });

test('PodTopologySpread: a domain may not have more than maxSkew pods above the emptiest', (t) => {
  const state = zones();
  state.putPod(podInfo(aPod({ labels: { app: 'x' } })), 'n0');
  const spec: New<PodSpec> = {
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selects('x') },
    ],
  };
  t.deepEqual(verdicts(podTopologySpread, { labels: { app: 'x' }, spec }, state), [
    "node(s) didn't match pod topology spread constraints!",
    'fits',
    "node(s) didn't match pod topology spread constraints (missing required label)",
  ]);
  t.deepEqual(verdicts(podTopologySpread, {}, state), ['nothing to say']);
});

test('InterPodAffinity: pods are kept beside and apart from others, by terms of either side', (t) => {
  const state = zones();
  const terms = (app: string) => ({
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: selects(app) }],
  });
  const alone: New<PodSpec> = { affinity: { podAntiAffinity: terms('db') } };
  state.putPod(podInfo(aPod({ labels: { app: 'db' }, spec: alone })), 'n0');
  const near: New<PodSpec> = { affinity: { podAffinity: terms('db') } };
  const elsewhere = "node(s) didn't match pod affinity rules";
  t.deepEqual(verdicts(interPodAffinity, { spec: near }, state), ['fits', elsewhere, elsewhere]);
  const apart = "node(s) didn't match pod anti-affinity rules!";
  t.deepEqual(verdicts(interPodAffinity, { spec: alone }, state), [apart, 'fits', 'fits']);
  const existing = "node(s) didn't satisfy existing pods anti-affinity rules!";
  t.deepEqual(verdicts(interPodAffinity, { labels: { app: 'db' } }, state), [existing, 'fits', 'fits']);
});

test('VolumeBinding: claims must be there and bound, and their volumes within reach of the node', (t) => {
  const volume: New<PersistentVolume> = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: {
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }] },
      },
    },
  };
  const lookup: Partial<Lookup> = {
    claim: (_namespace, name) =>
      name === 'bound' ? aClaim(name, { resources: {}, volumeName: 'v' }) : name === 'loose' ? aClaim(name) : undefined,
    volume: () => volume as PersistentVolume,
  };
  const state = aCluster([aNode('n0', { labels: { zone: 'a' } }), aNode('n1')], lookup);
  const uses = (claimName: string): PodParts => ({
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] },
  });
  t.deepEqual(verdicts(volumeBinding, uses('bound'), state), [
    'fits',
    "node(s) didn't match PersistentVolume's node affinity",
  ]);
  t.deepEqual(verdicts(volumeBinding, uses('loose'), state), ['pod has unbound immediate PersistentVolumeClaims']);
  t.deepEqual(verdicts(volumeBinding, uses('none'), state), ['persistentvolumeclaim "none" not found']);
});
