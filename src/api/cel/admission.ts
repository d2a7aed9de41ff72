import { authorizerType, registerAuthorizerFunctions } from './authorizer-functions.ts';
import type { CelEnvironment } from './environment.ts';
import { baseEnvironment, type Compiled, compileProgram, type CompileResult } from './program.ts';
import { LazyVariables } from './values.ts';

/** What expressions of admission may name besides the request, its objects and its namespace. */
export interface AdmissionNames {
  readonly params?: boolean;
  /** The variables of the policy that are known at this place, and of which types. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Declares types and answers the names of those that variables have; absent: objects may be anything. */
  readonly declare?: (environment: CelEnvironment) => Readonly<Record<string, string>>;
}

const variablesType = 'kubernetes.variables';

/** The environment of expressions of policies and of match conditions. */
export function admissionEnvironment({ params = false, variables, declare }: AdmissionNames = {}): CelEnvironment {
  const environment = baseEnvironment();
  registerAuthorizerFunctions(environment);
  environment.registerVariable('authorizer', authorizerType);
  const types = declare?.(environment) ?? {};
  for (const name of ['object', 'oldObject', 'request', 'namespaceObject', ...(params ? ['params'] : [])]) environment.registerVariable(name, types[name] ?? 'dyn');
  if (variables === undefined) return environment;
  environment.registerType(variablesType, { ctor: LazyVariables, fields: { ...variables } });
  return environment.registerVariable('variables', variablesType);
}

/** The part of a policy that has expressions. */
export interface PolicyExpressions {
  readonly paramKind?: object;
  readonly variables?: readonly { readonly name?: string; readonly expression?: string }[];
  readonly matchConditions?: readonly { readonly expression?: string }[];
  readonly validations?: readonly { readonly expression?: string; readonly messageExpression?: string }[];
  readonly auditAnnotations?: readonly { readonly valueExpression?: string }[];
}

/** The expressions of a policy, compiled; each list in the order of the policy's. */
export interface CompiledExpressions {
  readonly variables: readonly { readonly name: string; readonly value: CompileResult }[];
  readonly conditions: readonly CompileResult[];
  readonly validations: readonly { readonly check: CompileResult; readonly message?: CompileResult }[];
  readonly annotations: readonly CompileResult[];
}

const failing = (error: string): CompileResult => ({ error });

/** Compiles all expressions of a policy. A variable sees those before it. */
export function compilePolicy(policy: PolicyExpressions): CompiledExpressions {
  const params = policy.paramKind !== undefined;
  const known: Record<string, string> = {};
  const variables = (policy.variables ?? []).map(({ name = '', expression = '' }) => {
    const value = compileProgram(admissionEnvironment({ params, variables: known }), expression, 'any');
    if (/^[A-Za-z_]\w*$/.test(name)) known[name] = 'dyn';
    return { name, value };
  });
  const environment = admissionEnvironment({ params, variables: known });
  const plain = admissionEnvironment({ params });
  return {
    variables,
    conditions: (policy.matchConditions ?? []).map(({ expression = '' }) => compileProgram(plain, expression, 'bool')),
    validations: (policy.validations ?? []).map(({ expression = '', messageExpression = '' }) => ({
      check: compileProgram(environment, expression, 'bool'),
      ...(messageExpression.trim() === '' ? {} : { message: compileProgram(environment, messageExpression, 'string') }),
    })),
    annotations: (policy.auditAnnotations ?? []).map(({ valueExpression = '' }) => (valueExpression.trim() === '' ? failing('') : compileProgram(environment, valueExpression, 'string or null'))),
  };
}

export function isCompiled(result: CompileResult): result is Compiled {
  return 'program' in result;
}
