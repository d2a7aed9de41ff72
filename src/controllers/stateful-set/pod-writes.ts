/** The writes that make a StatefulSet's pod with its claims. */
import { type Pod, type PodTemplateSpec, resources, type StatefulSet, type StoredObject } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import {
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  isNamespaceTerminating,
  isRefusal,
  patchObject,
} from '../runtime/index.ts';
import { claimOwners, goesWhenScaled, isOfEarlierPod } from './claims.ts';
import { claimName, claimsOf, identityOf, ordinalOf, podOf } from './stateful-set.ts';

/**
 * What became of a pod that was to be made. `waiting`: nothing is wrong but the time, or the API refused; asking at
 * once again cannot help.
 */
type Creation = 'made' | 'waiting';

/** True when the API refused: the pod is to be removed later. */
export async function removePod(set: StatefulSet, pod: Pod, ports: ControllerPorts): Promise<boolean> {
  const what = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  try {
    await deleteObject(ports, resources.pods, pod);
  } catch (error) {
    ports.event(set, 'Warning', 'FailedDelete', `${what} failed error: ${errorMessage(error)}`);
    if (!isRefusal(error)) throw error;
    return true;
  }
  ports.event(set, 'Normal', 'SuccessfulDelete', `${what} successful`);
  return false;
}

/** Makes the claims of an ordinal, then its pod. A claim that goes with an earlier pod of the name is waited for. */
export async function createPod(
  set: StatefulSet,
  ordinal: number,
  options: { readonly template: PodTemplateSpec; readonly revision: string; readonly ports: ControllerPorts },
): Promise<Creation> {
  const { ports } = options;
  const pod = podOf(set, ordinal, options);
  const { name } = pod.metadata;
  if (goesWhenScaled(set) && presentClaims(set, ordinal, ports).some((claim) => isOfEarlierPod(claim, { name })))
    return 'waiting';
  try {
    await createClaims(set, ordinal, ports);
    const made = await ports.client.create<Pod>({ ...resources.pods, namespace: set.metadata.namespace ?? '' }, pod);
    ports.event(set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
    await setClaimOwners(set, made.object, ports);
    return 'made';
  } catch (error) {
    if (isAlreadyExists(error) || isNamespaceTerminating(error)) return 'made';
    ports.event(
      set,
      'Warning',
      'FailedCreate',
      `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${errorMessage(error)}`,
    );
    if (!(error instanceof ClaimError || isRefusal(error))) throw error;
    return 'waiting';
  }
}

/**
 * Puts right what belongs to a pod that is there: missing claims while it is pending, the owners of its claims, the
 * label with its name.
 */
export async function maintainPod(set: StatefulSet, pod: Pod, ports: ControllerPorts): Promise<void> {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return;
  const pending = pod.status?.phase === 'Pending';
  if (pending) await createMissingClaims(set, ordinal, ports);
  const changed = await setClaimOwners(set, pod, ports);
  if (pending) return;
  const labels = identityOf(set, ordinal);
  const known = Object.entries(labels).every(([label, value]) => pod.metadata.labels?.[label] === value);
  if (!known) await patchObject(ports, resources.pods, pod, { metadata: { labels } });
  if (changed || !known)
    ports.event(
      set,
      'Normal',
      'SuccessfulUpdate',
      `update Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
    );
}

/** A claim that cannot be made now. */
class ClaimError extends Error {}

function presentClaims(set: StatefulSet, ordinal: number, ports: ControllerPorts): readonly StoredObject[] {
  return (set.spec.volumeClaimTemplates ?? []).flatMap(
    (template) =>
      ports.view.get<StoredObject>(
        resources.persistentVolumeClaims,
        set.metadata.namespace,
        claimName(template.metadata.name ?? '', set, ordinal),
      ) ?? [],
  );
}

async function createClaims(set: StatefulSet, ordinal: number, ports: ControllerPorts): Promise<void> {
  const namespace = set.metadata.namespace ?? '';
  const pod = `${set.metadata.name}-${String(ordinal)}`;
  for (const wanted of claimsOf(set, ordinal)) {
    const { name } = wanted.metadata;
    const known = ports.view.get<StoredObject>(resources.persistentVolumeClaims, namespace, name);
    if (known?.metadata.deletionTimestamp !== undefined) throw new ClaimError(`pvc ${name} is being deleted`);
    if (known !== undefined) continue;
    try {
      await ports.client.create({ ...resources.persistentVolumeClaims, namespace }, wanted);
    } catch (error) {
      if (isAlreadyExists(error)) continue;
      if (isNamespaceTerminating(error) || !isRefusal(error)) throw error;
      ports.event(
        set,
        'Warning',
        'FailedCreate',
        `create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${errorMessage(error)}`,
      );
      throw new ClaimError(`failed to create PVC ${name}: ${errorMessage(error)}`, { cause: error });
    }
    ports.event(
      set,
      'Normal',
      'SuccessfulCreate',
      `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`,
    );
  }
}

/** A claim that cannot be made is retried when the set is reconciled next. */
async function createMissingClaims(set: StatefulSet, ordinal: number, ports: ControllerPorts): Promise<void> {
  try {
    await createClaims(set, ordinal, ports);
  } catch (error) {
    if (!(error instanceof ClaimError)) throw error;
    ports.log.debug('cannot make a claim', { set: set.metadata.name, error: error.message });
  }
}

/** True when the owners of a claim were changed. */
async function setClaimOwners(set: StatefulSet, pod: Pod, ports: ControllerPorts): Promise<boolean> {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return false;
  let changed = false;
  for (const claim of presentClaims(set, ordinal, ports)) {
    const ownerReferences = claimOwners(set, pod, claim);
    if (ownerReferences === undefined) continue;
    const { resourceVersion } = claim.metadata;
    await patchObject(ports, resources.persistentVolumeClaims, claim, {
      metadata: { resourceVersion, ownerReferences: ownerReferences.length === 0 ? null : ownerReferences },
    });
    changed = true;
  }
  return changed;
}
