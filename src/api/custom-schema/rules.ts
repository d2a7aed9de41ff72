/** Runs the validation rules of a schema (x-kubernetes-validations) on an object. */

import { isObject, limits } from '../../base/index.ts';
import {
  CelBudgetError,
  CelCallLimitError,
  CelError,
  type CelProgram,
  type CostBudget,
  optionalOf,
} from '../cel/index.ts';
import { byteLength, duplicate, type FieldError, forbidden, goQuote, invalid, required } from '../machinery/index.ts';
import { isUnchanged, itemBefore, memberBefore } from './correlation.ts';
import { itemsOf, type JsonSchema, type SchemaRule, valuesOf } from './definition.ts';
import { noOld, oldItem } from './old-values.ts';
import { type CompiledRule, isProgram, type RulesOfPlace, rulesOfPlace } from './rule-programs.ts';

/** What the rules of a schema find in an object. */
interface RuleOutcome {
  readonly errors: readonly FieldError[];
  /** Errors of unchanged values: they become warnings and do not fail the update. */
  readonly warnings: readonly FieldError[];
}

/** Checks an object, or a value at a place, by the rules of its schema. */
type RuleCheck = (value: unknown, old: unknown, path?: string) => RuleOutcome;

/**
 * The check of a schema's rules in the expression language; undefined when it has none. Compiled at the first use.
 * `root`: the schema is that of whole objects.
 */
export function ruleCheckOf(schema: JsonSchema, root = true): RuleCheck | undefined {
  const tree = treeOf(schema, root);
  if (tree === undefined) return undefined;
  return (value, old, path = '') => {
    const found: Found = { errors: [], warnings: [], budget: { left: limits.celCostMax } };
    const before = old ?? noOld;
    walk(tree, { value, old: before, before, ratchets: () => isUnchanged(schema, value, before), path }, found);
    return found;
  };
}

/** The part of a schema that leads to rules. */
interface RuleTree {
  readonly schema: JsonSchema;
  readonly rules: () => RulesOfPlace;
  readonly properties: ReadonlyMap<string, RuleTree>;
  readonly values: RuleTree | undefined;
  readonly items: RuleTree | undefined;
}

function treeOf(schema: JsonSchema | undefined, root = false): RuleTree | undefined {
  if (schema === undefined) return undefined;
  const properties = new Map<string, RuleTree>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const below = treeOf(property);
    if (below !== undefined) properties.set(name, below);
  }
  const values = treeOf(valuesOf(schema));
  const items = treeOf(itemsOf(schema));
  const own = (schema['x-kubernetes-validations'] ?? []).length > 0;
  if (!own && properties.size === 0 && values === undefined && items === undefined) return undefined;
  let compiled: RulesOfPlace | undefined;
  return { schema, rules: () => (compiled ??= rulesOfPlace(schema, root)), properties, values, items };
}

interface Place {
  readonly value: unknown;
  /** The value that rules may compare with. */
  readonly old: unknown;
  /** What stood here before, by which an unchanged value is known: more than rules may compare with. */
  readonly before: unknown;
  /** Whether nothing has changed here or, where values cannot be correlated, around here. */
  readonly ratchets: () => boolean;
  readonly path: string;
}

interface Found {
  readonly errors: FieldError[];
  readonly warnings: FieldError[];
  /** What the rules of the object may still cost; once it is spent no more of them run. */
  readonly budget: CostBudget;
}

function walk(tree: RuleTree, place: Place, found: Found): void {
  const { value } = place;
  if (found.budget.left < 0 || value === null || value === undefined) return;
  ownRules(tree, place, found);
  if (Array.isArray(value)) walkItems(tree, value, place, found);
  else if (isObject(value)) walkMembers(tree, value, place, found);
}

function walkItems(
  { schema, items: below }: RuleTree,
  items: readonly unknown[],
  { old, before, ratchets, path }: Place,
  found: Found,
): void {
  if (below === undefined) return;
  for (const [index, item] of items.entries()) {
    const itemsBefore = itemBefore(schema, { item, index }, before);
    walk(
      below,
      {
        value: item,
        old: oldItem(schema, item, old),
        before: itemsBefore,
        ratchets: ratcheting(below.schema, { value: item, before: itemsBefore }, ratchets),
        path: `${path}[${index}]`,
      },
      found,
    );
  }
}

function walkMembers(
  tree: RuleTree,
  value: Readonly<Record<string, unknown>>,
  { old, before, ratchets, path }: Place,
  found: Found,
): void {
  for (const [name, member] of Object.entries(value)) {
    const property = tree.properties.get(name);
    const below = property ?? tree.values;
    if (below === undefined) continue;
    const at = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    const memberWas = memberBefore(before, name);
    walk(
      below,
      {
        value: member,
        old: memberBefore(old, name) ?? noOld,
        before: memberWas,
        ratchets: ratcheting(below.schema, { value: member, before: memberWas }, ratchets),
        path: at,
      },
      found,
    );
  }
}

function ratcheting(
  schema: JsonSchema,
  { value, before }: Pick<Place, 'value' | 'before'>,
  around: () => boolean,
): () => boolean {
  let known: boolean | undefined;
  return () => (known ??= before === noOld ? around() : isUnchanged(schema, value, before));
}

/** Runs a value's own rules. */
function ownRules(tree: RuleTree, place: Place, found: Found): void {
  if ((tree.schema['x-kubernetes-validations'] ?? []).length === 0) return;
  const { type, rules } = tree.rules();
  const values: Values = {
    self: type.convert(place.value),
    ...(place.old === noOld || !rules.some(({ transition }) => transition) ? {} : { oldSelf: type.convert(place.old) }),
  };
  const shape: Shape = { path: place.path, type: tree.schema.type ?? '', ratchets: place.ratchets };
  for (const rule of rules) {
    if (found.budget.left < 0) return;
    if (rule.transition && place.old === noOld && rule.rule.optionalOldSelf !== true) continue;
    runRule(rule, values, shape, found);
  }
}

interface Shape {
  readonly path: string;
  readonly type: string;
  readonly ratchets: () => boolean;
}

type Values = Readonly<Record<'self', unknown> & Partial<Record<'oldSelf', unknown>>>;

function runRule(compiled: CompiledRule, values: Values, { path, type, ratchets }: Shape, found: Found): void {
  const { rule, check, transition } = compiled;
  const at = path === '' ? '<nil>' : path;
  if (!isProgram(check)) {
    found.errors.push(invalid(at, type, `rule compile error: ${check.error}`));
    return;
  }
  const outcome = evaluated(
    check.program,
    transition && rule.optionalOldSelf === true ? { ...values, oldSelf: optionalOf(values.oldSelf) } : values,
    found.budget,
  );
  if (outcome instanceof CelError) found.errors.push(invalid(at, type, failureText(outcome, rule, found.budget)));
  else if (outcome !== true) {
    const error = failure(compiled, values, { path, type, ratchets }, found.budget);
    (!transition && ratchets() ? found.warnings : found.errors).push(error);
  }
}

/**
 * The error of a rule that does not hold. Its message may fail, too, which ends the evaluation of all where it was too
 * dear.
 */
function failure(
  { rule, message, fieldPath }: CompiledRule,
  values: Values,
  { path, type }: Shape,
  budget: CostBudget,
): FieldError {
  const at = [path, fieldPath].filter((part) => part !== '').join('.') || '<nil>';
  if (message === undefined || !isProgram(message)) return errorOf(rule, { at, type }, defaultMessage(rule));
  // An optional old value is none here: upstream's messages see it bare, and fail where they unwrap it.
  const computed = evaluated(message.program, values, budget);
  if (computed instanceof CelBudgetError)
    return invalid(
      at,
      type,
      'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
    );
  if (!(computed instanceof CelCallLimitError))
    return errorOf(rule, { at, type }, messageOf(computed) ?? defaultMessage(rule));
  budget.left = -1;
  return invalid(
    at,
    type,
    'no further validation rules will be run due to call cost exceeds limit for messageExpression: ' +
      `${goQuote(rule.messageExpression ?? '')}`,
  );
}

/** Why a rule could not be evaluated. One that was too dear ends the evaluation of all. */
function failureText(error: CelError, rule: SchemaRule, budget: CostBudget): string {
  if (error instanceof CelBudgetError) return error.message;
  if (error instanceof CelCallLimitError) {
    budget.left = -1;
    return (
      `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ` +
      ruleText(rule)
    );
  }
  return error.message.startsWith('no such overload')
    ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for ` +
        `rule: ${ruleText(rule)}`
    : `${error.message} evaluating rule: ${ruleText(rule)}`;
}

function evaluated(program: CelProgram, values: Readonly<Record<string, unknown>>, budget: CostBudget): unknown {
  try {
    return program(values, budget);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

const maxMessage = 5120;

/** A message that an expression has made; one that no one could read is not used. */
function messageOf(computed: unknown): string | undefined {
  if (typeof computed !== 'string') return undefined;
  const text = computed.trim();
  return text === '' || byteLength(text) > maxMessage || text.includes('\n') ? undefined : text;
}

/** The rule as messages name it. */
function ruleText({ message = '', rule = '' }: SchemaRule): string {
  return (message === '' ? rule : message).trim();
}

function defaultMessage(rule: SchemaRule): string {
  return (rule.message ?? '') === '' ? `failed rule: ${ruleText(rule)}` : ruleText(rule);
}

function errorOf(
  { reason }: SchemaRule,
  { at, type }: { readonly at: string; readonly type: string },
  detail: string,
): FieldError {
  if (reason === 'FieldValueForbidden') return forbidden(at, detail);
  if (reason === 'FieldValueRequired') return required(at, detail);
  if (reason === 'FieldValueDuplicate') return duplicate(at, type);
  return invalid(at, type, detail);
}
