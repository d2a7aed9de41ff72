/** Why a node may not do something, in the words of kube-apiserver. */
import type { AccessAttributes } from '../attributes.ts';

type Reason = (attributes: AccessAttributes) => string | undefined;

const one: Reason = ({ name }) => (name === '' ? 'No Object name found' : undefined);

/** What is read one by one. */
const onlyGet: Reason = (attributes) => {
  if (attributes.verb !== 'get') return 'can only get individual resources of this type';
  return attributes.subresource === '' ? one(attributes) : 'cannot get subresource';
};

/** What is read and followed one by one. */
const onlyRead: Reason = (attributes) => {
  if (!['get', 'list', 'watch'].includes(attributes.verb)) return 'can only read resources of this type';
  if (attributes.subresource !== '') return 'cannot read subresource';
  return attributes.namespace === '' ? 'can only read namespaced object of this type' : one(attributes);
};

/** What a node has one of, with its own name. */
const own =
  (what: string, shown: string, node: string): Reason =>
  ({ verb, name }) => {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
      return `can only get, create, update, patch, or delete a ${what}`;
    return verb !== 'create' && name !== node
      ? `can only access ${shown} with the same name as the requesting node`
      : undefined;
  };

function claimReason(attributes: AccessAttributes): string | undefined {
  if (attributes.subresource !== 'status') return onlyGet(attributes);
  return ['update', 'patch'].includes(attributes.verb) ? one(attributes) : 'can only get/update/patch this type';
}

function accountReason({ verb, name, subresource }: AccessAttributes): string | undefined {
  if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
  return subresource === 'token' ? undefined : 'can only create token subresource of serviceaccount';
}

function leaseReason(attributes: AccessAttributes, node: string): string | undefined {
  const elsewhere =
    attributes.namespace !== 'kube-node-lease' &&
    ['get', 'create', 'update', 'patch', 'delete'].includes(attributes.verb);
  return elsewhere
    ? 'can only access leases in the "kube-node-lease" system namespace'
    : own('node lease', 'node lease', node)(attributes);
}

function sliceReason({ verb, name, subresource }: AccessAttributes): string | undefined {
  if (subresource !== '') return 'cannot access subresource of ResourceSlice';
  if (['list', 'watch', 'deletecollection'].includes(verb) && name === '')
    return `can only ${verb} resourceslices with spec.nodeName field selector`;
  return ['get', 'create', 'update', 'patch', 'delete'].includes(verb)
    ? undefined
    : 'only the following verbs are allowed for a ResourceSlice: ' +
        'get, watch, list, create, update, patch, delete, deletecollection';
}

/** Why a node may not do what it asks for, in Kubernetes' words; '' where Kubernetes says nothing. */
export function nodeDenial(attributes: AccessAttributes, node: string): string {
  const { group, resource, subresource, verb } = attributes;
  const unrelated = `no relationship found between node '${node}' and this object`;
  switch (`${group}/${resource}`) {
    case '/secrets':
    case '/configmaps':
      return onlyRead(attributes) ?? unrelated;
    case '/persistentvolumeclaims':
      return claimReason(attributes) ?? unrelated;
    case '/persistentvolumes':
    case 'storage.k8s.io/volumeattachments':
      return onlyGet(attributes) ?? unrelated;
    case '/serviceaccounts':
      return accountReason(attributes) ?? unrelated;
    case 'coordination.k8s.io/leases':
      return leaseReason(attributes, node) ?? unrelated;
    case 'storage.k8s.io/csinodes':
      return own('CSINode', 'CSINode', node)(attributes) ?? unrelated;
    case 'resource.k8s.io/resourceclaims':
      return onlyGet(attributes) ?? unrelated;
    case 'resource.k8s.io/resourceslices':
      return sliceReason(attributes) ?? unrelated;
    case '/pods':
      if (subresource !== '' || !['get', 'list', 'watch'].includes(verb)) return '';
      return verb !== 'get' && attributes.name === ''
        ? 'can only list/watch pods with spec.nodeName field selector'
        : (one(attributes) ?? unrelated);
    default:
      return '';
  }
}
