/** Decides the size that an autoscaler gives its target, and what it reports. */
import {
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerStatus,
  type MetricStatus,
  setCondition,
  timeText,
} from '../../api/index.ts';
import type { MetricOutcome } from './adapter-outcome.ts';
import type { MetricFailure } from './metric-failures.ts';
import { type Measurement, metricOutcome } from './metric-outcome.ts';
import { begunHistory, type Behavior, type Draft, type ScaleHistory, stabilized, withResize } from './stabilization.ts';
import type { Note } from '../runtime/index.ts';

/** What keeps the pods of a target from being measured. */
export interface SelectorFault {
  readonly reason: 'SelectorRequired' | 'AmbiguousSelector';
  readonly message: string;
}

/** The target: how many pods it should have and which they are, or why it cannot be scaled. */
export type Target =
  | { readonly type: 'scale'; readonly replicas: number; readonly pods: Measurement | SelectorFault }
  | { readonly type: 'missing'; readonly message: string };

export interface Observed {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly target: Target;
  /** Absent: this is the first time. */
  readonly history: ScaleHistory | undefined;
  readonly now: number;
}

export interface Resize {
  readonly replicas: number;
  readonly reason: string;
  /** The metrics asked for it, not the bounds. */
  readonly measured: boolean;
  /** Once it is done. */
  readonly history: ScaleHistory;
}

export interface Plan {
  readonly status: HorizontalPodAutoscalerStatus;
  /** The size to give the target. */
  readonly resize: Resize | undefined;
  readonly notes: readonly Note[];
  readonly history: ScaleHistory | undefined;
}

const disabled: Draft = {
  type: 'ScalingActive',
  status: 'False',
  reason: 'ScalingDisabled',
  message: 'scaling is disabled since the replica count of the target is zero',
};
const readable: Draft = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'SucceededGetScale',
  message: "the HPA controller was able to get the target's current scale",
};
const warning = (reason: string, message: string): Note => ({ type: 'Warning', reason, message });

/** What is decided about a target that can be scaled. */
interface Scaling {
  readonly observed: Observed;
  readonly current: number;
  readonly history: ScaleHistory;
}

/** Whether the target's size is one that metrics decide about. */
export function isMeasured(
  { spec: { maxReplicas, minReplicas = 1 } }: HorizontalPodAutoscaler,
  replicas: number,
): boolean {
  return replicas >= minReplicas && replicas <= maxReplicas;
}

/** Keeps the target within its bounds, and between them at the size that the most demanding of the metrics asks for. */
export function planAutoscaler(observed: Observed): Plan {
  const { autoscaler, target, now } = observed;
  const { maxReplicas, minReplicas = 1 } = autoscaler.spec;
  if (target.type === 'missing') {
    const message = `the HPA controller was unable to get the target's current scale: ${target.message}`;
    const status = statusOf(
      observed,
      [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message }],
      {},
    );
    return { status, resize: undefined, notes: [warning('FailedGetScale', target.message)], history: observed.history };
  }
  const { replicas, pods } = target;
  const scaling: Scaling = { observed, current: replicas, history: begunHistory(observed.history, replicas, now) };
  if (replicas === 0 && minReplicas !== 0)
    return {
      status: statusOf(observed, [readable, disabled], { currentReplicas: 0, desiredReplicas: 0 }),
      resize: undefined,
      notes: [],
      history: scaling.history,
    };
  if (replicas > maxReplicas)
    return planResize(scaling, { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' });
  if (replicas < minReplicas)
    return planResize(scaling, { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' });
  return 'reason' in pods ? withoutPods(scaling, pods) : byMetrics(scaling, pods);
}

/** Another size, and what the metrics said before, if they were asked. */
interface NewSize {
  readonly replicas: number;
  readonly reason: string;
  readonly drafts?: readonly Draft[];
  readonly metrics?: readonly MetricStatus[] | null | undefined;
  readonly notes?: readonly Note[];
}

function planResize(
  { observed, current, history }: Scaling,
  { replicas, reason, drafts = [], metrics = null, notes = [] }: NewSize,
): Plan {
  const { autoscaler, now } = observed;
  const rescaled: Draft = {
    type: 'AbleToScale',
    status: 'True',
    reason: 'SucceededRescale',
    message: `the HPA controller was able to update the target scale to ${String(replicas)}`,
  };
  const status = {
    ...statusOf(observed, [...drafts, rescaled], { currentReplicas: current, desiredReplicas: replicas, metrics }),
    lastScaleTime: timeText(now),
  };
  return {
    status,
    resize: {
      replicas,
      reason,
      measured: metrics !== null,
      history: autoscaler.spec.behavior === undefined ? history : withResize(history, replicas - current, now),
    },
    notes: [
      ...notes,
      { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${String(replicas)}; reason: ${reason}` },
    ],
    history,
  };
}

/** The report when the target did not take its size. */
export function planAfterRefusal(
  { autoscaler, target, now }: Observed,
  { resize, status, notes }: Plan,
  refusal: string,
): Pick<Plan, 'status' | 'notes'> {
  const draft: Draft = {
    type: 'AbleToScale',
    status: 'False',
    reason: 'FailedUpdateScale',
    message: `the HPA controller was unable to update the target scale: ${refusal}`,
  };
  const { lastScaleTime, desiredReplicas = 0 } = autoscaler.status ?? {};
  const { lastScaleTime: _planned, ...rest } = status;
  return {
    status: {
      lastScaleTime,
      ...rest,
      currentReplicas: target.type === 'scale' ? target.replicas : 0,
      desiredReplicas,
      conditions: setCondition(status.conditions, draft, timeText(now)),
    },
    notes: [
      ...notes.filter(({ reason }) => reason !== 'SuccessfulRescale'),
      warning(
        'FailedRescale',
        `New size: ${String(resize?.replicas)}; reason: ${String(resize?.reason)}; error: ${refusal}`,
      ),
    ],
  };
}

/** The pods of the target are unknown, or several autoscalers claim them. */
function withoutPods({ observed, current, history }: Scaling, fault: SelectorFault): Plan {
  const condition: Draft =
    fault.reason === 'SelectorRequired'
      ? {
          type: 'ScalingActive',
          status: 'False',
          reason: 'InvalidSelector',
          message: "the HPA target's scale is missing a selector",
        }
      : { type: 'ScalingActive', status: 'False', reason: fault.reason, message: fault.message };
  return {
    status: statusOf(observed, [readable, condition], { currentReplicas: current }),
    resize: undefined,
    notes: [warning(fault.reason, fault.message), warning('FailedComputeMetricsReplicas', fault.message)],
    history,
  };
}

function byMetrics(scaling: Scaling, measurement: Measurement): Plan {
  const { observed, current, history } = scaling;
  const { metadata, spec } = observed.autoscaler;
  const { adapted, ...measured } = measurement;
  const outcomes = (spec.metrics ?? []).map((metric, index) =>
    metricOutcome(metric, {
      ...measured,
      adapted: adapted?.[index],
      namespace: metadata.namespace ?? '',
      current,
      now: observed.now,
    }),
  );
  const failures = outcomes.flatMap((outcome) => (outcome.type === 'failure' ? [outcome.failure] : []));
  const proposals = outcomes.filter((outcome) => outcome.type === 'proposal');
  // A metric that gave nothing still has its place among the current ones.
  const shown = outcomes.map((outcome) => (outcome.type === 'proposal' ? outcome.shown : { type: '' }));
  const notes = failures.map(({ reason, message }) => warning(reason, message));
  const [highest] = proposals.toSorted((a, b) => b.replicas - a.replicas);
  const [failure] = failures;
  // What is not known might need the pods that the others would take away.
  if (failure !== undefined && (highest === undefined || highest.replicas < current))
    return withoutMetrics(scaling, { failure, failures: failures.length, notes, shown });
  if (highest === undefined)
    return {
      status: statusOf(observed, [readable], { currentReplicas: current }),
      resize: undefined,
      notes: [],
      history,
    };
  return byProposal(scaling, highest, { notes, shown });
}

/** What the metrics said, each by itself. */
interface Told {
  readonly notes: readonly Note[];
  readonly shown: readonly MetricStatus[];
}

/** As far towards the proposed size as the autoscaler's behaviour allows. */
function byProposal(
  scaling: Scaling,
  proposal: Extract<MetricOutcome, { readonly type: 'proposal' }>,
  { notes, shown }: Told,
): Plan {
  const { observed, current } = scaling;
  const { minReplicas = 1, maxReplicas, behavior } = observed.autoscaler.spec;
  const { replicas, history, able, limited } = stabilized(scaling.history, proposal.replicas, {
    current,
    min: minReplicas,
    max: maxReplicas,
    // Stored with its defaults: both directions are complete.
    behavior: behavior as Behavior | undefined,
    now: observed.now,
  });
  const active: Draft = {
    type: 'ScalingActive',
    status: 'True',
    reason: 'ValidMetricFound',
    message: `the HPA was able to successfully calculate a replica count from ${proposal.name}`,
  };
  const drafts = [readable, active, able, limited];
  if (replicas === current)
    return {
      status: statusOf(observed, drafts, { currentReplicas: current, desiredReplicas: current, metrics: shown }),
      resize: undefined,
      notes,
      history,
    };
  const reason =
    proposal.replicas > current
      ? `${proposal.name} above target`
      : proposal.replicas < current
        ? 'All metrics below target'
        : '';
  return planResize({ ...scaling, history }, { replicas, reason, drafts, metrics: shown, notes });
}

interface Failed extends Told {
  /** The first one. */
  readonly failure: MetricFailure;
  readonly failures: number;
}

function withoutMetrics({ observed, current, history }: Scaling, { failure, failures, notes, shown }: Failed): Plan {
  const condition: Draft = {
    type: 'ScalingActive',
    status: 'False',
    reason: failure.reason,
    message: `the HPA was unable to compute the replica count: ${failure.message}`,
  };
  return {
    status: statusOf(observed, [readable, condition], { currentReplicas: current, metrics: shown }),
    resize: undefined,
    notes: [
      ...notes,
      warning(
        'FailedComputeMetricsReplicas',
        `invalid metrics (${String(failures)} invalid out of ${String(shown.length)}), first ` +
          `error is: ${failure.cause}`,
      ),
    ],
    history,
  };
}

interface StatusNumbers {
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly metrics?: readonly MetricStatus[] | null | undefined;
}

function statusOf(
  { autoscaler, target, now }: Observed,
  drafts: readonly Draft[],
  { currentReplicas, desiredReplicas, metrics = null }: StatusNumbers,
): HorizontalPodAutoscalerStatus {
  const before = autoscaler.status;
  const current = currentReplicas ?? before?.currentReplicas ?? 0;
  return {
    lastScaleTime: before?.lastScaleTime,
    ...(current === 0 ? {} : { currentReplicas: current }),
    desiredReplicas: desiredReplicas ?? before?.desiredReplicas ?? 0,
    currentMetrics: target.type === 'missing' ? (before?.currentMetrics ?? null) : metrics,
    conditions: drafts.reduce(
      (conditions, draft) => setCondition(conditions, draft, timeText(now)),
      before?.conditions ?? [],
    ),
  };
}
