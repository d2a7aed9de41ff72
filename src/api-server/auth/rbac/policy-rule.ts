/** Matching and covering of rbac/v1 rules. Pure; follows k8s.io/component-helpers/auth/rbac. */
import type { PolicyRule } from '../../../api/index.ts';

interface RuleRequest {
  readonly isResource: boolean;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly path: string;
}

export function ruleAllows(rule: PolicyRule, request: RuleRequest): boolean {
  if (!has(rule.verbs, request.verb)) return false;
  if (!request.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, request.path));
  return has(rule.apiGroups, request.group) && resourceMatches(rule, request) && nameMatches(rule, request.name);
}

/** `*` or the value itself. */
function has(values: readonly string[] | undefined, value: string): boolean {
  return values !== undefined && (values.includes(value) || values.includes('*'));
}

function resourceMatches(rule: PolicyRule, request: RuleRequest): boolean {
  const resources = rule.resources ?? [];
  const combined = request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`;
  return (
    resources.includes(combined) ||
    resources.includes('*') ||
    (request.subresource !== '' && resources.includes(`*/${request.subresource}`))
  );
}

function nameMatches(rule: PolicyRule, name: string): boolean {
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function urlMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''));
}

/** Splits a rule into rules of one verb on one resource (with at most one name) or on one URL. */
function singleRules(rule: PolicyRule): readonly PolicyRule[] {
  const singles: PolicyRule[] = [];
  for (const apiGroup of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const single = { apiGroups: [apiGroup], resources: [resource], verbs: [verb] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) singles.push(single);
        else for (const name of names) singles.push({ ...single, resourceNames: [name] });
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs) singles.push({ nonResourceURLs: [url], verbs: [verb] });
  return singles;
}

/** Whether one of the owner's rules includes a single rule. */
function covered(owners: readonly PolicyRule[], single: PolicyRule): boolean {
  return owners.some((owner) => {
    if (!single.verbs.every((verb) => has(owner.verbs, verb))) return false;
    const url = single.nonResourceURLs?.[0];
    if (url !== undefined) return (owner.nonResourceURLs ?? []).some((pattern) => urlMatches(pattern, url));
    const ownerNames = owner.resourceNames ?? [];
    const names = single.resourceNames ?? [];
    const namesCovered =
      ownerNames.length === 0 || (names.length > 0 && names.every((name) => ownerNames.includes(name)));
    return (
      namesCovered &&
      (single.apiGroups ?? []).every((group) => has(owner.apiGroups, group)) &&
      resourceCovered(owner, single.resources?.[0] ?? '')
    );
  });
}

function resourceCovered(owner: PolicyRule, resource: string): boolean {
  const resources = owner.resources ?? [];
  if (resources.includes('*') || resources.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash > 0 && resources.includes(`*/${resource.slice(slash + 1)}`);
}

/** What of `rules` the owner's rules do not grant, joined again per resource and name, as Kubernetes prints it. */
export function uncoveredRules(owners: readonly PolicyRule[], rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const missing = rules.flatMap(singleRules).filter((single) => !covered(owners, single));
  const compact = new Map<string, { rule: PolicyRule; verbs: string[] }>();
  for (const single of missing) {
    const key = JSON.stringify([single.apiGroups, single.resources, single.resourceNames, single.nonResourceURLs]);
    const known = compact.get(key);
    if (known === undefined) compact.set(key, { rule: single, verbs: [...single.verbs] });
    else known.verbs.push(...single.verbs.filter((verb) => !known.verbs.includes(verb)));
  }
  return [...compact.values()].map(({ rule, verbs }) => ({ ...rule, verbs }));
}

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}` */
export function ruleText(rule: PolicyRule): string {
  const list = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
  const parts: string[] = [];
  if ((rule.apiGroups ?? []).length > 0) parts.push(`APIGroups:${list(rule.apiGroups ?? [])}`);
  if ((rule.resources ?? []).length > 0) parts.push(`Resources:${list(rule.resources ?? [])}`);
  if ((rule.nonResourceURLs ?? []).length > 0) parts.push(`NonResourceURLs:${list(rule.nonResourceURLs ?? [])}`);
  if ((rule.resourceNames ?? []).length > 0) parts.push(`ResourceNames:${list(rule.resourceNames ?? [])}`);
  if (rule.verbs.length > 0) parts.push(`Verbs:${list(rule.verbs)}`);
  return `{${parts.join(', ')}}`;
}
