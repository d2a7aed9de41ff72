import { forbiddenError, type StatusError } from '../../api/index.ts';
import type { UserInfo } from '../../resources/index.ts';

/** What a user wants to do. For paths that are no resource only `verb` and `path` count. */
export interface AccessAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  /** Of a list or watch; the node authoriser reads it. */
  readonly fieldSelector?: string;
}

/** `reason` says why; it stands in the 403 or in the review. An authoriser without an opinion neither allows nor denies. */
export interface Decision {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason: string;
  /** Trouble on the way to the decision, such as a binding to a missing role. */
  readonly error?: string;
}

/** Decides synchronously from the local replica's view. */
export type Authorizer = (attributes: AccessAttributes) => Decision;

export const noOpinion: Decision = { allowed: false, reason: '' };

/** Asks one after the other; the first that allows or denies decides. Reasons of the others are kept for the refusal. */
export function firstOf(authorizers: readonly Authorizer[]): Authorizer {
  return (attributes) => {
    const reasons: string[] = [];
    const errors: string[] = [];
    for (const authorize of authorizers) {
      const decision = authorize(attributes);
      if (decision.allowed || decision.denied === true) return decision;
      if (decision.reason !== '') reasons.push(decision.reason);
      if (decision.error !== undefined) errors.push(decision.error);
    }
    return { allowed: false, reason: reasons.join('\n'), ...(errors.length === 0 ? {} : { error: errors.join('\n') }) };
  };
}

/** The 403 of upstream, word for word. */
export function forbiddenAccess(attributes: AccessAttributes, reason: string): StatusError {
  const { user, verb, group, resource, subresource, namespace } = attributes;
  const who = `User ${JSON.stringify(user.name)} cannot`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (!attributes.isResource) return forbiddenError({ group: '', resource: '' }, '', `${who} ${verb} path ${JSON.stringify(attributes.path)}${because}`);
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return forbiddenError({ group, resource }, attributes.name, `${who} ${verb} resource ${JSON.stringify(combined)} in API group ${JSON.stringify(group)} ${where}${because}`);
}
