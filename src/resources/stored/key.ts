/** The keys of objects in the store. */
import type { GroupResource, ResourceInfo } from '../../api/index.ts';

const groupOf = (group: string): string => (group === '' ? 'core' : group);

/** The prefix of all keys of a stored collection, or of one namespace of it. */
export function collectionPrefix(storage: GroupResource, namespace?: string): string {
  const base = `/${groupOf(storage.group)}/${storage.resource}/`;
  return namespace === undefined || namespace === '' ? base : `${base}${namespace}/`;
}

/** The key of an object where it is stored; `namespace` is undefined for cluster-scoped kinds. */
export function objectKey(storage: GroupResource, namespace: string | undefined, name: string): string {
  return `${collectionPrefix(storage, namespace)}${name}`;
}

/** The key of an object of this resource. */
export function keyOf(info: ResourceInfo, namespace: string | undefined, name: string): string {
  return objectKey(info.storage, info.namespaced ? namespace : undefined, name);
}

/** Where Kubernetes keeps what is not kept under its plain name (SpecialDefaultResourcePrefixes). */
const registryPrefixes: Readonly<Record<string, string>> = {
  '/endpoints': 'services/endpoints',
  '/nodes': 'minions',
  '/replicationcontrollers': 'controllers',
  '/services': 'services/specs',
  'networking.k8s.io/ingresses': 'ingress',
};
/** These servers of Kubernetes' keep their objects under group and resource, as custom resources are kept. */
const prefixedGroups: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Kubernetes' own key of an object, which its messages about preconditions name. */
export function registryKey(info: ResourceInfo, namespace: string | undefined, name: string): string {
  const { group, resource } = info.storage;
  const grouped = info.custom !== undefined || prefixedGroups.has(group);
  const prefix = grouped ? `${group}/${resource}` : (registryPrefixes[`${group}/${resource}`] ?? resource);
  return ['/registry', prefix, ...(info.namespaced ? [namespace ?? ''] : []), name].join('/');
}

const resources = new Map<string, GroupResource>();

/** The collection that a key belongs to: the same object for all keys of one. */
export function resourceOfKey(key: string): GroupResource {
  const slash = key.indexOf('/', 1);
  const collection = key.slice(0, key.indexOf('/', slash + 1));
  let resource = resources.get(collection);
  if (resource === undefined) resources.set(collection, (resource = parseKey(key).resource));
  return resource;
}

/** What a key says. `namespace` is undefined for cluster-scoped objects. */
export function parseKey(key: string): {
  readonly resource: GroupResource;
  readonly namespace: string | undefined;
  readonly name: string;
} {
  const [, group = '', resource = '', third = '', ...rest] = key.split('/');
  const where = { group: group === 'core' ? '' : group, resource };
  return rest.length === 0
    ? { resource: where, namespace: undefined, name: third }
    : { resource: where, namespace: third, name: rest.join('/') };
}
