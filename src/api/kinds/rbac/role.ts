/** The kinds Role and ClusterRole: defaults, validation and columns. */

import type { ClusterRole, PolicyRule, Sent } from '../../objects/index.ts';
import { type FieldError, invalid, nameIsPathSegment, required, validateLabelSelector } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each } from '../checks.ts';
import { plainColumns, plainRow } from '../columns.ts';
import { strategy } from '../strategy.ts';

/**
 * The objects of this group are plain: no status, no generation, names as free as a URL allows, and a PUT creates.
 * Upstream checks changed ones as a whole twice.
 */
export const rbacBasics = {
  ...strategy({ generation: false, status: false }),
  nameCheck: (name: string, prefix = false) => nameIsPathSegment(name, prefix),
  allowCreateOnUpdate: true,
  metadataChecks: { changes: 1, wholes: 2 },
} satisfies Partial<KindBehaviour>;

const roleOf = (object: object): Sent<ClusterRole> => object as Sent<ClusterRole>;
const isEmpty = (list: readonly string[] | null | undefined): boolean => (list?.length ?? 0) === 0;

function ruleErrors(rule: Sent<PolicyRule>, path: string, namespaced: boolean): FieldError[] {
  const errors = isEmpty(rule.verbs) ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : [];
  if (!isEmpty(rule.nonResourceURLs)) {
    const urls = `${path}.nonResourceURLs`;
    if (namespaced)
      errors.push(invalid(urls, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (!isEmpty(rule.apiGroups) || !isEmpty(rule.resources) || !isEmpty(rule.resourceNames)) {
      errors.push(
        invalid(urls, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
      );
    }
    return errors;
  }
  if (isEmpty(rule.apiGroups))
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  if (isEmpty(rule.resources))
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

const rulesErrors = (object: KubeObject, namespaced: boolean): FieldError[] =>
  each('rules', roleOf(object).rules ?? [], (rule, path) => ruleErrors(rule, path, namespaced));

function aggregationErrors(object: KubeObject): FieldError[] {
  const aggregation = roleOf(object).aggregationRule;
  if (aggregation === undefined) return [];
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregation.clusterRoleSelectors ?? [];
  return [
    ...(selectors.length === 0
      ? [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
      : []),
    ...each(path, selectors, (selector, at) => {
      const errors = validateLabelSelector(selector, at);
      return errors.length === 0 ? [] : [...errors, invalid(at, selector, 'invalid label selector.')];
    }),
  ];
}

const clusterRoleErrors = (object: KubeObject): FieldError[] => [
  ...rulesErrors(object, false),
  ...aggregationErrors(object),
];

export const roleBehaviour: KindBehaviour = {
  ...rbacBasics,
  validate: (object) => rulesErrors(object, true),
  validateUpdate: (object) => [...rulesErrors(object, true), ...rulesErrors(object, true)],
  columns: plainColumns,
  row: plainRow,
};

export const clusterRoleBehaviour: KindBehaviour = {
  ...rbacBasics,
  validate: clusterRoleErrors,
  validateUpdate: (object) => [...clusterRoleErrors(object), ...clusterRoleErrors(object)],
  columns: plainColumns,
  row: plainRow,
};
