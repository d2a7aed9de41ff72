/** Audit policies: which requests are recorded, and at which level. */
import { isObject } from '../../base/index.ts';
import type { Requester } from '../../resources/index.ts';
import type { AuditLevel, AuditRule, AuditStage } from './rule.ts';
import { type AuditedInfo, ruleMatcher, type RuleMatcher } from './rule-matching.ts';

export const levels: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const stages: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** audit.k8s.io/v1 Policy. */
export interface AuditPolicy {
  readonly omitStages?: readonly AuditStage[] | undefined;
  readonly omitManagedFields?: boolean | undefined;
  readonly rules: readonly AuditRule[];
}

/** How a request is to be recorded. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Judges requests by a policy: the first rule that matches decides, and nothing matching means None. */
export function auditDecider(policy: AuditPolicy): (info: AuditedInfo, user: Requester | undefined) => AuditDecision {
  const rules = policy.rules.map((rule): { readonly matches: RuleMatcher; readonly decision: AuditDecision } => ({
    matches: ruleMatcher(rule),
    decision: {
      level: rule.level,
      omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    },
  }));
  const none: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false };
  return (info, user) => {
    for (const { matches, decision } of rules) if (matches(info, user)) return decision;
    return none;
  };
}

const shown = (value: unknown): string => JSON.stringify(value);

/** Reads a policy, as its file holds it. Throws an Error that names the field. */
export function parseAuditPolicy(value: unknown, source: string): AuditPolicy {
  const refuse = (what: string): never => {
    throw new Error(`${source}: ${what}; an audit policy is an object of kind Policy, audit.k8s.io/v1`);
  };
  const policy = recordOf(value) ?? refuse('it is not an object');
  if (policy['apiVersion'] !== 'audit.k8s.io/v1' || policy['kind'] !== 'Policy')
    refuse(`apiVersion ${shown(policy['apiVersion'])} and kind ${shown(policy['kind'])} are not those of a policy`);
  const { rules } = policy;
  if (!Array.isArray(rules) || rules.length === 0)
    return refuse('rules must have at least one rule, else nothing is ever recorded');
  stagesOf(policy['omitStages'], 'omitStages', refuse);
  rules.forEach((rule: unknown, i) => {
    checkRule(recordOf(rule) ?? refuse(`rules[${i}] is not an object`), `rules[${i}]`, refuse);
  });
  return { ...policy, rules: rules as readonly AuditRule[] };
}

type Refuse = (what: string) => never;

function checkRule(rule: Readonly<Record<string, unknown>>, place: string, refuse: Refuse): void {
  const { level } = rule;
  if (!levels.some((known) => known === level))
    refuse(`${place}.level ${JSON.stringify(level)} is not one of ${levels.join(', ')}`);
  for (const field of ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'])
    textsOf(rule[field], `${place}.${field}`, refuse);
  stagesOf(rule['omitStages'], `${place}.omitStages`, refuse);
  const urls = textsOf(rule['nonResourceURLs'], `${place}.nonResourceURLs`, refuse);
  const resources = rule['resources'] ?? [];
  if (!Array.isArray(resources)) return refuse(`${place}.resources is not a list`);
  if (
    urls.length > 0 &&
    (resources.length > 0 || textsOf(rule['namespaces'], `${place}.namespaces`, refuse).length > 0)
  )
    refuse(`${place}: rules cannot apply to both regular resources and non-resource URLs`);
  for (const url of urls)
    if (url !== '*' && !/^\/[^*]*\*?$/.test(url))
      refuse(`${place}.nonResourceURLs ${JSON.stringify(url)} must begin with a slash and may have * at its end only`);
  resources.forEach((entry: unknown, i) => {
    const one = recordOf(entry) ?? refuse(`${place}.resources[${i}] is not an object`);
    const names = textsOf(one['resourceNames'], `${place}.resources[${i}].resourceNames`, refuse);
    if (names.length > 0 && textsOf(one['resources'], `${place}.resources[${i}].resources`, refuse).length === 0)
      refuse(`${place}.resources[${i}].resourceNames needs resources`);
  });
}

function stagesOf(value: unknown, place: string, refuse: Refuse): void {
  for (const stage of textsOf(value, place, refuse))
    if (!stages.includes(stage)) refuse(`${place} ${JSON.stringify(stage)} is not one of ${stages.join(', ')}`);
}

function textsOf(value: unknown, place: string, refuse: Refuse): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string'))
    return refuse(`${place} is not a list of texts`);
  return value as readonly string[];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}
