/** The macro `has()`. */

import { isObject } from '../../base/index.ts';
import { Optional } from '@marcbachmann/cel-js';
import type { Checker, Context, Evaluator, Type } from './package-types.ts';
import type { Macro, SyntaxNode } from './syntax-tree.ts';

/**
 * `has(owner.field)`, of any owner: the package's own takes only chains that begin with a variable, and no field for
 * unknown.
 */
export function presence(argument: SyntaxNode): Macro {
  const [owner, field] = argument.args as readonly [SyntaxNode, string];
  const macro = {
    ...(argument.op === '.' ? { owner } : {}),
    async: false,
    typeCheck(checker: Checker, _own: unknown, context: Context): Type {
      if (argument.op !== '.')
        throw checker.createError('invalid_macro_argument', 'invalid argument to has() macro', argument);
      checker.check(argument, context);
      return checker.getType('bool');
    },
    evaluate: (evaluator: unknown, _own: Macro, context: unknown) =>
      isPresent((evaluator as Evaluator).run(owner, context as Context), field),
  };
  return macro;
}

/** What has no fields at all has not this one either. */
function isPresent(given: unknown, field: string): boolean {
  const value: unknown = given instanceof Optional ? given.orValue(undefined) : given;
  if (value instanceof Map) return value.get(field) !== undefined;
  return isObject(value) && Object.hasOwn(value, field);
}
