import {
  parseTime,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
  timeText,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  patchObject,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import { isFinished } from '../workload/index.ts';
import { claimsOfPod, podsWithClaims } from '../workload/index.ts';
import { annotations, findVolume, isReservedFor, mismatchOf, reclaimOf, stepOf } from './volumes.ts';

/**
 * Binds claims to volumes: each claim to one, for good. One actor does it for all claims, so that no volume is given
 * twice.
 */
const key = 'cluster';

/** Binds PersistentVolumeClaims to PersistentVolumes and follows the phases of both. */
export function volumeBinder(): Controller {
  return {
    name: 'persistentvolume-binder',
    eventSource: 'persistentvolume-controller',
    resource: resources.persistentVolumeClaims,
    watches: [resources.persistentVolumes, resources.persistentVolumeClaims, resources.storageClasses, resources.pods],
    initialKeys: () => [key],
    keysFor: (change, ports) => (matters(change, ports) ? [key] : []),
    reconcile: async (_key, ports) => {
      for (const volume of ports.view.list<PersistentVolume>(resources.persistentVolumes))
        await syncVolume(volume, ports);
      for (const claim of ports.view.list<PersistentVolumeClaim>(resources.persistentVolumeClaims))
        await syncClaim(keyOf(claim), ports);
      return undefined;
    },
  };
}

function matters(change: ObjectChange, ports: ControllerPorts): boolean {
  if (
    isOf(change, resources.persistentVolumes) ||
    isOf(change, resources.persistentVolumeClaims) ||
    isOf(change, resources.storageClasses)
  )
    return true;
  if (!isOf(change, resources.pods)) return false;
  // A pod that was just placed is the consumer that some claims wait for.
  const pod = change.object as Pod;
  const placed = (pod.spec.nodeName ?? '') !== '' && ((change.previous as Pod | undefined)?.spec.nodeName ?? '') === '';
  return (
    placed &&
    claimsOfPod(pod).some(
      (name) =>
        ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, pod.metadata.namespace, name)?.status
          ?.phase === 'Pending',
    )
  );
}

async function syncVolume(volume: PersistentVolume, ports: ControllerPorts): Promise<void> {
  const step = stepOf(volume, (reference) =>
    ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, reference.namespace, reference.name ?? ''),
  );
  switch (step.type) {
    case 'phase':
      await setPhase(volume, { phase: step.phase }, ports);
      return;
    case 'unbind':
      await unbind(volume, ports);
      return;
    case 'release':
      await release(volume, ports);
      return;
    case 'wait':
      tellOtherMode(volume, ports);
  }
}

async function setPhase(
  volume: PersistentVolume,
  wanted: { readonly phase: string; readonly message?: string },
  ports: ControllerPorts,
): Promise<void> {
  const fresh = ports.view.get<PersistentVolume>(resources.persistentVolumes, undefined, volume.metadata.name);
  if (fresh === undefined || fresh.status?.phase === wanted.phase) return;
  await writeStatus(ports, resources.persistentVolumes, fresh, {
    ...wanted,
    lastPhaseTransitionTime: timeText(ports.clock.now()),
  });
}

/**
 * The claim has another volume: what the binder wrote is taken back, what a user wrote stays but for the claim's
 * identity.
 */
async function unbind(volume: PersistentVolume, ports: ControllerPorts): Promise<void> {
  const own = volume.metadata.annotations?.[annotations.boundByController] !== undefined;
  const { resourceVersion } = volume.metadata;
  await patchObject(
    ports,
    resources.persistentVolumes,
    volume,
    own
      ? {
          metadata: { resourceVersion, annotations: { [annotations.boundByController]: null } },
          spec: { claimRef: null },
        }
      : { metadata: { resourceVersion }, spec: { claimRef: { uid: null } } },
  );
  await setPhase(volume, { phase: 'Available' }, ports);
}

/** The claim is gone: the volume is released, and then reclaimed as its policy says. A failure stays to be seen. */
async function release(volume: PersistentVolume, ports: ControllerPorts): Promise<void> {
  if (volume.status?.phase !== 'Failed') await setPhase(volume, { phase: 'Released' }, ports);
  const reclaim = volume.metadata.deletionTimestamp === undefined ? reclaimOf(volume) : { type: 'keep' as const };
  if (reclaim.type === 'delete') await deleteObject(ports, resources.persistentVolumes, volume);
  if (reclaim.type !== 'fail' || volume.status?.phase === 'Failed') return;
  await setPhase(volume, { phase: 'Failed', message: reclaim.message }, ports);
  ports.event(volume, 'Warning', reclaim.reason, reclaim.message);
}

/** A volume that names a claim which cannot have it for its mode. */
function tellOtherMode(volume: PersistentVolume, ports: ControllerPorts): void {
  const { namespace, name = '' } = volume.spec.claimRef ?? {};
  const claim = ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name);
  if (claim === undefined || (claim.spec.volumeMode ?? 'Filesystem') === (volume.spec.volumeMode ?? 'Filesystem'))
    return;
  ports.event(
    volume,
    'Warning',
    'VolumeMismatch',
    `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${name}" due to incompatible volumeMode.`,
  );
  ports.event(
    claim,
    'Warning',
    'VolumeMismatch',
    `Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`,
  );
}

async function syncClaim(claimKey: string, ports: ControllerPorts): Promise<void> {
  const { namespace, name } = splitKey(claimKey);
  const claim = ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name);
  if (claim === undefined) return;
  if (claim.metadata.annotations?.[annotations.bindCompleted] !== undefined) return followBound(claim, ports);
  if (claim.metadata.deletionTimestamp !== undefined) return;
  if ((claim.spec.volumeName ?? '') !== '') return bindNamed(claim, ports);
  const delayed = isDelayed(claim, ports);
  const volume = findVolume(claim, ports.view.list<PersistentVolume>(resources.persistentVolumes), delayed);
  if (volume !== undefined) await bind(claim, volume, ports);
  else if (claim.spec.storageClassName === undefined && (await giveDefaultClass(claim, ports))) return;
  else if (delayed) tellDelayed(claim, ports);
  else await tellWhy(claim, ports);
}

/** A claim that asks for no class gets the default one once there is one: the newest that is marked as such. */
async function giveDefaultClass(claim: PersistentVolumeClaim, ports: ControllerPorts): Promise<boolean> {
  const created = (one: StorageClass): number => parseTime(one.metadata.creationTimestamp) ?? 0;
  const [newest] = ports.view
    .list<StorageClass>(resources.storageClasses)
    .filter((one) => one.metadata.annotations?.[annotations.defaultClass] === 'true')
    .sort((a, b) => created(b) - created(a) || (a.metadata.name < b.metadata.name ? -1 : 1));
  if (newest === undefined) return false;
  await patchObject(ports, resources.persistentVolumeClaims, claim, {
    spec: { storageClassName: newest.metadata.name },
  });
  return true;
}

const classOf = (claim: PersistentVolumeClaim, ports: ControllerPorts): StorageClass | undefined =>
  claim.spec.storageClassName === undefined || claim.spec.storageClassName === ''
    ? undefined
    : ports.view.get<StorageClass>(resources.storageClasses, undefined, claim.spec.storageClassName);

function podsOf(claim: PersistentVolumeClaim, ports: ControllerPorts): readonly Pod[] {
  const { namespace = '', name } = claim.metadata;
  return podsWithClaims(namespace, ports.view).filter((pod) => claimsOfPod(pod).includes(name));
}

const isPlaced = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '';
const consumerOf = (claim: PersistentVolumeClaim, ports: ControllerPorts): Pod | undefined =>
  podsOf(claim, ports).find(isPlaced);

/** Whether the claim waits until a pod that uses it has a node. */
function isDelayed(claim: PersistentVolumeClaim, ports: ControllerPorts): boolean {
  if (
    classOf(claim, ports)?.volumeBindingMode !== 'WaitForFirstConsumer' ||
    claim.metadata.annotations?.[annotations.selectedNode] !== undefined
  )
    return false;
  return consumerOf(claim, ports) === undefined;
}

function tellDelayed(claim: PersistentVolumeClaim, ports: ControllerPorts): void {
  const names = podsOf(claim, ports)
    .filter((pod) => !isFinished(pod))
    .map((pod) => pod.metadata.name);
  if (names.length === 0)
    ports.event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  else
    ports.event(
      claim,
      'Normal',
      'WaitForPodScheduled',
      `waiting for pod${names.length > 1 ? 's' : ''} ${names.join(',')} to be scheduled`,
    );
}

/** A claim without a volume: someone else makes one for its class, or there is nothing to be had. */
async function tellWhy(claim: PersistentVolumeClaim, ports: ControllerPorts): Promise<void> {
  const storageClass = classOf(claim, ports);
  if (storageClass === undefined) {
    if ((claim.spec.storageClassName ?? '') === '')
      ports.event(
        claim,
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      );
    else
      ports.event(
        claim,
        'Warning',
        'ProvisioningFailed',
        `storageclass.storage.k8s.io "${claim.spec.storageClassName ?? ''}" not found`,
      );
    return;
  }
  const provisioner = storageClass.provisioner ?? '';
  if (provisioner === 'kubernetes.io/no-provisioner') {
    ports.event(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
    return;
  }
  const node = consumerOf(claim, ports)?.spec.nodeName;
  const wanted: Record<string, string> = {
    [annotations.provisioner]: provisioner,
    [annotations.betaProvisioner]: provisioner,
    ...(node === undefined ? {} : { [annotations.selectedNode]: node }),
  };
  const missing = Object.entries(wanted).some(([name, value]) => claim.metadata.annotations?.[name] !== value);
  if (!missing) return;
  await patchObject(ports, resources.persistentVolumeClaims, claim, { metadata: { annotations: wanted } });
  ports.event(
    claim,
    'Normal',
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  );
}

/** Four writes, each harmless to repeat: the volume names the claim, is bound, the claim names the volume, is bound. */
async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume, ports: ControllerPorts): Promise<void> {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
  const byController = (annotated: boolean): object => (annotated ? { [annotations.boundByController]: 'yes' } : {});
  if (volume.spec.claimRef?.uid !== uid) {
    const metadata = {
      resourceVersion: volume.metadata.resourceVersion,
      annotations: byController(volume.spec.claimRef === undefined),
    };
    await patchObject(ports, resources.persistentVolumes, volume, { metadata, spec: { claimRef } });
  }
  await setPhase(volume, { phase: 'Bound' }, ports);
  const named = claim.spec.volumeName === volume.metadata.name;
  if (!named || claim.metadata.annotations?.[annotations.bindCompleted] === undefined) {
    const metadata = { resourceVersion, annotations: { [annotations.bindCompleted]: 'yes', ...byController(!named) } };
    await patchObject(ports, resources.persistentVolumeClaims, claim, {
      metadata,
      spec: { volumeName: volume.metadata.name },
    });
  }
  const bound = ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name);
  const fresh = ports.view.get<PersistentVolume>(resources.persistentVolumes, undefined, volume.metadata.name);
  if (bound !== undefined && fresh !== undefined) await writeBoundStatus(bound, fresh, ports);
}

/** A claim that was bound: it stays so while its volume is its own, else it is lost for good. */
async function followBound(claim: PersistentVolumeClaim, ports: ControllerPorts): Promise<void> {
  const { volumeName = '' } = claim.spec;
  const volume =
    volumeName === ''
      ? undefined
      : ports.view.get<PersistentVolume>(resources.persistentVolumes, undefined, volumeName);
  if (volumeName === '')
    await lose(
      claim,
      {
        reason: 'ClaimLost',
        message: 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
      },
      ports,
    );
  else if (volume === undefined)
    await lose(
      claim,
      { reason: 'ClaimLost', message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!' },
      ports,
    );
  else if (volume.spec.claimRef === undefined || volume.spec.claimRef.uid === claim.metadata.uid)
    await bind(claim, volume, ports);
  else
    await lose(
      claim,
      { reason: 'ClaimMisbound', message: 'Two claims are bound to the same volume, this one is bound incorrectly' },
      ports,
    );
}

async function lose(
  claim: PersistentVolumeClaim,
  loss: { readonly reason: string; readonly message: string },
  ports: ControllerPorts,
): Promise<void> {
  if (claim.status?.phase === 'Lost') return;
  const { accessModes: _accessModes, capacity: _capacity, ...status } = claim.status ?? {};
  await writeStatus(ports, resources.persistentVolumeClaims, claim, { ...status, phase: 'Lost' });
  ports.event(claim, 'Warning', loss.reason, loss.message);
}

/** The claim chose its volume itself, and waits until it can have it. */
async function bindNamed(claim: PersistentVolumeClaim, ports: ControllerPorts): Promise<void> {
  const { volumeName = '' } = claim.spec;
  const volume = ports.view.get<PersistentVolume>(resources.persistentVolumes, undefined, volumeName);
  if (volume === undefined) return;
  const mismatch = volume.spec.claimRef === undefined ? mismatchOf(volume, claim) : undefined;
  if (mismatch !== undefined)
    ports.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${volumeName}": ${mismatch}`);
  else if (volume.spec.claimRef === undefined || isReservedFor(volume, claim)) await bind(claim, volume, ports);
  else ports.event(claim, 'Warning', 'FailedBinding', `volume "${volumeName}" already bound to a different claim.`);
}

async function writeBoundStatus(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  ports: ControllerPorts,
): Promise<void> {
  const status = {
    ...claim.status,
    phase: 'Bound',
    accessModes: volume.spec.accessModes ?? [],
    capacity:
      claim.status?.phase === 'Bound' && claim.status.capacity !== undefined
        ? claim.status.capacity
        : (volume.spec.capacity ?? {}),
  };
  if (stableText(status) !== stableText(claim.status ?? {}))
    await writeStatus(ports, resources.persistentVolumeClaims, claim, status);
}
