import type { GroupResource } from '../../api/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, refOf, splitKey, unlessGone } from '../runtime/index.ts';
import { isFinished } from '../workload/index.ts';
import { type Pod, resources, type Stored } from '../objects.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';

/** The claims that a pod uses: those that it names, and those of its generic ephemeral volumes. */
export function claimsOfPod(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral === undefined ? [] : [`${pod.metadata.name}-${volume.name}`];
  });
}

/** The pods of a namespace that may use claims. */
export function podsWithClaims(namespace: string, view: ResourceView): readonly Pod[] {
  return view
    .facts<Pod>(resources.pods, { namespace })
    .filter((pod) => pod.mentions('"persistentVolumeClaim"') || pod.mentions('"volumeClaimTemplate"'))
    .map((pod) => pod.object());
}

/** Keeps a claim while a pod uses it. */
export function claimProtectionController(): Controller {
  return {
    name: 'pvc-protection-controller',
    resource: resources.persistentVolumeClaims,
    watches: [resources.persistentVolumeClaims, resources.pods],
    keysFor: (change) => {
      if (isOf(change, resources.persistentVolumeClaims)) return change.type === 'put' ? [keyOf(change.object)] : [];
      if (!isOf(change, resources.pods) || (change.type === 'put' && !isFinished(change.object as Pod))) return [];
      return claimsOfPod(change.object as Pod).map((name) => `${change.object.metadata.namespace ?? ''}/${name}`);
    },
    reconcile: async (key, ports) => {
      const { namespace, name } = splitKey(key);
      const claim = ports.view.get<Stored>(resources.persistentVolumeClaims, namespace, name);
      if (claim === undefined) return undefined;
      const used = (): boolean =>
        podsWithClaims(namespace, ports.view).some(
          (pod) => !isFinished(pod) && (pod.spec.nodeName ?? '') !== '' && claimsOfPod(pod).includes(name),
        );
      await protect(
        { object: claim, resource: resources.persistentVolumeClaims, finalizer: claimFinalizer, used },
        ports,
      );
      return undefined;
    },
  };
}

/** Keeps a volume while it is bound to a claim. */
export function volumeProtectionController(): Controller {
  return {
    name: 'pv-protection-controller',
    resource: resources.persistentVolumes,
    watches: [resources.persistentVolumes],
    keysFor: (change: ObjectChange) =>
      isOf(change, resources.persistentVolumes) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile: async (key, ports) => {
      const volume = ports.view.get<Stored & { readonly status?: { readonly phase?: string } }>(
        resources.persistentVolumes,
        undefined,
        key,
      );
      if (volume === undefined) return undefined;
      await protect(
        {
          object: volume,
          resource: resources.persistentVolumes,
          finalizer: volumeFinalizer,
          used: () => volume.status?.phase === 'Bound',
        },
        ports,
      );
      return undefined;
    },
  };
}

interface Protection {
  readonly object: Stored;
  readonly resource: GroupResource;
  readonly finalizer: string;
  readonly used: () => boolean;
}

async function protect(protection: Protection, ports: ControllerPorts): Promise<void> {
  const { object, resource, finalizer, used } = protection;
  const finalizers = object.metadata.finalizers ?? [];
  const held = finalizers.includes(finalizer);
  const deleting = object.metadata.deletionTimestamp !== undefined;
  if (deleting ? !held || used() : held) return;
  const next = deleting ? finalizers.filter((known) => known !== finalizer) : [...finalizers, finalizer];
  const { uid, resourceVersion } = object.metadata;
  await unlessGone(
    ports.client.patch(refOf(resource, object), {
      type: 'merge',
      body: { metadata: { uid, resourceVersion, finalizers: next.length === 0 ? null : next } },
    }),
  );
}
