/** Deletes volumes of local-path whose claim is gone; their node's agent removes the data before the object goes. */
import { type PersistentVolume, resources } from '../../api/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { type Controller, type ControllerPorts, deleteObject, isOf, keyOf, patchFinalizers } from '../runtime/index.ts';
import { planReclaim } from './reconcile.ts';

export function localPathReclaimer(): Controller {
  return {
    name: 'local-path-reclaimer',
    resource: resources.persistentVolumes,
    watches: [resources.persistentVolumes, resources.nodes],
    keysFor: (change, ports) => {
      if (isOf(change, resources.persistentVolumes)) return change.type === 'put' ? [keyOf(change.object)] : [];
      if (!isOf(change, resources.nodes) || change.type !== 'delete') return [];
      return ports.view
        .list<PersistentVolume>(resources.persistentVolumes)
        .filter(({ metadata }) => metadata.labels?.[localVolumes.nodeLabel] === change.object.metadata.name)
        .map(keyOf);
    },
    reconcile: async (key, ports) => {
      const volume = ports.view.get<PersistentVolume>(resources.persistentVolumes, undefined, key);
      if (volume !== undefined) await reclaim(volume, ports);
      return undefined;
    },
  };
}

async function reclaim(volume: PersistentVolume, ports: ControllerPorts): Promise<void> {
  const plan = planReclaim(volume, (node) => ports.view.get(resources.nodes, undefined, node) !== undefined);
  if (plan === 'delete') await deleteObject(ports, resources.persistentVolumes, volume);
  if (plan !== 'let-go') return;
  const kept = (volume.metadata.finalizers ?? []).filter((name) => name !== localVolumes.finalizer);
  await patchFinalizers(ports, resources.persistentVolumes, volume, kept);
}
