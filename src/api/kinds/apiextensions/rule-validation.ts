import { type CompiledRule, declaredSize, isProgram, type JsonSchema, rulesOfPlace } from '../../custom-schema/index.ts';
import { costErrors, type CostRecord } from './rule-costs.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/index.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasLineBreaks = (text: string): boolean => /[\n\r]/.test(text);

export interface RulePlace {
  readonly path: string;
  readonly uncorrelated?: string;
  readonly root: boolean;
  readonly cardinality: number | undefined;
  /** Whether the expressions are compiled. */
  readonly rules: boolean;
  /** Where the costs of expressions are recorded; absent: they are not held against limits. */
  readonly costs: CostRecord | undefined;
}

/** Errors of the rules of one place: of what stands beside the expressions, and of the expressions. */
export function ruleErrors(schema: JsonSchema, place: RulePlace): { readonly plain: readonly FieldError[]; readonly compiled: readonly FieldError[] } {
  const plain = (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) => plainErrors(rule, `${place.path}.x-kubernetes-validations[${index}]`));
  if (!place.rules) return { plain, compiled: [] };
  const { rules } = rulesOfPlace(schema, place.root);
  const size = declaredSize(schema, place.root || schema['x-kubernetes-embedded-resource'] === true) ?? { elementsMax: 0, bytesMin: 0 };
  return { plain, compiled: rules.flatMap((rule, index) => {
    const at = `${place.path}.x-kubernetes-validations[${index}]`;
    return [...(place.costs === undefined ? [] : costErrors(rule, { at, size, cardinality: place.cardinality, record: place.costs })), ...compiledErrors(rule, at, place)];
  }) };
}

function compiledErrors({ rule, check, message, transition }: CompiledRule, at: string, { uncorrelated }: RulePlace): FieldError[] {
  const { rule: expression = '', messageExpression = '', optionalOldSelf } = rule;
  if (expression.trim() === '') return [];
  const errors: FieldError[] = [];
  if (!isProgram(check)) errors.push(invalid(`${at}.rule`, expression, ruleText(check.error, 'cel expression must evaluate to a bool')));
  if (message !== undefined && !isProgram(message)) errors.push(invalid(`${at}.messageExpression`, messageExpression, ruleText(message.error, 'messageExpression must evaluate to a string')));
  if (transition && uncorrelated !== undefined) {
    errors.push(invalid(`${at}.rule`, expression, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`));
  }
  if (!transition && optionalOldSelf !== undefined) {
    errors.push(invalid(`${at}.optionalOldSelf`, optionalOldSelf, `may not be set if oldSelf is not used in rule`));
  }
  return errors;
}

/** Definitions have words of their own for an expression of the wrong type. */
const ruleText = (error: string, wrongType: string): string => (error.startsWith('must evaluate to ') ? wrongType : error);

function plainErrors(rule: NonNullable<JsonSchema['x-kubernetes-validations']>[number], at: string): FieldError[] {
  const { rule: expression = '', message = '', messageExpression, reason, fieldPath } = rule;
  const errors: FieldError[] = [];
  if (expression.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') errors.push(invalid(`${at}.message`, message, 'message must be non-empty if specified'));
  else if (hasLineBreaks(message.trim())) errors.push(invalid(`${at}.message`, message, 'message must not contain line breaks'));
  else if (hasLineBreaks(expression.trim()) && message.trim() === '') errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  if (messageExpression !== undefined && messageExpression !== '' && messageExpression.trim() === '') errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, reasons));
  if (fieldPath === undefined || fieldPath === '') return errors;
  if (fieldPath.trim() === '') errors.push(invalid(`${at}.fieldPath`, fieldPath, 'fieldPath must be non-empty if specified'));
  if (hasLineBreaks(fieldPath)) errors.push(invalid(`${at}.fieldPath`, fieldPath, 'fieldPath must not contain line breaks'));
  return errors;
}
