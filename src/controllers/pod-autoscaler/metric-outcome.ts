/** Decides which size one metric asks for. */
import {
  type MetricSpec,
  parseQuantity,
  type Pod,
  quantityMilli,
  quantityOfMilli,
  quantityText,
} from '../../api/index.ts';
import { adapterOutcome, type MetricOutcome } from './adapter-outcome.ts';
import { resourceFailure } from './metric-failures.ts';
import type { AdapterAnswer, MeasuredPod, PodMetricsAnswer } from './metric.ts';
import { countByUtilization, countByValue, type Counted } from './replica-count.ts';
import { containerSamples, type PodSample, podSamples } from './samples.ts';

/** The pods of a target and their measured use. */
export interface Measurement {
  readonly pods: readonly Pod[];
  readonly answer: PodMetricsAnswer;
  /** How many pods the target says it has; absent: none. */
  readonly statusReplicas?: number | undefined;
  /** What adapters answered, at the places of their metrics; absent: there is none. */
  readonly adapted?: readonly (AdapterAnswer | undefined)[] | undefined;
}

interface MetricQuestion extends Omit<Measurement, 'adapted'> {
  readonly adapted?: AdapterAnswer | undefined;
  readonly namespace: string;
  readonly current: number;
  readonly now: number;
}

export function metricOutcome(metric: MetricSpec, question: MetricQuestion): MetricOutcome {
  const { adapted, statusReplicas = 0 } = question;
  const foreign = adapterOutcome(metric, { ...question, statusReplicas, answer: adapted });
  if (foreign !== undefined) return foreign;
  const counted = countOf(metric, question);
  if (typeof counted === 'string') return { type: 'failure', failure: resourceFailure(metric, counted) };
  const { resource, containerResource } = metric;
  const name = (containerResource ?? resource)?.name ?? '';
  const current = {
    averageUtilization: counted.utilization,
    averageValue: quantityText(quantityOfMilli(counted.average)),
  };
  const what =
    counted.utilization === undefined
      ? 'resource'
      : `${containerResource === undefined ? '' : 'container '}resource utilization (percentage of request)`;
  return {
    type: 'proposal',
    replicas: counted.replicas,
    name: `${name} ${what}`,
    shown:
      containerResource === undefined
        ? { type: 'Resource', resource: { name, current } }
        : { type: 'ContainerResource', containerResource: { name, container: containerResource.container, current } },
  };
}

function countOf(metric: MetricSpec, { answer, pods, current, now }: MetricQuestion): Counted {
  const { name, target, container } = {
    container: undefined,
    ...(metric.containerResource ?? metric.resource ?? { name: '', target: undefined }),
  };
  if (answer.type === 'failed')
    return (
      `unable to get metrics for resource ${name}: unable to fetch metrics from resource ` +
      `metrics API: ${answer.message}`
    );
  const samples = samplesOf(answer.items, name, container);
  if (typeof samples === 'string') return `unable to get metrics for resource ${name}: ${samples}`;
  const counting = { current, pods, samples, resource: name, now, container };
  if (target?.averageValue !== undefined)
    return countByValue(counting, quantityMilli(parseQuantity(target.averageValue)));
  return countByUtilization(counting, target?.averageUtilization ?? 0);
}

function samplesOf(
  items: readonly MeasuredPod[],
  resource: string,
  container: string | undefined,
): ReadonlyMap<string, PodSample> | string {
  if (items.length === 0) return 'no metrics returned from resource metrics API';
  if (container === undefined) return podSamples(items, resource);
  const samples = containerSamples(items, resource, container);
  return typeof samples === 'string' ? `failed to get container metrics: ${samples}` : samples;
}
