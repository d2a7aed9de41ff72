/** From references of callers to resources of the API. */
import { type GroupResource, pathNotFound, type ResourceInfo } from '../../api/index.ts';
import { builtInCatalogue, type ResourceCatalogue } from '../catalogue.ts';
import type { CollectionRef } from '../client.ts';
import type { Target } from '../service.ts';

/** The resource that a reference names, in its version or the one that the group prefers. Throws 404. */
export function infoOfRef(
  ref: GroupResource & { readonly version?: string | undefined },
  catalogue: ResourceCatalogue = builtInCatalogue,
): ResourceInfo {
  const info =
    ref.version === undefined
      ? catalogue.preferred(ref.group, ref.resource)
      : catalogue.find(ref.group, ref.version, ref.resource);
  if (info === undefined) throw pathNotFound();
  return info;
}

export function targetOfRef(
  ref: CollectionRef & { readonly name?: string | undefined },
  catalogue: ResourceCatalogue,
  subresource = '',
): Target {
  const info = infoOfRef(ref, catalogue);
  return { info, namespace: info.namespaced ? ref.namespace : undefined, name: ref.name ?? '', subresource };
}

const controllersOfTheSystem = 'system:serviceaccount:kube-system:';

/**
 * The field manager of a client that names none: the last part of its user's name. The system's controllers go by the
 * name of upstream's one process of them all, by which tools tell what is not theirs.
 */
export function managerOfUser(name: string): string {
  return name.startsWith(controllersOfTheSystem) ? 'kube-controller-manager' : name.slice(name.lastIndexOf(':') + 1);
}
