/** Validates a HorizontalPodAutoscaler. */

import type {
  CrossVersionObjectReference,
  HPAScalingPolicy,
  HPAScalingRules,
  HorizontalPodAutoscalerSpec,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  Sent,
} from '../../objects/index.ts';
import {
  dns1123Label,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  pathSegmentName,
  required,
} from '../../machinery/index.ts';
import { choice, each, invalids, isSet } from '../checks.ts';
import { containerResourceNameErrors } from '../core/index.ts';
import { compareQuantities } from '../quantities.ts';

const windowSecondsMax = 3600;
const periodSecondsMax = 1800;

function referenceErrors(reference: Sent<CrossVersionObjectReference> | undefined, path: string): FieldError[] {
  const fields = ['kind', 'name'] as const;
  return fields.flatMap((field) => {
    const value = reference?.[field];
    return isSet(value) ? invalids(`${path}.${field}`, value, pathSegmentName(value)) : [required(`${path}.${field}`)];
  });
}

function identifierErrors(metric: Sent<MetricIdentifier> | undefined, path: string): FieldError[] {
  const name = metric?.name;
  return isSet(name)
    ? invalids(`${path}.name`, name, pathSegmentName(name))
    : [required(`${path}.name`, 'must specify a metric name')];
}

const targetTypes = ['Utilization', 'Value', 'AverageValue'];

function targetErrors(target: Sent<MetricTarget> | undefined, path: string): FieldError[] {
  const { type, value, averageValue, averageUtilization } = target ?? {};
  const errors: FieldError[] = isSet(type) ? [] : [required(`${path}.type`, 'must specify a metric target type')];
  if (!targetTypes.includes(type ?? ''))
    errors.push(invalid(`${path}.type`, type ?? '', 'must be either Utilization, Value, or AverageValue'));
  if (value !== undefined && compareQuantities(value, '0') <= 0)
    errors.push(invalid(`${path}.value`, { quantity: value }, 'must be positive'));
  if (averageValue !== undefined && compareQuantities(averageValue, '0') <= 0)
    errors.push(invalid(`${path}.averageValue`, { quantity: averageValue }, 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return errors;
}

function utilizationErrors(target: Sent<MetricTarget> | undefined, path: string): FieldError[] {
  const { averageUtilization, averageValue } = target ?? {};
  const errors = targetErrors(target, path);
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'));
  }
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'));
  return errors;
}

function valueErrors(target: Sent<MetricTarget> | undefined, path: string, missing: string): FieldError[] {
  const { value, averageValue } = target ?? {};
  const errors = targetErrors(target, path);
  if (value === undefined && averageValue === undefined) errors.push(required(`${path}.averageValue`, missing));
  return errors;
}

type Source = 'containerResource' | 'external' | 'object' | 'pods' | 'resource';
const sourceOfType: Readonly<Record<string, Source>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function sourceErrors(metric: Sent<MetricSpec>, source: Source, path: string): FieldError[] {
  const at = `${path}.${source}`;
  switch (source) {
    case 'object':
      return objectErrors(metric.object, at);
    case 'external':
      return externalErrors(metric.external, at);
    case 'pods':
      return podsErrors(metric.pods, at);
    case 'containerResource':
      return containerResourceErrors(metric.containerResource, at);
    case 'resource':
      return resourceErrors(metric.resource, at);
  }
}

function objectErrors(object: Sent<MetricSpec>['object'], path: string): FieldError[] {
  return [
    ...referenceErrors(object?.describedObject, `${path}.describedObject`),
    ...identifierErrors(object?.metric, `${path}.metric`),
    ...valueErrors(object?.target, `${path}.target`, 'must set either a target value or averageValue'),
  ];
}

function externalErrors(external: Sent<MetricSpec>['external'], path: string): FieldError[] {
  const { value, averageValue } = external?.target ?? {};
  const either = 'must set either a target value for metric or a per-pod target';
  const errors = [
    ...identifierErrors(external?.metric, `${path}.metric`),
    ...valueErrors(external?.target, `${path}.target`, either),
  ];
  if (value !== undefined && averageValue !== undefined)
    errors.push(forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target'));
  return errors;
}

function podsErrors(pods: Sent<MetricSpec>['pods'], path: string): FieldError[] {
  const errors = [...identifierErrors(pods?.metric, `${path}.metric`), ...targetErrors(pods?.target, `${path}.target`)];
  if (pods?.target?.averageValue === undefined)
    errors.push(required(`${path}.target.averageValue`, 'must specify a positive target averageValue'));
  return errors;
}

function containerResourceErrors(resource: Sent<MetricSpec>['containerResource'], path: string): FieldError[] {
  const { name, container, target } = resource ?? {};
  return [
    ...(isSet(name)
      ? containerResourceNameErrors(`${path}.name`, name).map((error) => ({ ...error, value: name }))
      : [required(`${path}.name`, 'must specify a resource name')]),
    ...(isSet(container)
      ? invalids(`${path}.container`, container, dns1123Label(container))
      : [required(`${path}.container`, 'must specify a container')]),
    ...utilizationErrors(target, `${path}.target`),
  ];
}

function resourceErrors(resource: Sent<MetricSpec>['resource'], path: string): FieldError[] {
  return [
    ...(isSet(resource?.name) ? [] : [required(`${path}.name`, 'must specify a resource name')]),
    ...utilizationErrors(resource?.target, `${path}.target`),
  ];
}

/** In the order in which upstream looks for what is filled in; of several sources it checks the first. */
const sources: readonly Source[] = ['object', 'external', 'pods', 'resource', 'containerResource'];

function metricErrors(metric: Sent<MetricSpec>, path: string): FieldError[] {
  const expected = sourceOfType[metric.type ?? ''];
  const [first, ...more] = sources.filter((source) => metric[source] !== undefined);
  const errors = isSet(metric.type) ? [] : [required(`${path}.type`, 'must specify a metric source type')];
  const unknown =
    expected === undefined ? [notSupported(`${path}.type`, metric.type ?? '', Object.keys(sourceOfType).sort())] : [];
  errors.push(...unknown);
  if (first !== undefined) errors.push(...sourceErrors(metric, first, path));
  if (expected !== undefined && metric[expected] === undefined)
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  // Upstream finds an unknown type a second time where it chooses by it.
  errors.push(...unknown);
  if (first === undefined || more.length === 0) return errors;
  return [
    ...errors,
    ...[first, ...more]
      .filter((source) => source !== expected)
      .map((source) => forbidden(`${path}.${source}`, 'must populate the given metric source only')),
  ];
}

function policyErrors(policy: Sent<HPAScalingPolicy>, path: string): FieldError[] {
  const { type = '', value = 0, periodSeconds = 0 } = policy;
  return [
    ...choice(`${path}.type`, type, ['Percent', 'Pods']),
    ...(value <= 0 ? [invalid(`${path}.value`, value, 'must be greater than zero')] : []),
    ...(periodSeconds <= 0 ? [invalid(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero')] : []),
    ...(periodSeconds > periodSecondsMax
      ? [invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${periodSecondsMax}`)]
      : []),
  ];
}

function rulesErrors(rules: Sent<HPAScalingRules> | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies } = rules;
  return [
    ...(seconds !== undefined && seconds < 0
      ? [invalid(`${path}.stabilizationWindowSeconds`, seconds, 'must be greater than or equal to zero')]
      : []),
    ...(seconds !== undefined && seconds > windowSecondsMax
      ? [invalid(`${path}.stabilizationWindowSeconds`, seconds, `must be less than or equal to ${windowSecondsMax}`)]
      : []),
    ...choice(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']),
    ...((policies?.length ?? 0) === 0
      ? [required(`${path}.policies`, 'must specify at least one Policy')]
      : each(`${path}.policies`, policies, policyErrors)),
  ];
}

/** Checks the spec of an autoscaler in its v2 form. */
export function autoscalerErrors(spec: Sent<HorizontalPodAutoscalerSpec>): FieldError[] {
  const { minReplicas, maxReplicas = 0 } = spec;
  const fromOutside = (spec.metrics ?? []).some(({ type }) => type === 'Object' || type === 'External');
  return [
    ...(minReplicas !== undefined && minReplicas < 1
      ? [invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')]
      : []),
    ...(maxReplicas < 1 ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(minReplicas !== undefined && maxReplicas < minReplicas
      ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...referenceErrors(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...each('spec.metrics', spec.metrics, metricErrors),
    ...(minReplicas === 0 && !fromOutside
      ? [
          forbidden(
            'spec.metrics',
            'must specify at least one Object or External metric to support scaling to zero replicas',
          ),
        ]
      : []),
    ...rulesErrors(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...rulesErrors(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}
