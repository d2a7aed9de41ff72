/**
 * What autoscaling/v1 has no fields for travels in annotations of its autoscalers, in the shape in which upstream
 * writes it: metrics, their states and conditions as fields of v1's own (flat ones, without targets), the behaviour by
 * the names of Go's fields. An annotation of another shape is ignored.
 */
import { definedMembers } from '../../object.ts';
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  LabelSelector,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  Sent,
} from '../../objects/index.ts';
import { parseJson } from '../../decoding/index.ts';
import { canonicalQuantity } from '../../machinery/index.ts';

type Annotated = 'behavior' | 'conditions' | 'current-metrics' | 'metrics';
type Annotations = Readonly<Record<string, string>>;

const nameOf = (part: Annotated): string => `autoscaling.alpha.kubernetes.io/${part}`;
const parts: readonly Annotated[] = ['behavior', 'conditions', 'current-metrics', 'metrics'];

/** The names of those annotations. */
export const annotationNames: readonly string[] = parts.map(nameOf);

export function withoutAnnotations(annotations: Annotations): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !annotationNames.includes(key)));
}

/** The parts of an autoscaler that v1 has no fields for. */
interface AnnotatedParts {
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
    ...(metrics.length === 0 ? {} : { [nameOf('metrics')]: goJson(metrics.map(flatSpec)) }),
    ...(currentMetrics.length === 0 ? {} : { [nameOf('current-metrics')]: goJson(currentMetrics.map(flatStatus)) }),
    ...(behavior === undefined ? {} : { [nameOf('behavior')]: goBehavior(behavior) }),
    ...(conditions.length === 0
      ? {}
      : {
          [nameOf('conditions')]: goJson(
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

/** Text that does not have the shape; thrown and caught within this file. */
class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** An object of an annotation, read field by field; names are found in any case, as Go's decoder finds them. */
class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError();
    this.#values = new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field]));
  }

  #value<T>(name: string, read: (value: unknown) => T): T | undefined {
    const value = this.#values.get(name.toLowerCase()) ?? undefined;
    return value === undefined ? undefined : read(value);
  }

  text(name: string): string | undefined {
    return this.#value(name, (value) => {
      if (typeof value !== 'string') throw new ShapeError();
      return value;
    });
  }

  count(name: string): number | undefined {
    return this.#value(name, (value) => {
      if (!Number.isInteger(value)) throw new ShapeError();
      return value as number;
    });
  }

  quantity(name: string): string | undefined {
    return this.#value(name, (value) =>
      canonicalQuantity(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''),
    );
  }

  selector(name: string): Sent<LabelSelector> | undefined {
    return this.#value(name, (value) => {
      new Fields(value);
      return value as Sent<LabelSelector>;
    });
  }

  object<T>(name: string, read: (fields: Fields) => T): T | undefined {
    return this.#value(name, (value) => read(new Fields(value)));
  }

  list<T>(name: string, read: (fields: Fields) => T): T[] | undefined {
    return this.#value(name, (value) => {
      if (!Array.isArray(value)) throw new ShapeError();
      return value.map((item) => read(new Fields(item ?? {})));
    });
  }
}

/** Undefined: the annotation is absent, or says nothing that could be understood. */
function read<T>(annotations: Annotations, part: Annotated, reader: (fields: Fields) => T | undefined): T | undefined {
  const text = annotations[nameOf(part)];
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
