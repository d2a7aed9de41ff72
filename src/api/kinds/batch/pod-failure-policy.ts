/** Validates podFailurePolicy of a Job. */

import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  Sent,
} from '../../objects/index.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  omitValue,
  qualifiedName,
  required,
  tooMany,
} from '../../machinery/index.ts';
import { each, invalids } from '../checks.ts';

const rulesMax = 20;
const exitCodesMax = 255;
const conditionsMax = 20;
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

const listed = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** Errors of a job's podFailurePolicy. */
export function podFailurePolicyErrors(spec: Sent<JobSpec>, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const pod = spec.template?.spec;
  const containers = new Set(
    [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name ?? ''),
  );
  const rulesPath = `${path}.rules`;
  return [
    ...(rules.length > rulesMax ? [tooMany(rulesPath, rules.length, rulesMax)] : []),
    ...each(rulesPath, rules, (rule, at) =>
      ruleErrors(rule, at, { perIndex: spec.backoffLimitPerIndex !== undefined, containers }),
    ),
  ];
}

interface RuleContext {
  readonly perIndex: boolean;
  readonly containers: ReadonlySet<string>;
}

function ruleErrors(rule: Sent<PodFailurePolicyRule>, path: string, context: RuleContext): FieldError[] {
  const { onExitCodes, onPodConditions = [] } = rule;
  const errors = actionErrors(rule.action ?? '', `${path}.action`, context.perIndex);
  if (onExitCodes !== undefined) errors.push(...exitCodeErrors(onExitCodes, `${path}.onExitCodes`, context.containers));
  if (onPodConditions.length > 0) errors.push(...conditionErrors(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes !== undefined && onPodConditions.length > 0)
    errors.push(invalid(path, omitValue, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (onExitCodes === undefined && onPodConditions.length === 0)
    errors.push(invalid(path, omitValue, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

function actionErrors(action: string, path: string, perIndex: boolean): FieldError[] {
  if (action === '') return [required(path, listed(actions))];
  if (action === 'FailIndex')
    return perIndex ? [] : [invalid(path, action, 'requires the backoffLimitPerIndex to be set')];
  return actions.includes(action) ? [] : [notSupported(path, action, actions)];
}

function exitCodeErrors(
  codes: Sent<PodFailurePolicyOnExitCodesRequirement>,
  path: string,
  containers: ReadonlySet<string>,
): FieldError[] {
  const { operator = '', containerName, values = [] } = codes;
  const valuesPath = `${path}.values`;
  const errors: FieldError[] = [];
  if (operator === '') errors.push(required(`${path}.operator`, listed(operators)));
  else if (!operators.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, operators));
  if (containerName !== undefined && !containers.has(containerName)) {
    errors.push(
      invalid(
        `${path}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  }
  if (values.length === 0) errors.push(invalid(valuesPath, values, 'at least one value is required'));
  if (values.length > exitCodesMax) errors.push(tooMany(valuesPath, values.length, exitCodesMax));
  const seen = new Set<number>();
  values.forEach((value, index) => {
    if (operator === 'In' && value === 0)
      errors.push(invalid(`${valuesPath}[${index}]`, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) errors.push(duplicate(`${valuesPath}[${index}]`, value));
    seen.add(value);
  });
  if (values.some((value, index) => value < (values[index - 1] ?? value)))
    errors.push(invalid(valuesPath, values, 'must be ordered'));
  return errors;
}

function conditionErrors(
  patterns: readonly Sent<PodFailurePolicyOnPodConditionsPattern>[],
  path: string,
): FieldError[] {
  return [
    ...(patterns.length > conditionsMax ? [tooMany(path, patterns.length, conditionsMax)] : []),
    ...each(path, patterns, ({ type = '', status = '' }, at) => [
      ...invalids(`${at}.type`, type, qualifiedName(type)),
      ...(status === ''
        ? [required(`${at}.status`, listed(statuses))]
        : statuses.includes(status)
          ? []
          : [notSupported(`${at}.status`, status, statuses)]),
    ]),
  ];
}
