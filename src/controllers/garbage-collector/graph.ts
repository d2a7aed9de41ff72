/** Who owns whom, by UID, kept from change to change. */
import {
  findKind,
  type GroupResource,
  type KubeObject,
  type OwnerReference,
  type ResourceInfo,
  type StoredObject,
} from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';

/** Names one object of any kind in one text: the key of its collector. */
interface GraphNode {
  readonly resource: GroupResource;
  readonly namespace: string | undefined;
  readonly name: string;
}

export function nodeKey(resource: GroupResource, object: KubeObject): string {
  const { namespace, name = '' } = object.metadata;
  return [
    resource.group === '' ? 'core' : resource.group,
    resource.resource,
    namespace === undefined || namespace === '' ? '_' : namespace,
    name,
  ].join('/');
}

export function parseNodeKey(key: string): GraphNode {
  const [group = '', resource = '', namespace = '', ...name] = key.split('/');
  return {
    resource: { group: group === 'core' ? '' : group, resource },
    namespace: namespace === '_' ? undefined : namespace,
    name: name.join('/'),
  };
}

/** Objects of all kinds that name the UID as an owner. */
export function dependentsOf(
  view: ResourceView,
  served: readonly GroupResource[],
  uid: string,
): readonly { readonly resource: GroupResource; readonly object: StoredObject }[] {
  return served.flatMap((resource) =>
    view.ownedBy<StoredObject>(resource, uid).map((object) => ({ resource, object })),
  );
}

/** The collections in which objects are stored, each once. Events are nobody's dependents. */
export function storedCollections(served: readonly ResourceInfo[]): readonly GroupResource[] {
  const seen = new Map<string, GroupResource>();
  for (const info of served) {
    if (info.verbs.includes('delete') && info.verbs.includes('list') && info.storage.resource !== 'events')
      seen.set(`${info.storage.group}/${info.storage.resource}`, info.storage);
  }
  return [...seen.values()];
}

/** Where the owner of a reference is to be found; undefined when its kind is not served. */
export function ownerLocation(
  reference: OwnerReference,
  dependentNamespace: string | undefined,
  served: readonly ResourceInfo[],
): { readonly info: ResourceInfo; readonly namespace: string | undefined } | undefined {
  const slash = reference.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : reference.apiVersion.slice(0, slash);
  const version = slash < 0 ? reference.apiVersion : reference.apiVersion.slice(slash + 1);
  const info =
    findKind(group, version, reference.kind) ??
    served.find(
      (candidate) => candidate.group === group && candidate.version === version && candidate.kind === reference.kind,
    );
  return info === undefined ? undefined : { info, namespace: info.namespaced ? dependentNamespace : undefined };
}
