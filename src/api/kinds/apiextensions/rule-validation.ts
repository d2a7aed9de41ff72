/** Validates the validation rules (x-kubernetes-validations) of a CustomResourceDefinition. */

import type { Steps } from '../../../base/index.ts';
import type { DeclaredSize } from '../../cel/index.ts';
import {
  type CompiledRule,
  declaredSize,
  fieldPathOf,
  isProgram,
  type JsonSchema,
  rulesOfPlaceSteps,
  type SchemaRule,
} from '../../custom-schema/index.ts';
import {
  type FieldError,
  goQuote,
  internalFieldError,
  invalid,
  notSupported,
  required,
  verbatim,
  type VerbatimValue,
} from '../../machinery/index.ts';
import { costErrors, type CostRecord } from './rule-costs.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasLineBreaks = (text: string): boolean => /[\n\r]/.test(text);

interface RulePlace {
  readonly path: string;
  readonly uncorrelated?: string | undefined;
  readonly root: boolean;
  readonly cardinality: number | undefined;
  /** Whether the expressions are compiled. */
  readonly rules: boolean;
  /** Where the costs of expressions are recorded; absent: they are not held against limits. */
  readonly costs: CostRecord | undefined;
}

interface RuleErrors {
  readonly plain: readonly FieldError[];
  readonly compiled: readonly FieldError[];
}

/** Errors of the rules of one place: of what stands beside the expressions, and of the expressions. */
export function* ruleErrors(schema: JsonSchema, place: RulePlace): Steps<RuleErrors> {
  const at = `${place.path}.x-kubernetes-validations`;
  const plain = (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) =>
    plainErrors(rule, `${at}[${index}]`, schema),
  );
  if (!place.rules || plain.length > 0) return { plain, compiled: [] };
  const size = declaredSize(schema, place.root || schema['x-kubernetes-embedded-resource'] === true);
  if (size === undefined)
    return {
      plain,
      compiled: [
        internalFieldError(at, 'internal error: failed to retrieve type information for x-kubernetes-validations'),
      ],
    };
  const { rules } = yield* rulesOfPlaceSteps(schema, place.root);
  yield;
  return {
    plain,
    compiled: rules.flatMap((rule, index) => compiledErrors(rule, { ...place, at: `${at}[${index}]`, size })),
  };
}

function compiledErrors(
  compiled: CompiledRule,
  { at, size, cardinality, costs, uncorrelated }: RulePlace & { readonly at: string; readonly size: DeclaredSize },
): FieldError[] {
  const { rule, check, message, transition } = compiled;
  const { rule: expression = '', optionalOldSelf } = rule;
  const errors: FieldError[] =
    costs === undefined ? [] : costErrors(compiled, { at, size, cardinality, record: costs });
  if (!isProgram(check))
    errors.push(
      invalid(`${at}.rule`, ruleValue(rule), ruleText(check.error, 'cel expression must evaluate to a bool')),
    );
  if (message !== undefined && !isProgram(message))
    errors.push(invalid(`${at}.messageExpression`, ruleValue(rule), messageText(message.error)));
  if (transition && uncorrelated !== undefined) {
    errors.push(
      invalid(
        `${at}.rule`,
        expression,
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`,
      ),
    );
  }
  if (!transition && optionalOldSelf !== undefined) {
    errors.push(invalid(`${at}.optionalOldSelf`, optionalOldSelf, `may not be set if oldSelf is not used in rule`));
  }
  return errors;
}

/** Definitions word the error for an expression of the wrong type differently. */
const ruleText = (error: string, wrongType: string): string =>
  error.startsWith('must evaluate to ') ? wrongType : error;
const messageText = (error: string): string =>
  error.startsWith('compilation failed')
    ? `messageExpression ${error}`
    : ruleText(error, 'messageExpression must evaluate to a string');

/** A rule as upstream's errors print it; where it points to a value, they print an address. */
function ruleValue({
  rule = '',
  message = '',
  messageExpression = '',
  reason,
  fieldPath = '',
  optionalOldSelf,
}: SchemaRule): VerbatimValue {
  const pointer = (type: string, value: unknown): string =>
    `(*${type})(${value === undefined ? 'nil' : '0xc000000000'})`;
  const fields = [
    `Rule:${goQuote(rule)}`,
    `Message:${goQuote(message)}`,
    `MessageExpression:${goQuote(messageExpression)}`,
    `Reason:${pointer('apiextensions.FieldValueErrorReason', reason)}`,
    `FieldPath:${goQuote(fieldPath)}`,
    `OptionalOldSelf:${pointer('bool', optionalOldSelf)}`,
  ];
  return verbatim(`apiextensions.ValidationRule{${fields.join(', ')}}`);
}

function plainErrors(rule: SchemaRule, at: string, schema: JsonSchema): FieldError[] {
  const { rule: expression = '', message = '', messageExpression, reason, fieldPath } = rule;
  const errors: FieldError[] = [];
  if (expression.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '')
    errors.push(invalid(`${at}.message`, message, 'message must be non-empty if specified'));
  else if (hasLineBreaks(message.trim()))
    errors.push(invalid(`${at}.message`, message, 'message must not contain line breaks'));
  else if (hasLineBreaks(expression.trim()) && message.trim() === '')
    errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  if (messageExpression !== undefined && messageExpression !== '' && messageExpression.trim() === '')
    errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, reasons));
  if (fieldPath === undefined || fieldPath === '') return errors;
  if (fieldPath.trim() === '')
    errors.push(invalid(`${at}.fieldPath`, fieldPath, 'fieldPath must be non-empty if specified'));
  if (hasLineBreaks(fieldPath))
    errors.push(invalid(`${at}.fieldPath`, fieldPath, 'fieldPath must not contain line breaks'));
  if (fieldPathOf(fieldPath, schema) === undefined)
    errors.push(invalid(`${at}.fieldPath`, fieldPath, 'fieldPath must be a valid path'));
  return errors;
}
