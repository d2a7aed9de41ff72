/** Chooses a node for one pod: filters, then scores. */
import type { ClusterState } from './cluster-state.ts';
import { allFilters, type NodeCheck, type Rejection } from './filters/index.ts';
import type { NodeState } from './node-state.ts';
import type { PodInfo } from './pod-info.ts';
import { allScores } from './scores/index.ts';

/** Why a pod found no node. */
export interface Failure {
  readonly type: 'failure';
  /** The whole sentence, without what preemption had to say. */
  readonly message: string;
  /** Filters that rejected a node; only their facts changing can help. */
  readonly filters: ReadonlySet<string>;
  /** Nodes that would fit with fewer pods on them. */
  readonly resolvable: readonly NodeState[];
  /** Number of nodes looked at. */
  readonly nodes: number;
  /** What the pod lacks is being made: trying was no attempt. */
  readonly waits?: true | undefined;
}

interface Placement {
  readonly type: 'placement';
  readonly node: string;
}

/** Below this many nodes all of them are looked at. */
const nodesLookedAtMin = 100;
/** Beyond it, this part of the nodes, falling with their number, but never less than 5 %. */
const percentageMin = 5;

/** How many fitting nodes are enough to choose from (kube-scheduler's numFeasibleNodesToFind). */
function feasibleNodesToFind(nodes: number): number {
  if (nodes < nodesLookedAtMin) return nodes;
  const percentage = Math.max(percentageMin, 50 - Math.floor(nodes / 125));
  return Math.max(nodesLookedAtMin, Math.floor((nodes * percentage) / 100));
}

interface PreparedCheck {
  readonly name: string;
  readonly check: NodeCheck;
}

interface Refused {
  readonly name: string;
  readonly text: string;
  readonly waits?: true | undefined;
}

interface Prepared {
  readonly checks: readonly PreparedCheck[];
  readonly narrowedBy: readonly string[];
  /** The only nodes in question; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  readonly refusal: Refused | undefined;
}

function prepare(pod: PodInfo, cluster: ClusterState): Prepared {
  const checks: PreparedCheck[] = [];
  const narrowedBy: string[] = [];
  let only: ReadonlySet<string> | undefined;
  for (const filter of allFilters) {
    const prepared = filter.prepare(pod, cluster);
    if (prepared === undefined) continue;
    if (typeof prepared === 'function') checks.push({ name: filter.name, check: prepared });
    else if ('refusal' in prepared)
      return {
        checks,
        narrowedBy,
        only,
        refusal: { name: filter.name, text: prepared.refusal, waits: prepared.waits },
      };
    else {
      const before = only;
      only = new Set(before === undefined ? prepared.nodes : prepared.nodes.filter((name) => before.has(name)));
      narrowedBy.push(filter.name);
      if (prepared.check !== undefined) checks.push({ name: filter.name, check: prepared.check });
    }
  }
  return { checks, narrowedBy, only, refusal: undefined };
}

/**
 * Chooses a node for a pod. `tieBreak` in [0, 1) picks among equally good nodes. Changes nothing but where the next
 * search begins.
 */
export function schedule(pod: PodInfo, cluster: ClusterState, tieBreak: number): Placement | Failure {
  if (cluster.order.length === 0)
    return {
      type: 'failure',
      message: 'no nodes available to schedule pods',
      filters: new Set(),
      resolvable: [],
      nodes: 0,
    };
  const prepared = prepare(pod, cluster);
  if (prepared.refusal !== undefined) {
    const { name, text, waits } = prepared.refusal;
    return {
      type: 'failure',
      message: `0/${String(cluster.order.length)} nodes are available: ${text}.`,
      filters: new Set([name]),
      resolvable: [],
      nodes: cluster.order.length,
      waits,
    };
  }
  const search = searchWithin(pod, prepared, cluster);
  const [single] = search.feasible;
  if (single === undefined) return explain(search, prepared, cluster);
  if (search.feasible.length === 1) return { type: 'placement', node: single.name };
  return { type: 'placement', node: best(pod, search.feasible, { cluster, tieBreak }).name };
}

/** Filters that look at the node alone and at the room on it. */
const roomFilters: ReadonlySet<string> = new Set([
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
]);

/** Whether room is all that the pod needs of a node that is one for it. */
export function needsRoomOnly(pod: PodInfo, cluster: ClusterState): boolean {
  return prepare(pod, cluster).checks.every(({ name }) => roomFilters.has(name));
}

/** Why the pod does not fit on a node as the cluster is now; undefined when it does. */
export function obstacleOn(node: NodeState, pod: PodInfo, cluster: ClusterState): readonly string[] | undefined {
  const { checks, refusal } = prepare(pod, cluster);
  if (refusal !== undefined) return [refusal.text];
  for (const { check } of checks) {
    const rejection = check(node);
    if (rejection !== undefined) return rejection.reasons;
  }
  return undefined;
}

/** What came of a walk through nodes; why some do not fit is counted, since it may be thousands. */
class Search {
  readonly feasible: NodeState[] = [];
  readonly reasons = new Map<string, number>();
  readonly filters = new Set<string>();
  readonly resolvable: NodeState[] = [];
  rejected = 0;

  reject(node: NodeState, filter: string, { reasons, resolvable }: Rejection): void {
    this.rejected += 1;
    this.filters.add(filter);
    for (const reason of reasons) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    if (resolvable) this.resolvable.push(node);
  }
}

/** Room that was made for the pod is taken, if it is enough by now; no other node is looked at then. */
function searchWithin(pod: PodInfo, prepared: Prepared, cluster: ClusterState): Search {
  const nominated = cluster.nominatedNodes(pod.uid).map(({ name }) => name);
  const { only } = prepared;
  const kept = only === undefined ? nominated : nominated.filter((name) => only.has(name));
  if (kept.length > 0) {
    const search = searchOnly(prepared, kept, cluster);
    if (search.feasible.length > 0) return search;
  }
  return only === undefined ? searchAll(prepared, cluster) : searchOnly(prepared, only, cluster);
}

/** Walks the nodes from where the last search stopped until enough fit. */
function searchAll(prepared: Prepared, cluster: ClusterState): Search {
  const quick = quickTests(prepared.checks);
  const found = quick === undefined ? undefined : searchQuickly(quick, cluster);
  return found ?? searchInOrder(prepared, cluster);
}

/** The cheaper forms of all checks, the choosiest first; undefined when one has none. */
function quickTests(checks: readonly PreparedCheck[]): readonly ((slot: number) => boolean)[] | undefined {
  const tests = checks.flatMap(({ check }) => check.fits ?? []);
  // The order of the checks matters to reasons alone. What was decided about few nodes comes last among them.
  return tests.length === checks.length ? tests.reverse() : undefined;
}

/** Looks for nodes without asking why the others do not fit. Undefined when none fits: then the reasons matter. */
function searchQuickly(tests: readonly ((slot: number) => boolean)[], cluster: ClusterState): Search | undefined {
  const { order, slots, nextStart } = cluster;
  const enough = feasibleNodesToFind(order.length);
  const search = new Search();
  const { feasible } = search;
  let [looked, at] = [0, nextStart % order.length];
  for (; looked < order.length && feasible.length < enough; looked++) {
    if (passes(slots[at] ?? 0, tests)) feasible.push(order[at] as NodeState);
    at = at + 1 === order.length ? 0 : at + 1;
  }
  if (feasible.length === 0) return undefined;
  cluster.nextStart = at;
  return search;
}

function passes(slot: number, tests: readonly ((slot: number) => boolean)[]): boolean {
  for (let i = 0; i < tests.length; i++) if (tests[i]?.(slot) !== true) return false;
  return true;
}

function searchInOrder(prepared: Prepared, cluster: ClusterState): Search {
  const { order, nextStart } = cluster;
  const enough = feasibleNodesToFind(order.length);
  const search = new Search();
  let [looked, at] = [0, nextStart % order.length];
  for (; looked < order.length && search.feasible.length < enough; looked++) {
    judge(order[at] as NodeState, prepared.checks, search);
    at = at + 1 === order.length ? 0 : at + 1;
  }
  cluster.nextStart = at;
  return search;
}

function searchOnly(prepared: Prepared, only: Iterable<string>, cluster: ClusterState): Search {
  const search = new Search();
  for (const name of only) {
    const node = cluster.nodes.get(name);
    if (node !== undefined) judge(node, prepared.checks, search);
  }
  return search;
}

/** Puts the node where it belongs. */
function judge(node: NodeState, checks: readonly PreparedCheck[], search: Search): void {
  for (let i = 0; i < checks.length; i++) {
    const { name, check } = checks[i] as PreparedCheck;
    if (check.fits?.(node.slot) === true) continue;
    const rejection = check(node);
    if (rejection === undefined) continue;
    search.reject(node, name, rejection);
    return;
  }
  search.feasible.push(node);
}

/** "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) …." */
function explain(search: Search, prepared: Prepared, cluster: ClusterState): Failure {
  const counts = search.reasons;
  const unseen = cluster.order.length - search.rejected;
  if (unseen > 0) counts.set(`node(s) didn't satisfy plugin(s) [${prepared.narrowedBy.join(' ')}]`, unseen);
  return {
    type: 'failure',
    message: availabilityMessage(cluster.order.length, counts),
    filters: new Set([...search.filters, ...prepared.narrowedBy]),
    resolvable: search.resolvable,
    nodes: cluster.order.length,
  };
}

/** kube-scheduler's sentence over counted reasons, sorted. */
export function availabilityMessage(nodes: number, counts: ReadonlyMap<string, number>): string {
  const parts = [...counts].map(([reason, count]) => `${String(count)} ${reason}`).sort();
  return `0/${String(nodes)} nodes are available: ${parts.join(', ')}.`;
}

function best(
  pod: PodInfo,
  nodes: readonly NodeState[],
  options: { readonly cluster: ClusterState; readonly tieBreak: number },
): NodeState {
  const totals = new Float64Array(nodes.length);
  for (const score of allScores) {
    const values = score.score(pod, nodes, options.cluster);
    if (values === undefined) continue;
    for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + score.weight * (values[i] ?? 0);
  }
  let most = Number.NEGATIVE_INFINITY;
  let ties: NodeState[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as NodeState;
    const value = totals[i] ?? 0;
    if (value < most) continue;
    if (value > most) ties = [];
    most = value;
    ties.push(node);
  }
  return ties[Math.floor(options.tieBreak * ties.length)] ?? (nodes[0] as NodeState);
}
