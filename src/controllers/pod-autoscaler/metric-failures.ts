import type { LabelSelector } from '../objects.ts';

interface MetricIdentifier {
  readonly name: string;
  readonly selector?: LabelSelector;
}

interface MetricTarget {
  readonly averageValue?: unknown;
  readonly averageUtilization?: unknown;
}

export interface Metric {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target?: MetricTarget };
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target?: MetricTarget };
  readonly pods?: { readonly metric: MetricIdentifier };
  readonly object?: { readonly metric: MetricIdentifier; readonly describedObject: { readonly kind: string; readonly name: string }; readonly target?: MetricTarget };
  readonly external?: { readonly metric: MetricIdentifier; readonly target?: MetricTarget };
}

/** Why a metric could not be had: what the Event and the condition say, and the cause as the sum of all metrics names it. */
export interface MetricFailure {
  readonly reason: string;
  readonly message: string;
  readonly cause: string;
}

const customApi = 'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

function resourceMessage(name: string, target: MetricTarget | undefined): string {
  const what = target?.averageValue === undefined ? 'utilization' : 'usage';
  return `failed to get ${name} ${what}: unable to get metrics for resource ${name}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`;
}

/** A selector as Kubernetes' own types print themselves. */
function printedSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`);
  const requirements = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`);
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`;
}

/** How each kind of metric fails in a cluster where nothing serves metrics. */
export function metricFailure(metric: Metric, namespace: string): MetricFailure {
  const { resource, containerResource, pods, object, external } = metric;
  if (containerResource !== undefined) {
    const message = resourceMessage(containerResource.name, containerResource.target);
    return { reason: 'FailedGetContainerResourceMetric', message, cause: `failed to get ${containerResource.container} container metric value: ${message}` };
  }
  if (pods !== undefined) {
    const message = `unable to get metric ${pods.metric.name}: ${customApi}`;
    return { reason: 'FailedGetPodsMetric', message, cause: `failed to get pods metric value: ${message}` };
  }
  if (object !== undefined) {
    const message = `unable to get metric ${object.metric.name}: ${object.describedObject.kind} on ${namespace} ${object.describedObject.name}/${customApi}`;
    const wrapped = object.target?.averageValue === undefined ? message : `failed to get ${object.metric.name} object metric: ${message}`;
    return { reason: 'FailedGetObjectMetric', message, cause: `failed to get object metric value: ${wrapped}` };
  }
  if (external !== undefined) {
    const { name, selector } = external.metric;
    const message = `unable to get external metric ${namespace}/${name}/${printedSelector(selector)}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
    const wrapped = external.target?.averageValue === undefined ? `failed to get external metric ${name}: ${message}` : `failed to get ${name} external metric: ${message}`;
    return { reason: 'FailedGetExternalMetric', message, cause: `failed to get ${name} external metric value: ${wrapped}` };
  }
  const name = resource?.name ?? '';
  const message = resourceMessage(name, resource?.target);
  return { reason: 'FailedGetResourceMetric', message, cause: `failed to get ${name} resource metric value: ${message}` };
}
