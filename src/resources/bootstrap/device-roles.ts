/** What roles allow of claims on devices, in clusters that have them: Kubernetes gives these with the feature. */
import type { RoleRow } from './cluster-roles.ts';

/** Further rules of roles that every cluster has, by the role's name. */
export const deviceRules: Readonly<Record<string, readonly string[]>> = {
  'system:aggregate-to-edit': [
    'create,delete,deletecollection,patch,update resource.k8s.io resourceclaims,resourceclaimtemplates',
  ],
  'system:aggregate-to-view': [
    'get,list,watch resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates',
  ],
  'system:kube-scheduler': [
    'get,list,watch resource.k8s.io deviceclasses,resourceclaims,resourceslices',
    'patch,update resource.k8s.io resourceclaims,resourceclaims/status',
  ],
  'system:node': [
    'get resource.k8s.io resourceclaims',
    'create,delete,deletecollection,get,list,patch,update,watch resource.k8s.io resourceslices',
  ],
};

/** The controller that makes claims for pods and gives them back. */
export const claimControllerRole: RoleRow = {
  name: 'resource-claim-controller',
  rules: [
    'get,list,watch core pods',
    'update core pods/finalizers',
    'create,delete,get,list,watch resource.k8s.io resourceclaims',
    'get,list,watch resource.k8s.io resourceclaimtemplates',
    'patch,update resource.k8s.io resourceclaims,resourceclaims/status',
    'patch,update core pods/status',
    'create,patch,update core,events.k8s.io events',
  ],
};
