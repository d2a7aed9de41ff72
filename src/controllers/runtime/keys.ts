/** Keys of actors, and what a change says of its object without parsing it. */
import { type GroupResource, type KubeObject, sameResource } from '../../api/index.ts';
import type { ObjectChange, ObjectFacts } from '../../resources/index.ts';

/** Whether a change is of this collection. */
export function isOf(change: { readonly resource: GroupResource }, resource: GroupResource): boolean {
  return sameResource(change.resource, resource);
}

/** The key of an object's actor: 'namespace/name', or 'name' without a namespace. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The key of an object that need not be parsed for it. */
export function keyOfFacts({ index }: ObjectFacts): string {
  const { 'metadata.namespace': namespace = '', 'metadata.name': name = '' } = index.fields;
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** The namespace of a changed object, which need not be parsed for it. */
export function namespaceOf(change: ObjectChange): string | undefined {
  const { facts } = change;
  return facts === undefined ? change.object.metadata.namespace : facts.object.index.fields['metadata.namespace'];
}

/** The name of a changed object, which need not be parsed for it. */
export function nameOf(change: ObjectChange): string | undefined {
  const { facts } = change;
  return facts === undefined ? change.object.metadata.name : facts.object.index.fields['metadata.name'];
}

/** The parts of a namespaced key. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
