/** Admission plug-in MutatingAdmissionPolicy. */
import {
  CelError,
  celValue,
  forbiddenError,
  internalError,
  isFailedTest,
  type JsonObject,
  jsonOf,
  jsonPatch,
  mergeConfiguration,
  type MergeNode,
  misplacedTypes,
  type Mutation,
  nodeOfType,
  patchFailure,
  type ResourceInfo,
  StatusError,
} from '../../../api/index.ts';
import { errorMessage, limits } from '../../../base/index.ts';
import { resourceOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { settled } from './access-answers.ts';
import { prepareRequest } from '../converted-forms.ts';
import { conditionsHold, evaluated, failureText, type Match, requestValues, withVariables } from './expressions.ts';
import { replaceObject, takenBack } from './patched-object.ts';
import { mutatingPoliciesInForce, type MutatingPolicyInForce, type PolicyBinding } from './policies.ts';
import { isMeant, isPolicy, matchedBy, preparePolicies, shownParam } from './policy-matching.ts';
import { paramResource, paramsOf } from './policy-params.ts';
import { type Turns, turnsByRequest } from '../reinvocation.ts';
import type { AdmissionRequest } from '../request.ts';
import { shownObject } from '../request-attributes.ts';

/** A policy that means the request, with one binding and one set of parameters. */
interface Invocation {
  readonly inForce: MutatingPolicyInForce;
  readonly binding: PolicyBinding;
  /** In whose version the policy sees the object. */
  readonly info: ResourceInfo;
  readonly param: JsonObject | undefined;
}

/** Why a policy could not do its work. */
interface Problem {
  readonly policy: MutatingPolicyInForce['policy'];
  readonly binding?: PolicyBinding;
  readonly message: string;
  readonly reason?: 'Invalid';
}

interface About {
  readonly request: AdmissionRequest;
  readonly ports: WritePorts;
}

const feature = 'MutatingAdmissionPolicy';
const turnsOf = turnsByRequest();

/**
 * Changes objects by the MutatingAdmissionPolicies that bindings put to work, one after the other. Off unless the
 * feature of its name is on.
 */
export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: feature,
  admit(request, ports) {
    if (request.object === undefined || !ports.settings.features.includes(feature) || isPolicy(request))
      return undefined;
    const policies = mutatingPoliciesInForce(ports.store);
    return policies.length === 0 ? undefined : round(policies, { request, ports });
  },
};

async function round(policies: readonly MutatingPolicyInForce[], about: About): Promise<void> {
  const { request, ports } = about;
  await preparePolicies(policies, request, ports);
  const problems: Problem[] = [];
  const invocations = policies.flatMap((inForce) => invocationsOf(inForce, about, problems));
  const turns = turnsOf(request);
  turns.begin();
  for (const invocation of invocations) await invoke(invocation, about, { turns, problems });
  turns.end();
  const counted = problems.filter(({ policy }) => policy.spec.failurePolicy !== 'Ignore');
  if (counted.length > 0) throw refusal(counted, request);
}

/** How a policy is to be invoked about a request; what is wrong with it or its bindings is a problem. */
function invocationsOf(
  inForce: MutatingPolicyInForce,
  { request, ports }: About,
  problems: Problem[],
): readonly Invocation[] {
  const { policy, bindings } = inForce;
  const { matchConstraints, paramKind } = policy.spec;
  const info = matchedBy(matchConstraints, request, ports);
  if (info === undefined) return [];
  const params = paramKind === undefined ? undefined : paramResource(paramKind, ports);
  if (typeof params === 'string') {
    problems.push({ policy, message: `failed to configure policy: ${params}` });
    return [];
  }
  const bound = bindings.filter(
    ({ spec }) => spec.matchResources === undefined || isMeant(spec.matchResources, request, ports),
  );
  return bound.flatMap((binding) => {
    if (params === undefined) return [{ inForce, binding, info, param: undefined }];
    const found = paramsOf(params, binding, { namespace: request.namespace, ports });
    if ('list' in found)
      return found.list.map((param) => ({
        inForce,
        binding,
        info,
        param: param === undefined ? undefined : shownParam(param, params, request),
      }));
    problems.push({ policy, binding, message: `failed to configure binding: ${found.problem}` });
    return [];
  });
}

async function invoke(
  invocation: Invocation,
  about: About,
  { turns, problems }: { readonly turns: Turns; readonly problems: Problem[] },
): Promise<void> {
  const {
    inForce: { policy, expressions },
    binding,
    param,
  } = invocation;
  const problem = (message: string): Problem => ({ policy, binding, message, reason: 'Invalid' });
  await prepareRequest(about.request, about.ports, invocation.info);
  const held = await conditions(invocation, about);
  if ('error' in held) problems.push(problem(held.error));
  if ('error' in held || !held.matches) return;
  const id = JSON.stringify([
    policy.metadata.name,
    binding.metadata.name,
    param?.['metadata'] === undefined ? null : nameOf(param),
  ]);
  if (!turns.has(id)) return;
  let changed = false;
  for (const [index, mutation] of (policy.spec.mutations ?? []).entries()) {
    try {
      const value = await settled(about.ports, (ask) => {
        const budget = { left: limits.celCostMax };
        const program = expressions().mutations[index];
        return program === undefined
          ? undefined
          : evaluated(
              program,
              withVariables(valuesOf(invocation, about, ask), expressions().variables, budget),
              budget,
            );
      });
      if (await apply(mutation, value, { ...about, info: invocation.info })) changed = true;
    } catch (error) {
      if (error instanceof StatusError) throw error;
      problems.push(problem(errorMessage(error)));
    }
  }
  turns.took(id, { changed, mayAgain: policy.spec.reinvocationPolicy === 'IfNeeded' });
}

function nameOf({ metadata }: JsonObject): readonly unknown[] {
  const { namespace = '', name } = metadata as { readonly namespace?: string; readonly name?: string };
  return [namespace, name];
}

type Ask = Parameters<Parameters<typeof settled>[1]>[0];

const valuesOf = (
  { info, param }: Invocation,
  { request, ports }: About,
  ask: Ask,
): Readonly<Record<string, unknown>> => ({
  ...requestValues(request, { info, ports, ask }),
  params: param === undefined ? null : celValue(param),
});

function conditions(invocation: Invocation, about: About): Match | Promise<Match> {
  const {
    policy: { spec },
    expressions,
  } = invocation.inForce;
  return settled(about.ports, (ask) =>
    conditionsHold(spec?.matchConditions ?? [], expressions().conditions, valuesOf(invocation, about, ask)),
  );
}

interface Place extends About {
  readonly info: ResourceInfo;
}

/**
 * Does to the object what a mutation's expression gave. Answers whether the object is another. Throws Error with why it
 * cannot, StatusError when no policy can be blamed.
 */
async function apply(mutation: Mutation, value: unknown, place: Place): Promise<boolean> {
  const { request, info } = place;
  const isPatch = mutation.patchType === 'JSONPatch';
  const expression = (isPatch ? mutation.jsonPatch : mutation.applyConfiguration)?.expression ?? '';
  if (value instanceof CelError)
    throw new Error(
      /^(compilation failed|must evaluate|validation failed)/.test(value.message)
        ? value.message
        : failureText(expression, value),
    );
  const object = request.object ?? {};
  const shown = shownObject(object, request, info);
  const made = isPatch ? patched(shown, value) : configured(shown, value, nodeOf(place));
  if (made === undefined) return false;
  try {
    return replaceObject(object, await takenBack(made, { ...place, strict: isPatch }));
  } catch (error) {
    throw error instanceof StatusError ? error : internalError(errorMessage(error));
  }
}

function nodeOf({ request, info }: Place): MergeNode {
  if (request.subresource === '' || request.object?.['kind'] === info.kind) {
    if (request.subresource !== 'scale') return info.custom?.node ?? nodeOfType(info.type);
  }
  return nodeOfType(info.subresources.find(({ name }) => name === request.subresource)?.type ?? '');
}

function configured(shown: JsonObject, value: unknown, node: MergeNode): JsonObject {
  const misplaced = misplacedTypes(value, 'Object');
  if (misplaced.length > 0) throw new Error(`type mismatch: ${misplaced.join('\n')}`);
  const config = {
    ...(jsonOf(value) as JsonObject),
    apiVersion: shown['apiVersion'],
    kind: shown['kind'],
  } as JsonObject;
  try {
    return mergeConfiguration(node, shown, config);
  } catch (error) {
    throw new Error(`error applying patch: ${errorMessage(error)}`, { cause: error });
  }
}

/** Undefined: a test of the patch found another value, so that nothing is to be done. */
function patched(shown: JsonObject, value: unknown): JsonObject | undefined {
  if (!Array.isArray(value)) throw new Error('type mismatch: JSONPatchType.expression should evaluate to array');
  const misplaced = value.flatMap((operation: unknown) => valueProblems(operation));
  if (misplaced.length > 0) throw new Error(`type mismatch: ${misplaced.join('\n')}`);
  try {
    return jsonPatch(shown, jsonOf(value)) as JsonObject;
  } catch (error) {
    if (isFailedTest(error)) return undefined;
    throw new Error(`JSONPath: ${patchFailure(error) ?? errorMessage(error)}`, { cause: error });
  }
}

/** What a patch puts in place may be an object of any type that fits together. */
function valueProblems(operation: unknown): readonly string[] {
  const value: unknown = operation instanceof Map ? operation.get('value') : undefined;
  const typeName =
    typeof value === 'object' && value !== null && 'typeName' in value ? String(value.typeName) : undefined;
  return typeName === undefined ? [] : misplacedTypes(value, typeName);
}

function refusal(problems: readonly Problem[], request: AdmissionRequest): StatusError {
  const texts = problems.map(({ policy, binding, message }) =>
    binding === undefined
      ? `policy ${JSON.stringify(policy.metadata.name)} denied request: ${message}`
      : `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`,
  );
  const { code, details } = forbiddenError(resourceOf(request.info), request.name, '');
  return new StatusError(problems[0]?.reason ?? 'Forbidden', texts[0] ?? '', {
    code,
    details: { ...details, causes: texts.map((message) => ({ message })) },
  });
}
