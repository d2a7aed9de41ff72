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

const customApi =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

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
function printedSelector(selector: LabelSelector | undefined): string {
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

/**
 * How a metric fails that only an adapter for custom or external metrics could give; undefined for the use of a
 * resource.
 */
export function adapterFailure({ pods, object, external }: MetricSpec, namespace: string): MetricFailure | undefined {
  if (pods !== undefined) {
    const message = `unable to get metric ${pods.metric.name}: ${customApi}`;
    return { reason: 'FailedGetPodsMetric', message, cause: `failed to get pods metric value: ${message}` };
  }
  if (object !== undefined) {
    const message =
      `unable to get metric ${object.metric.name}: ${object.describedObject.kind} on ` +
      `${namespace} ${object.describedObject.name}/${customApi}`;
    const wrapped =
      object.target?.averageValue === undefined
        ? message
        : `failed to get ${object.metric.name} object metric: ${message}`;
    return { reason: 'FailedGetObjectMetric', message, cause: `failed to get object metric value: ${wrapped}` };
  }
  if (external !== undefined) {
    const { name, selector } = external.metric;
    const message =
      `unable to get external metric ${namespace}/${name}/${printedSelector(selector)}: unable ` +
      'to fetch metrics from external metrics API: the server could not find the requested ' +
      `resource (get ${name}.external.metrics.k8s.io)`;
    const wrapped =
      external.target?.averageValue === undefined
        ? `failed to get external metric ${name}: ${message}`
        : `failed to get ${name} external metric: ${message}`;
    return {
      reason: 'FailedGetExternalMetric',
      message,
      cause: `failed to get ${name} external metric value: ${wrapped}`,
    };
  }
  return undefined;
}
