/** The CEL macros on lists and maps with two variables, such as `all(i, v, ...)`. */

import { charge } from './cost-meter.ts';
import { twoVariableCosts } from './cost-table.ts';
import type { Checker, Context, Evaluator, MacroCall, Type } from './package-types.ts';
import type { CelEnvironment } from './environment.ts';
import type { Macro } from './syntax-tree.ts';

interface TwoVariableMacro extends Macro {
  outer?: Context;
  inner?: Context;
}

type Entry = readonly [key: unknown, value: unknown];
/** Makes the result of all entries. `at` evaluates a part for an entry. */
type Fold = (entries: readonly Entry[], at: (part: number, entry: Entry) => unknown) => unknown;

interface Shape {
  /** Parts behind the two variables. */
  readonly parts: number;
  readonly result: string;
  readonly fold: Fold;
}

const holds = (value: unknown): boolean => {
  if (typeof value !== 'boolean') throw new Error('no such overload');
  return value;
};

/** One entry that decides does so whatever fails elsewhere. */
function quantified(deciding: boolean): Fold {
  return (entries, at) => {
    let failure: unknown;
    for (const entry of entries) {
      try {
        if (holds(at(0, entry)) === deciding) return deciding;
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure instanceof Error ? failure : new Error(String(failure));
    return !deciding;
  };
}

const kept = (parts: number, entry: Entry, at: Parameters<Fold>[1]): boolean => parts === 1 || holds(at(0, entry));

const listed =
  (parts: number): Fold =>
  (entries, at) =>
    entries.filter((entry) => kept(parts, entry, at)).map((entry) => at(parts - 1, entry));
const mapped =
  (parts: number): Fold =>
  (entries, at) =>
    new Map(entries.filter((entry) => kept(parts, entry, at)).map((entry) => [entry[0], at(parts - 1, entry)]));
const remapped =
  (parts: number): Fold =>
  (entries, at) => {
    const made = new Map<unknown, unknown>();
    for (const entry of entries) {
      if (!kept(parts, entry, at)) continue;
      for (const [key, value] of entriesOf(at(parts - 1, entry))) {
        if (made.has(key)) throw new Error(`insert failed: key ${String(key)} already exists`);
        made.set(key, value);
      }
    }
    return made;
  };
const one: Fold = (entries, at) => entries.filter((entry) => holds(at(0, entry))).length === 1;

const shapes: Readonly<Record<string, readonly Shape[]>> = {
  all: [{ parts: 1, result: 'bool', fold: quantified(false) }],
  exists: [{ parts: 1, result: 'bool', fold: quantified(true) }],
  existsOne: [{ parts: 1, result: 'bool', fold: one }],
  transformList: [1, 2].map((parts) => ({ parts, result: 'list<dyn>', fold: listed(parts) })),
  transformMap: [1, 2].map((parts) => ({ parts, result: 'map<dyn, dyn>', fold: mapped(parts) })),
  transformMapEntry: [1, 2].map((parts) => ({ parts, result: 'map<dyn, dyn>', fold: remapped(parts) })),
};

function entriesOf(value: unknown): readonly Entry[] {
  if (Array.isArray(value)) return value.map((item, index) => [BigInt(index), item] as const);
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
  if (typeof value === 'object' && value !== null) return Object.entries(value);
  throw new Error('no such overload');
}

/**
 * Macros over lists and maps that name both the place and the value: `list.all(index, value, …)`,
 * `map.transformList(key, value, …)`.
 */
export function registerTwoVariableMacros(environment: CelEnvironment): void {
  for (const [name, all] of Object.entries(shapes))
    for (const shape of all) {
      const signature =
        `list.${name}(${Array.from({ length: shape.parts + 2 }, () => 'ast').join(', ')}): ` + shape.result;
      environment.registerFunction(signature, (call: MacroCall) => expanded(name, shape, call));
    }
}

function expanded(
  name: string,
  { result, fold }: Shape,
  { args: [key, value, ...parts], receiver }: MacroCall,
): object {
  const { each, once } = twoVariableCosts(name);
  const macro = {
    twoVariables: { name, key: String(key?.args), value: String(value?.args), range: receiver, parts },
    async: false,
    typeCheck(checker: Checker, own: TwoVariableMacro, context: Context): Type {
      for (const variable of [key, value])
        if (variable?.op !== 'id')
          throw checker.createError('invalid_macro_argument', 'argument must be a simple name', variable ?? receiver);
      const range = checker.check(receiver, context);
      const dyn = checker.getType('dyn');
      const keyType = range.kind === 'list' ? checker.getType('int') : (range.keyType ?? dyn);
      own.outer = context.forkWithVariable(String(key?.args), keyType);
      own.inner = own.outer.forkWithVariable(String(value?.args), range.valueType ?? dyn);
      for (const part of parts) checker.check(part, own.inner);
      return checker.getType(result);
    },
    evaluate(evaluator: Evaluator, own: TwoVariableMacro, context: Context): unknown {
      const entries = entriesOf(evaluator.run(receiver, context));
      charge(once);
      const outer = own.outer?.reuse(context);
      const inner = outer === undefined ? undefined : own.inner?.reuse(outer);
      return fold(entries, (part, entry) => {
        const node = parts[part];
        if (node === undefined || outer === undefined || inner === undefined) throw new Error('no such overload');
        charge(part === 0 ? each : 0);
        outer.setIterValue(entry[0], evaluator);
        inner.setIterValue(entry[1], evaluator);
        return evaluator.run(node, inner);
      });
    },
  };
  return macro;
}
