/** The labels and names of what the agent makes on an engine. */
import type { ContainerSummary } from './runtime.ts';

/** The labels on everything that an agent makes. They are all that adoption and removal go by. */
export const labels = {
  cluster: 'troupe.cluster',
  /** Tells clusters of one name apart. Absent on what an earlier version made, and in clusters that it made. */
  clusterId: 'troupe.cluster-id',
  node: 'troupe.node',
  /** `sandbox`, `container`, `network` or `image`. */
  role: 'troupe.role',
  podUid: 'troupe.pod.uid',
  podName: 'troupe.pod.name',
  podNamespace: 'troupe.pod.namespace',
  container: 'troupe.container',
  /** How often the container was restarted before this one. */
  attempt: 'troupe.attempt',
  /** Of the container's part of the pod spec: a change means a new container. */
  specHash: 'troupe.spec-hash',
  /** A sandbox's addresses, one for each family, joined by commas. */
  address: 'troupe.address',
  /**
   * The interface on the machine that leads to a sandbox. Sandboxes that the engine itself put on a bridge have none.
   */
  link: 'troupe.link',
  /** The first of the ids that a sandbox's users have on the machine; absent: they have the engine's. */
  users: 'troupe.users',
  /** A sandbox's host ports: `protocol/hostIP/hostPort/containerPort`, joined by commas. */
  hostPorts: 'troupe.host-ports',
  /** Seconds that the pod's containers are given to stop; kept for pods that are gone from the API. */
  grace: 'troupe.grace-seconds',
  /** Ids of the images that a container has mounted as volumes, joined by commas. */
  volumeImages: 'troupe.volume-images',
  /** Where the message of a container's end is written, on the machine. */
  terminationLog: 'troupe.termination-log',
} as const;

/** A cluster as the engine knows it. */
export interface ClusterIdentity {
  readonly cluster: string;
  /** Absent or '': clusters of this name are not told apart. */
  readonly clusterId?: string | undefined;
}

/** The labels of everything that the cluster made. */
export function clusterLabels({ cluster, clusterId = '' }: ClusterIdentity): Readonly<Record<string, string>> {
  return { [labels.cluster]: cluster, ...(clusterId === '' ? {} : { [labels.clusterId]: clusterId }) };
}

type LabelSet = Readonly<Record<string, string>>;

/** Whether labels are of another cluster than `own`, be its name the same. Those without an identity are anybody's. */
export function isForeign(theirs: LabelSet, own: LabelSet): boolean {
  const [their, our] = [theirs[labels.clusterId], own[labels.clusterId]];
  return their !== undefined && our !== undefined && their !== our;
}

/** The attempt number on a container; 0 when it carries none. */
export function attemptOf(facts: Pick<ContainerSummary, 'labels'>): number {
  const number = Number(facts.labels[labels.attempt] ?? '0');
  return Number.isSafeInteger(number) ? number : 0;
}

const nameBytesMax = 200;

/**
 * A container's name on the engine. Unique for one attempt, so a repeated create is refused by the engine and found
 * again.
 */
export function containerName(parts: {
  readonly cluster: string;
  readonly pod: string;
  readonly namespace: string;
  readonly uid: string;
  readonly container: string;
  readonly attempt: number;
}): string {
  const tail = `${parts.uid.slice(0, 8)}-${parts.container}-${parts.attempt}`;
  const head = `troupe-${parts.cluster}-${parts.pod}-${parts.namespace}`.slice(0, nameBytesMax - tail.length);
  return `${head}-${tail}`;
}

/** The addresses that a sandbox was given. */
export const listedAddresses = (own: Readonly<Record<string, string>>): readonly string[] =>
  (own[labels.address] ?? '').split(',').filter((address) => address !== '');
