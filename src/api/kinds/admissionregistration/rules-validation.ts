import { duplicate, type FieldError, invalid, notSupported, qualifiedName, required } from '../../machinery/index.ts';
import { choice, each, invalids } from '../checks.ts';
import type { MatchCondition, NamedRuleWithOperations, RuleWithOperations } from '../types/admissionregistration.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];
const conditionsMax = 64;

function wildcardErrors(list: readonly string[] | undefined, path: string, others: string): FieldError[] {
  const values = list ?? [];
  if (values.length === 0) return [required(path)];
  return values.length > 1 && values.includes('*') ? [invalid(path, values, `if '*' is present, must not specify other ${others}`)] : [];
}

/** Only a group may be '' (core). */
function filledErrors(list: readonly string[] | undefined, path: string): FieldError[] {
  return each(path, list, (value, at) => (value === '' ? [required(at)] : []));
}

function resourceErrors(resources: readonly string[] | undefined, path: string): FieldError[] {
  const values = resources ?? [];
  if (values.length === 0) return [required(path)];
  const errors = values.flatMap((value, index) => (value === '' ? [required(`${path}[${index}]`)] : []));
  if (values.length > 1 && values.includes('*/*')) errors.push(invalid(path, values, 'if \'*/*\' is present, must not specify other resources'));
  const whole = values.filter((value) => value.endsWith('/*')).map((value) => value.slice(0, -2));
  const anyOf = values.filter((value) => value.startsWith('*/')).map((value) => value.slice(2));
  values.forEach((value, index) => {
    const [resource = '', subresource] = value.split('/');
    if (subresource === undefined || value === '*/*') return;
    if (subresource !== '*' && whole.includes(resource)) errors.push(invalid(`${path}[${index}]`, value, `if '${resource}/*' is present, must not specify ${value}`));
    if (resource !== '*' && anyOf.includes(subresource)) errors.push(invalid(`${path}[${index}]`, value, `if '*/${subresource}' is present, must not specify ${value}`));
  });
  if (values.includes('*')) {
    const plain = values.filter((value) => value !== '*' && !value.includes('/'));
    if (plain.length > 0) errors.push(invalid(path, values, "if '*' is present, must not specify other resources without subresources"));
  }
  return errors;
}

/** A rule that says which requests are meant. */
export function ruleErrors(rule: RuleWithOperations, path: string): FieldError[] {
  const wanted = rule.operations ?? [];
  const mixed = wanted.length > 1 && wanted.includes('*');
  return [
    ...(wanted.length === 0 ? [required(`${path}.operations`)] : []),
    ...(mixed ? [invalid(`${path}.operations`, wanted, "if '*' is present, must not specify other operations")] : []),
    ...each(`${path}.operations`, wanted, (operation, at) => (operations.includes(operation) ? [] : [notSupported(at, operation, operations)])),
    ...wildcardErrors(rule.apiGroups, `${path}.apiGroups`, 'API groups'),
    ...filledErrors(rule.apiVersions, `${path}.apiVersions`),
    ...wildcardErrors(rule.apiVersions, `${path}.apiVersions`, 'API versions'),
    ...resourceErrors(rule.resources, `${path}.resources`),
    ...choice(`${path}.scope`, rule.scope, scopes),
  ];
}

export function namedRuleErrors(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const names = rule.resourceNames ?? [];
  const repeated = names.flatMap((name, index) => (names.indexOf(name) < index ? [duplicate(`${path}.resourceNames[${index}]`, name)] : []));
  return [...ruleErrors(rule, path), ...repeated];
}

/** Conditions in the expression language; whether they compile, `expressionErrors` says. */
export function matchConditionsErrors(conditions: readonly MatchCondition[] | undefined, path: string): FieldError[] {
  const list = conditions ?? [];
  if (list.length > conditionsMax) return [{ type: 'Too many', field: path, value: list.length, detail: `must have at most ${conditionsMax} items` }];
  const names = new Set<string>();
  return each(path, list, (condition, at) => {
    const { name = '', expression = '' } = condition;
    const errors: FieldError[] = expression.trim() === '' ? [required(`${at}.expression`)] : [];
    if (name === '') return [...errors, required(`${at}.name`)];
    errors.push(...invalids(`${at}.name`, name, qualifiedName(name)));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    return errors;
  });
}
