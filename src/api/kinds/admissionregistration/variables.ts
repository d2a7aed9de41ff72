/** Validates the variables of policies. */

import type { Sent, Variable } from '../../objects/index.ts';
import { isReservedWord } from '../../cel/index.ts';
import { type FieldError, invalid, required } from '../../machinery/index.ts';
import { each } from '../checks.ts';

const isIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !isReservedWord(name);

/** Variables of a policy; whether they compile, `expressionErrors` says. */
export function variableErrors(variables: readonly Sent<Variable>[] | undefined): FieldError[] {
  return each('spec.variables', variables, ({ name = '', expression = '' }, at) => [
    ...(name.trim() === ''
      ? [required(`${at}.name`, 'name is not specified')]
      : isIdentifier(name)
        ? []
        : [invalid(`${at}.name`, name, 'name is not a valid CEL identifier')]),
    ...(expression.trim() === '' ? [required(`${at}.expression`, 'expression is not specified')] : []),
  ]);
}
