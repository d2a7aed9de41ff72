/** Group rbac.authorization.k8s.io, version v1: a line a type, as table-line.ts reads it. */
export const rbacV1 = `
AggregationRule clusterRoleSelectors:1:[]meta/v1.LabelSelector(atomic)
ClusterRole@ metadata+:1:meta/v1.ObjectMeta rules+:2:[]PolicyRule(atomic) aggregationRule*:3:AggregationRule
ClusterRoleBinding@ metadata+:1:meta/v1.ObjectMeta subjects:2:[]Subject(atomic) roleRef!+:3:RoleRef
ClusterRoleBindingList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ClusterRoleBinding
ClusterRoleList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ClusterRole
PolicyRule verbs!+:1:[]s(atomic) apiGroups:2:[]s(atomic) resources:3:[]s(atomic) resourceNames:4:[]s(atomic) nonResourceURLs:5:[]s(atomic)
Role@ metadata+:1:meta/v1.ObjectMeta rules+:2:[]PolicyRule(atomic)
RoleBinding@ metadata+:1:meta/v1.ObjectMeta subjects:2:[]Subject(atomic) roleRef!+:3:RoleRef
RoleBindingList@ metadata+:1:meta/v1.ListMeta items!+:2:[]RoleBinding
RoleList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Role
RoleRef~ apiGroup!+:1:s kind!+:2:s name!+:3:s
Subject~ kind!+:1:s apiGroup:2:s name!+:3:s namespace:4:s
`;
