/** Pods and nodes as the API stores them, with as little in them as a test of the scheduler cares about. */
import type { New, Node, OwnerReference, PersistentVolumeClaim, Pod, PodSpec } from '../api/index.ts';
import { ClusterState, type Lookup } from './cluster-state.ts';
import { schedule } from './pipeline.ts';
import { podInfo } from './pod-info.ts';

const storedAt = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

const emptyLookup: Lookup = {
  namespaceLabels: () => ({}),
  claim: () => undefined,
  volume: () => undefined,
  storageClass: () => undefined,
  volumesOfClass: () => [],
  csiNode: () => undefined,
  csiDriver: () => undefined,
  capacities: () => [],
  budgets: () => [],
  devices: { claim: () => undefined, claims: () => [], slices: () => [], deviceClass: () => undefined },
};

export interface NodeParts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Node['spec'];
  readonly images?: Node['status']['images'];
  readonly allocatable?: Readonly<Record<string, string>>;
  /** '' for a node that no agent has spoken for. */
  readonly kubeletVersion?: string;
}

export function aNode(name: string, parts: NodeParts = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', kubeletVersion = 'v1' } = parts;
  const status: New<Node['status']> = {
    allocatable: { cpu, memory, pods, ...parts.allocatable },
    images: parts.images ?? [],
    nodeInfo: { kubeletVersion },
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...storedAt, name, uid: name, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
    spec: { ...parts.spec },
    status: status as Node['status'],
  };
}

export interface PodParts {
  readonly name?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The ReplicaSet that controls it. */
  readonly owner?: string;
  readonly spec?: New<PodSpec>;
}

let sequence = 0;

export function aPod(parts: PodParts = {}): Pod {
  sequence += 1;
  const name = parts.name ?? `p${String(sequence)}`;
  const owner = (uid: string): OwnerReference => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: uid,
    uid,
    controller: true,
  });
  const requests = Object.fromEntries(
    Object.entries({ cpu: parts.cpu, memory: parts.memory, ...parts.requests }).flatMap(([resource, amount]) =>
      amount === undefined ? [] : [[resource, amount]],
    ),
  );
  const spec: New<PodSpec> = { containers: [{ name: 'c', image: 'i:1', resources: { requests } }], ...parts.spec };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...storedAt,
      name,
      namespace: 'ns',
      uid: name,
      labels: parts.labels ?? {},
      ownerReferences: parts.owner === undefined ? undefined : [owner(parts.owner)],
    },
    spec: spec as PodSpec,
    status: {},
  };
}

/** One that names a volume is bound to it. */
export function aClaim(name: string, spec: PersistentVolumeClaim['spec'] = { resources: {} }): PersistentVolumeClaim {
  const annotations = spec.volumeName === undefined ? undefined : { 'pv.kubernetes.io/bind-completed': 'yes' };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...storedAt, name, namespace: 'ns', uid: name, annotations },
    spec,
    status: {},
  };
}

/** A cluster of these nodes, that knows the objects which `lookup` finds. */
export function aCluster(nodes: readonly Node[], lookup: Partial<Lookup> = {}): ClusterState {
  const state = new ClusterState({ ...emptyLookup, ...lookup });
  for (const node of nodes) state.putNode(node);
  return state;
}

/** Schedules the pod and takes up its room. Answers the node, or the failure's sentence. */
export function place(state: ClusterState, pod: Pod): string {
  const result = schedule(podInfo(pod), state, 0);
  if (result.type === 'failure') return result.message;
  state.putPod(podInfo(pod), result.node);
  return result.node;
}
