/** The role bindings that every cluster has. */
import type { RoleRow } from './cluster-roles.ts';

/** A binding: `subjects` are `user NAME`, `group NAME` or `account NAMESPACE/NAME`. */
export interface BindingRow {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly string[];
}

/** Roles inside one namespace. */
interface NamespacedRow<T> {
  readonly namespace: string;
  readonly row: T;
}

export const clusterRoleBindings: readonly BindingRow[] = [
  { name: 'cluster-admin', role: 'cluster-admin', subjects: ['group system:masters'] },
  { name: 'system:basic-user', role: 'system:basic-user', subjects: ['group system:authenticated'] },
  { name: 'system:discovery', role: 'system:discovery', subjects: ['group system:authenticated'] },
  {
    name: 'system:kube-controller-manager',
    role: 'system:kube-controller-manager',
    subjects: ['user system:kube-controller-manager'],
  },
  { name: 'system:kube-dns', role: 'system:kube-dns', subjects: ['account kube-system/kube-dns'] },
  { name: 'system:kube-scheduler', role: 'system:kube-scheduler', subjects: ['user system:kube-scheduler'] },
  { name: 'system:monitoring', role: 'system:monitoring', subjects: ['group system:monitoring'] },
  { name: 'system:node', role: 'system:node', subjects: [] },
  { name: 'system:node-proxier', role: 'system:node-proxier', subjects: ['user system:kube-proxy'] },
  {
    name: 'system:public-info-viewer',
    role: 'system:public-info-viewer',
    subjects: ['group system:authenticated', 'group system:unauthenticated'],
  },
  {
    name: 'system:service-account-issuer-discovery',
    role: 'system:service-account-issuer-discovery',
    subjects: ['group system:serviceaccounts'],
  },
  { name: 'system:volume-scheduler', role: 'system:volume-scheduler', subjects: ['user system:kube-scheduler'] },
];

export const roles: readonly NamespacedRow<RoleRow>[] = [
  {
    namespace: 'kube-public',
    row: {
      name: 'system:controller:bootstrap-signer',
      rules: [
        'get,list,watch core configmaps',
        'update core configmaps =cluster-info',
        'create,patch,update core,events.k8s.io events',
      ],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'extension-apiserver-authentication-reader',
      rules: ['get,list,watch core configmaps =extension-apiserver-authentication'],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system::leader-locking-kube-controller-manager',
      rules: [
        'watch core configmaps',
        'get,update core configmaps =kube-controller-manager',
        'create,get,list,update,watch coordination.k8s.io leases',
        'create,get,list,update,watch coordination.k8s.io leasecandidates',
      ],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system::leader-locking-kube-scheduler',
      rules: [
        'watch core configmaps',
        'get,update core configmaps =kube-scheduler',
        'create,get,list,update,watch coordination.k8s.io leases',
        'create,get,list,update,watch coordination.k8s.io leasecandidates',
      ],
    },
  },
  {
    namespace: 'kube-system',
    row: { name: 'system:controller:bootstrap-signer', rules: ['get,list,watch core secrets'] },
  },
  {
    namespace: 'kube-system',
    row: { name: 'system:controller:cloud-provider', rules: ['create,get,list,watch core configmaps'] },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system:controller:token-cleaner',
      rules: ['delete,get,list,watch core secrets', 'create,patch,update core,events.k8s.io events'],
    },
  },
];

export const roleBindings: readonly NamespacedRow<BindingRow>[] = [
  {
    namespace: 'kube-public',
    row: {
      name: 'system:controller:bootstrap-signer',
      role: 'system:controller:bootstrap-signer',
      subjects: ['account kube-system/bootstrap-signer'],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system::extension-apiserver-authentication-reader',
      role: 'extension-apiserver-authentication-reader',
      subjects: ['user system:kube-controller-manager', 'user system:kube-scheduler'],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system::leader-locking-kube-controller-manager',
      role: 'system::leader-locking-kube-controller-manager',
      subjects: [
        'user system:kube-controller-manager',
        'account kube-system/kube-controller-manager',
        'account kube-system/leader-election-controller',
      ],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system::leader-locking-kube-scheduler',
      role: 'system::leader-locking-kube-scheduler',
      subjects: ['user system:kube-scheduler', 'account kube-system/kube-scheduler'],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system:controller:bootstrap-signer',
      role: 'system:controller:bootstrap-signer',
      subjects: ['account kube-system/bootstrap-signer'],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system:controller:cloud-provider',
      role: 'system:controller:cloud-provider',
      subjects: ['account kube-system/cloud-provider'],
    },
  },
  {
    namespace: 'kube-system',
    row: {
      name: 'system:controller:token-cleaner',
      role: 'system:controller:token-cleaner',
      subjects: ['account kube-system/token-cleaner'],
    },
  },
];
