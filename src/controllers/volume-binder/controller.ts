/** Binds PersistentVolumeClaims to PersistentVolumes, each to one for good, and follows the phases of both. */
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  resources,
  type StorageClass,
  timeText,
} from '../../api/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  keyOfFacts,
  type Note,
  patchObject,
  type ReconcileResult,
  splitKey,
  writeStatus,
} from '../runtime/index.ts';
import { claimsOfPod, podsWithClaims } from '../workload/index.ts';
import { boundStatus, claimPatch, volumePatch } from './binding.ts';
import { type ClaimPlan, type Observed, planClaim } from './claim-plan.ts';
import { bindingKeys, isClaimKey } from './keys.ts';
import { planVolume, type Reclaim } from './volume-plan.ts';

const { persistentVolumes, persistentVolumeClaims } = resources;

/**
 * Volumes by the key of the claim that they are being given to. It only spares conflicts between claims that are bound
 * at the same time; that no volume is given twice follows from the version that the write names.
 */
type UnderWay = Map<string, string>;

/** How soon a claim is reconciled again while its volume is being given to another claim. */
const againMs = 100;

/** Its keys are those of claims and of volumes. */
export function volumeBinder(): Controller {
  const underWay: UnderWay = new Map();
  return {
    name: 'persistentvolume-binder',
    eventSource: 'persistentvolume-controller',
    resource: persistentVolumeClaims,
    watches: [persistentVolumes, persistentVolumeClaims, resources.storageClasses, resources.pods],
    initialKeys: ({ view }) =>
      [persistentVolumes, persistentVolumeClaims].flatMap((one) => view.facts(one).map(keyOfFacts)),
    keysFor: (change, { view }) => bindingKeys(change, view),
    reconcile: (key, ports) => (isClaimKey(key) ? reconcileClaim(key, ports, underWay) : reconcileVolume(key, ports)),
  };
}

async function reconcileVolume(name: string, ports: ControllerPorts): Promise<undefined> {
  const volume = ports.view.get<PersistentVolume>(persistentVolumes, undefined, name);
  if (volume === undefined) return;
  const plan = planVolume(volume, (reference) =>
    ports.view.get<PersistentVolumeClaim>(persistentVolumeClaims, reference.namespace, reference.name ?? ''),
  );
  switch (plan.type) {
    case 'phase':
      return setPhase(volume, { phase: plan.phase }, ports);
    case 'unbind':
      await patchObject(ports, persistentVolumes, volume, plan.patch);
      return setPhase(volume, { phase: 'Available' }, ports);
    case 'release':
      return release(volume, plan.reclaim, ports);
    case 'wait':
      for (const { about, message } of plan.notes) ports.event(about, 'Warning', 'VolumeMismatch', message);
  }
}

/** The volume is read again: an earlier write of the same step has made it newer. */
async function setPhase(
  volume: PersistentVolume,
  wanted: { readonly phase: string; readonly message?: string },
  ports: ControllerPorts,
): Promise<undefined> {
  const fresh = ports.view.get<PersistentVolume>(persistentVolumes, undefined, volume.metadata.name);
  if (fresh === undefined || fresh.status?.phase === wanted.phase) return;
  const lastPhaseTransitionTime = timeText(ports.clock.now());
  await writeStatus(ports, persistentVolumes, fresh, { ...wanted, lastPhaseTransitionTime });
}

/** The volume is released, and then reclaimed as its policy says. A failure stays to be seen. */
async function release(volume: PersistentVolume, reclaim: Reclaim, ports: ControllerPorts): Promise<undefined> {
  if (volume.status?.phase !== 'Failed') await setPhase(volume, { phase: 'Released' }, ports);
  if (reclaim.type === 'delete') await deleteObject(ports, persistentVolumes, volume);
  if (reclaim.type !== 'fail' || volume.status?.phase === 'Failed') return;
  await setPhase(volume, { phase: 'Failed', message: reclaim.message }, ports);
  ports.event(volume, 'Warning', reclaim.reason, reclaim.message);
}

async function reconcileClaim(
  key: string,
  ports: ControllerPorts,
  underWay: UnderWay,
): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const claim = ports.view.get<PersistentVolumeClaim>(persistentVolumeClaims, namespace, name);
  if (claim === undefined) return undefined;
  const plan = planClaim(observe(claim, ports, (volume) => (underWay.get(volume.metadata.name) ?? key) !== key));
  if (plan.type !== 'bind') return perform(claim, plan, ports);
  const volume = plan.volume.metadata.name;
  if (!underWay.has(volume)) underWay.set(volume, key);
  try {
    await bind(claim, plan.volume, ports);
  } finally {
    if (underWay.get(volume) === key) underWay.delete(volume);
  }
  return undefined;
}

function observe(claim: PersistentVolumeClaim, { view }: ControllerPorts, isTaken: Observed['isTaken']): Observed {
  const { namespace, name } = claim.metadata;
  return {
    claim,
    volume: (volume) => view.get<PersistentVolume>(persistentVolumes, undefined, volume),
    volumes: () => view.list<PersistentVolume>(persistentVolumes),
    storageClasses: () => view.list<StorageClass>(resources.storageClasses),
    pods: () => podsWithClaims(namespace, view).filter((pod) => claimsOfPod(pod).includes(name)),
    isTaken,
  };
}

/** All that a claim may do but be bound. */
async function perform(
  claim: PersistentVolumeClaim,
  plan: Exclude<ClaimPlan, { readonly type: 'bind' }>,
  ports: ControllerPorts,
): Promise<ReconcileResult | undefined> {
  const event = ({ type, reason, message }: Note): void => {
    ports.event(claim, type, reason, message);
  };
  switch (plan.type) {
    case 'nothing':
      return undefined;
    case 'again':
      return { requeueAfterMs: againMs };
    case 'default-class':
      await patchObject(ports, persistentVolumeClaims, claim, { spec: { storageClassName: plan.name } });
      return undefined;
    case 'tell':
      event(plan.note);
      return undefined;
    case 'provision':
      await patchObject(ports, persistentVolumeClaims, claim, { metadata: { annotations: plan.annotations } });
      event(plan.note);
      return undefined;
    case 'lose': {
      const { accessModes: _accessModes, capacity: _capacity, ...status } = claim.status ?? {};
      await writeStatus(ports, persistentVolumeClaims, claim, { ...status, phase: 'Lost' });
      event(plan.note);
      return undefined;
    }
  }
}

async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume, ports: ControllerPorts): Promise<void> {
  const ofVolume = volumePatch(volume, claim);
  if (ofVolume !== undefined) await patchObject(ports, persistentVolumes, volume, ofVolume);
  await setPhase(volume, { phase: 'Bound' }, ports);
  const ofClaim = claimPatch(volume, claim);
  if (ofClaim !== undefined) await patchObject(ports, persistentVolumeClaims, claim, ofClaim);
  const { namespace, name } = claim.metadata;
  const bound = ports.view.get<PersistentVolumeClaim>(persistentVolumeClaims, namespace, name);
  const fresh = ports.view.get<PersistentVolume>(persistentVolumes, undefined, volume.metadata.name);
  if (bound === undefined || fresh === undefined) return;
  const status = boundStatus(fresh, bound);
  if (status !== undefined) await writeStatus(ports, persistentVolumeClaims, bound, status);
}
