/** Types and resources of rbac.authorization.k8s.io, version v1, in the form that type-entry.ts reads. */

export const rbacV1 = `
AggregationRule
  clusterRoleSelectors:1:[]meta/v1.LabelSelector(atomic)

ClusterRole@
  # A set of permissions that can be granted in the whole cluster or, by a RoleBinding, in one namespace.
  resource clusterroles clusterrole cluster *
  metadata+:1:meta/v1.ObjectMeta
  rules+:2:[]PolicyRule(atomic)
  aggregationRule*:3:AggregationRule

ClusterRoleBinding@
  # Grants a ClusterRole to users, groups and service accounts in the whole cluster.
  resource clusterrolebindings clusterrolebinding cluster *
  metadata+:1:meta/v1.ObjectMeta
  subjects:2:[]Subject(atomic)
  roleRef!+:3:RoleRef

ClusterRoleBindingList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ClusterRoleBinding

ClusterRoleList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ClusterRole

PolicyRule
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

RoleBinding@
  # Grants a Role or ClusterRole to users, groups and service accounts in a namespace.
  resource rolebindings rolebinding namespaced *
  metadata+:1:meta/v1.ObjectMeta
  subjects:2:[]Subject(atomic)
  roleRef!+:3:RoleRef

RoleBindingList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]RoleBinding

RoleList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Role

RoleRef~
  apiGroup!+:1:s
  kind!+:2:s
  name!+:3:s

Subject~
  kind!+:1:s
  apiGroup:2:s
  name!+:3:s
  namespace:4:s
`;
