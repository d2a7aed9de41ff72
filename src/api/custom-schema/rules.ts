import { limits } from '../../base/index.ts';
import { CelBudgetError, CelCallLimitError, CelError, type CelProgram, type CostBudget, optionalOf } from '../cel/index.ts';
import { deepEqual, duplicate, type FieldError, forbidden, invalid, required } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import { isRecord, itemsOf, type JsonSchema, type ValidationRule, valuesOf } from './definition.ts';
import { noOld, oldItem } from './old-values.ts';
import { type CompiledRule, isProgram, type RulesOfPlace, rulesOfPlace } from './rule-programs.ts';

/** Checks an object by the rules of its schema. */
export type RuleCheck = (object: KubeObject, old: KubeObject | undefined) => readonly FieldError[];

/** The check of a schema's rules in the expression language; undefined when it has none. Compiled at the first use. */
export function ruleErrorsOf(schema: JsonSchema): RuleCheck | undefined {
  const tree = treeOf(schema, true);
  return tree === undefined ? undefined : (object, old) => errorsAt(tree, { value: object, old: old ?? noOld, path: '', budget: { left: limits.celCostMax } });
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
  readonly old: unknown;
  readonly path: string;
  /** What the rules of the object may still cost; once it is spent no more of them run. */
  readonly budget: CostBudget;
}

function errorsAt(tree: RuleTree, place: Place): FieldError[] {
  const { value, old, budget } = place;
  if (budget.left < 0 || value === null || value === undefined) return [];
  return [...ownErrors(tree, place), ...(Array.isArray(value) ? itemErrors(tree, value, place) : isRecord(value) ? memberErrors(tree, { ...place, value, old }) : [])];
}

function itemErrors(tree: RuleTree, items: readonly unknown[], { old, path, budget }: Place): FieldError[] {
  const below = tree.items;
  if (below === undefined) return [];
  return items.flatMap((item, index) => errorsAt(below, { value: item, old: oldItem(tree.schema, item, old), path: `${path}[${index}]`, budget }));
}

function memberErrors(tree: RuleTree, { value, old, path, budget }: Place & { readonly value: Readonly<Record<string, unknown>> }): FieldError[] {
  const correlated = tree.schema['x-kubernetes-map-type'] !== 'atomic' && isRecord(old) ? old : {};
  return Object.entries(value).flatMap(([name, member]) => {
    const property = tree.properties.get(name);
    const below = property ?? tree.values;
    if (below === undefined) return [];
    const at = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return errorsAt(below, { value: member, old: Object.hasOwn(correlated, name) ? (correlated[name] ?? noOld) : noOld, path: at, budget });
  });
}

/** Errors of a value's own rules. A value that has not changed is not refused again, but by rules about the change. */
function ownErrors(tree: RuleTree, { value, old, path, budget }: Place): FieldError[] {
  if ((tree.schema['x-kubernetes-validations'] ?? []).length === 0) return [];
  const { type, rules } = tree.rules();
  const unchanged = old !== noOld && deepEqual(value, old);
  const self = type.convert(value);
  const oldSelf = old === noOld ? undefined : type.convert(old);
  const shape: Shape = { path, type: tree.schema.type ?? '', budget };
  return rules.flatMap((rule) => {
    if (budget.left < 0) return [];
    if (!rule.transition) return unchanged ? [] : ruleErrors(rule, { self }, shape);
    if (rule.rule.optionalOldSelf === true) return ruleErrors(rule, { self, oldSelf: optionalOf(oldSelf) }, shape);
    return oldSelf === undefined ? [] : ruleErrors(rule, { self, oldSelf }, shape);
  });
}

interface Shape {
  readonly path: string;
  readonly type: string;
  readonly budget: CostBudget;
}

function ruleErrors({ rule, check, message }: CompiledRule, values: Readonly<Record<string, unknown>>, shape: Shape): FieldError[] {
  const { path, type, budget } = shape;
  const at = path === '' ? '<nil>' : path;
  if (!isProgram(check)) return [invalid(at, type, `rule compile error: ${check.error}`)];
  const outcome = evaluated(check.program, values, budget);
  if (outcome instanceof CelError) return [invalid(at, type, failureText(outcome, rule, budget))];
  if (outcome === true) return [];
  const place = { ...shape, path: fieldOf(path, rule.fieldPath) || '<nil>' };
  if (message === undefined || !isProgram(message)) return [failure(rule, place, defaultMessage(rule))];
  const computed = evaluated(message.program, values, budget);
  if (computed instanceof CelBudgetError) return [invalid(place.path, type, 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run')];
  if (!(computed instanceof CelCallLimitError)) return [failure(rule, place, messageOf(computed) ?? defaultMessage(rule))];
  budget.left = -1;
  return [invalid(place.path, type, `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`)];
}

/** Why a rule could not be evaluated. One that was too dear ends the evaluation of all. */
function failureText(error: CelError, rule: ValidationRule, budget: CostBudget): string {
  if (error instanceof CelBudgetError) return error.message;
  if (error instanceof CelCallLimitError) {
    budget.left = -1;
    return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
  }
  return error.message.startsWith('no such overload')
    ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
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
  return text === '' || text.length > maxMessage || /[\n\r]/.test(text) ? undefined : text;
}

/** What tells the rule from others in messages. */
function ruleText({ message = '', rule = '' }: ValidationRule): string {
  return (message === '' ? rule : message).trim();
}

function defaultMessage(rule: ValidationRule): string {
  return (rule.message ?? '') === '' ? `failed rule: ${ruleText(rule)}` : ruleText(rule);
}

function fieldOf(path: string, fieldPath = ''): string {
  const below = fieldPath.trim().replace(/\['([^']*)'\]/g, '[$1]');
  return path === '' ? below.replace(/^\./, '') : `${path}${below}`;
}

function failure({ reason }: ValidationRule, { path, type }: Pick<Shape, 'path' | 'type'>, detail: string): FieldError {
  if (reason === 'FieldValueForbidden') return forbidden(path, detail);
  if (reason === 'FieldValueRequired') return required(path, detail);
  if (reason === 'FieldValueDuplicate') return duplicate(path, type);
  return invalid(path, type, detail);
}
