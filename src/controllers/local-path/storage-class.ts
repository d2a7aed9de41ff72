/** Makes the StorageClass of volumes on nodes' disks once a node offers them. */
import { type Node, resources, type StorageClass } from '../../api/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { type Controller, type ControllerPorts, isAlreadyExists, isOf } from '../runtime/index.ts';
import { offersFolder, planClass } from './reconcile.ts';

/** There is one class to look after. */
const key: string = localVolumes.storageClass;

export interface LocalClassOptions {
  /** Makes it the default, unless another class is. */
  readonly isDefault: boolean;
}

/** Makes the StorageClass of volumes on nodes' disks once a node offers them. One that exists is left as it is. */
export function localPathClass({ isDefault }: LocalClassOptions): Controller {
  return {
    name: 'local-path-class',
    resource: resources.storageClasses,
    watches: [resources.nodes],
    initialKeys: () => [key],
    keysFor: (change) =>
      isOf(change, resources.nodes) &&
      change.type === 'put' &&
      offersFolder(change.object) &&
      (change.previous === undefined || !offersFolder(change.previous))
        ? [key]
        : [],
    reconcile: async (_key, ports) => {
      await ensureClass(isDefault, ports);
      return undefined;
    },
  };
}

/** Nodes are looked through only while there is no class: each one that offers a folder leads here. */
async function ensureClass(isDefault: boolean, { view, client }: ControllerPorts): Promise<void> {
  if (view.get(resources.storageClasses, undefined, key) !== undefined) return;
  const made = planClass({
    classes: view.list<StorageClass>(resources.storageClasses),
    nodes: view.list<Node>(resources.nodes),
    isDefault,
  });
  if (made === undefined) return;
  try {
    await client.create(resources.storageClasses, made);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
