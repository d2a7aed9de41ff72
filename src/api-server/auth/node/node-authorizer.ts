/** The Node authorizer: what the agent of a node may do. */
import {
  type Ingress,
  type IngressClass,
  type PersistentVolume,
  type Pod,
  type PolicyRule,
  type ResourceSlice,
  resources,
  type VolumeAttachment,
} from '../../../api/index.ts';
import { localVolumes, servedIngresses, tlsSecretNames } from '../../../protocol/index.ts';
import type { ResourceView } from '../../../resources/index.ts';
import { type AccessAttributes, type Decision, type LocalAuthorizer, noOpinion } from '../attributes.ts';
import { nodeDenial } from './node-denial.ts';
import { ruleAllows } from '../rbac/index.ts';
import { PodReferences } from './pod-references.ts';

export const nodesGroup = 'system:nodes';
const nodePrefix = 'system:node:';

/** The node that a user name stands for. */
function nodeNameOf(user: AccessAttributes['user']): string | undefined {
  if (!user.groups.includes(nodesGroup) || !user.name.startsWith(nodePrefix)) return undefined;
  return user.name.slice(nodePrefix.length);
}

const read = ['get', 'list', 'watch'];
/**
 * What every node may do whatever runs on it: Kubernetes' role system:node, and what the agent needs because it is
 * proxy, DNS server and ingress as well. Writes are narrowed to the node's own objects by `objectVerbs` below and by
 * the NodeRestriction admission.
 */
const nodeRules: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['services', 'endpoints', 'namespaces', 'nodes'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['networkpolicies', 'servicecidrs', 'ingresses', 'ingressclasses'],
    verbs: read,
  },
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
  'resource.k8s.io/resourceclaims': ['get'],
  'resource.k8s.io/resourceslices': ['create', 'delete', 'deletecollection', 'patch', 'update', ...read],
};

const pods = { group: '', resource: 'pods' };
const volumes = { group: '', resource: 'persistentvolumes' };
const attachments = { group: 'storage.k8s.io', resource: 'volumeattachments' };
const ingresses = { group: 'networking.k8s.io', resource: 'ingresses' };
const ingressClasses = { group: 'networking.k8s.io', resource: 'ingressclasses' };

/** Lets an agent read and write what concerns its own node and the pods that are bound to it. */
export function createNodeAuthorizer(view: ResourceView): { readonly authorize: LocalAuthorizer } {
  const references = new PodReferences();
  const authorize = (attributes: AccessAttributes): Decision => {
    const node = nodeNameOf(attributes.user);
    if (node === undefined || !attributes.isResource) return noOpinion;
    if (nodeRules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: '' };
    const { group, resource, subresource, verb } = attributes;
    const key = `${group}/${resource}${subresource === '' ? '' : `/${subresource}`}`;
    if ((objectVerbs[key] ?? []).includes(verb) && new NodeObjects(view, references, node).owns(attributes))
      return { allowed: true, reason: '' };
    const reason = nodeDenial(attributes, node);
    return reason === '' ? noOpinion : { allowed: false, reason };
  };
  return { authorize };
}

/** Whether a field selector leaves nothing but what names the node. */
const namesNode = (fieldSelector: string, node: string): boolean =>
  fieldSelector
    .split(',')
    .some((term) => /^spec\.nodeName==?/.test(term) && term.replace(/^spec\.nodeName==?/, '') === node);

/** The objects that are a node's own, or belong to the pods that are bound to it. */
class NodeObjects {
  readonly #view: ResourceView;
  readonly #references: PodReferences;
  readonly #node: string;

  constructor(view: ResourceView, references: PodReferences, node: string) {
    this.#view = view;
    this.#references = references;
    this.#node = node;
  }

  owns(attributes: AccessAttributes): boolean {
    const { name, namespace, verb, resource } = attributes;
    switch (resource) {
      case 'nodes':
        return name === this.#node || verb !== 'get';
      case 'csinodes':
        return name === this.#node || verb === 'create';
      case 'resourceslices':
        return this.#ownsSlice(attributes);
      case 'leases':
        return namespace === 'kube-node-lease' && (name === this.#node || verb === 'create');
      case 'pods':
        return this.#ownsPod(attributes);
      case 'persistentvolumes':
        return this.#ownsVolume(attributes);
      case 'volumeattachments':
        return this.#isAttachedHere(name);
      case 'secrets':
        return name !== '' && (this.#isReferred(resource, namespace, name) || this.#isShownToClients(namespace, name));
      default:
        return name !== '' && this.#isReferred(resource, namespace, name);
    }
  }

  /** What a node changes of slices is narrowed by the NodeRestriction admission. */
  #ownsSlice({ verb, name, fieldSelector = '' }: AccessAttributes): boolean {
    if (verb === 'create') return true;
    if (name === '') return namesNode(fieldSelector, this.#node);
    const slice = this.#view.get<ResourceSlice>(resources.resourceSlices, undefined, name);
    return slice === undefined || slice.spec.nodeName === this.#node;
  }

  /** A node waits for attachments that are not made yet. */
  #isAttachedHere(attachment: string): boolean {
    const found = this.#view.get<VolumeAttachment>(attachments, undefined, attachment);
    return found === undefined || found.spec.nodeName === this.#node;
  }

  #isReferred(resource: string, namespace: string, name: string): boolean {
    const bound = { namespace, field: { name: 'spec.nodeName', value: this.#node } };
    for (const pod of this.#view.facts<Pod>(pods, bound))
      if (this.#references.of(pod.object()).has(`${resource}/${name}`)) return true;
    return false;
  }

  /** Every node may serve every Ingress of Troupe's classes, for which it needs their certificates with the keys. */
  #isShownToClients(namespace: string, secret: string): boolean {
    const naming = this.#view
      .list<Ingress>(ingresses, namespace)
      .filter((ingress) => tlsSecretNames(ingress).includes(secret));
    return servedIngresses(naming, this.#view.list<IngressClass>(ingressClasses)).length > 0;
  }

  #ownsPod({ verb, name, namespace, fieldSelector = '' }: AccessAttributes): boolean {
    if (!read.includes(verb)) return true;
    if (name === '') return namesNode(fieldSelector, this.#node);
    const pod = this.#view.get<Pod>(pods, namespace, name);
    // A deleted pod is answered by 404, which tells the agent to forget it.
    return pod === undefined || pod.spec.nodeName === this.#node;
  }

  /**
   * A volume that a pod of the node claims may be read; one that was made on the node's own disk is found by its label,
   * and let go when its data is removed.
   */
  #ownsVolume({ name, verb, labelSelector }: AccessAttributes): boolean {
    if (name === '') return labelSelector === `${localVolumes.nodeLabel}=${this.#node}`;
    const volume = this.#view.get<PersistentVolume>(volumes, undefined, name);
    if (volume?.metadata.labels?.[localVolumes.nodeLabel] === this.#node) return true;
    const { namespace, name: claim } = volume?.spec.claimRef ?? {};
    if (verb === 'patch' || namespace === undefined || claim === undefined) return false;
    return this.#isReferred('persistentvolumeclaims', namespace, claim);
  }
}
