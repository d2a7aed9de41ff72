/** Which rules of a FlowSchema match a request (k8s.io/apiserver/pkg/util/flowcontrol/rule.go). */
import type { FlowcontrolV1Subject, PolicyRulesWithSubjects } from '../../api/index.ts';
import type { Requester } from '../../resources/index.ts';
import type { RequestInfo } from '../request-info.ts';

const has = (values: readonly string[], value: string): boolean => values.includes('*') || values.includes(value);

/** The rules that name the user. */
export function rulesOfUser(
  rules: readonly PolicyRulesWithSubjects[],
  user: Requester,
): readonly PolicyRulesWithSubjects[] {
  return rules.filter(({ subjects = [] }) => subjects.some((subject) => subjectMatches(subject, user)));
}

/** True if one of the rules covers the request. */
export function requestMatches(rules: readonly PolicyRulesWithSubjects[], info: RequestInfo): boolean {
  for (const rule of rules)
    if (info.isResource ? resourceMatches(rule, info) : nonResourceMatches(rule, info)) return true;
  return false;
}

function subjectMatches({ kind, user, group, serviceAccount }: FlowcontrolV1Subject, asking: Requester): boolean {
  if (kind === 'User') return user !== undefined && (user.name === '*' || user.name === asking.name);
  if (kind === 'Group') return group !== undefined && (group.name === '*' || asking.groups.includes(group.name));
  if (serviceAccount === undefined) return false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  return serviceAccount.name === '*'
    ? asking.name.startsWith(prefix)
    : asking.name === `${prefix}${serviceAccount.name}`;
}

function nonResourceMatches({ nonResourceRules = [] }: PolicyRulesWithSubjects, info: RequestInfo): boolean {
  return nonResourceRules.some(
    ({ verbs, nonResourceURLs }) => has(verbs, info.verb) && nonResourceURLs.some((url) => pathMatches(url, info.path)),
  );
}

function resourceMatches({ resourceRules = [] }: PolicyRulesWithSubjects, info: RequestInfo): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  return resourceRules.some(
    ({ verbs, apiGroups, resources, clusterScope = false, namespaces }) =>
      has(verbs, info.verb) &&
      has(apiGroups, info.group) &&
      has(resources, resource) &&
      (info.namespace === '' ? clusterScope : has(namespaces ?? [], info.namespace)),
  );
}

function pathMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1)));
}
