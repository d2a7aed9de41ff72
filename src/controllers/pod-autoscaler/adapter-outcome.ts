/** Decides which size a custom or external metric asks for. */
import {
  findCondition,
  type MetricSpec,
  type MetricStatus,
  parseQuantity,
  parseTime,
  type Pod,
  quantityMilli,
  quantityOfMilli,
  quantityText,
} from '../../api/index.ts';
import { adapterFailure, type MetricFailure, printedSelector } from './metric-failures.ts';
import { type AdapterAnswer, type AdapterValue, customMetrics, externalMetrics, noAdapter } from './metric.ts';
import { countByValue, isNear } from './replica-count.ts';

/** The size that one metric asks for, with its name and value for the report, or why it gave none. */
export type MetricOutcome =
  | { readonly type: 'proposal'; readonly replicas: number; readonly name: string; readonly shown: MetricStatus }
  | { readonly type: 'failure'; readonly failure: MetricFailure };

interface AdapterMeasurement {
  readonly namespace: string;
  readonly pods: readonly Pod[];
  /** The size that the target should have. */
  readonly current: number;
  /** The pods that it has. */
  readonly statusReplicas: number;
  readonly answer: AdapterAnswer | undefined;
  readonly now: number;
}

/** Undefined: the metric is the use of a resource. */
export function adapterOutcome(metric: MetricSpec, measurement: AdapterMeasurement): MetricOutcome | undefined {
  const { pods, object, external } = metric;
  if (pods === undefined && object === undefined && external === undefined) return undefined;
  const failed = (message: string): MetricOutcome => ({ type: 'failure', failure: adapterFailure(metric, message) });
  const items = itemsOf(metric, measurement.answer);
  if (typeof items === 'string') return failed(unread(metric, measurement.namespace, items));
  const counted =
    pods === undefined
      ? countOfSum(items, (object ?? external)?.target, measurement)
      : countOfPods(items, pods.target, measurement);
  return typeof counted === 'string' ? failed(counted) : proposalOf(metric, counted);
}

/** The values, or why there are none. */
function itemsOf(metric: MetricSpec, answer: AdapterAnswer | undefined): readonly AdapterValue[] | string {
  const group = metric.external === undefined ? customMetrics : externalMetrics;
  const kind = metric.external === undefined ? 'custom' : 'external';
  const given = answer ?? noAdapter({ group, resource: metric.external?.metric.name ?? '' });
  if (given.type === 'failed') return `unable to fetch metrics from ${kind} metrics API: ${given.message}`;
  const { items } = given;
  if (items.length === 0) return `no metrics returned from ${kind} metrics API`;
  if (metric.object !== undefined && items.length > 1)
    return (
      `unable to fetch metrics from custom metrics API: the custom metrics API server returned ` +
      `${String(items.length)} results when we asked for exactly one`
    );
  return items;
}

/** Why there are no values, with what was asked for. */
function unread({ pods, object, external }: MetricSpec, namespace: string, why: string): string {
  if (pods !== undefined) return `unable to get metric ${pods.metric.name}: ${why}`;
  if (object !== undefined) {
    const { kind, name } = object.describedObject;
    return `unable to get metric ${object.metric.name}: ${kind} on ${namespace} ${name}/${why}`;
  }
  const { name = '', selector } = external?.metric ?? {};
  return `unable to get external metric ${namespace}/${name}/${printedSelector(selector)}: ${why}`;
}

type AdapterTarget = NonNullable<MetricSpec['external']>['target'];

interface Counted {
  readonly replicas: number;
  readonly current: { readonly value: string } | { readonly averageValue: string };
}

const milliOf = (amount: string | undefined): number =>
  amount === undefined ? 0 : quantityMilli(parseQuantity(amount));
const textOfMilli = (milli: number): string => quantityText(quantityOfMilli(milli));

function countOfPods(
  items: readonly AdapterValue[],
  target: AdapterTarget,
  { pods, current, now }: AdapterMeasurement,
): Counted | string {
  const samples = new Map(
    items.map(({ name, timestamp, value }) => [
      name,
      { at: parseTime(timestamp) ?? 0, windowMs: 0, milli: milliOf(value) },
    ]),
  );
  const counted = countByValue({ current, pods, samples, resource: '', now }, milliOf(target.averageValue));
  return typeof counted === 'string'
    ? counted
    : { replicas: counted.replicas, current: { averageValue: textOfMilli(counted.average) } };
}

/** Of an object or of something outside: one amount, to be shared by the pods or to be held where it is. */
function countOfSum(
  items: readonly AdapterValue[],
  target: AdapterTarget | undefined,
  { pods, current, statusReplicas }: AdapterMeasurement,
): Counted | string {
  const sum = items.reduce((milli, { value }) => milli + milliOf(value), 0);
  if (target?.averageValue !== undefined) {
    const each = milliOf(target.averageValue);
    return {
      replicas: isNear(sum / (each * statusReplicas)) ? statusReplicas : Math.ceil(sum / each),
      current: { averageValue: textOfMilli(Math.ceil(sum / Math.max(1, statusReplicas))) },
    };
  }
  const ratio = sum / milliOf(target?.value);
  const value = { value: textOfMilli(sum) };
  if (current === 0) return { replicas: Math.ceil(ratio), current: value };
  if (isNear(ratio)) return { replicas: current, current: value };
  if (pods.length === 0)
    return 'unable to calculate ready pods: no pods returned by selector while calculating replica count';
  const ready = pods.filter(
    ({ status }) => status?.phase === 'Running' && findCondition(status.conditions, 'Ready')?.status === 'True',
  );
  return { replicas: Math.ceil(ratio * ready.length), current: value };
}

function proposalOf({ pods, object, external }: MetricSpec, { replicas, current }: Counted): MetricOutcome {
  const proposal = { type: 'proposal', replicas } as const;
  if (pods !== undefined) {
    const shown = { type: 'Pods', pods: { metric: pods.metric, current } };
    return { ...proposal, name: `pods metric ${pods.metric.name}`, shown };
  }
  const { metric, target } = object ?? external ?? { metric: { name: '' }, target: undefined };
  const outer = `external metric ${metric.name}(${printedSelector(metric.selector)})`;
  if (object === undefined)
    return { ...proposal, name: outer, shown: { type: 'External', external: { metric, current } } };
  const { describedObject } = object;
  return {
    ...proposal,
    name: target?.averageValue === undefined ? `${describedObject.kind} metric ${metric.name}` : outer,
    shown: { type: 'Object', object: { metric, current, describedObject } },
  };
}
