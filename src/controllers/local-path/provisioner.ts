/**
 * Makes a PersistentVolume on the disk of the node where a claim's first consumer was placed; the volume binder binds
 * it.
 */
import { type PersistentVolumeClaim, resources, storageClassNameOf, type StoredObject } from '../../api/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { type Controller, type ControllerPorts, isAlreadyExists, isOf, keyOf, splitKey } from '../runtime/index.ts';
import { isOurs, type LocalClass, planVolume } from './reconcile.ts';

export function localPathProvisioner(): Controller {
  return {
    name: 'local-path-provisioner',
    resource: resources.persistentVolumeClaims,
    watches: [resources.persistentVolumeClaims, resources.nodes],
    initialKeys: (ports) =>
      ports.view.list<PersistentVolumeClaim>(resources.persistentVolumeClaims).filter(isOurs).map(keyOf),
    keysFor: (change, ports) => {
      if (isOf(change, resources.persistentVolumeClaims))
        return change.type === 'put' && isOurs(change.object as PersistentVolumeClaim) ? [keyOf(change.object)] : [];
      // A node that comes back, or an agent of a newer version: what waited for its folder goes on.
      const tellsFolder =
        isOf(change, resources.nodes) &&
        change.type === 'put' &&
        folderOf(change.object as StoredObject) !== folderOf(change.previous as StoredObject | undefined);
      return tellsFolder
        ? ports.view.list<PersistentVolumeClaim>(resources.persistentVolumeClaims).filter(isOurs).map(keyOf)
        : [];
    },
    reconcile: async (key, ports) => {
      await provision(key, ports);
      return undefined;
    },
  };
}

const folderOf = (node: StoredObject | undefined): string | undefined =>
  node?.metadata.annotations?.[localVolumes.folderAnnotation];

async function provision(key: string, ports: ControllerPorts): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name);
  if (claim === undefined || !isOurs(claim)) return;
  const storageClass = ports.view.get<LocalClass>(resources.storageClasses, undefined, storageClassNameOf(claim) ?? '');
  if (storageClass === undefined) return;
  const plan = planVolume(claim, storageClass, (node) =>
    ports.view.get<StoredObject>(resources.nodes, undefined, node),
  );
  if (plan.type === 'refuse')
    ports.event(
      claim,
      'Warning',
      'ProvisioningFailed',
      `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${plan.message}`,
    );
  if (plan.type !== 'create') return;
  try {
    await ports.client.create(resources.persistentVolumes, plan.volume);
    ports.event(
      claim,
      'Normal',
      'ProvisioningSucceeded',
      `Successfully provisioned volume ${plan.volume.metadata.name}`,
    );
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
