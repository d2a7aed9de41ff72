import type { UserInfo } from '../../resources/index.ts';
import type { RequestInfo } from '../request-info.ts';

export interface FlowSchema {
  readonly metadata: { readonly name?: string; readonly uid?: string };
  readonly spec?: {
    readonly priorityLevelConfiguration?: { readonly name?: string | undefined };
    readonly matchingPrecedence?: number | undefined;
    readonly distinguisherMethod?: { readonly type?: string | undefined } | null;
    readonly rules?: readonly FlowRule[] | undefined;
  };
}

export interface FlowRule {
  readonly subjects?: readonly FlowSubject[] | undefined;
  readonly resourceRules?: readonly {
    readonly verbs: readonly string[];
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly clusterScope?: boolean | undefined;
    readonly namespaces?: readonly string[] | undefined;
  }[];
  readonly nonResourceRules?: readonly {
    readonly verbs: readonly string[];
    readonly nonResourceURLs: readonly string[];
  }[];
}

interface FlowSubject {
  readonly kind: string;
  readonly user?: { readonly name: string };
  readonly group?: { readonly name: string };
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

const has = (values: readonly string[], value: string): boolean => values.includes('*') || values.includes(value);

/** The rules that speak of a user. */
export function rulesOfUser(rules: readonly FlowRule[], user: UserInfo): readonly FlowRule[] {
  return rules.filter(({ subjects = [] }) => subjects.some((subject) => subjectMatches(subject, user)));
}

/** Whether one of the rules means what is asked. */
export function requestMatches(rules: readonly FlowRule[], info: RequestInfo): boolean {
  for (const rule of rules)
    if (info.isResource ? resourceMatches(rule, info) : nonResourceMatches(rule, info)) return true;
  return false;
}

function subjectMatches({ kind, user, group, serviceAccount }: FlowSubject, asking: UserInfo): boolean {
  if (kind === 'User') return user !== undefined && (user.name === '*' || user.name === asking.name);
  if (kind === 'Group') return group !== undefined && (group.name === '*' || asking.groups.includes(group.name));
  if (serviceAccount === undefined) return false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  return serviceAccount.name === '*'
    ? asking.name.startsWith(prefix)
    : asking.name === `${prefix}${serviceAccount.name}`;
}

function nonResourceMatches({ nonResourceRules = [] }: FlowRule, info: RequestInfo): boolean {
  return nonResourceRules.some(
    ({ verbs, nonResourceURLs }) => has(verbs, info.verb) && nonResourceURLs.some((url) => pathMatches(url, info.path)),
  );
}

function resourceMatches({ resourceRules = [] }: FlowRule, info: RequestInfo): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  return resourceRules.some(
    ({ verbs, apiGroups, resources, clusterScope = false, namespaces = [] }) =>
      has(verbs, info.verb) &&
      has(apiGroups, info.group) &&
      has(resources, resource) &&
      (info.namespace === '' ? clusterScope : has(namespaces, info.namespace)),
  );
}

function pathMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1)));
}
