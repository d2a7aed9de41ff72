/** Tells claims that ask for a larger volume who makes it larger: the external resizer of the CSI driver. */
import { type PersistentVolume, type PersistentVolumeClaim, resources } from '../../api/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, splitKey } from '../runtime/index.ts';
import { expansionNote } from './reconcile.ts';

const { persistentVolumeClaims, persistentVolumes } = resources;

const requestOf = (claim: PersistentVolumeClaim | undefined): string | undefined =>
  claim?.spec.resources?.requests?.['storage'];

export function volumeExpansionController(): Controller {
  return {
    name: 'volume-expansion-controller',
    eventSource: 'volume_expand',
    resource: persistentVolumeClaims,
    watches: [persistentVolumeClaims],
    initialKeys: () => [],
    keysFor: (change) => {
      if (!isOf(change, persistentVolumeClaims) || change.type !== 'put' || change.previous === undefined) return [];
      const before = requestOf(change.previous as PersistentVolumeClaim);
      return requestOf(change.object as PersistentVolumeClaim) === before ? [] : [keyOf(change.object)];
    },
    reconcile: (key, ports) => {
      reconcile(key, ports);
      return Promise.resolve(undefined);
    },
  };
}

function reconcile(key: string, { view, event }: ControllerPorts): void {
  const { namespace, name } = splitKey(key);
  const claim = view.get<PersistentVolumeClaim>(persistentVolumeClaims, namespace, name);
  if (claim === undefined) return;
  const volume = view.get<PersistentVolume>(persistentVolumes, undefined, claim.spec.volumeName ?? '');
  const note = expansionNote(claim, volume);
  if (note !== undefined) event(claim, note.type, note.reason, note.message);
}
