/** Decides what a node's silence and conditions mean for its conditions, taints and pods. */
import { withCondition } from '../runtime/index.ts';
import {
  type NodeCondition,
  findCondition,
  type Node,
  type Pod,
  type PodCondition,
  type Taint,
  timeText,
} from '../../api/index.ts';

export interface NodeHealthOptions {
  /** A node whose lease is silent for this long is Unknown. */
  readonly silentMs: number;
  /** A node that never reported is given this long at first. */
  readonly startMs: number;
}

/**
 * A node without a lease reports only by its status, and seldom: it is given this long (Kubernetes' default).
 */
const statusOnlyMs = 50_000;

interface Observed {
  readonly node: Node;
  /**
   * How long ago the controller saw the node's lease or status move, by its own monotonic clock: clocks of machines
   * differ.
   */
  readonly silentForMs: number;
  readonly now: number;
  /** Whether the node renews a lease. */
  readonly hasLease: boolean;
  readonly options: NodeHealthOptions;
}

export interface Plan {
  /** New conditions, when they change. */
  readonly conditions?: readonly NodeCondition[] | undefined;
  /** New taints, when they change. */
  readonly taints?: readonly Taint[] | undefined;
  /** Labels to set, if any. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Whether the node's pods are to be marked not ready. */
  readonly lost: boolean;
  /** When the node would count as silent, if nothing more is heard. */
  readonly requeueAfterMs?: number | undefined;
}

const notReadyTaint = 'node.kubernetes.io/not-ready';
const unreachableTaint = 'node.kubernetes.io/unreachable';

/** Taints that follow from a node's conditions (all NoSchedule), by condition type and status. */
const conditionTaints: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: 'Ready', status: 'False', key: notReadyTaint },
  { type: 'Ready', status: 'Unknown', key: unreachableTaint },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
];
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const ownKeys: ReadonlySet<string> = new Set([...conditionTaints.map((entry) => entry.key), unschedulableTaint]);
/** Labels that are kept under their old names too. */
export const agedLabels: readonly { readonly label: string; readonly formerly: string }[] = [
  { label: 'kubernetes.io/os', formerly: 'beta.kubernetes.io/os' },
  { label: 'kubernetes.io/arch', formerly: 'beta.kubernetes.io/arch' },
];
const heldConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** What a node's silence or conditions call for. */
export function planNode(observed: Observed): Plan {
  const { node, silentForMs, now, options, hasLease } = observed;
  const ready = findCondition(node.status?.conditions, 'Ready');
  const graceMs =
    ready === undefined ? options.startMs : hasLease ? options.silentMs : Math.max(options.silentMs, statusOnlyMs);
  const silent = silentForMs >= graceMs;
  const conditions = silent ? silentConditions(node, now) : (node.status?.conditions ?? []);
  const taints = taintsFor(node, conditions, now);
  const labels = labelsFor(node);
  const lost = findCondition(conditions, 'Ready')?.status === 'Unknown';
  return {
    ...(silent && conditions !== node.status?.conditions && changed(conditions, node.status?.conditions)
      ? { conditions }
      : {}),
    taints,
    labels,
    lost,
    ...(silent ? {} : { requeueAfterMs: graceMs - silentForMs }),
  };
}

function changed(next: readonly NodeCondition[], current: readonly NodeCondition[] | undefined): boolean {
  return next.some((condition) => findCondition(current, condition.type)?.status !== condition.status);
}

function silentConditions(node: Node, now: number): readonly NodeCondition[] {
  return heldConditions.reduce<readonly NodeCondition[]>((conditions, type) => {
    const current = findCondition(conditions, type);
    if (current?.status === 'Unknown') return conditions;
    const next =
      current === undefined
        ? { type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' }
        : { type, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
    const heartbeat =
      (current as { readonly lastHeartbeatTime?: string } | undefined)?.lastHeartbeatTime ??
      node.metadata.creationTimestamp ??
      timeText(now);
    return withCondition(conditions, { ...next, lastHeartbeatTime: heartbeat }, now);
  }, node.status?.conditions ?? []);
}

/**
 * The node's taints brought in line with its conditions; undefined when they are. NoExecute taints keep the time they
 * were added.
 */
function taintsFor(node: Node, conditions: readonly NodeCondition[], now: number): readonly Taint[] | undefined {
  const current = node.spec?.taints ?? [];
  const keys = conditionTaints
    .filter((entry) => findCondition(conditions, entry.type)?.status === entry.status)
    .map((entry) => entry.key);
  if (node.spec?.unschedulable === true) keys.push(unschedulableTaint);
  const wanted = keys.flatMap((key): Taint[] =>
    key === notReadyTaint || key === unreachableTaint
      ? [
          { key, effect: 'NoSchedule' },
          { key, effect: 'NoExecute' },
        ]
      : [{ key, effect: 'NoSchedule' }],
  );
  const isOwn = (taint: Taint): boolean =>
    ownKeys.has(taint.key) &&
    (taint.effect === 'NoSchedule' ||
      (taint.effect === 'NoExecute' && (taint.key === notReadyTaint || taint.key === unreachableTaint)));
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const missing = wanted.filter((taint) => !current.some((known) => same(known, taint)));
  const surplus = current.filter((taint) => isOwn(taint) && !wanted.some((known) => same(known, taint)));
  if (missing.length === 0 && surplus.length === 0) return undefined;
  return [
    ...current.filter((taint) => !surplus.includes(taint)),
    ...missing.map((taint) => ({ ...taint, timeAdded: timeText(now) })),
  ];
}

/** What the old names of labels lack; undefined when they say what the new ones do. */
function labelsFor(node: Node): Readonly<Record<string, string>> | undefined {
  const current = node.metadata.labels ?? {};
  const stale = agedLabels.flatMap(({ label, formerly }) => {
    const value = current[label];
    return value === undefined || value === current[formerly] ? [] : [[formerly, value]];
  });
  return stale.length === 0 ? undefined : Object.fromEntries(stale);
}

/** A pod's conditions once its node is lost; undefined when they say so already. */
export function lostConditions(pod: Pod, now: number): readonly PodCondition[] | undefined {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready === undefined || ready.status === 'False') return undefined;
  const conditions = pod.status?.conditions ?? [];
  return conditions.map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: timeText(now) } : condition,
  );
}
