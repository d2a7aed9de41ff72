/** What an authorizer is asked and what it decides, and how several decide together. */
import { type AccessQuestion, forbiddenError, type StatusError } from '../../api/index.ts';
import type { Requester } from '../../resources/index.ts';

/**
 * What a user wants to do, as the API's expressions ask it too. The node authoriser reads the selector of a list or
 * watch.
 */
export interface AccessAttributes extends AccessQuestion {
  readonly user: Requester;
  /** What follows the subresource, as in a request's path; the rights of the proxy of nodes differ by it. */
  readonly rest?: readonly string[] | undefined;
}

/**
 * `reason` says why; it stands in the 403 or in the review. An authoriser without an opinion neither allows nor denies.
 */
export interface Decision {
  readonly allowed: boolean;
  readonly denied?: boolean | undefined;
  readonly reason: string;
  /** Trouble on the way to the decision, such as a binding to a missing role. */
  readonly error?: string | undefined;
}

/** Decides synchronously from the local replica's view. */
export type LocalAuthorizer = (attributes: AccessAttributes) => Decision;

/**
 * Decides at once where it can; one that must ask elsewhere answers a promise. It never rejects: trouble is a decision
 * with an `error`.
 */
export type Authorizer = (attributes: AccessAttributes) => Decision | Promise<Decision>;

export const noOpinion: Decision = { allowed: false, reason: '' };

const decides = (decision: Decision): boolean => decision.allowed || decision.denied === true;
const isSilent = (decision: Decision): boolean => decision.reason === '' && decision.error === undefined;

/** What two that did not decide have to say together; nothing is made when one of them is silent. */
function joined(one: Decision, other: Decision): Decision {
  if (isSilent(one)) return other;
  if (isSilent(other)) return one;
  const errors = [one.error, other.error].filter((error) => error !== undefined);
  return {
    allowed: false,
    reason: [one.reason, other.reason].filter((reason) => reason !== '').join('\n'),
    ...(errors.length === 0 ? {} : { error: errors.join('\n') }),
  };
}

/**
 * Asks one after the other; the first that allows or denies decides. Reasons of the others are kept for the refusal.
 */
export function firstOf(authorizers: readonly LocalAuthorizer[]): LocalAuthorizer;
export function firstOf(authorizers: readonly Authorizer[]): Authorizer;
export function firstOf(authorizers: readonly Authorizer[]): Authorizer {
  function from(index: number, said: Decision, attributes: AccessAttributes): Decision | Promise<Decision> {
    let before = said;
    for (let at = index; at < authorizers.length; at++) {
      const decision = authorizers[at]?.(attributes) ?? noOpinion;
      if (decision instanceof Promise) return later(decision, { next: at + 1, before }, attributes);
      if (decides(decision)) return decision;
      before = joined(before, decision);
    }
    return before;
  }
  async function later(
    asked: Promise<Decision>,
    { next, before }: { readonly next: number; readonly before: Decision },
    attributes: AccessAttributes,
  ): Promise<Decision> {
    const decision = await asked;
    return decides(decision) ? decision : await from(next, joined(before, decision), attributes);
  }
  return (attributes) => from(0, noOpinion, attributes);
}

/** The 403 of Kubernetes, word for word. */
export function forbiddenAccess(attributes: AccessAttributes, reason: string): StatusError {
  const { user, verb, group, resource, subresource, namespace } = attributes;
  const who = `User ${JSON.stringify(user.name)} cannot`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (!attributes.isResource)
    return forbiddenError(
      { group: '', resource: '' },
      '',
      `${who} ${verb} path ${JSON.stringify(attributes.path)}${because}`,
    );
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return forbiddenError(
    { group, resource },
    attributes.name,
    `${who} ${verb} resource ${JSON.stringify(combined)} in API group ${JSON.stringify(group)} ${where}${because}`,
  );
}
