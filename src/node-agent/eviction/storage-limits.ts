/** Whether a pod uses more local storage than its limits allow. */
import {
  type Container,
  nonEphemeralContainers,
  parseQuantity,
  type Pod,
  podResources,
  quantityText,
  quantityUnits,
} from '../../api/index.ts';

/** Local storage that a pod uses, in bytes. */
export interface StorageUse {
  /** Of its emptyDir volumes on disk, by name. */
  readonly volumes: ReadonlyMap<string, number>;
  /** Of its containers' writable layers and logs, by name. */
  readonly containers: ReadonlyMap<string, number>;
}

const resource = 'ephemeral-storage';

/** Whether anything of the pod's local storage has a limit, so that it must be measured. */
export function hasStorageLimits(pod: Pod): boolean {
  return (
    limitedVolumes(pod).length > 0 ||
    nonEphemeralContainers(pod).some(({ resources }) => resource in (resources.limits ?? {}))
  );
}

/** The emptyDir volumes on disk that have a size limit. */
function limitedVolumes(pod: Pod): readonly { readonly name: string; readonly limit: string }[] {
  return diskFolders(pod).flatMap(({ name, emptyDir }) =>
    emptyDir?.sizeLimit === undefined || bytes(emptyDir.sizeLimit) === 0 ? [] : [{ name, limit: emptyDir.sizeLimit }],
  );
}

/** The emptyDir volumes that lie on the node's disk. */
export const diskFolders = (pod: Pod): NonNullable<Pod['spec']['volumes']> =>
  (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined && emptyDir.medium !== 'Memory');

/**
 * Why the pod must go, in the kubelet's words and order: an emptyDir above its size, the pod above what its containers
 * may use together, a container above its limit. Undefined: nothing is. Pure.
 */
export function storageExcess(pod: Pod, use: StorageUse): string | undefined {
  const volume = limitedVolumes(pod).find(({ name, limit }) => (use.volumes.get(name) ?? 0) > bytes(limit));
  if (volume !== undefined) return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${volume.limit}". `;
  return podExcess(pod, use) ?? containerExcess(pod, use);
}

function podExcess(pod: Pod, { volumes, containers }: StorageUse): string | undefined {
  const total = podResources(pod.spec, 'limits').get(resource);
  if (total === undefined) return undefined;
  const used = [...volumes.values(), ...containers.values()].reduce((sum, each) => sum + each, 0);
  if (used <= quantityUnits(total)) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${quantityText(total)}. `;
}

function containerExcess(pod: Pod, { containers }: StorageUse): string | undefined {
  const over = nonEphemeralContainers(pod).find((each) => {
    const limit = limitOf(each);
    return limit !== undefined && (containers.get(each.name) ?? 0) > limit;
  });
  const limit = over?.resources.limits?.[resource];
  return over === undefined
    ? undefined
    : `Container ${over.name} exceeded its local ephemeral storage limit "${limit ?? ''}". `;
}

function limitOf({ resources }: Container): number | undefined {
  const text = resources.limits?.[resource];
  return text === undefined ? undefined : bytes(text);
}

const bytes = (text: string): number => quantityUnits(parseQuantity(text));
