/** Compiles the expressions of admission policies and of webhooks' match conditions. */

import type { MutatingAdmissionPolicySpec, ValidatingAdmissionPolicySpec, View } from '../objects/index.ts';
import { namespaceType, registerAdmissionTypes, requestType } from './admission-types.ts';
import { authorizerType, registerAuthorizerFunctions } from './authorizer-functions.ts';
import type { CelEnvironment } from './environment.ts';
import { registerPatchFunctions } from './object-literals.ts';
import { baseEnvironment, type Compiled, compileProgram, type CompileResult } from './program.ts';
import { LazyVariables } from './values.ts';

/** What expressions of admission may name besides the request, its objects and its namespace. */
interface AdmissionNames {
  readonly params?: boolean;
  /** Whether the authorizers may be asked; true unless said otherwise. */
  readonly authorizer?: boolean;
  /** The variables of the policy that are known at this place, and of which types. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Declares types and answers the names of those that variables have; absent: objects may be anything. */
  readonly declare?: (environment: CelEnvironment) => Readonly<Record<string, string>>;
}

const variablesType = 'kubernetes.variables';

/** The environment of expressions of policies and of match conditions. */
export function admissionEnvironment({
  params = false,
  authorizer = true,
  variables,
  declare,
}: AdmissionNames = {}): CelEnvironment {
  const environment = baseEnvironment();
  registerAuthorizerFunctions(environment);
  registerAdmissionTypes(environment);
  if (authorizer) environment.registerVariable('authorizer', authorizerType);
  const types = declare?.(environment) ?? {};
  environment.registerVariable('request', requestType).registerVariable('namespaceObject', namespaceType);
  for (const name of ['object', 'oldObject', ...(params ? ['params'] : [])])
    environment.registerVariable(name, types[name] ?? 'dyn');
  if (variables === undefined) return environment;
  environment.registerType(variablesType, { ctor: LazyVariables, fields: { ...variables } });
  return environment.registerVariable('variables', variablesType);
}

/** What policies of both kinds have. */
type CommonExpressions = View<
  Pick<ValidatingAdmissionPolicySpec, 'variables' | 'matchConditions'> & { readonly paramKind?: object | undefined }
>;

/** The part of a ValidatingAdmissionPolicy that has expressions. */
export type PolicyExpressions = CommonExpressions &
  View<Pick<ValidatingAdmissionPolicySpec, 'validations' | 'auditAnnotations'>>;

/** The part of a MutatingAdmissionPolicy that has expressions. */
export type MutationExpressions = CommonExpressions & View<Pick<MutatingAdmissionPolicySpec, 'mutations'>>;

/** Expressions that are compiled; each list in the order of the policy's. */
interface CompiledCommon {
  readonly variables: readonly { readonly name: string; readonly value: CompileResult }[];
  readonly conditions: readonly CompileResult[];
}

export interface CompiledExpressions extends CompiledCommon {
  readonly validations: readonly { readonly check: CompileResult; readonly message?: CompileResult }[];
  readonly annotations: readonly CompileResult[];
}

export interface CompiledMutations extends CompiledCommon {
  readonly mutations: readonly CompileResult[];
}

/** Types of variables that the other expressions are held against; what is made of more may be anything. */
const plainTypes: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'string',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
]);

const failing = (error: string): CompileResult => ({ error });

/**
 * Compiles what policies of both kinds have; `names`: what their other expressions see. A variable sees those before
 * it.
 */
function compileCommon(policy: CommonExpressions): {
  readonly compiled: CompiledCommon;
  readonly names: AdmissionNames;
} {
  const params = policy.paramKind !== undefined;
  const known: Record<string, string> = {};
  const variables = (policy.variables ?? []).map(({ name = '', expression = '' }) => {
    const value = compileProgram(admissionEnvironment({ params, variables: known }), expression, 'any');
    if (/^[A-Za-z_]\w*$/.test(name)) known[name] = isCompiled(value) && plainTypes.has(value.type) ? value.type : 'dyn';
    return { name, value };
  });
  const plain = admissionEnvironment({ params });
  const conditions = (policy.matchConditions ?? []).map(({ expression = '' }) =>
    compileProgram(plain, expression.trim(), 'bool'),
  );
  // Without any, the name is not known at all.
  return {
    compiled: { variables, conditions },
    names: { params, ...(variables.length === 0 ? {} : { variables: known }) },
  };
}

/** Compiles all expressions of a ValidatingAdmissionPolicy. */
export function compilePolicy(policy: PolicyExpressions): CompiledExpressions {
  const { compiled, names } = compileCommon(policy);
  const environment = admissionEnvironment(names);
  const messages = admissionEnvironment({ ...names, authorizer: false });
  return {
    ...compiled,
    validations: (policy.validations ?? []).map(({ expression = '', messageExpression = '' }) => ({
      check: compileProgram(environment, expression, 'bool'),
      ...(messageExpression.trim() === '' ? {} : { message: compileProgram(messages, messageExpression, 'string') }),
    })),
    annotations: (policy.auditAnnotations ?? []).map(({ valueExpression = '' }) =>
      valueExpression.trim() === ''
        ? failing('')
        : compileProgram(environment, valueExpression.trim(), 'string or null'),
    ),
  };
}

/** Compiles all expressions of a MutatingAdmissionPolicy. */
export function compileMutatingPolicy(policy: MutationExpressions): CompiledMutations {
  const { compiled, names } = compileCommon(policy);
  const environment = admissionEnvironment(names);
  registerPatchFunctions(environment);
  const mutations = (policy.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) =>
    patchType === 'JSONPatch'
      ? compileProgram(environment, jsonPatch?.expression ?? '', 'list<JSONPatch>')
      : compileProgram(environment, applyConfiguration?.expression ?? '', 'Object'),
  );
  return { ...compiled, mutations };
}

export function isCompiled(result: CompileResult): result is Compiled {
  return 'program' in result;
}
