/** Label selectors: how they match, their text form and their validation. */
import type { LabelSelector, LabelSelectorRequirement } from '../objects/generated/meta-v1.ts';
import type { View } from '../objects/views.ts';
import { limits } from '../../base/index.ts';
import { childPath, type FieldError, forbidden, indexPath, invalid, required, tooMany } from './field-error.ts';
import { labelValue, qualifiedName } from './names.ts';

export type Labels = Readonly<Record<string, string>>;

/** How a requirement relates a label to its values; the words are those of the selector text. */
export type SelectorOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted, each value once. */
  readonly values: readonly string[];
}

/** A conjunction of requirements; empty: everything. */
export type Selector = readonly Requirement[];

const integer = /^[+-]?[0-9]+$/;

function requirementMatches(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && isAmong(requirement.values, value);
    case 'notin':
    case '!=':
      return value === undefined || !isAmong(requirement.values, value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      return value !== undefined && integer.test(value) && ordered(requirement, BigInt(value));
  }
}

/** Few values are looked through; many are sorted, so that halves of them can be left out. */
function isAmong(sorted: readonly string[], value: string): boolean {
  if (sorted.length <= 8) return sorted.includes(value);
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? '') < value) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === value;
}

function ordered(requirement: Requirement, value: bigint): boolean {
  const bound = BigInt(requirement.values[0] ?? '0');
  return requirement.operator === 'gt' ? value > bound : value < bound;
}

export function selectorMatches(selector: Selector, labels: Labels | undefined): boolean {
  const present = labels ?? {};
  return selector.every((requirement) => requirementMatches(requirement, present));
}

const expressionOperators: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** The requirements of a metav1.LabelSelector; undefined for an unknown operator. */
export function labelSelectorRequirements(selector: View<LabelSelector>): Selector | undefined {
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=' as const,
    values: [value],
  }));
  for (const expression of selector.matchExpressions ?? []) {
    const operator = expressionOperators[expression.operator ?? ''];
    if (operator === undefined) return undefined;
    requirements.push({ key: expression.key ?? '', operator, values: [...new Set(expression.values ?? [])].sort() });
  }
  return requirements;
}

/** An absent selector matches nothing, an empty one everything, one with an unknown operator nothing. */
export function labelSelectorMatches(
  selector: View<LabelSelector> | null | undefined,
  labels: Labels | undefined,
): boolean {
  if (selector === null || selector === undefined) return false;
  const { matchLabels, matchExpressions } = selector;
  return (
    labelsInclude(labels, matchLabels ?? {}) &&
    (matchExpressions ?? []).every((expression) => expressionMatches(expression, labels))
  );
}

function expressionMatches(expression: View<LabelSelectorRequirement>, labels: Labels | undefined): boolean {
  const { key = '', values = [] } = expression;
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** Whether all of `wanted` is among `labels` (selectors of Services and replication controllers). */
export function labelsInclude(labels: Labels | undefined, wanted: Labels): boolean {
  for (const key of Object.keys(wanted)) {
    if (labels === undefined || !Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false;
  }
  return true;
}

/** The selector as text, as tables print it: `a=b,c in (d,e),!f`; '<none>' when empty. */
export function labelSelectorText(selector: View<LabelSelector> | null | undefined): string {
  if (selector === null || selector === undefined) return '<none>';
  const requirements = labelSelectorRequirements(selector);
  if (requirements === undefined) return '<error>';
  return requirements.length === 0 ? '<none>' : selectorText(requirements);
}

/** The text form of a selector: requirements sorted by key. */
export function selectorText(selector: Selector): string {
  return [...selector]
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(requirementText)
    .join(',');
}

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0] ?? ''}`;
    case 'lt':
      return `${key}<${values[0] ?? ''}`;
    default:
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

/** Errors of a map of labels; each names the map itself. */
export function validateLabels(labels: Labels | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const message of qualifiedName(key)) errors.push(invalid(path, key, message));
    for (const message of labelValue(value)) errors.push(invalid(path, value, message));
  }
  return errors;
}

/**
 * Errors of a metav1.LabelSelector. `lenientValues`: values that are no labels are let through (objects stored long
 * ago).
 */
export function validateLabelSelector(
  selector: View<LabelSelector> | null | undefined,
  path: string,
  options: { readonly lenientValues?: boolean } = {},
): FieldError[] {
  if (selector === null || selector === undefined) return [];
  const excess = excessErrors(selector, path);
  if (excess.length > 0) return excess;
  const errors = validateLabels(selector.matchLabels, childPath(path, 'matchLabels'));
  (selector.matchExpressions ?? []).forEach((expression, index) => {
    errors.push(
      ...validateExpression(
        expression,
        indexPath(childPath(path, 'matchExpressions'), index),
        options.lenientValues ?? false,
      ),
    );
  });
  return errors;
}

/** Every object of a kind is held to a stored selector, again and again. */
function excessErrors({ matchLabels, matchExpressions = [] }: View<LabelSelector>, path: string): FieldError[] {
  const { selectorTermsMax, storedSelectorValuesMax } = limits;
  const labels = Object.keys(matchLabels ?? {}).length;
  const values = matchExpressions.reduce((sum, expression) => sum + (expression.values?.length ?? 0), 0);
  return [
    ...(labels > selectorTermsMax ? [tooMany(childPath(path, 'matchLabels'), labels, selectorTermsMax)] : []),
    ...(matchExpressions.length > selectorTermsMax
      ? [tooMany(childPath(path, 'matchExpressions'), matchExpressions.length, selectorTermsMax)]
      : []),
    ...(values > storedSelectorValuesMax
      ? [tooMany(childPath(path, 'matchExpressions.values'), values, storedSelectorValuesMax)]
      : []),
  ];
}

function validateExpression(
  expression: View<LabelSelectorRequirement>,
  path: string,
  lenientValues: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const values = expression.values ?? [];
  const operator = expressionOperators[expression.operator ?? ''];
  if (operator === undefined)
    errors.push(invalid(childPath(path, 'operator'), expression.operator ?? '', 'not a valid selector operator'));
  else if ((operator === 'in' || operator === 'notin') && values.length === 0)
    errors.push(required(childPath(path, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  else if ((operator === 'exists' || operator === '!') && values.length > 0)
    errors.push(
      forbidden(childPath(path, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    );
  for (const message of qualifiedName(expression.key ?? ''))
    errors.push(invalid(childPath(path, 'key'), expression.key ?? '', message));
  if (lenientValues) return errors;
  values.forEach((value, index) => {
    for (const message of labelValue(value))
      errors.push(invalid(indexPath(childPath(path, 'values'), index), value, message));
  });
  return errors;
}
