import type { KubeObject } from '../../../api/index.ts';
import {
  type Ingress,
  type IngressClass,
  localVolumes,
  servedIngresses,
  tlsSecretNames,
} from '../../../protocol/index.ts';
import type { ResourceView } from '../../../resources/index.ts';
import { type AccessAttributes, type Decision, type LocalAuthorizer, noOpinion } from '../attributes.ts';
import { nodeDenial } from './node-denial.ts';
import { type PolicyRule, ruleAllows } from '../rbac/index.ts';
import { podReferences } from './pod-references.ts';

export const nodesGroup = 'system:nodes';
const nodePrefix = 'system:node:';

/** The node that a user name stands for. */
export function nodeNameOf(user: AccessAttributes['user']): string | undefined {
  if (!user.groups.includes(nodesGroup) || !user.name.startsWith(nodePrefix)) return undefined;
  return user.name.slice(nodePrefix.length);
}

const read = ['get', 'list', 'watch'];
/**
 * What every node may do whatever runs on it: upstream's role system:node, and what the agent needs because it is
 * proxy, DNS server and ingress as well. Writes are narrowed to the node's own objects by `objectVerbs` below and by
 * the NodeRestriction admission.
 */
const nodeRules: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['services', 'endpoints', 'namespaces', 'nodes'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies', 'ingresses', 'ingressclasses'], verbs: read },
  { apiGroups: ['node.k8s.io'], resources: ['runtimeclasses'], verbs: read },
  { apiGroups: ['storage.k8s.io'], resources: ['csidrivers', 'storageclasses'], verbs: read },
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create', ...read] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews', 'localsubjectaccessreviews'],
    verbs: ['create'],
  },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  { apiGroups: [''], resources: ['nodes'], verbs: ['create'] },
];

/**
 * Objects that a node may read only where they are its own or belong to pods that are bound to it. What it writes of
 * nodes and pods is narrowed by the NodeRestriction admission.
 */
const objectVerbs: Readonly<Record<string, readonly string[]>> = {
  '/nodes': ['patch', 'update'],
  '/nodes/status': ['get', 'patch', 'update'],
  '/pods': ['create', 'delete', ...read],
  '/pods/status': ['get', 'patch', 'update'],
  '/pods/eviction': ['create'],
  '/secrets': read,
  '/configmaps': read,
  '/persistentvolumeclaims': ['get'],
  '/persistentvolumeclaims/status': ['get', 'patch', 'update'],
  '/persistentvolumes': ['patch', ...read],
  '/serviceaccounts': ['get'],
  '/serviceaccounts/token': ['create'],
  'coordination.k8s.io/leases': ['create', 'delete', 'get', 'list', 'watch', 'patch', 'update'],
  'storage.k8s.io/csinodes': ['create', 'delete', 'get', 'patch', 'update'],
  'storage.k8s.io/volumeattachments': ['get'],
};

/** Authorises node agents: an agent reads and writes what concerns its own node and the pods that are bound to it. */
export function createNodeAuthorizer(view: ResourceView): { readonly authorize: LocalAuthorizer } {
  const authorize = (attributes: AccessAttributes): Decision => {
    const node = nodeNameOf(attributes.user);
    if (node === undefined || !attributes.isResource) return noOpinion;
    if (nodeRules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: '' };
    const key = `${attributes.group}/${attributes.resource}${attributes.subresource === '' ? '' : `/${attributes.subresource}`}`;
    if ((objectVerbs[key] ?? []).includes(attributes.verb) && isOwn(attributes, { node, view }))
      return { allowed: true, reason: '' };
    const reason = nodeDenial(attributes, node);
    return reason === '' ? noOpinion : { allowed: false, reason };
  };
  return { authorize };
}

function isOwn(attributes: AccessAttributes, about: { readonly node: string; readonly view: ResourceView }): boolean {
  const { node, view } = about;
  const { name, namespace } = attributes;
  switch (attributes.resource) {
    case 'nodes':
      return name === node || attributes.verb !== 'get';
    case 'csinodes':
      return name === node || attributes.verb === 'create';
    case 'leases':
      return namespace === 'kube-node-lease' && (name === node || attributes.verb === 'create');
    case 'pods':
      return podIsOwn(attributes, about);
    case 'persistentvolumes':
      return volumeIsOwn(attributes, about, (claim) => refers('persistentvolumeclaims', claim.namespace, claim.name));
    case 'volumeattachments':
      return true;
    case 'secrets':
      return name !== '' && (refers('secrets', namespace, name) || isShownToClients(view, namespace, name));
    default:
      return name !== '' && refers(attributes.resource, namespace, name);
  }

  function refers(resource: string, inNamespace: string, called: string): boolean {
    for (const pod of view.facts(
      { group: '', resource: 'pods' },
      { namespace: inNamespace, field: { name: 'spec.nodeName', value: node } },
    )) {
      if (podReferences(pod.object()).has(`${resource}/${called}`)) return true;
    }
    return false;
  }
}

/** Every node may serve every Ingress of Troupe's classes, for which it needs their certificates with the keys. */
function isShownToClients(view: ResourceView, namespace: string, secret: string): boolean {
  const naming = view
    .list<Ingress>({ group: 'networking.k8s.io', resource: 'ingresses' }, namespace)
    .filter((ingress) => tlsSecretNames(ingress).includes(secret));
  return (
    servedIngresses(naming, view.list<IngressClass>({ group: 'networking.k8s.io', resource: 'ingressclasses' }))
      .length > 0
  );
}

function podIsOwn(
  attributes: AccessAttributes,
  about: { readonly node: string; readonly view: ResourceView },
): boolean {
  if (!read.includes(attributes.verb)) return true;
  if (attributes.name === '')
    return (attributes.fieldSelector ?? '')
      .split(',')
      .some((term) => /^spec\.nodeName==?/.test(term) && term.replace(/^spec\.nodeName==?/, '') === about.node);
  const pod = about.view.get<KubeObject>({ group: '', resource: 'pods' }, attributes.namespace, attributes.name);
  // A pod that is gone is answered by 404, which tells the agent to forget it.
  return (
    pod === undefined || (pod.spec as { readonly nodeName?: string | undefined } | undefined)?.nodeName === about.node
  );
}

interface PersistentVolume extends KubeObject {
  readonly spec?: { readonly claimRef?: { readonly namespace: string; readonly name: string } };
}

/**
 * A volume that a pod of the node claims may be read; one that was made on the node's own disk is found by its label,
 * and let go when its data is removed.
 */
function volumeIsOwn(
  { name, verb, labelSelector }: AccessAttributes,
  { node, view }: { readonly node: string; readonly view: ResourceView },
  refers: (claim: { readonly namespace: string; readonly name: string }) => boolean,
): boolean {
  if (name === '') return labelSelector === `${localVolumes.nodeLabel}=${node}`;
  const volume = view.get<PersistentVolume>({ group: '', resource: 'persistentvolumes' }, undefined, name);
  if (volume?.metadata.labels?.[localVolumes.nodeLabel] === node) return true;
  const claim = volume?.spec?.claimRef;
  return verb !== 'patch' && claim !== undefined && refers(claim);
}
