/** The functions of CEL's optional types. */

import { Optional } from '@marcbachmann/cel-js';
import type { Checker, Context, Evaluator, MacroCall, Type } from './package-types.ts';
import type { CelEnvironment } from './environment.ts';
import type { Macro } from './syntax-tree.ts';

interface MappedOptional extends Macro {
  inner?: Context;
}

/** What the value's zero is in its type: '', 0, false, null, nothing in it. */
function isZero(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === 0n || value === false) return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).length === 0
  );
}

/** `optional.optMap(x, …)` and `optional.optFlatMap(x, …)`: what is made of the value, if there is one. */
function mappedOptional(flat: boolean): (call: MacroCall) => object {
  return ({ args: [variable, to], receiver: from }) => ({
    mapped: { variable: String(variable?.args), from, to },
    async: false,
    typeCheck(checker: Checker, own: MappedOptional, context: Context): Type {
      if (variable?.op !== 'id' || to === undefined)
        throw checker.createError(
          'invalid_macro_argument',
          `${flat ? 'optFlatMap' : 'optMap'}() variable name must be a simple identifier`,
          variable ?? from,
        );
      const type = checker.check(from, context);
      own.inner = context.forkWithVariable(String(variable.args), type.valueType ?? checker.getType('dyn'));
      const made = checker.check(to, own.inner);
      return flat ? made : checker.getType(`optional<${made.name}>`);
    },
    evaluate(evaluator: Evaluator, own: MappedOptional, context: Context): unknown {
      const optional = evaluator.run(from, context);
      if (!(optional instanceof Optional) || own.inner === undefined || to === undefined)
        throw new Error('no such overload');
      if (!optional.hasValue()) return optional;
      const made = evaluator.run(to, own.inner.reuse(context).setIterValue(optional.value(), evaluator));
      return flat ? made : Optional.of(made as never);
    },
  });
}

const present = (value: unknown): unknown =>
  value instanceof Optional && value.hasValue() ? value.value() : undefined;

/** What is left of a list or map of which the entries at `places` are optional. */
function withoutMissing(entries: unknown, places: string): unknown {
  const optional = new Set(places.split(',').map(Number));
  const kept = (value: unknown, place: number): unknown => {
    if (!optional.has(place)) return value;
    if (value instanceof Optional) return present(value);
    throw new Error('no such overload');
  };
  if (Array.isArray(entries)) return entries.map(kept).filter((value) => value !== undefined);
  const all = entries instanceof Map ? [...(entries as Map<unknown, unknown>)] : Object.entries(entries as object);
  return new Map(
    all.map(([key, value], place) => [key, kept(value, place)] as const).filter(([, value]) => value !== undefined),
  );
}

/** What lists and maps with optional entries are spelt as, which the package does not read. */
export const optionalEntries = 'withOptionalEntries';

/** Functions of optional values beside those of the package. */
export function registerOptionalFunctions(environment: CelEnvironment): void {
  environment
    .registerFunction('optional.optMap(ast, ast): optional<dyn>', mappedOptional(false))
    .registerFunction('optional.optFlatMap(ast, ast): optional<dyn>', mappedOptional(true))
    .registerFunction('OptionalNamespace.ofNonZeroValue(A): optional<A>', (_namespace: unknown, value: unknown) =>
      isZero(value) ? Optional.none() : Optional.of(value as never),
    )
    .registerFunction('OptionalNamespace.unwrap(list): list<dyn>', (_namespace: unknown, list: readonly unknown[]) =>
      list.map(present).filter((value) => value !== undefined),
    )
    .registerFunction('list.unwrapOpt(): list<dyn>', (list: readonly unknown[]) =>
      list.map(present).filter((value) => value !== undefined),
    )
    .registerFunction('list<A>.first(): optional<A>', (list: readonly unknown[]) => Optional.of(list[0] as never))
    .registerFunction('list<A>.last(): optional<A>', (list: readonly unknown[]) => Optional.of(list.at(-1) as never))
    .registerFunction(`${optionalEntries}(list, string): list<dyn>`, withoutMissing)
    .registerFunction(`${optionalEntries}(map, string): map<dyn, dyn>`, withoutMissing);
}
