import { findResource, type GroupResource, pathNotFound, preferredResource, type ResourceInfo } from '../../api/index.ts';
import type { CollectionRef } from '../client.ts';
import type { Target } from '../service.ts';

/** The resource that a reference names, in its version or the one that the group prefers. Throws 404. */
export function infoOfRef(ref: GroupResource & { readonly version?: string }): ResourceInfo {
  const info = ref.version === undefined ? preferredResource(ref.group, ref.resource) : findResource(ref.group, ref.version, ref.resource);
  if (info === undefined) throw pathNotFound();
  return info;
}

export function targetOfRef(ref: CollectionRef & { readonly name?: string }, subresource = ''): Target {
  const info = infoOfRef(ref);
  return { info, namespace: info.namespaced ? ref.namespace : undefined, name: ref.name ?? '', subresource };
}

/** The content type of each kind of patch. */
export const patchContentTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** The field manager of a client that names none: the last part of its user's name. */
export function managerOfUser(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
