/** What Troupe's controllers may do beyond the roles of Kubernetes' controllers, as a table. */

interface OwnRoleRow {
  /** Of the service account in kube-system to which the role is bound. */
  readonly name: string;
  readonly rules: readonly string[];
  /** Why Kubernetes' own roles are not enough. */
  readonly why: string;
}

const events = 'create,patch,update core,events.k8s.io events';
const inTheApiServer = 'In Kubernetes it is a part of the API server, which may do everything.';
const patches = 'Kubernetes replaces these objects as a whole; here the fields that change are patched.';
const notThere = 'Kubernetes has no such controller.';

export const ownControllerRoles: readonly OwnRoleRow[] = [
  {
    name: 'apiservice-available-controller',
    rules: ['update apiregistration.k8s.io apiservices/status'],
    why: inTheApiServer,
  },
  {
    name: 'customresourcedefinition-controller',
    rules: [
      'update apiextensions.k8s.io customresourcedefinitions,customresourcedefinitions/status',
      'deletecollection * *',
    ],
    why: inTheApiServer,
  },
  {
    name: 'api-priority-and-fairness-config-consumer-v1',
    rules: ['update flowcontrol.apiserver.k8s.io flowschemas/status'],
    why: inTheApiServer,
  },
  {
    name: 'ip-address-controller',
    rules: ['create,delete networking.k8s.io ipaddresses', events],
    why: inTheApiServer,
  },
  {
    name: 'tokens-controller',
    rules: ['delete,patch core secrets'],
    why: 'In Kubernetes it acts as the whole controller manager, by whose role it may read all Secrets.',
  },
  {
    name: 'network-policy-controller',
    rules: ['create,delete,update discovery.k8s.io endpointslices', events],
    why: notThere,
  },
  { name: 'local-path-provisioner', rules: ['create core persistentvolumes', events], why: notThere },
  { name: 'local-path-reclaimer', rules: ['delete,patch core persistentvolumes'], why: notThere },
  { name: 'local-path-class', rules: ['create storage.k8s.io storageclasses'], why: notThere },
  { name: 'ingress-class-controller', rules: ['create networking.k8s.io ingressclasses'], why: notThere },
  { name: 'ingress-controller', rules: ['patch networking.k8s.io ingresses/status', events], why: notThere },
  {
    name: 'persistent-volume-binder',
    rules: ['patch core persistentvolumeclaims,persistentvolumes'],
    why: patches,
  },
  { name: 'pvc-protection-controller', rules: ['patch core persistentvolumeclaims'], why: patches },
  { name: 'pv-protection-controller', rules: ['patch core persistentvolumes'], why: patches },
  { name: 'statefulset-controller', rules: ['patch core persistentvolumeclaims'], why: patches },
];
