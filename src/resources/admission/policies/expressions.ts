/** Compiles and evaluates the CEL expressions of policies and webhooks. */
import {
  type AskAccess,
  AuthorizerValue,
  CelBudgetError,
  CelError,
  type CelProgram,
  celValue,
  type CompiledExpressions,
  compilePolicy,
  type CompileResult,
  type CostBudget,
  isCompiled,
  type JsonObject,
  type KubeObject,
  LazyVariables,
  namespaceValue,
  requestValue,
  type ResourceInfo,
  resources,
} from '../../../api/index.ts';
import { limits } from '../../../base/index.ts';
import { settled } from './access-answers.ts';
import type { WritePorts } from '../../ports.ts';
import { readObject } from '../../stored/reading.ts';
import type { AdmissionRequest } from '../request.ts';
import { requestAttributes, shownObject } from '../request-attributes.ts';

/** The values that the expressions of one policy or webhook see. */
export type ExpressionValues = Readonly<Record<string, unknown>>;

const { namespaces } = resources;

/** Where a request is looked at, and how. */
interface ExpressionPlace {
  /** In whose version expressions see the objects. */
  readonly info: ResourceInfo;
  readonly ports: WritePorts;
  /** Answers what expressions ask of `authorizer`. */
  readonly ask: AskAccess;
}

/** What expressions see of a request. */
export function requestValues(request: AdmissionRequest, { info, ports, ask }: ExpressionPlace): ExpressionValues {
  const shown = (object: unknown): unknown =>
    object === undefined ? null : celValue(shownObject(object as JsonObject, request, info));
  const { namespace } = request;
  const clustered = namespace === undefined || (request.info.group === '' && request.info.resource === 'namespaces');
  return {
    object: shown(request.object),
    oldObject: shown(request.old),
    request: requestValue(requestAttributes(request, info)),
    namespaceObject: clustered ? null : shownNamespace(readObject(ports.store, namespaces, undefined, namespace)),
    authorizer: authorizerOf(request, ask),
    params: null,
  };
}

const shownNamespace = (namespace: KubeObject | undefined): unknown =>
  namespace === undefined ? null : namespaceValue(namespace);

function authorizerOf(
  { user, info, namespace = '', name, subresource }: AdmissionRequest,
  ask: AskAccess,
): AuthorizerValue {
  const { group, version, resource } = info;
  return new AuthorizerValue(
    { user, ask },
    { isResource: true, group, version, resource, subresource, namespace, name, path: '' },
  );
}

/** The same values with the variables of a policy, each computed when it is first asked for. */
export function withVariables(
  values: ExpressionValues,
  variables: CompiledExpressions['variables'],
  budget: CostBudget,
): ExpressionValues {
  const all: ExpressionValues = { ...values, variables: new LazyVariables((name) => computed(name)) };
  const computed = (name: string): unknown => {
    const variable = variables.find((candidate) => candidate.name === name);
    const value =
      variable === undefined ? new CelError(`no such key: ${name}`) : evaluated(variable.value, all, budget);
    if (value instanceof CelBudgetError) throw value;
    if (value instanceof CelError)
      throw new CelError(`composited variable "${name}" fails to evaluate: ${value.message}`);
    return value;
  };
  return all;
}

/** What an expression gives; a failure is given, too. */
export function evaluated(result: CompileResult, values: ExpressionValues, budget: CostBudget): unknown {
  if (!isCompiled(result)) return new CelError(result.error);
  return attempt(result.program, values, budget);
}

function attempt(program: CelProgram, values: ExpressionValues, budget: CostBudget): unknown {
  try {
    return program(values, budget);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

export const failureText = (expression: string, error: CelError): string =>
  `expression '${expression}' resulted in error: ${error.message}`;

interface Condition {
  readonly expression?: string;
}

export type Match = { readonly matches: boolean } | { readonly error: string };

/**
 * Whether all conditions hold. One that does not decides, whatever fails elsewhere, unless they cost too much together.
 */
export function conditionsHold(
  conditions: readonly Condition[],
  compiled: readonly CompileResult[],
  values: ExpressionValues,
): Match {
  const errors: string[] = [];
  const budget = { left: limits.celConditionsCostMax };
  let matches = true;
  for (const [index, { expression = '' }] of conditions.entries()) {
    const program = compiled[index];
    const outcome = program === undefined ? true : evaluated(program, values, budget);
    if (outcome instanceof CelBudgetError) return { error: outcome.message };
    if (outcome instanceof CelError) errors.push(failureText(expression, outcome));
    else if (outcome !== true) matches = false;
  }
  if (!matches || errors.length === 0) return { matches };
  return { error: errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]` };
}

const compiledConditions = new WeakMap<readonly Condition[], readonly CompileResult[]>();

/**
 * Whether the match conditions of a webhook hold for a request that it sees in the version of `info`. Answers at once
 * unless an authorizer has to be asked elsewhere.
 */
export function webhookConditions(
  conditions: readonly Condition[],
  request: AdmissionRequest,
  { ports, info }: Pick<ExpressionPlace, 'ports' | 'info'>,
): Match | Promise<Match> {
  let compiled = compiledConditions.get(conditions);
  if (compiled === undefined) {
    ({ conditions: compiled } = compilePolicy({ matchConditions: conditions }));
    compiledConditions.set(conditions, compiled);
  }
  const programs = compiled;
  return settled(ports, (ask) => conditionsHold(conditions, programs, requestValues(request, { info, ports, ask })));
}
