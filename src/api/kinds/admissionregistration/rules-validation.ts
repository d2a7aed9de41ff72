/** Validates the rules and match conditions of webhooks and policies. */

import type { MatchCondition, NamedRuleWithOperations, RuleWithOperations, Sent } from '../../objects/index.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  pathSegmentName,
  qualifiedName,
  required,
  tooMany,
} from '../../machinery/index.ts';
import { choice, each, invalids } from '../checks.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];
const conditionsMax = 64;

function wildcardErrors(list: readonly string[] | undefined, path: string, others: string): FieldError[] {
  const values = list ?? [];
  if (values.length === 0) return [required(path)];
  return values.length > 1 && values.includes('*')
    ? [invalid(path, values, `if '*' is present, must not specify other ${others}`)]
    : [];
}

/** Only a group may be '' (core). */
function filledErrors(list: readonly string[] | undefined, path: string): FieldError[] {
  return each(path, list, (value, at) => (value === '' ? [required(at)] : []));
}

/**
 * Resources and subresources that one of the patterns before means are not to be named again; which come first matters.
 */
function resourceErrors(resources: readonly string[] | undefined, path: string): FieldError[] {
  const values = resources ?? [];
  if (values.length === 0) return [required(path)];
  const wholeResources = new Set<string>();
  const everySubresource = new Set<string>();
  const errors = each(path, values, (value, at) => {
    if (value === '') return [required(at)];
    const slash = value.indexOf('/');
    if (slash < 0) return [];
    const [resource, subresource] = [value.slice(0, slash), value.slice(slash + 1)];
    const found = [
      ...(wholeResources.has(resource)
        ? [invalid(at, value, `if '${resource}/*' is present, must not specify ${value}`)]
        : []),
      ...(everySubresource.has(subresource)
        ? [invalid(at, value, `if '*/${subresource}' is present, must not specify ${value}`)]
        : []),
    ];
    if (subresource === '*') wholeResources.add(resource);
    if (resource === '*') everySubresource.add(subresource);
    return found;
  });
  const lastPlain = values.findLast((value) => value !== '' && !value.includes('/'));
  if (values.length > 1 && values.includes('*/*'))
    errors.push(invalid(path, values, "if '*/*' is present, must not specify other resources"));
  if (values.includes('*') && lastPlain !== '*')
    errors.push(invalid(path, values, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

/** A rule that says which requests are meant. */
export function ruleErrors(rule: Sent<RuleWithOperations>, path: string): FieldError[] {
  const wanted = rule.operations ?? [];
  const mixed = wanted.length > 1 && wanted.includes('*');
  return [
    ...(wanted.length === 0 ? [required(`${path}.operations`)] : []),
    ...(mixed ? [invalid(`${path}.operations`, wanted, "if '*' is present, must not specify other operations")] : []),
    ...each(`${path}.operations`, wanted, (operation, at) =>
      operations.includes(operation) ? [] : [notSupported(at, operation, operations)],
    ),
    ...wildcardErrors(rule.apiGroups, `${path}.apiGroups`, 'API groups'),
    ...filledErrors(rule.apiVersions, `${path}.apiVersions`),
    ...wildcardErrors(rule.apiVersions, `${path}.apiVersions`, 'API versions'),
    ...resourceErrors(rule.resources, `${path}.resources`),
    ...choice(`${path}.scope`, rule.scope, scopes),
  ];
}

export function namedRuleErrors(rule: Sent<NamedRuleWithOperations>, path: string): FieldError[] {
  const names = rule.resourceNames ?? [];
  const ofNames = each(`${path}.resourceNames`, names, (name, at, index) => [
    ...pathSegmentName(name).map((message) => invalid(at, name, message)),
    ...(names.indexOf(name) < index ? [duplicate(at, name)] : []),
  ]);
  return [...ofNames, ...ruleErrors(rule, path)];
}

/** Conditions in the expression language; whether they compile, `expressionErrors` says. */
export function matchConditionsErrors(
  conditions: readonly Sent<MatchCondition>[] | undefined,
  path: string,
): FieldError[] {
  const list = conditions ?? [];
  const names = new Set<string>();
  const many = list.length > conditionsMax ? [tooMany(path, list.length, conditionsMax)] : [];
  return [
    ...many,
    ...each(path, list, (condition, at) => {
      const { name = '', expression = '' } = condition;
      const errors: FieldError[] = expression.trim() === '' ? [required(`${at}.expression`)] : [];
      if (name === '') return [...errors, required(`${at}.name`)];
      errors.push(...invalids(`${at}.name`, name, qualifiedName(name)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
      return errors;
    }),
  ];
}
