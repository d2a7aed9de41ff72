import type { JsonObject, KubeObject } from '../../api/index.ts';
import { listOf, specOf } from '../admission/pod-spec.ts';
import { textOf } from '../metadata.ts';

export interface QuotaObject extends KubeObject {
  readonly spec?: {
    readonly hard?: Readonly<Record<string, string>> | undefined;
    readonly scopes?: readonly string[] | undefined;
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeRequirement[] | undefined };
  };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>> | undefined;
    readonly used?: Readonly<Record<string, string>> | undefined;
  };
}

interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Whether a quota counts an object: one with scopes counts only pods, and only those inside all of its scopes. */
export function inScope(quota: QuotaObject, resource: string, object: JsonObject): boolean {
  const requirements = [
    ...(quota.spec?.scopes ?? []).map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (requirements.length === 0) return true;
  return resource === 'pods' && requirements.every((requirement) => podMatches(object, requirement));
}

function podMatches(pod: JsonObject, { scopeName, operator, values = [] }: ScopeRequirement): boolean {
  const spec = specOf(pod);
  switch (scopeName) {
    case 'Terminating':
      return typeof spec['activeDeadlineSeconds'] === 'number';
    case 'NotTerminating':
      return typeof spec['activeDeadlineSeconds'] !== 'number';
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    case 'PriorityClass':
      return classMatches(textOf(spec['priorityClassName']), operator, values);
    default:
      return false;
  }
}

function classMatches(name: string, operator: string, values: readonly string[]): boolean {
  if (operator === 'Exists') return name !== '';
  if (operator === 'DoesNotExist') return name === '';
  return operator === 'In' ? values.includes(name) : !values.includes(name);
}

function isBestEffort(spec: JsonObject): boolean {
  const names = ['cpu', 'memory'];
  return [...listOf(spec, 'containers'), ...listOf(spec, 'initContainers')].every((container) => {
    const { requests = {}, limits = {} } = (container['resources'] ?? {}) as {
      requests?: JsonObject;
      limits?: JsonObject;
    };
    return names.every((name) => requests[name] === undefined && limits[name] === undefined);
  });
}

function crossesNamespaces(spec: JsonObject): boolean {
  const affinity = (spec['affinity'] ?? {}) as JsonObject;
  return ['podAffinity', 'podAntiAffinity'].some((side) => {
    const part = (affinity[side] ?? {}) as JsonObject;
    const terms = [
      ...listOf(part, 'requiredDuringSchedulingIgnoredDuringExecution'),
      ...listOf(part, 'preferredDuringSchedulingIgnoredDuringExecution').map(
        (weighted) => (weighted['podAffinityTerm'] ?? {}) as JsonObject,
      ),
    ];
    return terms.some((term) => listOf(term, 'namespaces').length > 0 || term['namespaceSelector'] !== undefined);
  });
}
