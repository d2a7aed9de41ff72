import { withMetaCondition } from '../conditions.ts';
import { type Condition, type Stored, timeText } from '../objects.ts';
import { type Metric, metricFailure } from './metric-failures.ts';

export interface PodAutoscaler extends Stored {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly Metric[];
  };
  readonly status?: AutoscalerStatus;
}

export interface AutoscalerStatus {
  readonly lastScaleTime?: string;
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly currentMetrics?: readonly unknown[] | null;
  readonly conditions?: readonly Condition[];
}

/** What keeps the pods of a target from being measured. */
export interface SelectorFault {
  readonly reason: 'SelectorRequired' | 'AmbiguousSelector';
  readonly message: string;
}

/** What was found of the target: how many pods it is to have and whose they are, or why it cannot be scaled. */
export type Target = { readonly type: 'scale'; readonly replicas: number; readonly fault: SelectorFault | undefined } | { readonly type: 'missing'; readonly message: string };

export interface Observed {
  readonly autoscaler: PodAutoscaler;
  readonly target: Target;
  readonly now: number;
}

export interface Plan {
  readonly status: AutoscalerStatus;
  /** The size to give the target, with the reason. */
  readonly resize: { readonly replicas: number; readonly reason: string } | undefined;
  readonly notes: readonly { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }[];
}

type Draft = Omit<Condition, 'lastTransitionTime'>;

const disabled: Draft = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message: 'scaling is disabled since the replica count of the target is zero' };
const readable: Draft = { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message: "the HPA controller was able to get the target's current scale" };

/** Keeps the target within its bounds. Sizes by metrics need a source of metrics; without one the conditions say so. */
export function planAutoscaler(observed: Observed): Plan {
  const { autoscaler, target } = observed;
  const { maxReplicas, minReplicas = 1 } = autoscaler.spec;
  if (target.type === 'missing') {
    const message = `the HPA controller was unable to get the target's current scale: ${target.message}`;
    const status = statusOf(observed, [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message }], {});
    return { status, resize: undefined, notes: [{ type: 'Warning', reason: 'FailedGetScale', message: target.message }] };
  }
  const { replicas } = target;
  if (replicas === 0 && minReplicas !== 0) return { status: statusOf(observed, [readable, disabled], { currentReplicas: 0, desiredReplicas: 0 }), resize: undefined, notes: [] };
  if (replicas > maxReplicas) return planResize(observed, maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
  if (replicas < minReplicas) return planResize(observed, minReplicas, 'Current number of replicas below Spec.MinReplicas');
  return target.fault === undefined ? withoutMetrics(observed, replicas) : withoutPods(observed, replicas, target.fault);
}

function planResize(observed: Observed, replicas: number, reason: string): Plan {
  const rescaled: Draft = { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message: `the HPA controller was able to update the target scale to ${String(replicas)}` };
  const current = observed.target.type === 'scale' ? observed.target.replicas : 0;
  const status = { ...statusOf(observed, [rescaled], { currentReplicas: current, desiredReplicas: replicas }), lastScaleTime: timeText(observed.now) };
  return { status, resize: { replicas, reason }, notes: [{ type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${String(replicas)}; reason: ${reason}` }] };
}

/** The pods of the target cannot be told, or several autoscalers claim them. */
function withoutPods(observed: Observed, current: number, fault: SelectorFault): Plan {
  const condition: Draft = fault.reason === 'SelectorRequired'
    ? { type: 'ScalingActive', status: 'False', reason: 'InvalidSelector', message: "the HPA target's scale is missing a selector" }
    : { type: 'ScalingActive', status: 'False', reason: fault.reason, message: fault.message };
  return {
    status: statusOf(observed, [readable, condition], { currentReplicas: current }),
    resize: undefined,
    notes: [{ type: 'Warning', reason: fault.reason, message: fault.message }, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: fault.message }],
  };
}

function withoutMetrics(observed: Observed, current: number): Plan {
  const { metadata, spec } = observed.autoscaler;
  const failures = (spec.metrics ?? []).map((metric) => metricFailure(metric, metadata.namespace ?? ''));
  const [first] = failures;
  if (first === undefined) return { status: statusOf(observed, [readable], { currentReplicas: current }), resize: undefined, notes: [] };
  const condition: Draft = { type: 'ScalingActive', status: 'False', reason: first.reason, message: `the HPA was unable to compute the replica count: ${first.message}` };
  const count = String(failures.length);
  return {
    // A metric that gave nothing still has its place among the current ones.
    status: { ...statusOf(observed, [readable, condition], { currentReplicas: current }), currentMetrics: failures.map(() => ({ type: '' })) },
    resize: undefined,
    notes: [
      ...failures.map(({ reason, message }) => ({ type: 'Warning' as const, reason, message })),
      { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: `invalid metrics (${count} invalid out of ${count}), first error is: ${first.cause}` },
    ],
  };
}

function statusOf(observed: Observed, drafts: readonly Draft[], numbers: { readonly currentReplicas?: number; readonly desiredReplicas?: number }): AutoscalerStatus {
  const { autoscaler, now } = observed;
  const current = numbers.currentReplicas ?? autoscaler.status?.currentReplicas ?? 0;
  return {
    ...(autoscaler.status?.lastScaleTime === undefined ? {} : { lastScaleTime: autoscaler.status.lastScaleTime }),
    ...(current === 0 ? {} : { currentReplicas: current }),
    desiredReplicas: numbers.desiredReplicas ?? autoscaler.status?.desiredReplicas ?? 0,
    currentMetrics: observed.target.type === 'missing' ? (autoscaler.status?.currentMetrics ?? null) : null,
    conditions: drafts.reduce((conditions, draft) => withMetaCondition(conditions, draft, now), autoscaler.status?.conditions ?? []),
  };
}
