/** In which order pods end when their machine goes down, and how long each may take: settings and plan. */
import { podGraceSeconds, type Pod } from '../../api/index.ts';
import { NodeSettingError, spanMs } from '../node-setting.ts';

/** By the names that a KubeletConfiguration has for them. */
export interface ShutdownSettings {
  readonly shutdownGracePeriod?: string | undefined;
  readonly shutdownGracePeriodCriticalPods?: string | undefined;
  readonly shutdownGracePeriodByPodPriority?: readonly PriorityPeriod[] | undefined;
}

interface PriorityPeriod {
  readonly priority: number;
  readonly shutdownGracePeriodSeconds: number;
}

/** Pods from a priority on, up to that of the next step, get so long to stop. */
export interface ShutdownStep {
  readonly priority: number;
  readonly graceMs: number;
}

/** system-cluster-critical's. */
const criticalPriority = 2_000_000_000;

/**
 * The steps, the least important pods first; none: pods are not ended. `shutdownGracePeriodByPodPriority` goes before
 * the other two, which are a short form for two steps. Throws NodeSettingError.
 */
export function shutdownSteps(settings: ShutdownSettings): readonly ShutdownStep[] {
  const { shutdownGracePeriod = '30s', shutdownGracePeriodCriticalPods = '10s' } = settings;
  const byPriority = settings.shutdownGracePeriodByPodPriority ?? [];
  if (byPriority.length > 0) return byPriority.map(stepOf).toSorted((one, other) => one.priority - other.priority);
  const whole = spanMs('shutdownGracePeriod', shutdownGracePeriod);
  const critical = spanMs('shutdownGracePeriodCriticalPods', shutdownGracePeriodCriticalPods);
  if (whole === 0) return [];
  if (critical > whole)
    throw new NodeSettingError('shutdownGracePeriodCriticalPods', 'no longer than shutdownGracePeriod');
  return [
    { priority: 0, graceMs: whole - critical },
    { priority: criticalPriority, graceMs: critical },
  ];
}

function stepOf(entry: PriorityPeriod): ShutdownStep {
  const { priority, shutdownGracePeriodSeconds: seconds } = entry;
  if (!Number.isInteger(priority) || !Number.isInteger(seconds) || seconds < 0)
    throw new NodeSettingError(
      'shutdownGracePeriodByPodPriority',
      'a list of { priority: <number>, shutdownGracePeriodSeconds: <seconds> }',
    );
  return { priority, graceMs: seconds * 1000 };
}

/** How long all of it takes at most, in ms. */
export const shutdownMsMax = (steps: readonly ShutdownStep[]): number =>
  steps.reduce((sum, { graceMs }) => sum + graceMs, 0);

/**
 * The pods of each step, in the steps' order: a pod belongs to the highest step that its priority reaches, or to the
 * first. Pure; as the kubelet groups them.
 */
export function shutdownGroups(
  steps: readonly ShutdownStep[],
  pods: readonly Pod[],
): readonly { readonly step: ShutdownStep; readonly pods: readonly Pod[] }[] {
  const indexOf = ({ spec }: Pod): number =>
    Math.max(
      0,
      steps.findLastIndex(({ priority }) => priority <= (spec.priority ?? 0)),
    );
  return steps.map((step, i) => ({ step, pods: pods.filter((pod) => indexOf(pod) === i) }));
}

/** What a pod gets to stop: its own grace period, if that is shorter. Pure. */
export const graceMsOf = ({ graceMs }: ShutdownStep, pod: Pod): number =>
  Math.min(graceMs, podGraceSeconds(pod) * 1000);
