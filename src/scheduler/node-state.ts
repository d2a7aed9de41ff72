/** What the scheduler keeps of a node. */
import {
  isUnschedulable,
  type Labels,
  type Node,
  quantityUnits,
  resourceAmounts,
  type Taint,
  zoneOf,
} from '../api/index.ts';
import { addAmounts, type Amounts, amountsOf, noAmounts } from './amounts.ts';
import type { PlacedInfo, PodInfo } from './pod-info.ts';

/** One node with what its pods have taken up; kept up to date pod by pod. */
export class NodeState {
  readonly name: string;
  /** Where its figures stand while it is one of the cluster's; a copy to try things on has none. */
  slot = -1;
  node: Node;
  labels: Labels = {};
  zone: string | undefined = undefined;
  /** Taints that keep pods away (NoSchedule, NoExecute), and those that only count in scores. */
  hardTaints: readonly Taint[] = [];
  softTaints: readonly Taint[] = [];
  unschedulable = false;
  allocatable: Amounts = noAmounts();
  podsMax = 0;
  /** Bytes of each image that is on the node. */
  images: ReadonlyMap<string, number> = new Map();
  readonly requested: Amounts = noAmounts();
  assumedCpuMilli = 0;
  assumedMemory = 0;
  readonly pods = new Map<string, PlacedInfo>();
  /** Pods for which others had to leave this node: room is kept for them. */
  readonly nominated = new Map<string, PodInfo>();
  /** How many pods of each controller are here. */
  readonly siblings = new Map<string, number>();
  /** Host ports in use, `protocol/port` -> addresses. */
  readonly hostPorts = new Map<string, string[]>();

  /** `read`: one that has read this very version of the node already. */
  constructor(node: Node, read?: NodeState) {
    this.name = node.metadata.name;
    this.node = node;
    if (read === undefined) this.update(node);
    else this.#takeOver(read);
  }

  /** Takes over a new version of the node. */
  update(node: Node): void {
    this.node = node;
    this.labels = node.metadata.labels ?? {};
    this.zone = zoneOf(node);
    const { taints = [] } = node.spec;
    this.hardTaints = taints.filter((taint) => taint.effect !== 'PreferNoSchedule');
    this.softTaints = taints.filter((taint) => taint.effect === 'PreferNoSchedule');
    this.unschedulable = isUnschedulable(node);
    const amounts = resourceAmounts(node.status.allocatable ?? node.status.capacity);
    this.allocatable = amountsOf(amounts);
    const pods = amounts.get('pods');
    this.podsMax = pods === undefined ? 0 : quantityUnits(pods);
    this.images = new Map(
      (node.status.images ?? []).flatMap((image) =>
        (image.names ?? []).map((name): [string, number] => [name, image.sizeBytes ?? 0]),
      ),
    );
  }

  #takeOver(read: NodeState): void {
    this.labels = read.labels;
    this.zone = read.zone;
    this.hardTaints = read.hardTaints;
    this.softTaints = read.softTaints;
    this.unschedulable = read.unschedulable;
    this.allocatable = read.allocatable;
    this.podsMax = read.podsMax;
    this.images = read.images;
  }

  /** A copy with some of the pods, to try things on (preemption). */
  with(pods: Iterable<PlacedInfo>): NodeState {
    const copy = new NodeState(this.node, this);
    for (const pod of pods) copy.add(pod);
    return copy;
  }

  add(pod: PlacedInfo): void {
    this.pods.set(pod.uid, pod);
    this.#count(pod, 1);
    for (const port of pod.hostPorts) {
      const key = `${port.protocol}/${String(port.port)}`;
      this.hostPorts.set(key, [...(this.hostPorts.get(key) ?? []), port.address]);
    }
  }

  /** False when the pod was not here. */
  remove(uid: string): PlacedInfo | undefined {
    const pod = this.pods.get(uid);
    if (pod === undefined) return undefined;
    this.pods.delete(uid);
    this.#count(pod, -1);
    for (const port of pod.hostPorts) {
      const key = `${port.protocol}/${String(port.port)}`;
      const addresses = [...(this.hostPorts.get(key) ?? [])];
      addresses.splice(addresses.indexOf(port.address), 1);
      if (addresses.length === 0) this.hostPorts.delete(key);
      else this.hostPorts.set(key, addresses);
    }
    return pod;
  }

  #count(pod: PlacedInfo, factor: number): void {
    addAmounts(this.requested, pod.requests, factor);
    this.assumedCpuMilli += factor * pod.assumed.cpuMilli;
    this.assumedMemory += factor * pod.assumed.memory;
    if (pod.ownerUid === undefined) return;
    const siblings = (this.siblings.get(pod.ownerUid) ?? 0) + factor;
    if (siblings === 0) this.siblings.delete(pod.ownerUid);
    else this.siblings.set(pod.ownerUid, siblings);
  }
}
