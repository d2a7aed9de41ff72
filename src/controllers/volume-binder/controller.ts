import type { ObjectChange } from '../../resources/index.ts';
import type { Controller, ControllerPorts } from '../controller.ts';
import { isOf, keyOf, type Pod, resources, splitKey, timeText } from '../objects.ts';
import { stableText } from '../template-hash.ts';
import { claimsOfPod, podsWithClaims } from '../volume-protection/controller.ts';
import { patchObject, writeStatus } from '../writes.ts';
import { annotations, type Claim, findVolume, isReservedFor, phaseOf, type StorageClass, type Volume } from './volumes.ts';

/** Binds claims to volumes: each claim to one, for good. One actor does it for all claims, so that no volume is given twice. */
const key = 'cluster';

/** Binds PersistentVolumeClaims to PersistentVolumes and follows the phases of both. */
export function volumeBinder(): Controller {
  return {
    name: 'persistentvolume-binder',
    eventSource: 'persistentvolume-controller',
    resource: resources.persistentVolumeClaims,
    initialKeys: () => [key],
    wakes: (change, ports) => (matters(change, ports) ? [key] : []),
    reconcile: async (_key, ports) => {
      for (const volume of ports.view.list<Volume>(resources.persistentVolumes)) await syncVolume(volume, ports);
      for (const claim of ports.view.list<Claim>(resources.persistentVolumeClaims)) await syncClaim(keyOf(claim), ports);
      return undefined;
    },
  };
}

function matters(change: ObjectChange, ports: ControllerPorts): boolean {
  if (isOf(change, resources.persistentVolumes) || isOf(change, resources.persistentVolumeClaims) || isOf(change, resources.storageClasses)) return true;
  if (!isOf(change, resources.pods)) return false;
  // A pod that was just placed is the consumer that some claims wait for.
  const pod = change.object as Pod;
  const placed = (pod.spec.nodeName ?? '') !== '' && ((change.previous as Pod | undefined)?.spec.nodeName ?? '') === '';
  return placed && claimsOfPod(pod).some((name) => ports.view.get<Claim>(resources.persistentVolumeClaims, pod.metadata.namespace, name)?.status?.phase === 'Pending');
}

async function syncVolume(volume: Volume, ports: ControllerPorts): Promise<void> {
  const phase = phaseOf(volume, (reference) => ports.view.get<Claim>(resources.persistentVolumeClaims, reference.namespace, reference.name ?? ''));
  if (phase === undefined || volume.status?.phase === phase) return;
  await setPhase(volume, phase, ports);
}

async function setPhase(volume: Volume, phase: string, ports: ControllerPorts): Promise<void> {
  const fresh = ports.view.get<Volume>(resources.persistentVolumes, undefined, volume.metadata.name);
  if (fresh === undefined || fresh.status?.phase === phase) return;
  await writeStatus(ports, resources.persistentVolumes, fresh, { phase, lastPhaseTransitionTime: timeText(ports.clock.now()) });
}

async function syncClaim(claimKey: string, ports: ControllerPorts): Promise<void> {
  const { namespace, name } = splitKey(claimKey);
  const claim = ports.view.get<Claim>(resources.persistentVolumeClaims, namespace, name);
  if (claim === undefined) return;
  const { volumeName } = claim.spec;
  if (volumeName !== undefined && volumeName !== '') {
    await followBound(claim, ports.view.get<Volume>(resources.persistentVolumes, undefined, volumeName), ports);
    return;
  }
  if (claim.metadata.deletionTimestamp !== undefined) return;
  if (waitsForConsumer(claim, ports)) return;
  const volume = findVolume(claim, ports.view.list<Volume>(resources.persistentVolumes));
  if (volume === undefined) await tellWhy(claim, ports);
  else await bind(claim, volume, ports);
}

const classOf = (claim: Claim, ports: ControllerPorts): StorageClass | undefined => (claim.spec.storageClassName === undefined || claim.spec.storageClassName === '' ? undefined : ports.view.get<StorageClass>(resources.storageClasses, undefined, claim.spec.storageClassName));

function consumerOf(claim: Claim, ports: ControllerPorts): Pod | undefined {
  const { namespace = '', name } = claim.metadata;
  return podsWithClaims(namespace, ports.view).find((pod) => (pod.spec.nodeName ?? '') !== '' && claimsOfPod(pod).includes(name));
}

function waitsForConsumer(claim: Claim, ports: ControllerPorts): boolean {
  if (classOf(claim, ports)?.volumeBindingMode !== 'WaitForFirstConsumer' || claim.metadata.annotations?.[annotations.selectedNode] !== undefined) return false;
  if (consumerOf(claim, ports) !== undefined) return false;
  ports.event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  return true;
}

/** A claim without a volume: someone else makes one for its class, or there is nothing to be had. */
async function tellWhy(claim: Claim, ports: ControllerPorts): Promise<void> {
  const storageClass = classOf(claim, ports);
  if (storageClass === undefined) {
    if ((claim.spec.storageClassName ?? '') === '') ports.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
    else ports.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${claim.spec.storageClassName ?? ''}" not found`);
    return;
  }
  const provisioner = storageClass.provisioner ?? '';
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') {
    ports.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
    return;
  }
  const node = consumerOf(claim, ports)?.spec.nodeName;
  const wanted: Record<string, string> = { [annotations.provisioner]: provisioner, [annotations.betaProvisioner]: provisioner, ...(node === undefined ? {} : { [annotations.selectedNode]: node }) };
  const missing = Object.entries(wanted).some(([name, value]) => claim.metadata.annotations?.[name] !== value);
  if (!missing) return;
  await patchObject(ports, resources.persistentVolumeClaims, claim, { metadata: { annotations: wanted } });
  ports.event(claim, 'Normal', 'ExternalProvisioning', `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`);
}

/** Four writes, each harmless to repeat: the volume names the claim, is bound, the claim names the volume, is bound. */
async function bind(claim: Claim, volume: Volume, ports: ControllerPorts): Promise<void> {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
  const byController = volume.spec.claimRef === undefined || isReservedFor(volume, claim);
  if (volume.spec.claimRef?.uid !== uid) {
    const metadata = { resourceVersion: volume.metadata.resourceVersion, ...(byController && volume.spec.claimRef === undefined ? { annotations: { [annotations.boundByController]: 'yes' } } : {}) };
    await patchObject(ports, resources.persistentVolumes, volume, { metadata, spec: { claimRef } });
  }
  await patchObject(ports, resources.persistentVolumeClaims, claim, { metadata: { resourceVersion, annotations: { [annotations.bindCompleted]: 'yes', [annotations.boundByController]: 'yes' } }, spec: { volumeName: volume.metadata.name } });
  await setPhase(volume, 'Bound', ports);
  const bound = ports.view.get<Claim>(resources.persistentVolumeClaims, namespace, name);
  const fresh = ports.view.get<Volume>(resources.persistentVolumes, undefined, volume.metadata.name);
  if (bound !== undefined && fresh !== undefined) await writeBoundStatus(bound, fresh, ports);
}

/** A claim that names its volume: bound when the volume is its own, lost when the volume is gone. */
async function followBound(claim: Claim, volume: Volume | undefined, ports: ControllerPorts): Promise<void> {
  if (volume === undefined) {
    if (claim.metadata.annotations?.[annotations.bindCompleted] === undefined || claim.status?.phase === 'Lost') return;
    await writeStatus(ports, resources.persistentVolumeClaims, claim, { ...claim.status, phase: 'Lost' });
    ports.event(claim, 'Warning', 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
    return;
  }
  if (volume.spec.claimRef === undefined || (isReservedFor(volume, claim) && volume.spec.claimRef.uid !== claim.metadata.uid)) {
    await bindNamed(claim, volume, ports);
    return;
  }
  if (volume.spec.claimRef.uid === claim.metadata.uid) await writeBoundStatus(claim, volume, ports);
}

/** The claim chose its volume itself. */
async function bindNamed(claim: Claim, volume: Volume, ports: ControllerPorts): Promise<void> {
  if (claim.metadata.deletionTimestamp !== undefined) return;
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const reserved = volume.spec.claimRef !== undefined;
  const metadata = { resourceVersion: volume.metadata.resourceVersion, ...(reserved ? {} : { annotations: { [annotations.boundByController]: 'yes' } }) };
  await patchObject(ports, resources.persistentVolumes, volume, { metadata, spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion } } });
  await setPhase(volume, 'Bound', ports);
  await patchObject(ports, resources.persistentVolumeClaims, claim, { metadata: { annotations: { [annotations.bindCompleted]: 'yes' } } });
  const fresh = ports.view.get<Claim>(resources.persistentVolumeClaims, namespace, name);
  if (fresh !== undefined) await writeBoundStatus(fresh, volume, ports);
}

async function writeBoundStatus(claim: Claim, volume: Volume, ports: ControllerPorts): Promise<void> {
  const status = { ...claim.status, phase: 'Bound', accessModes: volume.spec.accessModes ?? [], capacity: claim.status?.phase === 'Bound' && claim.status.capacity !== undefined ? claim.status.capacity : (volume.spec.capacity ?? {}) };
  if (stableText(status) !== stableText(claim.status ?? {})) await writeStatus(ports, resources.persistentVolumeClaims, claim, status);
}
