/** The Table columns of a HorizontalPodAutoscaler. */

import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  Sent,
} from '../../objects/index.ts';
import { canonicalQuantity } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { TableCell, TableColumn } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';

export const autoscalerColumns: readonly TableColumn[] = [
  nameColumn,
  column('Reference', 'Object that is scaled.'),
  column('Targets', 'Current and target values of the metrics.'),
  column('MinPods', 'Minimum number of replicas.'),
  column('MaxPods', 'Maximum number of replicas.'),
  column('Replicas', 'Current number of replicas.'),
  ageColumn,
];

const shownMax = 2;
const unknown = '<unknown>';

const amount = (value: string | undefined): string => (value === undefined ? unknown : canonicalQuantity(value));

/** A metric that is a plain amount: for the whole or for each pod. */
function valueText(target: Sent<MetricTarget> | undefined, current: Sent<MetricValueStatus> | undefined): string {
  if (target?.averageValue !== undefined)
    return `${amount(current?.averageValue)}/${amount(target.averageValue)} (avg)`;
  return `${amount(current?.value)}/${amount(target?.value)}`;
}

function resourceText(
  name: string | undefined,
  target: Sent<MetricTarget> | undefined,
  current: Sent<MetricValueStatus> | undefined,
): string {
  if (target?.averageValue !== undefined)
    return `${name ?? ''}: ${amount(current?.averageValue)}/${amount(target.averageValue)}`;
  const used = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`;
  const wanted = target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  return `${name ?? ''}: ${used}/${wanted}`;
}

function metricText(metric: Sent<MetricSpec>, status: Sent<MetricStatus> | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric.external?.target, status?.external?.current);
    case 'Object':
      return valueText(metric.object?.target, status?.object?.current);
    case 'Pods':
      return `${amount(status?.pods?.current?.averageValue)}/${amount(metric.pods?.target?.averageValue)}`;
    case 'Resource':
      return resourceText(metric.resource?.name, metric.resource?.target, status?.resource?.current);
    case 'ContainerResource':
      return resourceText(
        metric.containerResource?.name,
        metric.containerResource?.target,
        status?.containerResource?.current,
      );
    default:
      return '<unknown type>';
  }
}

function metricsText({ spec = {}, status = {} }: Sent<HorizontalPodAutoscaler>): string {
  const texts = (spec.metrics ?? []).map((metric, index) => metricText(metric, status.currentMetrics?.[index]));
  if (texts.length === 0) return '<none>';
  const shown = texts.slice(0, shownMax).join(', ');
  return texts.length > shownMax ? `${shown} + ${texts.length - shownMax} more...` : shown;
}

const autoscalerOf = (object: object): Sent<HorizontalPodAutoscaler> => object as Sent<HorizontalPodAutoscaler>;

/** The cells of an autoscaler in its v2 form. */
export function autoscalerRow(object: KubeObject, now: number): readonly TableCell[] {
  const autoscaler: Sent<HorizontalPodAutoscaler> = autoscalerOf(object);
  const { spec = {}, status = {} } = autoscaler;
  const reference = `${spec.scaleTargetRef?.kind ?? ''}/${spec.scaleTargetRef?.name ?? ''}`;
  return [
    object.metadata.name ?? '',
    reference,
    metricsText(autoscaler),
    spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
    spec.maxReplicas ?? 0,
    status.currentReplicas ?? 0,
    ageOf(object, now),
  ];
}
