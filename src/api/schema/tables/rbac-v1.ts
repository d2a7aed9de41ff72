/** Types and resources of rbac.authorization.k8s.io, version v1, in the form that type-entry.ts reads. */

export const rbacV1 = `
AggregationRule
  # Roles whose rules a ClusterRole takes over.
  clusterRoleSelectors:1:[]meta/v1.LabelSelector(atomic)
    # Labels of those roles.

ClusterRole@
  # A set of permissions that can be granted in the whole cluster or, by a RoleBinding, in one namespace.
  resource clusterroles clusterrole cluster *
  metadata+:1:meta/v1.ObjectMeta
  rules+:2:[]PolicyRule(atomic)
    # What the role allows.
  aggregationRule*:3:AggregationRule
    # Roles whose rules are taken over. Then the rules are written by a controller.

ClusterRoleBinding@
  # Grants a ClusterRole to users, groups and service accounts in the whole cluster.
  resource clusterrolebindings clusterrolebinding cluster *
  metadata+:1:meta/v1.ObjectMeta
  subjects:2:[]Subject(atomic)
    # Who gets the rights.
  roleRef!+:3:RoleRef
    # Role with the rights. It cannot be changed.

ClusterRoleBindingList@
  # A list of objects of the kind ClusterRoleBinding.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ClusterRoleBinding

ClusterRoleList@
  # A list of objects of the kind ClusterRole.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ClusterRole

PolicyRule
  # What is allowed on some resources or paths.
  verbs!+:1:[]s(atomic)
    # Verbs that are allowed, such as get, list and create. * allows all verbs.
  apiGroups:2:[]s(atomic)
    # API groups of the resources. An empty string is the core group, * all groups.
  resources:3:[]s(atomic)
    # Resources that the rule applies to. Subresources follow a slash, as in pods/log. * is all resources.
  resourceNames:4:[]s(atomic)
    # Names of the objects that the rule applies to. If empty, all objects.
  nonResourceURLs:5:[]s(atomic)
    # URL paths, other than those of resources, that the rule applies to.

Role@
  # A set of permissions in a namespace.
  resource roles role namespaced *
  metadata+:1:meta/v1.ObjectMeta
  rules+:2:[]PolicyRule(atomic)
    # What the role allows.

RoleBinding@
  # Grants a Role or ClusterRole to users, groups and service accounts in a namespace.
  resource rolebindings rolebinding namespaced *
  metadata+:1:meta/v1.ObjectMeta
  subjects:2:[]Subject(atomic)
    # Who gets the rights.
  roleRef!+:3:RoleRef
    # Role with the rights. It cannot be changed.

RoleBindingList@
  # A list of objects of the kind RoleBinding.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]RoleBinding

RoleList@
  # A list of objects of the kind Role.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Role

RoleRef~
  # Names a role.
  apiGroup!+:1:s
    # API group of roles: rbac.authorization.k8s.io.
  kind!+:2:s
    # Role or ClusterRole.
  name!+:3:s
    # Name of the role.

Subject~
  # Who gets rights.
  kind!+:1:s
    # User, Group or ServiceAccount.
  apiGroup:2:s
    # API group: rbac.authorization.k8s.io for users and groups, empty for accounts.
  name!+:3:s
    # Name of the user, group or account.
  namespace:4:s
    # Namespace of the account.
`;
