/** Reads the annotations in which an autoscaling/v1 autoscaler keeps what v1 has no fields for. */

import { parseJson } from '../../decoding/index.ts';
import { definedMembers } from '../../object.ts';
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  Sent,
} from '../../objects/index.ts';
import { Fields } from './annotation-fields.ts';
import { type Annotated, type AnnotatedParts, type Annotations, annotationName } from './hpa-annotations.ts';

/** Undefined: the annotation is absent, or says nothing that could be understood. */
function read<T>(annotations: Annotations, part: Annotated, reader: (fields: Fields) => T | undefined): T | undefined {
  const text = annotations[annotationName(part)];
  if (text === undefined) return undefined;
  try {
    return reader(new Fields({ [part]: parseJson(text, false).value }));
  } catch {
    return undefined;
  }
}

/** What the annotations of a v1 autoscaler say; absent parts are undefined. */
export function readAnnotations(annotations: Annotations): {
  readonly [part in keyof AnnotatedParts]: AnnotatedParts[part] | undefined;
} {
  return {
    metrics: read(annotations, 'metrics', (fields) => fields.list('metrics', specOf)),
    currentMetrics: read(annotations, 'current-metrics', (fields) => fields.list('current-metrics', statusOf)),
    conditions: read(annotations, 'conditions', (fields) => fields.list('conditions', conditionOf)),
    behavior: read(annotations, 'behavior', (fields) => fields.object('behavior', behaviorOf)),
  };
}

function conditionOf(fields: Fields): Sent<HorizontalPodAutoscalerCondition> {
  const { type, status, lastTransitionTime, reason, message } = Object.fromEntries(
    ['type', 'status', 'lastTransitionTime', 'reason', 'message'].map((name) => [name, fields.text(name)]),
  );
  return definedMembers({ type: type ?? '', status: status ?? '', lastTransitionTime, reason, message });
}

/** Undefined for one that says nothing. */
function behaviorOf(fields: Fields): Sent<HorizontalPodAutoscalerBehavior> | undefined {
  const rules = (of: Fields): Sent<HPAScalingRules> =>
    definedMembers({
      stabilizationWindowSeconds: of.count('StabilizationWindowSeconds'),
      selectPolicy: of.text('SelectPolicy'),
      policies: of.list('Policies', (policy) => ({
        type: policy.text('Type') ?? '',
        value: policy.count('Value') ?? 0,
        periodSeconds: policy.count('PeriodSeconds') ?? 0,
      })),
    });
  const behavior = definedMembers({
    scaleUp: fields.object('ScaleUp', rules),
    scaleDown: fields.object('ScaleDown', rules),
  });
  return Object.keys(behavior).length === 0 ? undefined : behavior;
}

const describedBy = (fields: Fields): Sent<CrossVersionObjectReference> =>
  definedMembers({
    kind: fields.text('kind') ?? '',
    name: fields.text('name') ?? '',
    apiVersion: fields.text('apiVersion'),
  });
const identifierOf = (fields: Fields, selector: string): Sent<MetricIdentifier> =>
  definedMembers({ name: fields.text('metricName') ?? '', selector: fields.selector(selector) });

function specOf(fields: Fields): Sent<MetricSpec> {
  const share = (of: Fields): { readonly name: string; readonly target: object } => {
    const [averageUtilization, averageValue] = [
      of.count('targetAverageUtilization'),
      of.quantity('targetAverageValue'),
    ];
    return {
      name: of.text('name') ?? '',
      target: definedMembers({
        type: averageUtilization === undefined ? 'AverageValue' : 'Utilization',
        averageValue,
        averageUtilization,
      }),
    };
  };
  return definedMembers({
    type: fields.text('type') ?? '',
    object: fields.object('object', (of) => {
      const averageValue = of.quantity('averageValue');
      const target = definedMembers({
        type: averageValue === undefined ? 'Value' : 'AverageValue',
        value: of.quantity('targetValue') ?? '0',
        averageValue,
      });
      return {
        describedObject: of.object('target', describedBy) ?? { kind: '', name: '' },
        metric: identifierOf(of, 'selector'),
        target,
      };
    }),
    pods: fields.object('pods', (of) => ({
      metric: identifierOf(of, 'selector'),
      target: { type: 'AverageValue', averageValue: of.quantity('targetAverageValue') ?? '0' },
    })),
    resource: fields.object('resource', share),
    containerResource: fields.object('containerResource', (of) => ({
      ...share(of),
      container: of.text('container') ?? '',
    })),
    external: fields.object('external', (of) => {
      const value = of.quantity('targetValue');
      return {
        metric: identifierOf(of, 'metricSelector'),
        target: definedMembers({
          type: value === undefined ? 'AverageValue' : 'Value',
          value,
          averageValue: of.quantity('targetAverageValue'),
        }),
      };
    }),
  });
}

function statusOf(fields: Fields): Sent<MetricStatus> {
  const share = (of: Fields): { readonly name: string; readonly current: object } => ({
    name: of.text('name') ?? '',
    current: definedMembers({
      averageValue: of.quantity('currentAverageValue') ?? '0',
      averageUtilization: of.count('currentAverageUtilization'),
    }),
  });
  return definedMembers({
    type: fields.text('type') ?? '',
    object: fields.object('object', (of) => ({
      metric: identifierOf(of, 'selector'),
      current: definedMembers({ value: of.quantity('currentValue') ?? '0', averageValue: of.quantity('averageValue') }),
      describedObject: of.object('target', describedBy) ?? { kind: '', name: '' },
    })),
    pods: fields.object('pods', (of) => ({
      metric: identifierOf(of, 'selector'),
      current: { averageValue: of.quantity('currentAverageValue') ?? '0' },
    })),
    resource: fields.object('resource', share),
    containerResource: fields.object('containerResource', (of) => ({
      ...share(of),
      container: of.text('container') ?? '',
    })),
    external: fields.object('external', (of) => ({
      metric: identifierOf(of, 'metricSelector'),
      current: definedMembers({
        value: of.quantity('currentValue') ?? '0',
        averageValue: of.quantity('currentAverageValue'),
      }),
    })),
  });
}
