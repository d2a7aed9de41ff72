import { parseJson } from '../../decoding/index.ts';
import { deepClone } from '../../machinery/index.ts';
import type { JsonObject } from '../../object.ts';
import type { HorizontalPodAutoscaler as Version1 } from '../types/autoscaling.ts';
import type { HorizontalPodAutoscaler as Version2, HorizontalPodAutoscalerBehavior, MetricSpec, MetricStatus } from '../types/autoscaling-v2.ts';

/** What autoscaling/v1 has no fields for travels in annotations, so that no version loses anything. */
const prefix = 'autoscaling.alpha.kubernetes.io/';
const annotated = ['metrics', 'current-metrics', 'conditions', 'behavior'] as const;
type Annotated = (typeof annotated)[number];

/** The names of those annotations. */
export const annotationNames: readonly string[] = annotated.map((name) => `${prefix}${name}`);

function isCpu(metric: MetricSpec | MetricStatus): boolean {
  return metric.type === 'Resource' && metric.resource?.name === 'cpu';
}

function readAnnotation(annotations: Readonly<Record<string, string>>, name: Annotated): unknown {
  const text = annotations[`${prefix}${name}`];
  if (text === undefined) return undefined;
  try {
    return parseJson(text, false).value;
  } catch {
    // A client may write anything there; what cannot be read counts as absent, as upstream has it.
    return undefined;
  }
}

function withoutAnnotations(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !annotated.some((name) => key === `${prefix}${name}`)));
}

/** An autoscaling/v1 autoscaler as the autoscaling/v2 one that is stored. */
export function version2Of(object: JsonObject): JsonObject {
  const { spec = {}, status = {}, metadata = {}, ...rest } = deepClone(object) as Version1;
  const annotations = metadata.annotations ?? {};
  const { targetCPUUtilizationPercentage, ...specRest } = spec;
  const { currentCPUUtilizationPercentage, ...statusRest } = status;
  const metrics = (readAnnotation(annotations, 'metrics') as MetricSpec[] | undefined) ?? [];
  const current = (readAnnotation(annotations, 'current-metrics') as MetricStatus[] | undefined) ?? [];
  if (targetCPUUtilizationPercentage !== undefined) {
    metrics.unshift({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage } } });
  }
  if (currentCPUUtilizationPercentage !== undefined) {
    current.unshift({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentCPUUtilizationPercentage } } });
  }
  const behavior = readAnnotation(annotations, 'behavior') as HorizontalPodAutoscalerBehavior | undefined;
  const conditions = readAnnotation(annotations, 'conditions');
  const { annotations: _annotations, ...metadataRest } = metadata;
  const kept = withoutAnnotations(annotations);
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadataRest, ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }) },
    spec: { ...specRest, ...(metrics.length === 0 ? {} : { metrics }), ...(behavior === undefined ? {} : { behavior }) },
    status: { ...statusRest, ...(current.length === 0 ? {} : { currentMetrics: current }), ...(conditions === undefined ? {} : { conditions }) },
  };
}

/** The way back. */
export function version1Of(object: JsonObject): JsonObject {
  const { spec = {}, status = {}, metadata = {}, ...rest } = deepClone(object) as Version2;
  const { metrics = [], behavior, ...specRest } = spec;
  const { currentMetrics, conditions, ...statusRest } = status;
  const cpu = metrics.find((metric) => isCpu(metric) && metric.resource?.target?.averageUtilization !== undefined);
  const currentCpu = currentMetrics?.find((metric) => isCpu(metric) && metric.resource?.current?.averageUtilization !== undefined);
  const others: Readonly<Record<Annotated, unknown>> = {
    metrics: metrics.filter((metric) => metric !== cpu),
    'current-metrics': (currentMetrics ?? []).filter((metric) => metric !== currentCpu),
    conditions: conditions ?? [],
    behavior: behavior ?? [],
  };
  const written = annotated.filter((name) => !(Array.isArray(others[name]) && others[name].length === 0)).map((name) => [`${prefix}${name}`, JSON.stringify(others[name])] as const);
  const annotations = { ...metadata.annotations, ...Object.fromEntries(written) };
  const target = cpu?.resource?.target?.averageUtilization;
  const current = currentCpu?.resource?.current?.averageUtilization;
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: { ...specRest, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: { currentReplicas: 0, ...statusRest, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) },
  };
}
