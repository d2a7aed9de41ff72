/** Requests in the name of another user (Impersonate-* headers). */
import { badRequest, type StatusError } from '../../api/index.ts';
import { setOwn } from '../../base/index.ts';
import type { Requester } from '../../resources/index.ts';
import { type ApiHttpRequest, headerOf, type Headers, headersOf } from '../request.ts';
import { accountGroups } from './tokens/index.ts';
import { type Authorizer, forbiddenAccess } from './attributes.ts';
import { anonymousUser, authenticated } from './authentication.ts';
import { serviceAccountOf } from './rbac/index.ts';

interface Asked {
  readonly user: string | undefined;
  readonly groups: readonly string[];
  readonly uid: string | undefined;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const extraPrefix = 'impersonate-extra-';

/** False for almost every request: checked before anything is parsed. */
export function impersonates(headers: Headers): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

/**
 * The user that the impersonation headers ask for, each part authorised by itself. Throws the 403, and the 400 for
 * headers that make no sense.
 */
export async function impersonated(
  request: ApiHttpRequest,
  user: Requester,
  authorize: Authorizer,
): Promise<Requester> {
  const asked = askedOf(request.headers);
  if (asked.user === undefined) throw withoutUser(asked);
  const account = serviceAccountOf(asked.user);
  if (account === undefined) await check({ resource: 'users', name: asked.user });
  else await check({ resource: 'serviceaccounts', name: account.name, namespace: account.namespace });
  for (const name of asked.groups) await check({ resource: 'groups', name });
  for (const [key, values] of Object.entries(asked.extra))
    for (const name of values)
      await check({ group: 'authentication.k8s.io', resource: 'userextras', subresource: key, name });
  if (asked.uid !== undefined) await check({ group: 'authentication.k8s.io', resource: 'uids', name: asked.uid });
  return userOf(asked, account?.namespace);

  async function check(target: {
    readonly group?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name: string;
  }): Promise<void> {
    const attributes = {
      user,
      verb: 'impersonate',
      isResource: true,
      group: '',
      version: '',
      subresource: '',
      namespace: '',
      path: '',
      ...target,
    };
    const decision = await authorize(attributes);
    if (!decision.allowed) throw forbiddenAccess(attributes, decision.reason);
  }
}

function askedOf(headers: Headers): Asked {
  const extra: Record<string, string[]> = {};
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(extraPrefix)) continue;
    const key = unescaped(name.slice(extraPrefix.length));
    const values = [...(Object.hasOwn(extra, key) ? (extra[key] ?? []) : []), ...headersOf(headers, name)];
    setOwn(extra, key, values);
  }
  const user = headerOf(headers, 'impersonate-user');
  const uid = headerOf(headers, 'impersonate-uid');
  return {
    user: user === '' ? undefined : user,
    groups: headersOf(headers, 'impersonate-group')
      .flatMap((value) => value.split(',').map((group) => group.trim()))
      .filter((group) => group !== ''),
    uid: uid === '' ? undefined : uid,
    extra,
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text).toLowerCase();
  } catch {
    return text;
  }
}

function userOf(asked: Asked, accountNamespace: string | undefined): Requester {
  const name = asked.user ?? '';
  const groups = [...asked.groups];
  if (accountNamespace !== undefined && groups.length === 0) groups.push(...accountGroups(accountNamespace));
  const added = name === anonymousUser.name ? (anonymousUser.groups[0] ?? '') : authenticated;
  if (!groups.includes(added) && !groups.includes('system:unauthenticated')) groups.push(added);
  return {
    name,
    uid: asked.uid,
    groups,
    extra: Object.keys(asked.extra).length === 0 ? undefined : asked.extra,
  };
}

/**
 * Groups, UID or extra of nobody, named with Kubernetes' text, which prints its object references; Kubernetes answers
 * 500.
 */
function withoutUser(asked: Asked): StatusError {
  const parts = [
    ...asked.groups.map((group) => `{Group  ${group}    }`),
    ...Object.entries(asked.extra).flatMap(([key, values]) =>
      values.map((value) => `{UserExtra  ${value}  authentication.k8s.io/v1  ${key}}`),
    ),
    ...(asked.uid === undefined ? [] : [`{UID  ${asked.uid}  authentication.k8s.io/v1  }`]),
  ];
  return badRequest(`requested [${parts.join(' ')}] without impersonating a user`);
}
