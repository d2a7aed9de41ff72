import { CelError, type CelProgram, celValue, type CompiledExpressions, compilePolicy, type CompileResult, isCompiled, type JsonObject, LazyVariables, type ResourceInfo } from '../../api/index.ts';
import type { WritePath } from '../ports.ts';
import { readObject } from '../reading.ts';
import type { AdmissionRequest } from './plugin.ts';
import { requestAttributes, shownObject } from './webhooks/review.ts';

/** The values that the expressions of one policy or webhook see. */
export type ExpressionValues = Readonly<Record<string, unknown>>;

const namespaces = { group: '', resource: 'namespaces' };

/** What expressions see of a request that is looked at in the version of `info`. */
export function requestValues(request: AdmissionRequest, info: ResourceInfo, path: WritePath): ExpressionValues {
  const shown = (object: unknown): unknown => (object === undefined ? null : celValue(shownObject(object as JsonObject, request, info)));
  const { namespace } = request;
  const clustered = namespace === undefined || (request.info.group === '' && request.info.resource === 'namespaces');
  return {
    object: shown(request.object),
    oldObject: shown(request.old),
    request: celValue(requestAttributes(request, info)),
    namespaceObject: clustered ? null : celValue(readObject(path.store, namespaces, undefined, namespace)),
    authorizer: null,
    params: null,
  };
}

/** The same values with the variables of a policy, each computed when it is first asked for. */
export function withVariables(values: ExpressionValues, variables: CompiledExpressions['variables']): ExpressionValues {
  const all: ExpressionValues = { ...values, variables: new LazyVariables((name) => computed(name)) };
  const computed = (name: string): unknown => {
    const variable = variables.find((candidate) => candidate.name === name);
    const value = variable === undefined ? new CelError(`no such key: ${name}`) : evaluated(variable.value, all);
    if (value instanceof CelError) throw new CelError(`composited variable "${name}" fails to evaluate: ${value.message}`);
    return value;
  };
  return all;
}

/** What an expression gives; a failure is given, too. */
export function evaluated(result: CompileResult, values: ExpressionValues): unknown {
  if (!isCompiled(result)) return new CelError(result.error);
  return attempt(result.program, values);
}

function attempt(program: CelProgram, values: ExpressionValues): unknown {
  try {
    return program(values);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

export const failureText = (expression: string, error: CelError): string => `expression '${expression}' resulted in error: ${error.message}`;

interface Condition {
  readonly expression?: string;
}

/** Whether all conditions hold. One that does not decides, whatever fails elsewhere. */
export function conditionsHold(conditions: readonly Condition[], compiled: readonly CompileResult[], values: ExpressionValues): { readonly matches: boolean } | { readonly error: string } {
  const errors: string[] = [];
  for (const [index, { expression = '' }] of conditions.entries()) {
    const program = compiled[index];
    const outcome = program === undefined ? true : evaluated(program, values);
    if (outcome instanceof CelError) errors.push(failureText(expression, outcome));
    else if (outcome !== true) return { matches: false };
  }
  if (errors.length === 0) return { matches: true };
  return { error: errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]` };
}

const compiledConditions = new WeakMap<readonly Condition[], readonly CompileResult[]>();

/** Whether the match conditions of a webhook hold for a request. */
export function webhookConditions(conditions: readonly Condition[], request: AdmissionRequest, path: WritePath): ReturnType<typeof conditionsHold> {
  let compiled = compiledConditions.get(conditions);
  if (compiled === undefined) {
    ({ conditions: compiled } = compilePolicy({ matchConditions: conditions }));
    compiledConditions.set(conditions, compiled);
  }
  return conditionsHold(conditions, compiled, requestValues(request, request.info, path));
}
