import { CelError, celValue, type CompiledExpressions, forbiddenError, type JsonObject, type ResourceInfo, StatusError, type StatusReason } from '../../api/index.ts';
import { resourceOf } from '../metadata.ts';
import type { WritePath } from '../ports.ts';
import { storageInfo } from '../versions.ts';
import { conditionsHold, evaluated, type ExpressionValues, failureText, requestValues, withVariables } from './expressions.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { type Binding, type MatchResources, type NamedRule, policiesInForce, type PolicyInForce, type PolicyValidation } from './policies.ts';
import { paramResource, paramsOf } from './policy-params.ts';
import { isSelected, matchedInfo } from './request-matching.ts';
import { inVersion } from './webhooks/review.ts';

/** One reason against a request. */
interface Denial {
  readonly policy: string;
  /** Absent where the policy itself cannot be used. */
  readonly binding?: string;
  readonly message: string;
  readonly reason?: string;
}

/** Holds requests against the ValidatingAdmissionPolicies that bindings put to work. Policies themselves are not subject to it. */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(request, path) {
    if (request.info.group === 'admissionregistration.k8s.io' || (request.operation === 'CONNECT' && request.object === undefined)) return;
    const [first] = policiesInForce(path.store).flatMap((inForce) => denialsOf(inForce, request, path));
    if (first !== undefined) throw refusal(first, request);
  },
};

function refusal({ policy, binding, message, reason = 'Invalid' }: Denial, request: AdmissionRequest): StatusError {
  const text = `ValidatingAdmissionPolicy '${policy}'${binding === undefined ? '' : ` with binding '${binding}'`} denied request: ${message}`;
  const { message: whole, details } = forbiddenError(resourceOf(request.info), request.name, text);
  return new StatusError(reason as StatusReason, whole, { details: { ...details, causes: [{ message: text }] } });
}

interface Matched {
  readonly inForce: PolicyInForce;
  readonly request: AdmissionRequest;
  readonly path: WritePath;
  readonly info: ResourceInfo;
}

function denialsOf(inForce: PolicyInForce, request: AdmissionRequest, path: WritePath): readonly Denial[] {
  const { policy, bindings } = inForce;
  const { paramKind, failurePolicy, matchConstraints } = policy.spec ?? {};
  const info = matchedBy(matchConstraints, request, path);
  if (info === undefined) return [];
  const bound = bindings.filter(({ spec }) => spec?.matchResources === undefined || isMeant(spec.matchResources, request, path));
  if (bound.length === 0) return [];
  const params = paramKind === undefined ? undefined : paramResource(paramKind, path);
  const name = policy.metadata.name ?? '';
  if (typeof params === 'string') return failurePolicy === 'Ignore' ? [] : [{ policy: name, message: `failed to configure policy: ${params}` }];
  return bound.flatMap((binding) => bindingDenials({ inForce, request, path, info }, binding, params));
}

/** The version in which a policy means the request. */
function matchedBy(match: MatchResources | undefined, request: AdmissionRequest, path: WritePath): ResourceInfo | undefined {
  if (match === undefined || !isSelected(match, request, path)) return undefined;
  const { excludeResourceRules = [], resourceRules = [], matchPolicy = 'Equivalent' } = match;
  const named = (rules: readonly NamedRule[]): readonly NamedRule[] => rules.filter(({ resourceNames = [] }) => resourceNames.length === 0 || resourceNames.includes(request.name));
  if (matchedInfo({ rules: named(excludeResourceRules), matchPolicy }, request, path) !== undefined) return undefined;
  return resourceRules.length === 0 ? request.info : matchedInfo({ rules: named(resourceRules), matchPolicy }, request, path);
}

const isMeant = (match: MatchResources, request: AdmissionRequest, path: WritePath): boolean => matchedBy(match, request, path) !== undefined;

function bindingDenials(matched: Matched, binding: Binding, info: ResourceInfo | undefined): readonly Denial[] {
  const { inForce, request, path } = matched;
  const policy = inForce.policy.metadata.name ?? '';
  const name = binding.metadata.name ?? '';
  const params = info === undefined ? { list: [undefined] } : paramsOf(info, binding, { namespace: request.namespace, path });
  if ('problem' in params) {
    return inForce.policy.spec?.failurePolicy === 'Ignore' ? [] : [{ policy, binding: name, message: `failed to configure binding: ${params.problem}` }];
  }
  const actions = binding.spec?.validationActions ?? [];
  const found = params.list.flatMap((param) => decisions(matched, info === undefined || param === undefined ? undefined : inVersion(param as unknown as JsonObject, storageInfo(info), info)));
  if (actions.includes('Warn')) for (const { message } of found) request.warn(`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${name}': ${message}`);
  if (actions.includes('Audit') && found.length > 0 && request.annotate !== undefined) {
    request.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(found.map(({ message, index }) => ({ message, policy, binding: name, expressionIndex: index, validationActions: actions }))));
  }
  return actions.includes('Deny') ? found.map(({ index: _place, ...decision }) => ({ policy, binding: name, ...decision })) : [];
}

/** `index`: the validation's place in the policy. */
type Decision = Pick<Denial, 'message' | 'reason'> & { readonly index: number };

/** What a policy has against a request, with one set of parameters. */
function decisions({ inForce, request, path, info }: Matched, param: JsonObject | undefined): readonly Decision[] {
  const { matchConditions = [], validations = [], failurePolicy } = inForce.policy.spec ?? {};
  const { variables, conditions, validations: compiled } = inForce.expressions();
  const plain = { ...requestValues(request, info, path), params: param === undefined ? null : celValue(param) };
  const held = conditionsHold(matchConditions, conditions, plain);
  if ('error' in held) return failurePolicy === 'Ignore' ? [] : [{ message: held.error, index: 0 }];
  if (!held.matches) return [];
  const values = withVariables(plain, variables);
  if (request.annotate !== undefined) annotate(inForce, { request, values });
  return validations.flatMap((validation, index) => {
    const programs = compiled[index];
    return programs === undefined ? [] : decision(validation, { programs, values, index, ignoresFailures: failurePolicy === 'Ignore' });
  });
}

/** The policy's own facts for the trail; an expression that fails or gives no text adds none. */
function annotate({ policy, expressions }: PolicyInForce, { request, values }: { readonly request: AdmissionRequest; readonly values: ExpressionValues }): void {
  const { annotations } = expressions();
  for (const [index, { key = '' }] of (policy.spec?.auditAnnotations ?? []).entries()) {
    const program = annotations[index];
    const value = program === undefined ? undefined : evaluated(program, values);
    if (typeof value === 'string' && value.trim() !== '') request.annotate?.(`${policy.metadata.name ?? ''}/${key}`, value.trim());
  }
}

interface Evaluation {
  readonly index: number;
  readonly programs: CompiledExpressions['validations'][number];
  readonly values: ExpressionValues;
  readonly ignoresFailures: boolean;
}

function decision(validation: PolicyValidation, { programs, values, index, ignoresFailures }: Evaluation): readonly Decision[] {
  const { expression = '', reason } = validation;
  const outcome = evaluated(programs.check, values);
  if (outcome === true) return [];
  if (outcome instanceof CelError) return ignoresFailures ? [] : [{ message: failureText(expression, outcome), index }];
  const computed = programs.message === undefined ? undefined : messageOf(evaluated(programs.message, values));
  return [{ message: computed ?? defaultMessage(validation), index, ...(reason === undefined ? {} : { reason }) }];
}

const maxMessage = 5120;

/** A message that an expression has made; one that no one could read is not used. */
function messageOf(computed: unknown): string | undefined {
  if (typeof computed !== 'string') return undefined;
  const text = computed.trim();
  return text === '' || text.length > maxMessage || /[\n\r]/.test(text) ? undefined : text;
}

function defaultMessage({ expression = '', message = '' }: PolicyValidation): string {
  return message.trim() === '' ? `failed expression: ${expression.trim()}` : message.trim();
}
