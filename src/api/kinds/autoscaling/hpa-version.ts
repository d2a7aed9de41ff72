/** Converts a HorizontalPodAutoscaler between autoscaling/v1 and v2. */

import { definedMembers } from '../../object.ts';
import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  Sent,
} from '../../objects/index.ts';
import { deepClone } from '../../machinery/index.ts';
import type { JsonObject } from '../../object.ts';
import { readAnnotations } from './hpa-annotation-reading.ts';
import { annotationsOf, withoutAnnotations } from './hpa-annotations.ts';

const defaultUtilization = 80;
const isCpu = (metric: Sent<MetricSpec> | Sent<MetricStatus>): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu';

function cpuSpec(averageUtilization: number): Sent<MetricSpec> {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

/** An autoscaling/v1 autoscaler as an autoscaling/v2 one. */
export function version2Of(object: JsonObject): JsonObject {
  const {
    spec = {},
    status = {},
    metadata = {},
    ...rest
  } = deepClone(object) as Sent<AutoscalingV1HorizontalPodAutoscaler>;
  const { annotations = {}, ...metadataRest } = metadata;
  const { targetCPUUtilizationPercentage: target, ...specRest } = spec;
  const { currentCPUUtilizationPercentage: current, ...statusRest } = status;
  const annotated = readAnnotations(annotations);
  const metrics = [...(annotated.metrics ?? []), ...(target === undefined ? [] : [cpuSpec(target)])];
  // What the annotation says of the states is more than the one number.
  const currentMetrics =
    annotated.currentMetrics ??
    (current === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }]);
  const kept = withoutAnnotations(annotations);
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadataRest, ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }) },
    spec: definedMembers({
      ...specRest,
      metrics: metrics.length === 0 ? [cpuSpec(defaultUtilization)] : metrics,
      behavior: annotated.behavior,
    }),
    status: definedMembers({
      ...statusRest,
      currentMetrics: currentMetrics.length === 0 ? undefined : currentMetrics,
      conditions: annotated.conditions,
    }),
  };
}

/** The way back. */
export function version1Of(object: JsonObject): JsonObject {
  const { spec = {}, status = {}, metadata = {}, ...rest } = deepClone(object) as Sent<HorizontalPodAutoscaler>;
  const { metrics: allMetrics, behavior, ...specRest } = spec;
  const { currentMetrics: allCurrent, conditions, ...statusRest } = status;
  // What has no conditions yet says so with null.
  const [metrics, currentMetrics] = [allMetrics ?? [], allCurrent ?? []];
  const utilization = (metric: Sent<MetricSpec>): number | undefined =>
    isCpu(metric) ? metric.resource?.target?.averageUtilization : undefined;
  const others = metrics.filter((metric) => utilization(metric) === undefined);
  const annotations = {
    ...withoutAnnotations(metadata.annotations ?? {}),
    ...annotationsOf({ metrics: others, currentMetrics, conditions: conditions ?? [], behavior }),
  };
  const { annotations: _annotations, ...metadataRest } = metadata;
  const target = metrics.map(utilization).find((value) => value !== undefined);
  const current = currentMetrics
    .filter(isCpu)
    .map((metric) => metric.resource?.current?.averageUtilization)
    .findLast((value) => value !== undefined);
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: { ...metadataRest, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: definedMembers({ ...specRest, targetCPUUtilizationPercentage: target }),
    status: definedMembers({ currentReplicas: 0, ...statusRest, currentCPUUtilizationPercentage: current }),
  };
}
