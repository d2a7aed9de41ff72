/** Compiles the expressions of policies and match conditions to validate them. */

import {
  type CompiledExpressions,
  compileMutatingPolicy,
  compilePolicy,
  type CompileResult,
  isCompiled,
  type MutationExpressions,
  type PolicyExpressions,
} from '../../cel/index.ts';
import { limits } from '../../../base/index.ts';
import { type FieldError, invalid, verbatim } from '../../machinery/index.ts';

/**
 * Errors of the expressions of a policy, or of a webhook's match conditions, that do not compile. What is empty is told
 * elsewhere.
 */
export function expressionErrors(policy: PolicyExpressions, path: string): FieldError[] {
  const { validations = [], auditAnnotations = [] } = policy;
  const excess = expressionsExcess(policy, path, [
    ...validations.flatMap(({ expression, messageExpression }) => [expression, messageExpression]),
    ...auditAnnotations.map(({ valueExpression }) => valueExpression),
  ]);
  if (excess.length > 0) return excess;
  const compiled = compilePolicy(policy);
  return [
    ...commonErrors(compiled, policy, path),
    ...compiled.validations.flatMap(({ check, message }, index) => [
      ...failure(check, `${path}.validations[${index}].expression`, policy.validations?.[index]?.expression),
      ...(message === undefined
        ? []
        : failure(
            message,
            `${path}.validations[${index}].messageExpression`,
            policy.validations?.[index]?.messageExpression,
          )),
    ]),
    ...compiled.annotations.flatMap((result, index) =>
      failure(
        result,
        `${path}.auditAnnotations[${index}].valueExpression`,
        policy.auditAnnotations?.[index]?.valueExpression,
      ),
    ),
  ];
}

/** The same of a policy that changes objects. */
export function mutationExpressionErrors(policy: MutationExpressions, path: string): FieldError[] {
  const { mutations = [] } = policy;
  const patches = mutations.map(
    ({ jsonPatch, applyConfiguration }) => `${jsonPatch?.expression ?? ''}${applyConfiguration?.expression ?? ''}`,
  );
  const excess = expressionsExcess(policy, path, patches);
  if (excess.length > 0) return excess;
  const compiled = compileMutatingPolicy(policy);
  const ofMutations = (policy.mutations ?? []).flatMap(({ patchType, applyConfiguration, jsonPatch }, index) => {
    const [field, patch] =
      patchType === 'JSONPatch'
        ? (['jsonPatch', jsonPatch] as const)
        : patchType === 'ApplyConfiguration'
          ? (['applyConfiguration', applyConfiguration] as const)
          : [];
    const result = compiled.mutations[index];
    return field === undefined || result === undefined
      ? []
      : failure(result, `${path}.mutations[${index}].${field}.expression`, patch?.expression?.trim());
  });
  return [...commonErrors(compiled, policy, path), ...ofMutations];
}

/** A policy's expressions are compiled in one go, here and wherever it is put to work. */
function expressionsExcess(
  { matchConditions = [], variables = [] }: PolicyExpressions,
  path: string,
  others: readonly (string | undefined)[],
): FieldError[] {
  const sources = [...matchConditions, ...variables].map(({ expression }) => expression).concat(others);
  const texts = sources.filter((source) => source !== undefined && source !== '');
  if (texts.length > limits.celPolicyExpressionsMax)
    return [invalid(path, verbatim(`${texts.length} expressions`), `the limit is ${limits.celPolicyExpressionsMax}`)];
  const characters = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return characters > limits.celSourceMax
    ? [invalid(path, verbatim(`${characters} characters of expressions`), `the limit is ${limits.celSourceMax}`)]
    : [];
}

function commonErrors(
  { conditions, variables }: Pick<CompiledExpressions, 'conditions' | 'variables'>,
  policy: PolicyExpressions,
  path: string,
): FieldError[] {
  return [
    ...conditions.flatMap((result, index) =>
      failure(
        result,
        `${path}.matchConditions[${index}].expression`,
        policy.matchConditions?.[index]?.expression?.trim(),
      ),
    ),
    ...variables.flatMap(({ value }, index) =>
      failure(value, `${path}.variables[${index}].expression`, policy.variables?.[index]?.expression),
    ),
  ];
}

function failure(result: CompileResult, path: string, expression = ''): FieldError[] {
  return isCompiled(result) || expression.trim() === '' ? [] : [invalid(path, expression, result.error)];
}
