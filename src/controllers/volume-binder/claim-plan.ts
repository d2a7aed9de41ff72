/** Decides the next step of a PersistentVolumeClaim: which volume it gets, or why it has none. */
import {
  isFinished,
  parseTime,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
} from '../../api/index.ts';
import {
  volumeAnnotations as annotations,
  findVolume,
  isDefaultClass,
  isReservedFor,
  mismatchOf,
  storageClassNameOf,
} from '../../api/index.ts';
import type { Note } from '../runtime/index.ts';

/** A snapshot of what a claim depends on. Costly parts are functions, called only when they matter. */
export interface Observed {
  readonly claim: PersistentVolumeClaim;
  volume(name: string): PersistentVolume | undefined;
  volumes(): readonly PersistentVolume[];
  storageClasses(): readonly StorageClass[];
  /** The pods that use the claim. */
  pods(): readonly Pod[];
  /** Whether the volume is being given to another claim at this moment. */
  isTaken(volume: PersistentVolume): boolean;
}

export type ClaimPlan =
  | { readonly type: 'nothing' }
  | { readonly type: 'bind'; readonly volume: PersistentVolume }
  /** The volume that suits is being given away: whether it is free is known in a moment. */
  | { readonly type: 'again' }
  /** It was bound, and cannot have its volume any more. */
  | { readonly type: 'lose'; readonly note: Note }
  | { readonly type: 'default-class'; readonly name: string }
  | { readonly type: 'tell'; readonly note: Note }
  /** A provisioner should make a volume: the annotations tell it so. */
  | { readonly type: 'provision'; readonly annotations: Readonly<Record<string, string>>; readonly note: Note };

const nothing: ClaimPlan = { type: 'nothing' };
const normal = (reason: string, message: string): ClaimPlan => tell('Normal', reason, message);
const warning = (reason: string, message: string): ClaimPlan => tell('Warning', reason, message);
const tell = (type: Note['type'], reason: string, message: string): ClaimPlan => ({
  type: 'tell',
  note: { type, reason, message },
});

export function planClaim(observed: Observed): ClaimPlan {
  const { claim } = observed;
  if (claim.metadata.annotations?.[annotations.bindCompleted] !== undefined) return planBound(observed);
  if (claim.metadata.deletionTimestamp !== undefined) return nothing;
  if ((claim.spec.volumeName ?? '') !== '') return planNamed(observed);
  const delayed = isDelayed(observed);
  const volumes = observed.volumes();
  const volume = findVolume(
    claim,
    volumes.filter((one) => !observed.isTaken(one)),
    delayed,
  );
  if (volume !== undefined) return { type: 'bind', volume };
  if (findVolume(claim, volumes, delayed) !== undefined) return { type: 'again' };
  const defaultClass = storageClassNameOf(claim) === undefined ? defaultOf(observed.storageClasses()) : undefined;
  if (defaultClass !== undefined) return { type: 'default-class', name: defaultClass.metadata.name };
  return delayed ? planDelayed(observed) : planWithoutVolume(observed);
}

/** A claim that was bound: it stays so while its volume is its own, else it is lost for good. */
function planBound({ claim, volume: volumeOf }: Observed): ClaimPlan {
  const { volumeName = '' } = claim.spec;
  const volume = volumeName === '' ? undefined : volumeOf(volumeName);
  const { claimRef } = volume?.spec ?? {};
  if (volume !== undefined && (claimRef === undefined || claimRef.uid === claim.metadata.uid))
    return { type: 'bind', volume };
  if (claim.status?.phase === 'Lost') return nothing;
  if (volume !== undefined)
    return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
  const what = volumeName === '' ? 'lost reference to PersistentVolume' : 'lost its PersistentVolume';
  return lost('ClaimLost', `Bound claim has ${what}. Data on the volume is lost!`);
}

const lost = (reason: string, message: string): ClaimPlan => ({
  type: 'lose',
  note: { type: 'Warning', reason, message },
});

/** The claim chose its volume itself, and waits until it can have it. */
function planNamed({ claim, volume: volumeOf }: Observed): ClaimPlan {
  const { volumeName = '' } = claim.spec;
  const volume = volumeOf(volumeName);
  if (volume === undefined) return nothing;
  if (volume.spec.claimRef !== undefined)
    return isReservedFor(volume, claim)
      ? { type: 'bind', volume }
      : warning('FailedBinding', `volume "${volumeName}" already bound to a different claim.`);
  const mismatch = mismatchOf(volume, claim);
  return mismatch === undefined
    ? { type: 'bind', volume }
    : warning('VolumeMismatch', `Cannot bind to requested volume "${volumeName}": ${mismatch}`);
}

/** The newest class that is marked as the default one. */
function defaultOf(classes: readonly StorageClass[]): StorageClass | undefined {
  const created = (one: StorageClass): number => parseTime(one.metadata.creationTimestamp) ?? 0;
  return classes
    .filter(isDefaultClass)
    .toSorted((a, b) => created(b) - created(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

function classOf({ claim, storageClasses }: Observed): StorageClass | undefined {
  const storageClassName = storageClassNameOf(claim) ?? '';
  return storageClassName === ''
    ? undefined
    : storageClasses().find(({ metadata }) => metadata.name === storageClassName);
}

/** The pod with a node that uses the claim. */
const consumerOf = ({ pods }: Observed): Pod | undefined => pods().find(({ spec }) => (spec.nodeName ?? '') !== '');

/** Whether the claim waits until a pod that uses it has a node. */
function isDelayed(observed: Observed): boolean {
  if (classOf(observed)?.volumeBindingMode !== 'WaitForFirstConsumer') return false;
  if (observed.claim.metadata.annotations?.[annotations.selectedNode] !== undefined) return false;
  return consumerOf(observed) === undefined;
}

function planDelayed({ pods }: Observed): ClaimPlan {
  const names = pods()
    .filter((pod) => !isFinished(pod))
    .map((pod) => pod.metadata.name);
  if (names.length === 0)
    return normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  const which = `pod${names.length > 1 ? 's' : ''} ${names.join(',')}`;
  return normal('WaitForPodScheduled', `waiting for ${which} to be scheduled`);
}

/** A claim without a volume: a provisioner makes one for its class, or there is none. */
function planWithoutVolume(observed: Observed): ClaimPlan {
  const storageClassName = storageClassNameOf(observed.claim) ?? '';
  const storageClass = classOf(observed);
  if (storageClass === undefined)
    return storageClassName === ''
      ? normal('FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
      : warning('ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassName}" not found`);
  const provisioner = storageClass.provisioner ?? '';
  return provisioner === 'kubernetes.io/no-provisioner'
    ? warning('ProvisioningFailed', `no volume plugin matched name: ${provisioner}`)
    : planProvisioning(observed, provisioner);
}

function planProvisioning(observed: Observed, provisioner: string): ClaimPlan {
  const node = consumerOf(observed)?.spec.nodeName;
  const wanted: Record<string, string> = {
    [annotations.provisioner]: provisioner,
    [annotations.betaProvisioner]: provisioner,
  };
  if (node !== undefined) wanted[annotations.selectedNode] = node;
  const known = observed.claim.metadata.annotations;
  if (Object.entries(wanted).every(([name, value]) => known?.[name] === value)) return nothing;
  const who = `either by the external provisioner '${provisioner}' or manually by the system administrator`;
  const advice =
    'If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
  const message = `Waiting for a volume to be created ${who}. ${advice}`;
  return { type: 'provision', annotations: wanted, note: { type: 'Normal', reason: 'ExternalProvisioning', message } };
}
