/** Which requests a rule of an audit policy means: each rule is read once, since every request asks all of them. */
import type { Requester } from '../../resources/index.ts';
import type { RequestInfo } from '../request-info.ts';
import type { AuditRule } from './rule.ts';

/** What a rule looks at. */
export type AuditedInfo = Pick<
  RequestInfo,
  'verb' | 'isResource' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'path'
>;

/** `user` is absent where nobody was recognised: rules then mean every user. */
export type RuleMatcher = (info: AuditedInfo, user: Requester | undefined) => boolean;

type Texts = ReadonlySet<string> | undefined;

/** Nothing named means everything. */
const textsOf = (values: readonly string[] | undefined): Texts =>
  values === undefined || values.length === 0 ? undefined : new Set(values);

export function ruleMatcher(rule: AuditRule): RuleMatcher {
  const [verbs, users, groups] = [textsOf(rule.verbs), textsOf(rule.users), textsOf(rule.userGroups)];
  const namespaces = textsOf(rule.namespaces);
  const resources = (rule.resources ?? []).map(groupMatcher);
  const urls = rule.nonResourceURLs ?? [];
  const ofResource = (info: AuditedInfo): boolean =>
    (namespaces === undefined || namespaces.has(info.namespace)) &&
    (resources.length === 0 || resources.some((matches) => matches(info)));
  return (info, user) => {
    if (verbs !== undefined && !verbs.has(info.verb)) return false;
    if (user !== undefined && users !== undefined && !users.has(user.name)) return false;
    if (user !== undefined && groups !== undefined && !user.groups.some((group) => groups.has(group))) return false;
    if (namespaces !== undefined || resources.length > 0) return info.isResource && ofResource(info);
    return urls.length === 0 || (!info.isResource && urls.some((url) => urlMatches(url, info.path)));
  };
}

type GroupRule = NonNullable<AuditRule['resources']>[number];

function groupMatcher({ group = '', resources, resourceNames }: GroupRule): (info: AuditedInfo) => boolean {
  const [names, patterns] = [textsOf(resourceNames), textsOf(resources)];
  const isMeant = patterns === undefined ? () => true : resourceMatcher(patterns);
  return (info) =>
    group === info.group && (patterns === undefined || names === undefined || names.has(info.name)) && isMeant(info);
}

/** A pattern is `*`, a resource, or a resource and a subresource, either of which may be `*`. */
function resourceMatcher(patterns: ReadonlySet<string>): (info: AuditedInfo) => boolean {
  if (patterns.has('*')) return () => true;
  const whole = new Set([...patterns].filter((text) => text.endsWith('/*')).map((text) => text.slice(0, -2)));
  return ({ resource, subresource }) => {
    if (whole.has(resource)) return true;
    if (subresource === '') return patterns.has(resource);
    return patterns.has(`${resource}/${subresource}`) || patterns.has(`*/${subresource}`);
  };
}

function urlMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));
}
