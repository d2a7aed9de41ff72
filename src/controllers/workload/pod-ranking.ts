/** Which pods go first when a workload shrinks (Kubernetes' ActivePodsWithRanks). */
import { isReady, parseTime, type Pod } from '../../api/index.ts';
import { readySince, restartsOf } from './pods.ts';

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Ages are compared in powers of two, so that pods of about the same age are chosen evenly and not strictly by age. */
function ageRank(since: number | undefined, now: number): number {
  if (since === undefined) return 0;
  const seconds = Math.floor((now - since) / 1000);
  return seconds <= 1 ? 0 : Math.floor(Math.log2(seconds));
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
  const cost = text === undefined ? 0 : Number(text);
  return Number.isInteger(cost) ? cost : 0;
}

interface Ranked {
  readonly pod: Pod;
  readonly unassigned: number;
  readonly phase: number;
  readonly ready: number;
  readonly cost: number;
  readonly neighbours: number;
  readonly readyAge: number;
  readonly restarts: number;
  readonly age: number;
}

function rank(pod: Pod, neighbours: number, now: number): Ranked {
  return {
    pod,
    unassigned: pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? 0 : 1,
    phase: phaseRank[pod.status?.phase ?? 'Unknown'] ?? 1,
    ready: isReady(pod) ? 1 : 0,
    cost: deletionCost(pod),
    neighbours,
    readyAge: ageRank(readySince(pod), now),
    restarts: restartsOf(pod),
    age: ageRank(parseTime(pod.metadata.creationTimestamp), now),
  };
}

/**
 * Pods that are worth least come first: see kube-controller-manager's ActivePodsWithRanks for the order of the
 * criteria.
 */
function compare(a: Ranked, b: Ranked): number {
  return (
    a.unassigned - b.unassigned ||
    a.phase - b.phase ||
    a.ready - b.ready ||
    a.cost - b.cost ||
    b.neighbours - a.neighbours ||
    (a.ready === 1 ? a.readyAge - b.readyAge : 0) ||
    b.restarts - a.restarts ||
    a.age - b.age ||
    (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
  );
}

/**
 * The `count` pods to delete first. `related` are the pods of the same workload: where many share a node, one of them
 * goes first.
 */
export function podsToDelete(
  pods: readonly Pod[],
  count: number,
  options: { readonly related: readonly Pod[]; readonly now: number },
): readonly Pod[] {
  if (count >= pods.length) return pods;
  const perNode = new Map<string, number>();
  for (const pod of options.related) {
    const node = pod.spec.nodeName ?? '';
    if (node !== '') perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => rank(pod, perNode.get(pod.spec.nodeName ?? '') ?? 0, options.now));
  return ranked
    .sort(compare)
    .slice(0, count)
    .map((entry) => entry.pod);
}
