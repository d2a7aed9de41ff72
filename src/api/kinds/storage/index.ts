/** Storage classes, CSI drivers and what they report, and volumes on their way to nodes. */
import type { KindBehaviour } from '../behaviour.ts';
import { csiDriverBehaviour, csiNodeBehaviour, csiStorageCapacityBehaviour } from './csi.ts';
import { storageClassBehaviour } from './storage-class.ts';
import { volumeAttachmentBehaviour } from './volume-attachment.ts';

export const storageBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'storage.k8s.io/csidrivers': csiDriverBehaviour,
  'storage.k8s.io/csinodes': csiNodeBehaviour,
  'storage.k8s.io/csistoragecapacities': csiStorageCapacityBehaviour,
  'storage.k8s.io/storageclasses': storageClassBehaviour,
  'storage.k8s.io/volumeattachments': volumeAttachmentBehaviour,
};
