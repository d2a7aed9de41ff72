/** Which objects a pod uses: what a node that runs it may read. */
import {
  allContainers,
  type Container,
  type EphemeralContainer,
  mirroredUid,
  type Pod,
  podClaimNames,
  type Volume,
} from '../../../api/index.ts';

/** Secrets, config maps, claims and service account of pods, made once for each stored pod. */
export class PodReferences {
  readonly #made = new WeakMap<Pod, ReadonlySet<string>>();

  /** As `resource/name` in the pod's namespace. */
  of(pod: Pod): ReadonlySet<string> {
    const known = this.#made.get(pod);
    if (known !== undefined) return known;
    const made = referencesOf(pod);
    this.#made.set(pod, made);
    return made;
  }
}

/**
 * A mirror pod opens nothing: its node made it up, and must never grant itself other objects by it (upstream's graph,
 * AddPod). NodeRestriction refuses most such pods; a claim may be there for a pod of the same name.
 */
function referencesOf(pod: Pod): ReadonlySet<string> {
  const { metadata, spec } = pod;
  const references = new Set<string>();
  if (mirroredUid(pod) !== undefined) return references;
  references.add(`serviceaccounts/${spec.serviceAccountName ?? 'default'}`);
  for (const secret of spec.imagePullSecrets ?? []) add(references, 'secrets', secret.name);
  for (const claim of podClaimNames(pod)) add(references, 'resourceclaims', claim);
  for (const volume of spec.volumes ?? []) addVolume(references, volume, metadata.name);
  for (const container of allContainers(pod)) addEnvironment(references, container);
  return references;
}

function add(references: Set<string>, resource: string, name: string | undefined): void {
  if (name !== undefined && name !== '') references.add(`${resource}/${name}`);
}

function addVolume(references: Set<string>, volume: Volume, pod: string): void {
  add(references, 'secrets', volume.secret?.secretName);
  add(references, 'configmaps', volume.configMap?.name);
  for (const source of volume.projected?.sources ?? []) {
    add(references, 'secrets', source.secret?.name);
    add(references, 'configmaps', source.configMap?.name);
  }
  add(references, 'persistentvolumeclaims', volume.persistentVolumeClaim?.claimName);
  if (volume.ephemeral !== undefined) add(references, 'persistentvolumeclaims', `${pod}-${volume.name}`);
}

function addEnvironment(references: Set<string>, container: Container | EphemeralContainer): void {
  for (const variable of container.env ?? []) {
    add(references, 'secrets', variable.valueFrom?.secretKeyRef?.name);
    add(references, 'configmaps', variable.valueFrom?.configMapKeyRef?.name);
  }
  for (const source of container.envFrom ?? []) {
    add(references, 'secrets', source.secretRef?.name);
    add(references, 'configmaps', source.configMapRef?.name);
  }
}
