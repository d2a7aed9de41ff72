import { compilePolicy, type CompileResult, isCompiled, type PolicyExpressions } from '../../cel/index.ts';
import { type FieldError, invalid } from '../../machinery/index.ts';

/** Errors of the expressions of a policy, or of a webhook's match conditions, that do not compile. What is empty is told elsewhere. */
export function expressionErrors(policy: PolicyExpressions, path: string): FieldError[] {
  const { variables, conditions, validations, annotations } = compilePolicy(policy);
  return [
    ...conditions.flatMap((result, index) => failure(result, `${path}.matchConditions[${index}].expression`, policy.matchConditions?.[index]?.expression)),
    ...variables.flatMap(({ value }, index) => failure(value, `${path}.variables[${index}].expression`, policy.variables?.[index]?.expression)),
    ...validations.flatMap(({ check, message }, index) => [
      ...failure(check, `${path}.validations[${index}].expression`, policy.validations?.[index]?.expression),
      ...(message === undefined ? [] : failure(message, `${path}.validations[${index}].messageExpression`, policy.validations?.[index]?.messageExpression)),
    ]),
    ...annotations.flatMap((result, index) => failure(result, `${path}.auditAnnotations[${index}].valueExpression`, policy.auditAnnotations?.[index]?.valueExpression)),
  ];
}

function failure(result: CompileResult, path: string, expression = ''): FieldError[] {
  return isCompiled(result) || expression.trim() === '' ? [] : [invalid(path, expression, result.error)];
}
