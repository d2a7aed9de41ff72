/** The rules that stand before every configured authorizer: masters and public paths. */
import { type Authorizer, firstOf, type LocalAuthorizer, noOpinion } from './attributes.ts';

export const mastersGroup = 'system:masters';

/** system:masters may do everything, whatever RBAC says: the way back in after a mistake. */
const masters: LocalAuthorizer = ({ user }) =>
  user.groups.includes(mastersGroup) ? { allowed: true, reason: '' } : noOpinion;

/**
 * Paths that anyone may read: health for probes, the version for clients that do not know us yet, the dashboard's files
 * (its data is not among them).
 */
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/', '/troupe']);
const publicRead: LocalAuthorizer = ({ isResource, verb, path }) => {
  if (isResource || (verb !== 'get' && verb !== 'head')) return noOpinion;
  const isPublic =
    publicPaths.has(path) ||
    /^\/(healthz|livez|readyz)\//.test(path) ||
    (path.startsWith('/troupe/') && !path.startsWith('/troupe/api/'));
  return isPublic ? { allowed: true, reason: '' } : noOpinion;
};

/** Masters and public paths, which come before whatever else is asked, then the parts in their order. */
export function createAuthorizer(parts: readonly LocalAuthorizer[]): LocalAuthorizer;
export function createAuthorizer(parts: readonly Authorizer[]): Authorizer;
export function createAuthorizer(parts: readonly Authorizer[]): Authorizer {
  return firstOf([masters, publicRead, ...parts]);
}
