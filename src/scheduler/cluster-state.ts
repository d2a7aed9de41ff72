/** The state of the cluster that decisions are made on. */
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  Labels,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../api/index.ts';
import { bump, PodCounter } from './counters.ts';
import type { BudgetsOf } from './disruption-budgets.ts';
import { DeviceBook, type DeviceSources } from './devices/index.ts';
import { NodeColumns } from './node-columns.ts';
import { NodeState } from './node-state.ts';
import type { AffinityTerm, PlacedInfo, PodInfo } from './pod-info.ts';

/** What the scheduler looks up beside pods and nodes. */
export interface Lookup {
  namespaceLabels(namespace: string): Labels;
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** The volumes of a class, bound or not. */
  volumesOfClass(storageClass: string): readonly PersistentVolume[];
  csiNode(name: string): CSINode | undefined;
  csiDriver(name: string): CSIDriver | undefined;
  /** What drivers report of free room. */
  capacities(): readonly CSIStorageCapacity[];
  readonly budgets: BudgetsOf;
  readonly devices: DeviceSources;
}

/** Terms of pods that run already: which term, on which nodes. */
interface HeldTerm {
  readonly term: AffinityTerm;
  readonly counter: PodCounter;
  holders: number;
}
export type HeldKind = 'requiredAntiAffinity' | 'requiredAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';
const heldKinds: readonly HeldKind[] = [
  'requiredAntiAffinity',
  'requiredAffinity',
  'preferredAffinity',
  'preferredAntiAffinity',
];

const noCounts: ReadonlyMap<string, number> = new Map();

/** Questions whose counts are kept; the oldest is forgotten first. */
const countersMax = 128;

/**
 * All nodes with their pods, and the counts that affinity and spreading ask for. Every change costs O(kept questions),
 * never O(pods). Invariant: a node's `requested` is the sum over its `pods`.
 */
export class ClusterState {
  readonly nodes = new Map<string, NodeState>();
  readonly lookup: Lookup;
  /** Devices by claims, and who has them. */
  readonly devices: DeviceBook;
  /** What is asked of all nodes, in arrays. */
  readonly columns = new NodeColumns();
  /** The values of `nodes`; undefined after one went. */
  #order: NodeState[] | undefined = [];
  /** Their slots; undefined after one came or went. */
  #slots: Int32Array | undefined;
  readonly #placed = new Map<string, NodeState>();
  readonly #waiting = new Map<string, Map<string, PlacedInfo>>();
  readonly #counters = new Map<string, PodCounter>();
  /** Pods on each node by the claim that they use, `namespace/name`. */
  readonly #claimUsers = new Map<string, Map<string, number>>();
  readonly #nominated = new Map<string, NodeState>();
  readonly #siblingsByZone = new Map<string, Map<string, number>>();
  readonly #held = new Map<HeldKind, Map<string, HeldTerm>>(heldKinds.map((kind) => [kind, new Map()]));
  /** Where the next pod begins to look. */
  nextStart = 0;

  constructor(lookup: Lookup) {
    this.lookup = lookup;
    this.devices = new DeviceBook(lookup.devices);
  }

  /** The nodes in a fixed order, to walk through from where the last pod stopped. */
  get order(): readonly NodeState[] {
    return (this.#order ??= [...this.nodes.values()]);
  }

  /** The slots of the nodes in that order. */
  get slots(): Int32Array {
    return (this.#slots ??= Int32Array.from(this.order, ({ slot }) => slot));
  }

  /** Adds a node or takes over its new version. */
  putNode(node: Node): void {
    const known = this.nodes.get(node.metadata.name);
    if (known === undefined) {
      const state = new NodeState(node);
      this.nodes.set(state.name, state);
      this.#order?.push(state);
      this.#slots = undefined;
      this.columns.add(state);
      for (const pod of this.#waiting.get(state.name)?.values() ?? []) this.#place(pod, state);
      this.#waiting.delete(state.name);
      return;
    }
    const moved = !sameLabels(known.labels, node.metadata.labels ?? {});
    // With other labels the node's pods count in other domains.
    if (moved) for (const pod of known.pods.values()) this.#account(pod, known, -1);
    known.update(node);
    this.columns.write(known);
    if (moved) this.columns.relabel(known);
    if (moved) for (const pod of known.pods.values()) this.#account(pod, known, 1);
  }

  removeNode(name: string): void {
    const state = this.nodes.get(name);
    if (state === undefined) return;
    const waiting = new Map(state.pods);
    for (const uid of [...state.pods.keys()]) this.removePod(uid);
    if (waiting.size > 0) this.#waiting.set(name, waiting);
    this.nodes.delete(name);
    this.#order = undefined;
    this.#slots = undefined;
    this.columns.remove(state);
  }

  /** Puts a pod on a node (moving it when it was elsewhere). A pod of an unknown node waits for the node. */
  putPod(pod: PlacedInfo, nodeName: string): void {
    const current = this.#placed.get(pod.uid);
    if (current?.name === nodeName && current.pods.get(pod.uid) === pod) return;
    this.removePod(pod.uid);
    const node = this.nodes.get(nodeName);
    if (node !== undefined) {
      this.#place(pod, node);
      return;
    }
    const waiting = this.#waiting.get(nodeName) ?? new Map<string, PlacedInfo>();
    waiting.set(pod.uid, pod);
    this.#waiting.set(nodeName, waiting);
  }

  removePod(uid: string): boolean {
    const node = this.#placed.get(uid);
    const pod = node?.remove(uid);
    if (node === undefined || pod === undefined) {
      for (const waiting of this.#waiting.values()) waiting.delete(uid);
      return false;
    }
    this.#placed.delete(uid);
    this.columns.write(node);
    this.#account(pod, node, -1);
    return true;
  }

  /** What is known of a pod that has a place. */
  placedPod(uid: string): PlacedInfo | undefined {
    return this.#placed.get(uid)?.pods.get(uid);
  }

  /** Keeps room on a node for a pod whose victims are leaving it. */
  nominate(pod: PodInfo, nodeName: string): void {
    this.clearNomination(pod.uid);
    const node = this.nodes.get(nodeName);
    if (node === undefined) return;
    node.nominated.set(pod.uid, pod);
    this.#nominated.set(pod.uid, node);
    this.columns.write(node);
  }

  clearNomination(uid: string): void {
    const node = this.#nominated.get(uid);
    if (node === undefined) return;
    node.nominated.delete(uid);
    this.#nominated.delete(uid);
    // A node that went has no row any more.
    if (this.nodes.get(node.name) === node) this.columns.write(node);
  }

  /** The node that keeps room for the pod, if any. */
  nominatedNodes(uid: string): readonly NodeState[] {
    const node = this.#nominated.get(uid);
    return node === undefined ? [] : [node];
  }

  /** The counter of a question; made from all pods at the first time. */
  counter(key: string, matches: (pod: PlacedInfo) => boolean): PodCounter {
    const known = this.#counters.get(key);
    if (known !== undefined) {
      this.#counters.delete(key);
      this.#counters.set(key, known);
      return known;
    }
    const counter = new PodCounter(matches);
    for (const node of this.order) for (const pod of node.pods.values()) counter.add(pod, node, 1);
    this.#counters.set(key, counter);
    if (this.#counters.size > countersMax) {
      const oldest = this.#counters.keys().next();
      if (oldest.done !== true) this.#counters.delete(oldest.value);
    }
    return counter;
  }

  /** After labels of namespaces changed: which pods a term speaks of may have too. */
  forgetCounters(): void {
    this.#counters.clear();
  }

  /** Pods that a term speaks of, counted. */
  termCounter(term: AffinityTerm): PodCounter {
    return this.counter(`term ${term.key}`, (pod) => term.matches(pod, this.lookup.namespaceLabels));
  }

  /** The terms that running pods hold, each with the count of its holders by node. */
  heldTerms(kind: HeldKind): Iterable<{ readonly term: AffinityTerm; readonly counter: PodCounter }> {
    return this.#held.get(kind)?.values() ?? [];
  }

  /** How many pods of a controller are in each zone. */
  siblingsByZone(ownerUid: string): ReadonlyMap<string, number> {
    return this.#siblingsByZone.get(ownerUid) ?? noCounts;
  }

  /** The nodes with pods that use a claim, `namespace/name`. */
  nodesUsingClaim(claim: string): Iterable<string> {
    return this.#claimUsers.get(claim)?.keys() ?? [];
  }

  #countClaims({ namespace, claims }: PlacedInfo, node: NodeState, factor: 1 | -1): void {
    for (const name of claims) {
      const key = `${namespace}/${name}`;
      const counts = this.#claimUsers.get(key) ?? new Map<string, number>();
      bump(counts, node.name, factor);
      if (counts.size === 0) this.#claimUsers.delete(key);
      else this.#claimUsers.set(key, counts);
    }
  }

  #countSibling(pod: PlacedInfo, node: NodeState, factor: 1 | -1): void {
    const { zone } = node;
    if (pod.ownerUid === undefined || zone === undefined) return;
    const counts = this.#siblingsByZone.get(pod.ownerUid) ?? new Map<string, number>();
    bump(counts, zone, factor);
    if (counts.size === 0) this.#siblingsByZone.delete(pod.ownerUid);
    else this.#siblingsByZone.set(pod.ownerUid, counts);
  }

  #place(pod: PlacedInfo, node: NodeState): void {
    node.add(pod);
    this.columns.write(node);
    this.#placed.set(pod.uid, node);
    this.#account(pod, node, 1);
  }

  #account(pod: PlacedInfo, node: NodeState, factor: 1 | -1): void {
    for (const counter of this.#counters.values()) counter.add(pod, node, factor);
    this.#countSibling(pod, node, factor);
    this.#countClaims(pod, node, factor);
    for (const kind of heldKinds) {
      const terms = this.#held.get(kind);
      if (terms === undefined) continue;
      for (const term of pod[kind]) holdTerm(terms, term, { pod, node, factor });
    }
  }
}

function holdTerm(
  terms: Map<string, HeldTerm>,
  term: AffinityTerm,
  change: { readonly pod: PlacedInfo; readonly node: NodeState; readonly factor: 1 | -1 },
): void {
  const held = terms.get(term.key) ?? { term, counter: new PodCounter(() => true), holders: 0 };
  held.counter.add(change.pod, change.node, change.factor);
  held.holders += change.factor;
  if (held.holders <= 0) terms.delete(term.key);
  else terms.set(term.key, held);
}

function sameLabels(a: Labels, b: Labels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
