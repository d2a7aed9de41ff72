import { withMetaCondition } from '../conditions.ts';
import { type Condition, type Stored, timeText } from '../objects.ts';

export interface PodAutoscaler extends Stored {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly { readonly type: string; readonly resource?: { readonly name: string } }[];
  };
  readonly status?: AutoscalerStatus;
}

export interface AutoscalerStatus {
  readonly observedGeneration?: number;
  readonly lastScaleTime?: string;
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly currentMetrics?: readonly unknown[] | null;
  readonly conditions?: readonly Condition[];
}

/** What was found of the target: its scale, or why there is none. */
export type Target = { readonly type: 'scale'; readonly wished: number; readonly current: number } | { readonly type: 'missing'; readonly message: string };

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
  if (target.wished === 0 && minReplicas !== 0) return { status: statusOf(observed, [readable, disabled], { currentReplicas: target.current, desiredReplicas: 0 }), resize: undefined, notes: [] };
  if (target.wished > maxReplicas) return planResize(observed, maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
  if (target.wished < minReplicas) return planResize(observed, minReplicas, 'Current number of replicas below Spec.MinReplicas');
  return withoutMetrics(observed, target.current);
}

function planResize(observed: Observed, replicas: number, reason: string): Plan {
  const rescaled: Draft = { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message: `the HPA controller was able to update the target scale to ${String(replicas)}` };
  const current = observed.target.type === 'scale' ? observed.target.current : 0;
  const status = { ...statusOf(observed, [rescaled], { currentReplicas: current, desiredReplicas: replicas }), lastScaleTime: timeText(observed.now) };
  return { status, resize: { replicas, reason }, notes: [{ type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${String(replicas)}; reason: ${reason}` }] };
}

const failures: Readonly<Record<string, string>> = {
  Resource: 'FailedGetResourceMetric', ContainerResource: 'FailedGetContainerResourceMetric', Pods: 'FailedGetPodsMetric', Object: 'FailedGetObjectMetric', External: 'FailedGetExternalMetric',
};

function withoutMetrics(observed: Observed, current: number): Plan {
  const metric = observed.autoscaler.spec.metrics?.[0];
  const reason = failures[metric?.type ?? 'Resource'] ?? 'InvalidMetricSourceType';
  const name = metric?.resource?.name ?? 'cpu';
  const cause = `failed to get ${name} utilization: unable to get metrics for resource ${name}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`;
  const message = `the HPA was unable to compute the replica count: ${cause}`;
  const desiredReplicas = observed.autoscaler.status?.desiredReplicas ?? 0;
  const status = statusOf(observed, [readable, { type: 'ScalingActive', status: 'False', reason, message }], { currentReplicas: current, desiredReplicas });
  return { status, resize: undefined, notes: [{ type: 'Warning', reason, message: cause }, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: `invalid metrics (1 invalid out of 1), first error is: ${cause}` }] };
}

function statusOf(observed: Observed, drafts: readonly Draft[], numbers: { readonly currentReplicas?: number; readonly desiredReplicas?: number }): AutoscalerStatus {
  const { autoscaler, now } = observed;
  const current = numbers.currentReplicas ?? autoscaler.status?.currentReplicas ?? 0;
  return {
    ...(autoscaler.metadata.generation === undefined ? {} : { observedGeneration: autoscaler.metadata.generation }),
    ...(autoscaler.status?.lastScaleTime === undefined ? {} : { lastScaleTime: autoscaler.status.lastScaleTime }),
    ...(current === 0 ? {} : { currentReplicas: current }),
    desiredReplicas: numbers.desiredReplicas ?? autoscaler.status?.desiredReplicas ?? 0,
    currentMetrics: autoscaler.status?.currentMetrics ?? null,
    conditions: drafts.reduce((conditions, draft) => withMetaCondition(conditions, draft, now), autoscaler.status?.conditions ?? []),
  };
}
