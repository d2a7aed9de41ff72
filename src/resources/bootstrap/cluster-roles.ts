/** The cluster roles that every cluster has, as a table. */

/** A role of the table: its name and its rules, one text each (see `policyRule` in rbac-objects.ts). */
export interface RoleRow {
  readonly name: string;
  readonly rules: readonly string[];
  /** The role is the sum of those that aggregate to it. */
  readonly sum?: boolean | undefined;
  /** The role whose sum this one belongs to. */
  readonly aggregatesTo?: string | undefined;
}

/**
 * Rules that roles of earlier versions had and this one takes back, by the role's name: who could write Endpoints could
 * have Services and Ingresses lead past NetworkPolicies (CVE-2021-25740). Only a rule that stands as that version wrote
 * it goes; a rule of an administrator's own that grants the same stays.
 */
export const withdrawnRules: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'system:aggregate-to-edit',
    [
      'create,delete,deletecollection,patch,update core configmaps,endpoints,events,persistentvolumeclaims,' +
        'replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
    ],
  ],
]);

/** The roles that every cluster has, as Kubernetes 1.33 defines them. */
export const clusterRoles: readonly RoleRow[] = [
  { name: 'admin', sum: true, rules: [] },
  { name: 'cluster-admin', rules: ['* * *', '* url *'] },
  { name: 'edit', sum: true, aggregatesTo: 'admin', rules: [] },
  {
    name: 'system:aggregate-to-admin',
    aggregatesTo: 'admin',
    rules: [
      'create authorization.k8s.io localsubjectaccessreviews',
      'create,delete,deletecollection,get,list,patch,update,watch rbac.authorization.k8s.io rolebindings,roles',
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregatesTo: 'edit',
    rules: [
      'get,list,watch core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy',
      'impersonate core serviceaccounts',
      'create,delete,deletecollection,patch,update core pods,pods/attach,pods/exec,pods/portforward,pods/proxy',
      'create core pods/eviction',
      'create,delete,deletecollection,patch,update core ' +
        'configmaps,events,persistentvolumeclaims,replicationcontrollers,' +
        'replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
      'create core serviceaccounts/token',
      'create,delete,deletecollection,patch,update apps ' +
        'daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,' +
        'statefulsets,statefulsets/scale',
      'create,delete,deletecollection,patch,update autoscaling horizontalpodautoscalers',
      'create,delete,deletecollection,patch,update batch cronjobs,jobs',
      'create,delete,deletecollection,patch,update extensions ' +
        'daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,' +
        'replicasets,replicasets/scale,replicationcontrollers/scale',
      'create,delete,deletecollection,patch,update policy poddisruptionbudgets',
      'create,delete,deletecollection,patch,update networking.k8s.io ingresses,networkpolicies',
      'create,delete,deletecollection,get,list,patch,update,watch coordination.k8s.io leases',
    ],
  },
  {
    name: 'system:aggregate-to-view',
    aggregatesTo: 'view',
    rules: [
      'get,list,watch core ' +
        'configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,' +
        'replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status',
      'get,list,watch core ' +
        'bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,' +
        'resourcequotas,resourcequotas/status',
      'get,list,watch core namespaces',
      'get,list,watch discovery.k8s.io endpointslices',
      'get,list,watch apps ' +
        'controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,' +
        'replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status',
      'get,list,watch autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status',
      'get,list,watch batch cronjobs,cronjobs/status,jobs,jobs/status',
      'get,list,watch extensions ' +
        'daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,' +
        'ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,' +
        'replicationcontrollers/scale',
      'get,list,watch policy poddisruptionbudgets,poddisruptionbudgets/status',
      'get,list,watch networking.k8s.io ingresses,ingresses/status,networkpolicies',
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: ['create authentication.k8s.io tokenreviews', 'create authorization.k8s.io subjectaccessreviews'],
  },
  {
    name: 'system:basic-user',
    rules: [
      'create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews',
      'create authentication.k8s.io selfsubjectreviews',
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: ['create certificates.k8s.io certificatesigningrequests/nodeclient'],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: ['create certificates.k8s.io certificatesigningrequests/selfnodeclient'],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-approver',
    rules: ['approve certificates.k8s.io signers =kubernetes.io/kube-apiserver-client'],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver',
    rules: ['approve certificates.k8s.io signers =kubernetes.io/kube-apiserver-client-kubelet'],
  },
  {
    name: 'system:certificates.k8s.io:kubelet-serving-approver',
    rules: ['approve certificates.k8s.io signers =kubernetes.io/kubelet-serving'],
  },
  {
    name: 'system:certificates.k8s.io:legacy-unknown-approver',
    rules: ['approve certificates.k8s.io signers =kubernetes.io/legacy-unknown'],
  },
  {
    name: 'system:discovery',
    rules: ['get url /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/'],
  },
  {
    name: 'system:heapster',
    rules: ['get,list,watch core events,namespaces,nodes,pods', 'get,list,watch extensions deployments'],
  },
  { name: 'system:kube-aggregator', rules: ['get,list,watch core endpoints,services'] },
  {
    name: 'system:kube-controller-manager',
    rules: [
      'create,patch,update core,events.k8s.io events',
      'create coordination.k8s.io leases',
      'get,update coordination.k8s.io leases =kube-controller-manager',
      'create core secrets,serviceaccounts',
      'delete core secrets',
      'get core configmaps,namespaces,secrets,serviceaccounts',
      'update core secrets,serviceaccounts',
      'create authentication.k8s.io tokenreviews',
      'create authorization.k8s.io subjectaccessreviews',
      'list,watch * *',
      'create core serviceaccounts/token',
    ],
  },
  { name: 'system:kube-dns', rules: ['list,watch core endpoints,services'] },
  {
    name: 'system:kube-scheduler',
    rules: [
      'create,patch,update core,events.k8s.io events',
      'create coordination.k8s.io leases',
      'get,list,update,watch coordination.k8s.io leases =kube-scheduler',
      'create,delete,deletecollection,get,list,patch,update,watch coordination.k8s.io leasecandidates',
      'get,list,watch core nodes',
      'delete,get,list,watch core pods',
      'create core bindings,pods/binding',
      'patch,update core pods/status',
      'get,list,watch core replicationcontrollers,services',
      'get,list,watch apps,extensions replicasets',
      'get,list,watch apps statefulsets',
      'get,list,watch policy poddisruptionbudgets',
      'get,list,watch core persistentvolumeclaims,persistentvolumes',
      'create authentication.k8s.io tokenreviews',
      'create authorization.k8s.io subjectaccessreviews',
      'get,list,watch storage.k8s.io csinodes',
      'get,list,watch storage.k8s.io volumeattachments',
      'get,list,watch core namespaces',
      'get,list,watch storage.k8s.io csidrivers',
      'get,list,watch storage.k8s.io csistoragecapacities',
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      'get,list,watch core nodes',
      'proxy core nodes',
      '* core nodes/log,nodes/metrics,nodes/proxy,nodes/stats',
      '* core nodes/configz,nodes/healthz,nodes/pods',
    ],
  },
  {
    name: 'system:monitoring',
    rules: ['get url /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*'],
  },
  {
    name: 'system:node',
    rules: [
      'create authentication.k8s.io tokenreviews',
      'create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews',
      'get,list,watch core services',
      'create,get,list,watch core nodes',
      'patch,update core nodes/status',
      'patch,update core nodes',
      'create,patch,update core events',
      'get,list,watch core pods',
      'create,delete core pods',
      'patch,update core pods/status',
      'create core pods/eviction',
      'get,list,watch core configmaps,secrets',
      'get core persistentvolumeclaims,persistentvolumes',
      'get core endpoints',
      'create,get,list,watch certificates.k8s.io certificatesigningrequests',
      'create,delete,get,patch,update coordination.k8s.io leases',
      'get storage.k8s.io volumeattachments',
      'create core serviceaccounts/token',
      'get,patch,update core persistentvolumeclaims/status',
      'get,list,watch storage.k8s.io csidrivers',
      'create,delete,get,patch,update storage.k8s.io csinodes',
      'get,list,watch node.k8s.io runtimeclasses',
    ],
  },
  { name: 'system:node-bootstrapper', rules: ['create,get,list,watch certificates.k8s.io certificatesigningrequests'] },
  {
    name: 'system:node-problem-detector',
    rules: ['get core nodes', 'patch core nodes/status', 'create,patch,update core,events.k8s.io events'],
  },
  {
    name: 'system:node-proxier',
    rules: [
      'list,watch core endpoints,services',
      'get,list,watch core nodes',
      'create,patch,update core,events.k8s.io events',
      'list,watch networking.k8s.io servicecidrs',
      'list,watch discovery.k8s.io endpointslices',
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      'create,delete,get,list,watch core persistentvolumes',
      'get,list,update,watch core persistentvolumeclaims',
      'get,list,watch storage.k8s.io storageclasses',
      'watch core events',
      'create,patch,update core,events.k8s.io events',
    ],
  },
  { name: 'system:public-info-viewer', rules: ['get url /healthz,/livez,/readyz,/version,/version/'] },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      'get url /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/',
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      'get,list,patch,update,watch core persistentvolumes',
      'get,list,watch storage.k8s.io storageclasses',
      'get,list,patch,update,watch core persistentvolumeclaims',
    ],
  },
  // Troupe's own: what the dashboard and `troupe actor`, `trace` and `log-level` ask. Backups of the store lie below
  // the same path and are in neither.
  {
    name: 'troupe:supervision-viewer',
    rules: [
      'get url ' +
        '/troupe/api/feed,/troupe/api/replay,/troupe/api/tree,/troupe/api/status,/troupe/api/actors,' +
        '/troupe/api/traces/*,/troupe/api/log-levels,/troupe/api/members',
    ],
  },
  {
    name: 'troupe:supervision-operator',
    rules: [
      'get url ' +
        '/troupe/api/feed,/troupe/api/replay,/troupe/api/tree,/troupe/api/status,/troupe/api/actors,' +
        '/troupe/api/traces/*,/troupe/api/log-levels,/troupe/api/members',
      'post url /troupe/api/actors/restart,/troupe/api/log-levels,/troupe/api/members',
    ],
  },
  { name: 'view', sum: true, aggregatesTo: 'edit', rules: [] },
];
