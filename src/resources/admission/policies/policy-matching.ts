/** Which policies and bindings apply to a request. */
import type { JsonObject, MatchResources, NamedRuleWithOperations, ResourceInfo } from '../../../api/index.ts';
import type { WritePorts } from '../../ports.ts';
import { storageInfo } from '../../stored/versions.ts';
import { convertsByWebhook, prepareForms, prepareRequest } from '../converted-forms.ts';
import type { AnyPolicy } from './policies.ts';
import { paramResource, paramsOf } from './policy-params.ts';
import type { AdmissionRequest } from '../request.ts';
import { inVersion } from '../request-attributes.ts';
import { isSelected, matchedInfo } from '../request-matching.ts';

/** Policies and their bindings are not subject to policies: a bad one could not be repaired otherwise. */
const exempt = [
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
];

export const isPolicy = ({ info }: AdmissionRequest): boolean =>
  info.group === 'admissionregistration.k8s.io' && exempt.includes(info.resource);

/** The version in which a policy means the request. */
export function matchedBy(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  ports: WritePorts,
): ResourceInfo | undefined {
  if (match === undefined || !isSelected(match, request, ports)) return undefined;
  const { excludeResourceRules = [], resourceRules = [], matchPolicy = 'Equivalent' } = match;
  const named = (rules: readonly NamedRuleWithOperations[]): readonly NamedRuleWithOperations[] =>
    rules.filter(({ resourceNames = [] }) => resourceNames.length === 0 || resourceNames.includes(request.name));
  if (matchedInfo({ rules: named(excludeResourceRules), matchPolicy }, request, ports) !== undefined) return undefined;
  return resourceRules.length === 0
    ? request.info
    : matchedInfo({ rules: named(resourceRules), matchPolicy }, request, ports);
}

export const isMeant = (match: MatchResources, request: AdmissionRequest, ports: WritePorts): boolean =>
  matchedBy(match, request, ports) !== undefined;

/**
 * Has conversion webhooks make what policies of other versions will look at. Undefined: nothing is needed, which is
 * nearly always so.
 */
export function preparePolicies(
  policies: readonly AnyPolicy[],
  request: AdmissionRequest,
  ports: WritePorts,
): Promise<unknown> | undefined {
  const waiting: Promise<void>[] = [];
  for (const {
    policy: { spec },
    bindings,
  } of policies) {
    const info =
      request.info.custom?.conversion === undefined ? undefined : matchedBy(spec.matchConstraints, request, ports);
    const own = info === undefined ? undefined : prepareRequest(request, ports, info);
    if (own !== undefined) waiting.push(own);
    const params = spec.paramKind === undefined ? undefined : paramResource(spec.paramKind, ports);
    if (params === undefined || typeof params === 'string' || !convertsByWebhook(storageInfo(params), params)) continue;
    const objects = bindings.flatMap((binding) => {
      const found = paramsOf(params, binding, { namespace: request.namespace, ports });
      return 'list' in found ? found.list.filter((param) => param !== undefined) : [];
    });
    const made = prepareForms(request, ports, { to: params, objects: objects as JsonObject[] });
    if (made !== undefined) waiting.push(made);
  }
  return waiting.length === 0 ? undefined : Promise.all(waiting);
}

/** A parameter in the version that its policy names. */
export function shownParam(param: object, info: ResourceInfo, request: AdmissionRequest): JsonObject {
  return inVersion(param as JsonObject, { from: storageInfo(info), to: info, request });
}
