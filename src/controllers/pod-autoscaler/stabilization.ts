/** Keeps an autoscaler from changing its mind too often or too fast. */
import type { HorizontalPodAutoscalerCondition } from '../../api/index.ts';

/** A condition before it is known when it turned. */
export type Draft = Omit<HorizontalPodAutoscalerCondition, 'lastTransitionTime'>;

/** How fast one direction may go (autoscaling/v2 HPAScalingRules, with defaults filled in). */
export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

export interface Behavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

/** What an autoscaler proposed and did lately; times are wall-clock ms. */
export interface ScaleHistory {
  readonly recommendations: readonly { readonly replicas: number; readonly at: number }[];
  readonly resizes: readonly { readonly by: number; readonly at: number }[];
}

export interface Bounds {
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: Behavior | undefined;
  readonly now: number;
}

interface Stabilized {
  readonly replicas: number;
  readonly able: Draft;
  readonly limited: Draft;
  readonly history: ScaleHistory;
}

/** Kubernetes' default: pods are taken away when nothing else was proposed for so long. */
const downWindowSeconds = 300;
/** The longest window and policy that validation allows. */
const rememberedMs = 3_600_000;

/** The first proposal is the size found, so that a controller that begins takes no pods away at once. */
export function begunHistory(history: ScaleHistory | undefined, current: number, now: number): ScaleHistory {
  return history ?? { recommendations: [{ replicas: current, at: now }], resizes: [] };
}

/** The history with a resize; only behaviors ask for it. */
export function withResize(history: ScaleHistory, by: number, now: number): ScaleHistory {
  return { ...history, resizes: [...history.resizes.filter(({ at }) => at >= now - rememberedMs), { by, at: now }] };
}

/** What becomes of a proposal: steadied by recent ones, then limited. */
export function stabilized(history: ScaleHistory, proposed: number, bounds: Bounds): Stabilized {
  const { behavior, now, current } = bounds;
  const steady =
    behavior === undefined
      ? Math.max(proposed, ...since(history, downWindowSeconds, now))
      : steadied(history, proposed, { behavior, now, current });
  const [replicas, reason, message] =
    behavior === undefined ? limitedPlainly(steady, bounds) : limitedBy(behavior, history, { ...bounds, steady });
  const kept = history.recommendations.filter(({ at }) => at >= now - rememberedMs);
  return {
    replicas,
    able: {
      type: 'AbleToScale',
      status: 'True',
      ...(steady === proposed ? readyForNewScale : steadiedWhy(behavior === undefined || proposed < current)),
    },
    limited: { type: 'ScalingLimited', status: replicas === steady ? 'False' : 'True', reason, message },
    history: { ...history, recommendations: [...kept, { replicas: proposed, at: now }] },
  };
}

const readyForNewScale = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };

function steadiedWhy(down: boolean): { readonly reason: string; readonly message: string } {
  return down
    ? {
        reason: 'ScaleDownStabilized',
        message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
      }
    : {
        reason: 'ScaleUpStabilized',
        message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
      };
}

function since({ recommendations }: ScaleHistory, seconds: number, now: number): readonly number[] {
  return recommendations.filter(({ at }) => at > now - seconds * 1000).map(({ replicas }) => replicas);
}

/** As near to the current size as the windows of both directions allow. */
function steadied(
  history: ScaleHistory,
  proposed: number,
  { behavior, now, current }: { readonly behavior: Behavior; readonly now: number; readonly current: number },
): number {
  const up = Math.min(proposed, ...since(history, behavior.scaleUp.stabilizationWindowSeconds ?? 0, now));
  const down = Math.max(
    proposed,
    ...since(history, behavior.scaleDown.stabilizationWindowSeconds ?? downWindowSeconds, now),
  );
  return Math.min(Math.max(current, up), down);
}

type Limited = readonly [replicas: number, reason: string, message: string];

const faster = ['ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate'] as const;
const tooMany = ['TooManyReplicas', 'the desired replica count is more than the maximum replica count'] as const;
const slower = [
  'ScaleDownLimit',
  'the desired replica count is decreasing faster than the maximum scale rate',
] as const;
const tooFew = ['TooFewReplicas', 'the desired replica count is less than the minimum replica count'] as const;
const within = ['DesiredWithinRange', 'the desired count is within the acceptable range'] as const;

/** Without a behavior: twice as many at a time, or four. */
function limitedPlainly(steady: number, { current, min, max }: Bounds): Limited {
  const most = Math.max(2 * current, 4);
  if (steady < min) return [min, ...tooFew];
  if (steady > Math.min(max, most)) return max > most ? [most, ...faster] : [max, ...tooMany];
  return [steady, ...within];
}

function limitedBy(
  { scaleUp, scaleDown }: Behavior,
  history: ScaleHistory,
  { current, min, max, now, steady }: Bounds & { readonly steady: number },
): Limited {
  if (steady > current) {
    const most = Math.max(current, rateLimit(scaleUp, history, { current, now, direction: 1 }));
    if (steady > Math.min(max, most)) return max > most ? [most, ...faster] : [max, ...tooMany];
  } else if (steady < current) {
    const least = Math.min(current, rateLimit(scaleDown, history, { current, now, direction: -1 }));
    if (steady < Math.max(min, least)) return min < least ? [least, ...slower] : [min, ...tooFew];
  }
  return [steady, ...within];
}

/** The size that the policies of one direction allow at this moment. */
function rateLimit(
  { selectPolicy, policies }: ScalingRules,
  { resizes }: ScaleHistory,
  { current, now, direction }: { readonly current: number; readonly now: number; readonly direction: 1 | -1 },
): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start =
      current - resizes.filter(({ at }) => at > now - periodSeconds * 1000).reduce((sum, { by }) => sum + by, 0);
    if (type === 'Pods') return start + direction * value;
    // Upwards a part of a pod counts as one: otherwise a small size would never grow.
    return direction === 1 ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100));
  });
  const widest = selectPolicy === 'Max';
  return (direction === 1) === widest ? Math.max(...limits) : Math.min(...limits);
}
