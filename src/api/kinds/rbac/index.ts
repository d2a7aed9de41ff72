/**
 * The kinds of the group rbac.authorization.k8s.io: who may do what.
 */
import type { KindBehaviour } from '../behaviour.ts';
import { clusterRoleBindingBehaviour, roleBindingBehaviour } from './binding.ts';
import { clusterRoleBehaviour, roleBehaviour } from './role.ts';

export const rbacBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'rbac.authorization.k8s.io/clusterrolebindings': clusterRoleBindingBehaviour,
  'rbac.authorization.k8s.io/clusterroles': clusterRoleBehaviour,
  'rbac.authorization.k8s.io/rolebindings': roleBindingBehaviour,
  'rbac.authorization.k8s.io/roles': roleBehaviour,
};
