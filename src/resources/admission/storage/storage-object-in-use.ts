/** Admission plug-in StorageObjectInUseProtection. */
import { metadataOf } from '../../../api/index.ts';
import type { AdmissionPlugin } from '../../ports.ts';

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** Volumes and claims are not removed while something uses them. */
export const storageObjectInUse: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ operation, info, subresource, object }) {
    const finalizer = info.group === '' ? finalizers[info.resource] : undefined;
    if (operation !== 'CREATE' || subresource !== '' || object === undefined || finalizer === undefined) return;
    const metadata = metadataOf(object);
    const present = (metadata['finalizers'] as string[] | undefined) ?? [];
    if (!present.includes(finalizer)) metadata['finalizers'] = [...present, finalizer];
  },
};
