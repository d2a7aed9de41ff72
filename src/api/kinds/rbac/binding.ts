/** The kinds RoleBinding and ClusterRoleBinding: defaults, validation and columns. */

import type { RoleBinding, RoleRef, Sent, Subject } from '../../objects/index.ts';
import {
  deepEqual,
  type FieldError,
  invalid,
  nameIsDnsSubdomain,
  nameIsPathSegment,
  notSupported,
  required,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour, TableColumn } from '../behaviour.ts';
import { each, invalids, isSet, requiredName } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { rbacBasics } from './role.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const bindingOf = (object: object): Sent<RoleBinding> => object as Sent<RoleBinding>;

function defaults(object: JsonObject): void {
  const binding = bindingOf(object);
  const roleRef = (binding.roleRef ??= {});
  roleRef.apiGroup ||= rbacGroup;
  for (const subject of binding.subjects ?? [])
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
}

function roleRefErrors({ apiGroup = '', kind = '', name }: Sent<RoleRef>, kinds: readonly string[]): FieldError[] {
  return [
    ...(apiGroup === rbacGroup ? [] : [notSupported('roleRef.apiGroup', apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...requiredName('roleRef.name', name, (value) => nameIsPathSegment(value, false)),
  ];
}

function subjectErrors(
  { kind = '', name = '', apiGroup = '', namespace }: Sent<Subject>,
  path: string,
  namespaced: boolean,
): FieldError[] {
  const errors = name === '' ? [required(`${path}.name`)] : [];
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...invalids(`${path}.name`, name, nameIsDnsSubdomain(name, false)));
      if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && !isSet(namespace)) errors.push(required(`${path}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      if (apiGroup !== rbacGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [rbacGroup]));
      return errors;
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

const columns: readonly TableColumn[] = [
  nameColumn,
  column('Role', 'Role that is granted.'),
  ageColumn,
  column('Users', 'Users that the role is granted to.', { priority: 1 }),
  column('Groups', 'Groups that the role is granted to.', { priority: 1 }),
  column('ServiceAccounts', 'Service accounts that the role is granted to.', { priority: 1 }),
];

function behaviour(roleKinds: readonly string[], namespaced: boolean): KindBehaviour {
  const errorsOf = (object: KubeObject): FieldError[] => {
    const { roleRef = {}, subjects } = bindingOf(object);
    return [
      ...roleRefErrors(roleRef, roleKinds),
      ...each('subjects', subjects, (subject, path) => subjectErrors(subject, path, namespaced)),
    ];
  };
  return {
    ...rbacBasics,
    defaults,
    validate: errorsOf,
    validateUpdate(object, old) {
      const { roleRef } = bindingOf(object);
      return [
        ...errorsOf(object),
        ...errorsOf(object),
        ...(deepEqual(roleRef, bindingOf(old).roleRef) ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')]),
      ];
    },
    columns,
    row(object, now) {
      const { roleRef = {}, subjects = [] } = bindingOf(object);
      const named = (kind: string): string =>
        subjects
          .filter((subject) => subject.kind === kind)
          .map(({ name = '', namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
          .join(', ');
      return [
        object.metadata.name ?? '',
        `${roleRef.kind ?? ''}/${roleRef.name ?? ''}`,
        ageOf(object, now),
        named('User'),
        named('Group'),
        named('ServiceAccount'),
      ];
    },
  };
}

export const roleBindingBehaviour: KindBehaviour = behaviour(['Role', 'ClusterRole'], true);
export const clusterRoleBindingBehaviour: KindBehaviour = behaviour(['ClusterRole'], false);
