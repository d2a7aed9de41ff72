/** What PersistentVolumeClaims use of a quota: storage, in all and by class. */

import { type Quantity, quantityOf } from '../../machinery/index.ts';
import { type View, type PersistentVolumeClaim, resourceAmounts } from '../../objects/index.ts';
import type { QuotaRules } from '../quota.ts';

export const claimQuota: QuotaRules = {
  plainCount: true,
  counts: (name) => name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'),
  usage(object) {
    const used = new Map<string, Quantity>();
    const { metadata, spec } = object as View<PersistentVolumeClaim>;
    const name = metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '';
    const storage = resourceAmounts(spec?.resources?.requests).get('storage');
    if (name !== '') used.set(`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`, quantityOf(1));
    if (storage === undefined) return used;
    used.set('requests.storage', storage);
    if (name !== '') used.set(`${name}.storageclass.storage.k8s.io/requests.storage`, storage);
    return used;
  },
};
