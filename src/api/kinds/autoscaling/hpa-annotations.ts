/**
 * What autoscaling/v1 has no fields for travels in annotations of its autoscalers, in the shape in which upstream
 * writes it: metrics, their states and conditions as fields of v1's own (flat ones, without targets), the behaviour by
 * the names of Go's fields. An annotation of another shape is ignored.
 */
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
  Sent,
} from '../../objects/index.ts';

export type Annotated = 'behavior' | 'conditions' | 'current-metrics' | 'metrics';
export type Annotations = Readonly<Record<string, string>>;

export const annotationName = (part: Annotated): string => `autoscaling.alpha.kubernetes.io/${part}`;
const parts: readonly Annotated[] = ['behavior', 'conditions', 'current-metrics', 'metrics'];

/** The names of those annotations. */
export const annotationNames: readonly string[] = parts.map(annotationName);

export function withoutAnnotations(annotations: Annotations): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !annotationNames.includes(key)));
}

/** The parts of an autoscaler that v1 has no fields for. */
export interface AnnotatedParts {
  readonly metrics: readonly Sent<MetricSpec>[];
  readonly currentMetrics: readonly Sent<MetricStatus>[];
  readonly conditions: readonly Sent<HorizontalPodAutoscalerCondition>[];
  readonly behavior: Sent<HorizontalPodAutoscalerBehavior> | undefined;
}

/** Compact, and with `<`, `>` and `&` escaped, as Go writes it. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

export function annotationsOf({
  metrics,
  currentMetrics,
  conditions,
  behavior,
}: AnnotatedParts): Record<string, string> {
  return {
    ...(metrics.length === 0 ? {} : { [annotationName('metrics')]: goJson(metrics.map(flatSpec)) }),
    ...(currentMetrics.length === 0
      ? {}
      : { [annotationName('current-metrics')]: goJson(currentMetrics.map(flatStatus)) }),
    ...(behavior === undefined ? {} : { [annotationName('behavior')]: goBehavior(behavior) }),
    ...(conditions.length === 0
      ? {}
      : {
          [annotationName('conditions')]: goJson(
            conditions.map(({ type, status, lastTransitionTime, reason, message }) => ({
              type,
              status,
              lastTransitionTime,
              reason,
              message,
            })),
          ),
        }),
  };
}

function goBehavior({ scaleUp, scaleDown }: Sent<HorizontalPodAutoscalerBehavior>): string {
  return goJson({ ScaleUp: goRules(scaleUp), ScaleDown: goRules(scaleDown) });
}

function goRules(rules: Sent<HPAScalingRules> | undefined): object | null {
  if (rules === undefined) return null;
  const policies = rules.policies?.map(({ type, value, periodSeconds }) => ({
    Type: type,
    Value: value,
    PeriodSeconds: periodSeconds,
  }));
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies: policies ?? null,
    Tolerance: null,
  };
}

const referenceOf = (reference: Sent<CrossVersionObjectReference> | undefined): object => ({
  kind: reference?.kind ?? '',
  name: reference?.name ?? '',
  apiVersion: reference?.apiVersion,
});

function flatSpec({ type, object, pods, resource, containerResource, external }: Sent<MetricSpec>): object {
  const share = (source: typeof resource): object => ({
    name: source?.name ?? '',
    targetAverageUtilization: source?.target?.averageUtilization,
    targetAverageValue: source?.target?.averageValue,
  });
  return {
    type: type ?? '',
    object: object && {
      target: referenceOf(object.describedObject),
      metricName: object.metric?.name ?? '',
      targetValue: object.target?.value ?? '0',
      selector: object.metric?.selector,
      averageValue: object.target?.averageValue,
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      targetAverageValue: pods.target?.averageValue ?? '0',
      selector: pods.metric?.selector,
    },
    resource: resource && share(resource),
    containerResource: containerResource && {
      ...share(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      metricSelector: external.metric?.selector,
      targetValue: external.target?.value,
      targetAverageValue: external.target?.averageValue,
    },
  };
}

function flatStatus({ type, object, pods, resource, containerResource, external }: Sent<MetricStatus>): object {
  const share = (source: typeof resource): object => ({
    name: source?.name ?? '',
    currentAverageUtilization: source?.current?.averageUtilization,
    currentAverageValue: source?.current?.averageValue ?? '0',
  });
  return {
    type: type ?? '',
    object: object && {
      target: referenceOf(object.describedObject),
      metricName: object.metric?.name ?? '',
      currentValue: object.current?.value ?? '0',
      selector: object.metric?.selector,
      averageValue: object.current?.averageValue,
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      currentAverageValue: pods.current?.averageValue ?? '0',
      selector: pods.metric?.selector,
    },
    resource: resource && share(resource),
    containerResource: containerResource && {
      ...share(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      metricSelector: external.metric?.selector,
      currentValue: external.current?.value ?? '0',
      currentAverageValue: external.current?.averageValue,
    },
  };
}
