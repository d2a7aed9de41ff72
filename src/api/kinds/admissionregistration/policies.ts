/** The kinds ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding: defaults, validation and columns. */

import type {
  AuditAnnotation,
  Sent,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../objects/index.ts';
import { duplicate, type FieldError, invalid, notSupported, qualifiedName, required } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { conditionErrors } from '../conditions.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { expressionErrors } from './expression-validation.ts';
import { defaultMatch, matchErrors } from './match-resources.ts';
import { paramKindText, paramText } from './params.ts';
import { bindingPartErrors, defaultPolicyParts, policyPartErrors } from './policy-parts.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const actions = ['Audit', 'Deny', 'Warn'];

const policyOf = (object: object): Sent<ValidatingAdmissionPolicy> => object as Sent<ValidatingAdmissionPolicy>;
const bindingOf = (object: object): Sent<ValidatingAdmissionPolicyBinding> =>
  object as Sent<ValidatingAdmissionPolicyBinding>;

function validationErrors(validation: Sent<Validation>, path: string): FieldError[] {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  const errors: FieldError[] =
    expression.trim() === '' ? [required(`${path}.expression`, 'expression is not specified')] : [];
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  if (message !== '' && message.trim() === '')
    errors.push(invalid(`${path}.message`, message, 'message must be non-empty if specified'));
  if (/[\n\r]/.test(message.trim()))
    errors.push(invalid(`${path}.message`, message, 'message must not contain line breaks'));
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, reasons));
  return errors;
}

/** Facts for the trail, and how long their expressions may be. */
const annotationsMax = 20;
const valueExpressionBytesMax = 5 * 1024;

function annotationErrors(annotations: readonly Sent<AuditAnnotation>[], policy: string): FieldError[] {
  const keys = new Set<string>();
  const path = 'spec.auditAnnotations';
  const many =
    annotations.length > annotationsMax
      ? [invalid(path, annotations, `must not have more than ${annotationsMax} auditAnnotations`)]
      : [];
  return [
    ...many,
    ...each(path, annotations, ({ key = '', valueExpression = '' }, at) => {
      const source = valueExpression.trim();
      const found =
        policy === ''
          ? [invalid(`${at}.key`, key, 'requires metadata.name be non-empty')]
          : invalids(`${at}.key`, `${policy}/${key}`, qualifiedName(`${policy}/${key}`));
      if (source === '') found.push(required(`${at}.valueExpression`, 'valueExpression is not specified'));
      else if (byteLength(source) > valueExpressionBytesMax)
        found.push(required(`${at}.valueExpression`, `must not exceed ${valueExpressionBytesMax} bytes in length`));
      if (keys.has(key)) found.push(duplicate(`${at}.key`, key));
      keys.add(key);
      return found;
    }),
  ];
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

function policyErrors(object: KubeObject): FieldError[] {
  const spec = policyOf(object).spec ?? {};
  const { validations = [], auditAnnotations = [] } = spec;
  const nothing = 'validations or auditAnnotations must contain at least one item';
  return [
    ...policyPartErrors(spec),
    ...(validations.length + auditAnnotations.length === 0
      ? [required('spec.validations', nothing), required('spec.auditAnnotations', nothing)]
      : []),
    ...each('spec.validations', validations, validationErrors),
    ...annotationErrors(auditAnnotations, object.metadata.name ?? ''),
    ...expressionErrors(spec, 'spec'),
  ];
}

function statusErrors(object: KubeObject): FieldError[] {
  const { typeChecking, conditions } = policyOf(object).status ?? {};
  return [
    ...each('status.typeChecking.expressionWarnings', typeChecking?.expressionWarnings, ({ warning, fieldRef }, at) => [
      ...requiredText(`${at}.warning`, warning),
      ...requiredText(`${at}.fieldRef`, fieldRef?.trim()),
    ]),
    ...conditionErrors('status.conditions', conditions),
  ];
}

export const policyBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults(object) {
    defaultPolicyParts((policyOf(object).spec ??= {}));
  },
  allowUnconditionalUpdate: false,
  validate: policyErrors,
  subresources: { status: { ...statusSubresource(), validateUpdate: statusErrors } },
  columns: [
    nameColumn,
    column('Validations', 'Number of validations.', { type: 'integer' }),
    column('ParamKind', 'Kind of its parameters.'),
    ageColumn,
  ],
  row(object, now) {
    const { validations = [], paramKind } = policyOf(object).spec ?? {};
    return [object.metadata.name ?? '', validations.length, paramKindText(paramKind), ageOf(object, now)];
  },
};

function actionErrors(list: readonly string[]): FieldError[] {
  const path = 'spec.validationActions';
  if (list.length === 0) return [required(path, 'at least one validation action is required')];
  const errors = each(path, list, (action, at, index) => [
    ...(actions.includes(action) ? [] : [notSupported(at, action, actions)]),
    ...(list.indexOf(action) < index ? [duplicate(at, action)] : []),
  ]);
  if (!list.includes('Deny') || !list.includes('Warn')) return errors;
  const detail =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API ' +
    'response and headers serves no purpose)';
  return [...errors, invalid(path, list, detail)];
}

function bindingErrors(object: KubeObject): FieldError[] {
  const spec = bindingOf(object).spec ?? {};
  const { matchResources, validationActions = [] } = spec;
  return [
    ...bindingPartErrors(spec),
    // Upstream's errors spell the field so.
    ...(matchResources === undefined ? [] : matchErrors(matchResources, 'spec.matchResouces')),
    ...actionErrors(validationActions),
  ];
}

export const policyBindingBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  defaults(object) {
    defaultMatch(bindingOf(object).spec?.matchResources);
  },
  allowUnconditionalUpdate: false,
  validate: bindingErrors,
  columns: [
    nameColumn,
    column('PolicyName', 'Policy that it activates.'),
    column('ParamRef', 'Parameters that it passes to the policy.'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name ?? '',
    bindingOf(object).spec?.policyName ?? '',
    paramText(bindingOf(object).spec?.paramRef),
    ageOf(object, now),
  ],
};
