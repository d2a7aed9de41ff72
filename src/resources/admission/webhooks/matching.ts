/** Which webhooks apply to a request. */
import { forbiddenError, type MatchCondition, type ResourceInfo } from '../../../api/index.ts';
import { resourceOf } from '../../writing/metadata.ts';
import type { WritePorts } from '../../ports.ts';
import type { AdmissionRequest } from '../request.ts';
import { isSelected, matchedInfo } from '../request-matching.ts';
import { prepareRequest } from '../converted-forms.ts';
import type { Match } from '../policies/expressions.ts';
import type { Hook } from './hook.ts';

/** Evaluates the CEL conditions of a hook. Resolves with whether all hold, or why that cannot be said. */
export type ConditionMatcher = (
  conditions: readonly MatchCondition[],
  request: AdmissionRequest,
  about: { readonly ports: WritePorts; readonly info: ResourceInfo },
) => Match | Promise<Match>;

/** How a hook is to be called about a request: in which version of the resource. */
export interface Invocation {
  readonly hook: Hook;
  readonly info: ResourceInfo;
}

/** Configurations of admission are not subject to it: a hook could not be repaired otherwise. */
export function isExempt({ info }: AdmissionRequest): boolean {
  return info.group === 'admissionregistration.k8s.io';
}

/**
 * How to call the hook about the request; undefined: it does not want to know. Throws 403 when its conditions fail and
 * it insists on an answer.
 */
export function invocationOf(
  hook: Hook,
  request: AdmissionRequest,
  about: { readonly write: WritePorts; readonly matcher: ConditionMatcher | undefined },
): Invocation | undefined | Promise<Invocation | undefined> {
  const { webhook } = hook;
  const info = matchedInfo(webhook, request, about.write);
  if (info === undefined || !isSelected(webhook, request, about.write)) return undefined;
  const conditions = webhook.matchConditions ?? [];
  if (conditions.length === 0) return { hook, info };
  const match = (): Match | Promise<Match> =>
    about.matcher?.(conditions, request, { ports: about.write, info }) ?? {
      error: 'match conditions cannot be evaluated here',
    };
  const prepared = prepareRequest(request, about.write, info);
  const result = prepared === undefined ? match() : prepared.then(match);
  const invoke = (match: Match): Invocation | undefined => matched({ hook, info }, request, match);
  return result instanceof Promise ? result.then(invoke) : invoke(result);
}

function matched(invocation: Invocation, request: AdmissionRequest, match: Match): Invocation | undefined {
  if ('matches' in match) return match.matches ? invocation : undefined;
  if (invocation.hook.webhook.failurePolicy === 'Ignore') return undefined;
  throw forbiddenError(resourceOf(request.info), request.name, match.error);
}
