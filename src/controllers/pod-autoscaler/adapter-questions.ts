/** What adapters are asked for a metric of pods, of an object, or of something outside the cluster. */
import { type LabelSelector, labelSelectorRequirements, type MetricSpec, selectorText } from '../../api/index.ts';
import { type AdapterQuestion, customMetrics, externalMetrics } from './metric.ts';

/** The pods of a target, and how kinds are found. */
interface Asking {
  readonly namespace: string;
  /** The pods' selector, its text. */
  readonly selector: string;
  /** Undefined: no such kind is served. */
  readonly resourceOf: (
    kind: string,
    apiVersion: string | undefined,
  ) => { readonly group: string; readonly resource: string; readonly namespaced: boolean } | undefined;
}

/** The question, or why there can be none; undefined: the metric is the use of a resource, which no adapter gives. */
export function adapterQuestion(metric: MetricSpec, asking: Asking): AdapterQuestion | string | undefined {
  const { namespace, selector } = asking;
  if (metric.pods !== undefined)
    return {
      group: customMetrics,
      namespace,
      resource: 'pods',
      name: '*',
      subresource: metric.pods.metric.name,
      query: { labelSelector: selector, ...metricSelector('metricLabelSelector', metric.pods.metric.selector) },
    };
  if (metric.external !== undefined)
    return {
      group: externalMetrics,
      namespace,
      resource: metric.external.metric.name,
      query: metricSelector('labelSelector', metric.external.metric.selector),
    };
  return metric.object === undefined ? undefined : objectQuestion(metric.object, asking);
}

function objectQuestion(
  { describedObject, metric }: NonNullable<MetricSpec['object']>,
  { namespace, resourceOf }: Asking,
): AdapterQuestion | string {
  const { kind, name, apiVersion } = describedObject;
  const found = resourceOf(kind, apiVersion);
  if (found === undefined) return `unable to map kind ${kind}: no matches for kind "${kind}"`;
  const query = metricSelector('metricLabelSelector', metric.selector);
  const whole = found.group === '' ? found.resource : `${found.resource}.${found.group}`;
  // A namespace's own metrics have a place of their own within it.
  if (whole === 'namespaces')
    return { group: customMetrics, namespace: name, resource: 'metrics', name: metric.name, query };
  return {
    group: customMetrics,
    namespace: found.namespaced ? namespace : undefined,
    resource: whole,
    name,
    subresource: metric.name,
    query,
  };
}

function metricSelector(parameter: string, selector: LabelSelector | undefined): Record<string, string> {
  const text = selectorText(labelSelectorRequirements(selector ?? {}) ?? []);
  return text === '' ? {} : { [parameter]: text };
}
