/** Keeps cluster state and queue in line with the view, and decides for pod after pod. */
import {
  type CSIDriver,
  type CSINode,
  type CSIStorageCapacity,
  type DeviceClass,
  isFinished,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type PodDisruptionBudget,
  type ResourceClaim,
  type ResourceSlice,
  resources,
  type StorageClass,
  storageClassNameOf,
  type StoredObject,
} from '../api/index.ts';
import type { ResourceView } from '../resources/index.ts';
import type { Amounts } from './amounts.ts';
import { ClusterState } from './cluster-state.ts';
import { type ClaimBinding, claimsOn, podDevices, searchBudget } from './devices/index.ts';
import { availabilityMessage, type Failure, schedule } from './pipeline.ts';
import { placedInfo, type PodInfo, podInfo } from './pod-info.ts';
import { podVolumes, type WaitingClaim } from './pod-volumes.ts';
import { preempt, type PreemptionAnswer } from './preemption.ts';
import { SchedulingQueue, type WaitingPod } from './queue.ts';

/** What came of one pod's turn. */
export type Outcome =
  | {
      readonly type: 'bind';
      readonly waiting: WaitingPod;
      readonly node: string;
      /** Claims that are to be bound for this node first. */
      readonly claims: readonly WaitingClaim[];
      /** Claims on devices, and what they have or get. */
      readonly devices: readonly ClaimBinding[];
    }
  | {
      readonly type: 'unschedulable';
      readonly waiting: WaitingPod;
      readonly message: string;
      readonly preemption: PreemptionAnswer['preemption'];
      /** The node that is to have room for the pod; absent: as before; null: none any more. */
      readonly nominatedNode: string | null | undefined;
      /** What the pod lacks is being made: it is no news yet that it waits. */
      readonly waits?: true | undefined;
      /** Claims whose devices are of no use to the pod, and to nobody else: they are given back. */
      readonly release: readonly ResourceClaim[];
    };

/** Filters that a pod's end may satisfy. */
const podFilters = [
  'NodeResourcesFit',
  'NodePorts',
  'InterPodAffinity',
  'PodTopologySpread',
  'VolumeRestrictions',
  'NodeVolumeLimits',
] as const;
/** Filters that a change of storage may satisfy. */
const storageFilters = ['VolumeBinding', 'VolumeZone', 'VolumeRestrictions', 'NodeVolumeLimits'] as const;
/** The filter that other devices or claims may satisfy. */
const deviceFilters = ['DynamicResources'] as const;
/** Filters that a new pod on a node may satisfy. */
const companyFilters = ['InterPodAffinity', 'PodTopologySpread'] as const;
/** The filter that a pod which becomes smaller may satisfy. */
const resizeFilters = ['NodeResourcesFit'] as const;

/**
 * The scheduler's mind: the cluster state and the queue, kept in line with the view object by object, and the decision
 * for the next pod. Synchronous; its caller writes the bindings and reports the outcome.
 */
export class SchedulingEngine {
  readonly cluster: ClusterState;
  readonly queue = new SchedulingQueue();
  readonly #view: ResourceView;
  readonly #schedulerName: string;
  /** Pods that are placed here but not yet seen as bound. */
  readonly #binding = new Map<string, string>();
  /** The UID behind each pod's key, to notice deletions. */
  readonly #uids = new Map<string, string>();

  constructor(view: ResourceView, schedulerName: string) {
    this.#view = view;
    this.#schedulerName = schedulerName;
    this.cluster = new ClusterState({
      namespaceLabels: (name) => view.get<StoredObject>(resources.namespaces, undefined, name)?.metadata.labels ?? {},
      claim: (namespace, name) => view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name),
      volume: (name) => view.get<PersistentVolume>(resources.persistentVolumes, undefined, name),
      storageClass: (name) => view.get<StorageClass>(resources.storageClasses, undefined, name),
      volumesOfClass: (name) =>
        view
          .list<PersistentVolume>(resources.persistentVolumes)
          .filter((volume) => (storageClassNameOf(volume) ?? '') === name),
      csiNode: (name) => view.get<CSINode>(resources.csiNodes, undefined, name),
      csiDriver: (name) => view.get<CSIDriver>(resources.csiDrivers, undefined, name),
      budgets: (namespace) => view.list<PodDisruptionBudget>(resources.podDisruptionBudgets, namespace),
      capacities: () => view.list<CSIStorageCapacity>(resources.csiStorageCapacities),
      devices: {
        claim: (namespace, name) => view.get<ResourceClaim>(resources.resourceClaims, namespace, name),
        claims: () => view.list<ResourceClaim>(resources.resourceClaims),
        slices: () => view.list<ResourceSlice>(resources.resourceSlices),
        deviceClass: (name) => view.get<DeviceClass>(resources.deviceClasses, undefined, name),
      },
    });
  }

  /**
   * Takes over everything that the view shows, pod by pod, so that the caller can let others work in between.
   * What changes meanwhile is to be synced afterwards.
   */
  *load(now: number): Generator<undefined, undefined> {
    for (const node of this.#view.list<Node>(resources.nodes)) if (isServed(node)) this.cluster.putNode(node);
    for (const facts of this.#view.facts<Pod>(resources.pods)) {
      const pod = facts.read();
      this.#sync(podInfo(pod).key, pod, now);
      yield;
    }
    return undefined;
  }

  syncNode(name: string, now: number): void {
    const node = this.#view.get<Node>(resources.nodes, undefined, name);
    if (node === undefined || !isServed(node)) {
      if (!this.cluster.nodes.has(name)) return;
      this.cluster.removeNode(name);
      this.queue.wake(companyFilters, now);
      return;
    }
    const before = this.cluster.nodes.get(name)?.node;
    this.cluster.putNode(node);
    if (before === undefined || nodeFacts(before) !== nodeFacts(node)) this.queue.wake('all', now);
  }

  syncPod(namespace: string, name: string, now: number): void {
    const pod = this.#view.get<Pod>(resources.pods, namespace, name);
    this.#sync(pod === undefined ? `${namespace}/${name}` : podInfo(pod).key, pod, now);
  }

  #sync(key: string, pod: Pod | undefined, now: number): void {
    const uid = this.#uids.get(key);
    if (uid !== undefined && uid !== pod?.metadata.uid) this.#forget(key, uid, now);
    if (pod === undefined) return;
    this.#uids.set(key, pod.metadata.uid);
    if (isFinished(pod)) this.#leave(pod.metadata.uid, now);
    else if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== '')
      this.#placed(podInfo(pod), pod.spec.nodeName, now);
    else this.#unplaced(podInfo(pod), now);
  }

  /** A claim on devices changed. */
  syncDeviceClaim(namespace: string, name: string, now: number): void {
    this.cluster.devices.claimChanged(namespace, name);
    this.queue.wake(deviceFilters, now);
  }

  /** Drivers publish other devices, or their classes changed. */
  devicesChanged(now: number): void {
    this.cluster.devices.slicesChanged();
    this.queue.wake(deviceFilters, now);
  }

  /** Volumes, claims, classes, drivers, their reports or namespaces changed. */
  otherChanged(resource: string, now: number): void {
    if (resource === resources.namespaces.resource) this.cluster.forgetCounters();
    this.queue.wake(resource === resources.namespaces.resource ? ['InterPodAffinity'] : storageFilters, now);
  }

  /** Decides for the next ready pod; undefined when there is none. A placed pod takes up its room from now on. */
  next(now: number, tieBreak: number): Outcome | undefined {
    const waiting = this.queue.pop();
    if (waiting === undefined) return undefined;
    const result = schedule(waiting.info, this.cluster, tieBreak);
    if (result.type === 'failure') return this.#failed(waiting, result, now);
    const devices = this.#takeDevices(waiting.info, result.node);
    if (typeof devices === 'string') return this.#failed(waiting, withoutDevices(devices, this.cluster), now);
    this.cluster.putPod(waiting.info, result.node);
    this.#binding.set(waiting.info.uid, result.node);
    return { type: 'bind', waiting, node: result.node, claims: this.#waitingClaims(waiting.info), devices };
  }

  /** The filter found devices there; from now on they are this pod's. A text: why they are not found again. */
  #takeDevices({ pod, uid }: PodInfo, nodeName: string): readonly ClaimBinding[] | string {
    if ((pod.spec.resourceClaims?.length ?? 0) === 0) return [];
    const { devices: book, nodes } = this.cluster;
    const [wanted, node] = [podDevices(pod, book), nodes.get(nodeName)];
    if ('refusal' in wanted) return wanted.refusal;
    if (node === undefined) return `node ${nodeName} is gone`;
    const found = claimsOn(wanted, node, { book, budget: searchBudget() });
    if ('reason' in found) return found.reason;
    for (const { claim, allocation } of found) book.assume(uid, claim, allocation);
    return found;
  }

  /** Devices that were given to this pod alone, for a node that it cannot have any more. */
  #uselessClaims({ pod, uid }: PodInfo, { filters }: Failure): readonly ResourceClaim[] {
    if (!filters.has('DynamicResources')) return [];
    const wanted = podDevices(pod, this.cluster.devices);
    if ('refusal' in wanted) return [];
    return wanted.allocated
      .map(({ claim }) => claim)
      .filter(
        ({ status }) =>
          status?.allocation !== undefined && (status.reservedFor ?? []).every((user) => user.uid === uid),
      );
  }

  #waitingClaims({ claims, pod }: PodInfo): readonly WaitingClaim[] {
    if (claims.length === 0) return [];
    const volumes = podVolumes(pod, this.cluster.lookup);
    return 'refusal' in volumes ? [] : volumes.waiting;
  }

  /** The binding was not written: the pod gives its room back and is tried again, unless it is gone. */
  bindingFailed(waiting: WaitingPod, now: number): void {
    if (!this.#binding.delete(waiting.info.uid)) return;
    this.cluster.removePod(waiting.info.uid);
    const pod = this.#view.get<Pod>(resources.pods, waiting.info.namespace, waiting.info.pod.metadata.name);
    if (pod?.metadata.uid === waiting.info.uid && (pod.spec.nodeName ?? '') === '') this.queue.retry(waiting, now);
  }

  #failed(waiting: WaitingPod, failure: Failure, now: number): Outcome {
    const answer = preempt(waiting.info, failure, this.cluster);
    const nominatedNode = answer.hopeless === true ? null : answer.preemption?.node;
    if (nominatedNode === null) this.cluster.clearNomination(waiting.info.uid);
    else if (nominatedNode !== undefined) this.cluster.nominate(waiting.info, nominatedNode);
    if (failure.waits === true) this.queue.parkUntried(waiting, failure.filters, now);
    else this.queue.park(waiting, failure.filters, now);
    const message = answer.message === '' ? failure.message : `${failure.message} ${answer.message}`;
    const release = this.#uselessClaims(waiting.info, failure);
    const { waits } = failure;
    return { type: 'unschedulable', waiting, message, preemption: answer.preemption, nominatedNode, release, waits };
  }

  #placed(info: PodInfo, node: string, now: number): void {
    const before = this.cluster.placedPod(info.uid);
    this.#binding.delete(info.uid);
    this.cluster.clearNomination(info.uid);
    this.queue.remove(info.uid);
    this.cluster.putPod(placedInfo(info), node);
    if (before === undefined) this.queue.wake(companyFilters, now);
    else if (shrank(before.requests, info.requests)) this.queue.wake(resizeFilters, now);
  }

  #unplaced(info: PodInfo, now: number): void {
    if (this.#binding.has(info.uid)) return;
    const mine = (info.pod.spec.schedulerName ?? 'default-scheduler') === this.#schedulerName;
    const gated = (info.pod.spec.schedulingGates ?? []).length > 0;
    if (!mine || gated || info.pod.metadata.deletionTimestamp !== undefined) {
      this.queue.remove(info.uid);
      return;
    }
    const known = this.queue.get(info.uid);
    const { nominatedNodeName = '' } = info.pod.status;
    // Room that an earlier scheduler made. What this one makes it knows before the API shows it.
    if (known === undefined && nominatedNodeName !== '') this.cluster.nominate(info, nominatedNodeName);
    if (known !== undefined && wish(known.info.pod) === wish(info.pod)) this.queue.refresh(info);
    else this.queue.put(info, now);
  }

  #forget(key: string, uid: string, now: number): void {
    this.#uids.delete(key);
    this.queue.remove(uid);
    this.#leave(uid, now);
  }

  /**
   * Nothing is being written any more by which the pod would have devices: what the API shows counts. Until then what
   * was decided on counts too, even if the pod goes: the writes are under way.
   */
  devicesSettled(uid: string, now: number): void {
    if (this.cluster.devices.forget(uid)) this.queue.wake(deviceFilters, now);
  }

  #leave(uid: string, now: number): void {
    this.#binding.delete(uid);
    this.cluster.clearNomination(uid);
    if (this.cluster.removePod(uid)) this.queue.wake(podFilters, now);
  }
}

/** The search for devices is deterministic but for what it may cost, so this is rare. */
function withoutDevices(reason: string, cluster: ClusterState): Failure {
  const nodes = cluster.order.length;
  const message = availabilityMessage(nodes, new Map([[reason, 1]]));
  return { type: 'failure', message, filters: new Set(deviceFilters), resolvable: [], nodes };
}

const shrank = (before: Amounts, after: Amounts): boolean =>
  after.cpuMilli < before.cpuMilli || after.memory < before.memory;

/** What of a pod the decision depends on: of its status only which claims were made for it. */
const wish = ({ metadata, spec, status }: Pod): string =>
  JSON.stringify([metadata.labels, spec, status.resourceClaimStatuses]);

/** What of a node may make room for a pod. */
const nodeFacts = (node: Node): string => JSON.stringify([node.metadata.labels, node.spec, node.status.allocatable]);

/**
 * Whether an agent has ever spoken for the node. A Node that was only written down has nobody who runs pods: none is
 * given to it.
 */
const isServed = (node: Node): boolean => node.status.nodeInfo.kubeletVersion !== '';
