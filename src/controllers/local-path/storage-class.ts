/** Makes the StorageClass of volumes on nodes' disks once a node offers them. */
import { resources, type StoredObject } from '../../api/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { type Controller, type ControllerPorts, isAlreadyExists, isOf } from '../runtime/index.ts';

const defaultMark = 'storageclass.kubernetes.io/is-default-class';
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
      isOf(change, resources.nodes) && change.type === 'put' && change.previous === undefined ? [key] : [],
    reconcile: async (_key, ports) => {
      await ensureClass(isDefault, ports);
      return undefined;
    },
  };
}

async function ensureClass(isDefault: boolean, ports: ControllerPorts): Promise<void> {
  const classes = ports.view.list<StoredObject>(resources.storageClasses);
  const offered = ports.view
    .list<StoredObject>(resources.nodes)
    .some(({ metadata }) => metadata.annotations?.[localVolumes.folderAnnotation] !== undefined);
  if (!offered || classes.some(({ metadata }) => metadata.name === key)) return;
  const marked = isDefault && !classes.some(({ metadata }) => metadata.annotations?.[defaultMark] === 'true');
  try {
    await ports.client.create(resources.storageClasses, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: key, ...(marked ? { annotations: { [defaultMark]: 'true' } } : {}) },
      provisioner: localVolumes.provisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
