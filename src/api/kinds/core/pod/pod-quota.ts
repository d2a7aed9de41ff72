/** What pods use of a quota, and the scopes that they are in. */

import { type Quantity, quantityOf } from '../../../machinery/index.ts';
import {
  type Container,
  isFinished,
  type View,
  type Pod,
  type PodAffinityTerm,
  podResourcesInUse,
  type PodSpec,
  type ResourceAmounts,
} from '../../../objects/index.ts';
import type { CountedObject, QuotaRules, ScopeRequirement } from '../../quota.ts';

const one = quantityOf(1);
const specOf = (pod: CountedObject): View<PodSpec> => (pod as View<Pod>).spec ?? {};
const containersOf = (spec: View<PodSpec>): readonly View<Container>[] => [
  ...(spec.containers ?? []),
  ...(spec.initContainers ?? []),
];

const computeNames: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Whether quotas know a resource of a pod without the prefix `requests.` too. */
const isUnprefixed = (name: string): boolean => computeNames.has(name) || name.startsWith('hugepages-');

function counts(name: string): boolean {
  if (name === 'pods' || isUnprefixed(name) || name.startsWith('limits.')) return true;
  return name.startsWith('requests.') && name !== 'requests.storage';
}

/** A pod that has run to its end uses nothing. */
function usage(pod: CountedObject): ResourceAmounts {
  const used = new Map<string, Quantity>();
  if (isFinished(pod as View<Pod>)) return used;
  used.set('pods', one);
  for (const [name, quantity] of podResourcesInUse(pod as View<Pod>, 'requests')) {
    used.set(`requests.${name}`, quantity);
    if (isUnprefixed(name)) used.set(name, quantity);
  }
  for (const [name, quantity] of podResourcesInUse(pod as View<Pod>, 'limits'))
    if (computeNames.has(name)) used.set(`limits.${name}`, quantity);
  return used;
}

/** Resources that every container must name where a quota counts them. */
const requiredNames: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

function missing(pod: CountedObject, names: readonly string[]): string {
  const containersByName = new Map<string, Set<string>>();
  for (const container of containersOf(specOf(pod))) {
    for (const name of names) {
      if (!requiredNames.has(name)) continue;
      const side = name.startsWith('limits.') ? 'limits' : 'requests';
      const resource = name.replace(/^(requests|limits)\./, '');
      if (container.resources?.[side]?.[resource] === undefined)
        containersByName.set(name, (containersByName.get(name) ?? new Set()).add(container.name ?? ''));
    }
  }
  return [...containersByName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, containers]) => `${name} for: ${[...containers].sort().join(',')}`)
    .join('; ');
}

function inScope(pod: CountedObject, { scopeName, operator, values = [] }: ScopeRequirement): boolean {
  const spec = specOf(pod);
  switch (scopeName) {
    case 'Terminating':
      return typeof spec.activeDeadlineSeconds === 'number';
    case 'NotTerminating':
      return typeof spec.activeDeadlineSeconds !== 'number';
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    case 'PriorityClass':
      return classMatches(spec.priorityClassName ?? '', operator, values);
    default:
      return false;
  }
}

function classMatches(name: string, operator: string, values: readonly string[]): boolean {
  if (operator === 'Exists') return name !== '';
  if (operator === 'DoesNotExist') return name === '';
  return operator === 'In' ? values.includes(name) : !values.includes(name);
}

function isBestEffort(spec: View<PodSpec>): boolean {
  return containersOf(spec).every(({ resources }) =>
    ['cpu', 'memory'].every(
      (name) => resources?.requests?.[name] === undefined && resources?.limits?.[name] === undefined,
    ),
  );
}

function crossesNamespaces({ affinity }: View<PodSpec>): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((side) => {
    const terms: (View<PodAffinityTerm> | undefined)[] = [
      ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
    ];
    return terms.some((term) => (term?.namespaces ?? []).length > 0 || term?.namespaceSelector !== undefined);
  });
}

export const podQuota: QuotaRules = { counts, usage, missing, inScope };
