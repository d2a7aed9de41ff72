import { dns1035Label, dns1123Subdomain, duplicate, type FieldError, invalid, labelSelectorText, nameIsDnsSubdomain, notSupported, pathSegmentName, qualifiedName, required, validateLabelSelector } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, each, invalids, isSet, requiredChoice, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import type { MatchResources, ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation } from '../types/admissionregistration.ts';
import { expressionErrors } from './expression-validation.ts';
import { matchConditionsErrors, namedRuleErrors } from './rules-validation.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const actions = ['Audit', 'Deny', 'Warn'];

const policyOf = (object: object): ValidatingAdmissionPolicy => object as ValidatingAdmissionPolicy;
const bindingOf = (object: object): ValidatingAdmissionPolicyBinding => object as ValidatingAdmissionPolicyBinding;

function defaultMatch(match: MatchResources | undefined): void {
  if (match === undefined) return;
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  match.matchPolicy ??= 'Equivalent';
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

function matchErrors(match: MatchResources, path: string): FieldError[] {
  return [
    ...choice(`${path}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact']),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...each(`${path}.resourceRules`, match.resourceRules, namedRuleErrors),
    ...each(`${path}.excludeResourceRules`, match.excludeResourceRules, namedRuleErrors),
  ];
}

function validationErrors(validation: Validation, path: string): FieldError[] {
  const { expression = '', message, reason } = validation;
  const errors: FieldError[] = expression.trim() === '' ? [required(`${path}.expression`, 'expression is not specified')] : [];
  if (message !== undefined && message !== '' && message.trim() === '') errors.push(invalid(`${path}.message`, message, 'message must be non-empty if specified'));
  if (message?.trim().includes('\n') === true) errors.push(invalid(`${path}.message`, message, 'message must not contain line breaks'));
  if (expression.includes('\n') && (message ?? '') === '') errors.push(required(`${path}.message`, 'message must be specified if expression contains line breaks'));
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, reasons.slice(0, 3)));
  return errors;
}

function variableErrors(object: KubeObject): FieldError[] {
  const names = new Set<string>();
  return each('spec.variables', policyOf(object).spec?.variables, (variable, at) => {
    const { name = '', expression = '' } = variable;
    const errors: FieldError[] = name === '' ? [required(`${at}.name`, 'name is not specified')] : [];
    if (name !== '' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) errors.push(invalid(`${at}.name`, name, 'name is not a valid CEL identifier'));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    return expression.trim() === '' ? [...errors, required(`${at}.expression`, 'expression is not specified')] : errors;
  });
}

function paramKindErrors({ apiVersion = '', kind = '' }: ParamKind, path: string): FieldError[] {
  const messages = kind === '' ? [] : dns1035Label(kind.toLowerCase());
  const ofKind = messages.length === 0 ? [] : [invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`)];
  return [...(apiVersion === '' ? [required(`${path}.apiVersion`)] : groupVersionErrors(apiVersion, `${path}.apiVersion`)), ...(kind === '' ? [required(`${path}.kind`)] : ofKind)];
}

function groupVersionErrors(apiVersion: string, path: string): FieldError[] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [version = '', group = ''] = parts.reverse();
  const ofGroup = group === '' ? [] : dns1123Subdomain(group);
  const ofVersion = version === '' ? [] : dns1035Label(version);
  return [
    ...(ofGroup.length === 0 ? [] : [invalid(path, group, ofGroup.join(','))]),
    ...(version === '' ? [invalid(path, apiVersion, 'version must be specified')] : []),
    ...(ofVersion.length === 0 ? [] : [invalid(path, version, ofVersion.join(','))]),
  ];
}

function policyErrors(object: KubeObject): FieldError[] {
  const spec = policyOf(object).spec ?? {};
  const { validations = [], auditAnnotations = [], matchConstraints, paramKind } = spec;
  const errors: FieldError[] = [];
  if (matchConstraints === undefined) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...matchErrors(matchConstraints, 'spec.matchConstraints'));
    if ((matchConstraints.resourceRules?.length ?? 0) === 0) errors.push(required('spec.matchConstraints.resourceRules'));
  }
  if (validations.length + auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    errors.push(required('spec.validations', detail), required('spec.auditAnnotations', detail));
  }
  if (paramKind !== undefined) errors.push(...paramKindErrors(paramKind, 'spec.paramKind'));
  const keys = new Set<string>();
  const annotations = each('spec.auditAnnotations', auditAnnotations, (annotation, at) => {
    const key = annotation.key ?? '';
    const found = [...(key === '' ? [required(`${at}.key`)] : invalids(`${at}.key`, key, qualifiedName(key))), ...requiredText(`${at}.valueExpression`, annotation.valueExpression)];
    if (keys.has(key)) found.push(duplicate(`${at}.key`, key));
    keys.add(key);
    return found;
  });
  return [
    ...requiredChoice('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']),
    ...errors,
    ...matchConditionsErrors(spec.matchConditions, 'spec.matchConditions'),
    ...variableErrors(object),
    ...each('spec.validations', validations, validationErrors),
    ...annotations,
    ...expressionErrors(spec, 'spec'),
  ];
}

export const policyBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults(object) {
    const spec = (policyOf(object).spec ??= {});
    spec.failurePolicy ??= 'Fail';
    defaultMatch(spec.matchConstraints);
  },
  allowUnconditionalUpdate: false,
  validate: policyErrors,
  subresources: { status: statusSubresource() },
  columns: [
    nameColumn, column('Validations', 'How many validations it has.', { type: 'integer' }), column('ParamKind', 'What kind its parameters are of.'), ageColumn,
  ],
  row(object, now) {
    const { validations = [], paramKind } = policyOf(object).spec ?? {};
    const kind = paramKind === undefined ? '<unset>' : kindText(paramKind.apiVersion, paramKind.kind);
    return [object.metadata.name ?? '', validations.length, kind, ageOf(object, now)];
  },
};

const kindText = (apiVersion: string | undefined, kind: string | undefined): string => `${apiVersion ?? ''}/${kind ?? ''}`;

function paramErrors(reference: ParamRef | undefined): FieldError[] {
  if (reference === undefined) return [];
  const path = 'spec.paramRef';
  const { name, selector, parameterNotFoundAction } = reference;
  const errors: FieldError[] = [];
  if (isSet(name)) {
    errors.push(...invalids(`${path}.name`, name, pathSegmentName(name)));
    if (selector !== undefined) errors.push({ type: 'Forbidden', field: `${path}.name`, detail: 'name and selector are mutually exclusive' });
  } else if (selector === undefined) errors.push(required(path, 'one of name or selector must be specified'));
  errors.push(...validateLabelSelector(selector, `${path}.selector`));
  if (isSet(name) && selector !== undefined) errors.push({ type: 'Forbidden', field: `${path}.selector`, detail: 'name and selector are mutually exclusive' });
  return [...errors, ...requiredChoice(`${path}.parameterNotFoundAction`, parameterNotFoundAction, ['Allow', 'Deny'])];
}

function actionErrors(list: readonly string[]): FieldError[] {
  const path = 'spec.validationActions';
  if (list.length === 0) return [required(path, 'at least one validation action is required')];
  const errors = each(path, list, (action, at, index) => [
    ...(actions.includes(action) ? [] : [notSupported(at, action, actions)]),
    ...(list.indexOf(action) < index ? [duplicate(at, action)] : []),
  ]);
  if (!list.includes('Deny') || !list.includes('Warn')) return errors;
  const detail = 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [...errors, invalid(path, list, detail)];
}

function bindingErrors(object: KubeObject): FieldError[] {
  const { policyName, paramRef, matchResources, validationActions = [] } = bindingOf(object).spec ?? {};
  return [
    ...(isSet(policyName) ? invalids('spec.policyName', policyName, nameIsDnsSubdomain(policyName, false)) : [required('spec.policyName')]),
    ...paramErrors(paramRef),
    ...(matchResources === undefined ? [] : matchErrors(matchResources, 'spec.matchResources')),
    ...actionErrors(validationActions),
  ];
}

function paramText(reference: ParamRef | undefined): string {
  if (reference === undefined) return '<unset>';
  const what = isSet(reference.name) ? reference.name : labelSelectorText(reference.selector);
  return isSet(reference.namespace) ? `${reference.namespace}/${what}` : what;
}

export const policyBindingBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  defaults(object) {
    defaultMatch(bindingOf(object).spec?.matchResources);
  },
  allowUnconditionalUpdate: false,
  validate: bindingErrors,
  columns: [nameColumn, column('PolicyName', 'The policy it puts to work.'), column('ParamRef', 'The parameters it gives.'), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', bindingOf(object).spec?.policyName ?? '', paramText(bindingOf(object).spec?.paramRef), ageOf(object, now)],
};
