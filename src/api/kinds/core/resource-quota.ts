/** The kind ResourceQuota: defaults, validation and Table columns. */

import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement, Sent } from '../../objects/index.ts';
import { canonicalQuantity, type FieldError, invalid, required } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { isStandardQuotaResource, quotaResourceNameErrors } from './resource-names.ts';
import { resourceAmountErrors } from './resource-requirements-validation.ts';

const quotaOf = (object: object): Sent<ResourceQuota> => object as Sent<ResourceQuota>;

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const existsOnly = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'CrossNamespacePodAffinity',
]);
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;
const podResources = new Set([
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/** Whether a quota of `name` can be narrowed to `scope`; of unknown scopes something else is said. */
function scopeFits(scope: string, name: string): boolean {
  if (!scopes.includes(scope)) return true;
  return scope === 'BestEffort' ? name === 'pods' : podResources.has(name);
}

function hardErrors(hard: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(hard ?? {}).flatMap(([name, amount]) => [
    ...quotaResourceNameErrors(`${path}[${name}]`, name),
    ...resourceAmountErrors(`${path}[${name}]`, name, amount),
  ]);
}

const conflicts = (used: readonly string[]): number =>
  opposites.filter(([left, right]) => used.includes(left) && used.includes(right)).length;

function scopeErrors(spec: Sent<ResourceQuotaSpec>): FieldError[] {
  const list = spec.scopes ?? [];
  const path = 'spec.scopes';
  const names = Object.keys(spec.hard ?? {})
    .filter(isStandardQuotaResource)
    .sort();
  const errors = list.flatMap((scope) => [
    ...(scopes.includes(scope) ? [] : [invalid(path, list, 'unsupported scope')]),
    ...names
      .filter((name) => !scopeFits(scope, name))
      .map(() => invalid(path, list, 'unsupported scope applied to resource')),
  ]);
  return [...errors, ...Array.from({ length: conflicts(list) }, () => invalid(path, list, 'conflicting scopes'))];
}

function requirementErrors(
  requirement: Sent<ScopedResourceSelectorRequirement>,
  spec: Sent<ResourceQuotaSpec>,
): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const { scopeName = '', operator = '', values = [] } = requirement;
  const names = Object.keys(spec.hard ?? {})
    .filter(isStandardQuotaResource)
    .sort();
  const errors: FieldError[] = scopes.includes(scopeName)
    ? []
    : [invalid(`${path}.scopeName`, scopeName, 'unsupported scope')];
  errors.push(
    ...names
      .filter((name) => !scopeFits(scopeName, name))
      .map(() => invalid(path, spec.scopeSelector, 'unsupported scope applied to resource')),
  );
  if (existsOnly.has(scopeName) && operator !== 'Exists') {
    const listed =
      'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ' +
      'ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';
    errors.push(invalid(`${path}.operator`, operator, `must be 'Exists' when scope is any of ${listed}`));
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      errors.push(
        required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
      );
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(
        invalid(
          `${path}.values`,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      );
  } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  return errors;
}

function selectorErrors(spec: Sent<ResourceQuotaSpec>): FieldError[] {
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const count = conflicts(requirements.map((requirement) => requirement.scopeName ?? ''));
  const clashing = Array.from({ length: count }, () =>
    invalid('spec.scopeSelector.matchExpressions', spec.scopes ?? [], 'conflicting scopes'),
  );
  return [...requirements.flatMap((requirement) => requirementErrors(requirement, spec)), ...clashing];
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = quotaOf(object).spec ?? {};
  return [...hardErrors(spec.hard, 'spec.hard'), ...scopeErrors(spec), ...selectorErrors(spec)];
}

function updateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [quotaOf(object).spec?.scopes ?? [], quotaOf(old).spec?.scopes ?? []];
  const same = now.every((scope) => before.includes(scope)) && before.every((scope) => now.includes(scope));
  return [...specErrors(object), ...(same ? [] : [invalid('spec.scopes', now, 'field is immutable')])];
}

/** `used/hard` of the resources that `of` picks, by name. */
function usageText(quota: Sent<ResourceQuota>, of: (name: string) => boolean): string {
  const { hard = {}, used = {} } = quota.status ?? {};
  return Object.keys(hard)
    .sort()
    .filter(of)
    .map((name) => `${name}: ${canonicalQuantity(used[name] ?? '0')}/${canonicalQuantity(hard[name] ?? '0')}`)
    .join(', ');
}

const isLimit = (name: string): boolean => name.startsWith('limits.');

export const resourceQuotaBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: true }),
  quota: { plainCount: true, freeUpdates: true },
  deletionAnswersObject: true,
  validate: specErrors,
  validateUpdate: updateErrors,
  subresources: {
    status: {
      ...statusSubresource(),
      validateUpdate(object) {
        const { hard, used } = quotaOf(object).status ?? {};
        return [...hardErrors(hard, 'status.hard'), ...hardErrors(used, 'status.used')];
      },
    },
  },
  columns: [
    nameColumn,
    column('Request', 'Used and maximum resource requests.'),
    column('Limit', 'Used and maximum resource limits.'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name ?? '',
    usageText(quotaOf(object), (name) => !isLimit(name)),
    usageText(quotaOf(object), isLimit),
    ageOf(object, now),
  ],
};
