/** Why a metric is not available, in Kubernetes' words. */
import type { LabelSelector, MetricSpec } from '../../api/index.ts';

/**
 * Why a metric was not available: what the Event and the condition say, and the cause as the sum of all metrics names
 * it.
 */
export interface MetricFailure {
  readonly reason: string;
  readonly message: string;
  readonly cause: string;
}

/** Why the use of a resource did not lead to a number of pods. */
export function resourceFailure({ resource, containerResource }: MetricSpec, why: string): MetricFailure {
  const { name, target } = containerResource ?? resource ?? { name: '', target: undefined };
  const message =
    target?.averageValue === undefined && target?.averageUtilization === undefined
      ? 'invalid resource metric source: neither an average utilization target nor an average ' +
        'value (usage) target was set'
      : `failed to get ${name} ${target.averageValue === undefined ? 'utilization' : 'usage'}: ${why}`;
  if (containerResource !== undefined)
    return {
      reason: 'FailedGetContainerResourceMetric',
      message,
      cause: `failed to get ${containerResource.container} container metric value: ${message}`,
    };
  return {
    reason: 'FailedGetResourceMetric',
    message,
    cause: `failed to get ${name} resource metric value: ${message}`,
  };
}

/** A selector as Kubernetes' own types print themselves. */
export function printedSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const requirements = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const labelText = `MatchLabels:map[string]string{${labels.join('')}}`;
  const requirementText = `MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}}`;
  return `&LabelSelector{${labelText},${requirementText},}`;
}

/** How a metric fails that only an adapter for custom or external metrics can give. */
export function adapterFailure({ pods, object, external }: MetricSpec, message: string): MetricFailure {
  if (pods !== undefined)
    return { reason: 'FailedGetPodsMetric', message, cause: `failed to get pods metric value: ${message}` };
  if (object !== undefined) {
    const wrapped =
      object.target?.averageValue === undefined
        ? message
        : `failed to get ${object.metric.name} object metric: ${message}`;
    return { reason: 'FailedGetObjectMetric', message, cause: `failed to get object metric value: ${wrapped}` };
  }
  const { metric: { name } = { name: '' }, target } = external ?? {};
  const wrapped =
    target?.averageValue === undefined
      ? `failed to get external metric ${name}: ${message}`
      : `failed to get ${name} external metric: ${message}`;
  return {
    reason: 'FailedGetExternalMetric',
    message,
    cause: `failed to get ${name} external metric value: ${wrapped}`,
  };
}
