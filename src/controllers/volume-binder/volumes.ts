import { parseQuantity, type Quantity } from '../../api/index.ts';
import type { LabelSelector, NodeSelectorTerm, Stored } from '../objects.ts';
import { selectorMatches } from '../ownership.ts';

export interface ClaimReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
}

export interface Volume extends Stored {
  readonly spec: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly accessModes?: readonly string[];
    readonly persistentVolumeReclaimPolicy?: string;
    readonly storageClassName?: string;
    readonly volumeMode?: string;
    readonly claimRef?: ClaimReference;
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] } };
    readonly [source: string]: unknown;
  };
  readonly status?: { readonly phase?: string; readonly message?: string; readonly reason?: string; readonly lastPhaseTransitionTime?: string };
}

export interface Claim extends Stored {
  readonly spec: {
    readonly accessModes?: readonly string[];
    readonly selector?: LabelSelector;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    readonly volumeName?: string;
    readonly storageClassName?: string;
    readonly volumeMode?: string;
  };
  readonly status?: { readonly phase?: string; readonly accessModes?: readonly string[]; readonly capacity?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
}

export interface StorageClass extends Stored {
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
}

export const annotations = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  selectedNode: 'volume.kubernetes.io/selected-node',
} as const;

const storageOf = (amounts: Readonly<Record<string, string>> | undefined): Quantity => parseQuantity(amounts?.['storage'] ?? '0');

/** Whether the volume is reserved for this very claim (by name, and by identity once that is known). */
export function isReservedFor(volume: Volume, claim: Claim): boolean {
  const reference = volume.spec.claimRef;
  return reference !== undefined && reference.name === claim.metadata.name && reference.namespace === claim.metadata.namespace && (reference.uid === undefined || reference.uid === '' || reference.uid === claim.metadata.uid);
}

/** Whether the volume offers what the claim asks for. */
function suits(volume: Volume, claim: Claim): boolean {
  const { spec } = claim;
  if ((volume.spec.storageClassName ?? '') !== (spec.storageClassName ?? '')) return false;
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (spec.volumeMode ?? 'Filesystem')) return false;
  if (!(spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) === true)) return false;
  if (spec.selector !== undefined && !selectorMatches(spec.selector, volume.metadata.labels)) return false;
  return storageOf(volume.spec.capacity).nanos >= storageOf(spec.resources?.requests).nanos;
}

/** The volume to bind: one that is reserved for the claim, else the smallest free one that suits. */
export function findVolume(claim: Claim, volumes: readonly Volume[]): Volume | undefined {
  const reserved = volumes.find((volume) => isReservedFor(volume, claim) && volume.metadata.deletionTimestamp === undefined);
  if (reserved !== undefined) return reserved;
  const free = volumes.filter((volume) => volume.spec.claimRef === undefined && volume.metadata.deletionTimestamp === undefined && (volume.status?.phase ?? 'Available') !== 'Released' && suits(volume, claim));
  return [...free].sort((a, b) => {
    const [left, right] = [storageOf(a.spec.capacity).nanos, storageOf(b.spec.capacity).nanos];
    return left < right ? -1 : left > right ? 1 : a.metadata.name < b.metadata.name ? -1 : 1;
  })[0];
}

/** What a volume's phase is to be; undefined: leave it. */
export function phaseOf(volume: Volume, claimOf: (reference: ClaimReference) => Claim | undefined): 'Available' | 'Bound' | 'Released' | undefined {
  const reference = volume.spec.claimRef;
  if (reference === undefined || reference.uid === undefined || reference.uid === '') return 'Available';
  const claim = claimOf(reference);
  if (claim === undefined || claim.metadata.uid !== reference.uid) return 'Released';
  return claim.spec.volumeName === volume.metadata.name ? 'Bound' : undefined;
}
