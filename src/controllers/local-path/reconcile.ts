/** Decides which volumes are made and reclaimed on nodes' own disks. */
import type {
  KubeObject,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  StoredObject,
} from '../../api/index.ts';
import { localVolumeFolder, localVolumes } from '../../protocol/index.ts';
import { volumeAnnotations as annotations, isDefaultClass, storageClassNameOf } from '../../api/index.ts';

export type LocalClass = StorageClass & { readonly reclaimPolicy?: string; readonly mountOptions?: readonly string[] };

/** What becomes of a claim: a volume is made, the claim is refused in words, or it waits. */
type ProvisioningPlan =
  | {
      readonly type: 'create';
      readonly volume: {
        readonly metadata: { readonly name: string; readonly [field: string]: unknown };
        readonly [field: string]: unknown;
      };
    }
  | { readonly type: 'refuse'; readonly message: string }
  | { readonly type: 'wait' };

const wait: ProvisioningPlan = { type: 'wait' };
const { provisioner } = localVolumes;
const singleNodeModes: readonly string[] = ['ReadWriteOnce', 'ReadWriteOncePod'];

/** Whether the claim is this provisioner's to serve. */
export function isOurs(claim: PersistentVolumeClaim): boolean {
  return (
    claim.metadata.annotations?.[annotations.provisioner] === localVolumes.provisioner &&
    claim.metadata.deletionTimestamp === undefined &&
    (claim.spec.volumeName ?? '') === ''
  );
}

/**
 * The node's disk is all that there is: one node can reach it, as a file system, and the pod says which node that is.
 */
function refusalOf(claim: PersistentVolumeClaim, { volumeBindingMode }: LocalClass): string | undefined {
  const { volumeMode = 'Filesystem', accessModes = [] } = claim.spec;
  if (volumeMode !== 'Filesystem')
    return `volume mode ${volumeMode} is not supported by ${provisioner}: only Filesystem is`;
  const other = accessModes.find((mode) => !singleNodeModes.includes(mode));
  if (other !== undefined)
    return `access mode ${other} is not supported by ${provisioner}: only ${singleNodeModes.join(' and ')} are`;
  if (volumeBindingMode !== 'WaitForFirstConsumer')
    return (
      `storage class ${storageClassNameOf(claim) ?? ''} must have the volumeBindingMode ` +
      'WaitForFirstConsumer: the volume is made on the node of the pod that uses it first'
    );
  return undefined;
}

/** Decides about a claim that is ours. `nodeOf` finds the Node that the claim's first consumer was placed on. */
export function planVolume(
  claim: PersistentVolumeClaim,
  storageClass: LocalClass,
  nodeOf: (name: string) => StoredObject | undefined,
): ProvisioningPlan {
  const message = refusalOf(claim, storageClass);
  if (message !== undefined) return { type: 'refuse', message };
  const node = claim.metadata.annotations?.[annotations.selectedNode];
  const folder = node === undefined ? undefined : nodeOf(node)?.metadata.annotations?.[localVolumes.folderAnnotation];
  if (node === undefined || folder === undefined) return wait;
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const volume = `pvc-${uid}`;
  return {
    type: 'create',
    volume: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volume,
        labels: { [localVolumes.nodeLabel]: node },
        annotations: { [localVolumes.provisionedBy]: localVolumes.provisioner },
        finalizers: [localVolumes.finalizer],
      },
      spec: {
        capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
        accessModes: claim.spec.accessModes,
        volumeMode: 'Filesystem',
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name,
        mountOptions: storageClass.mountOptions,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
        local: { path: localVolumeFolder(folder, volume) },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
            ],
          },
        },
      },
    },
  };
}

const provisionedHere = (volume: PersistentVolume): boolean =>
  volume.metadata.annotations?.[localVolumes.provisionedBy] === localVolumes.provisioner;

/**
 * What becomes of a volume of ours: `delete` when its claim is gone and its policy says so; `let-go` when it is being
 * deleted and its node is gone, so that nobody else will remove the finalizer.
 */
export function planReclaim(
  volume: PersistentVolume,
  nodeExists: (name: string) => boolean,
): 'delete' | 'let-go' | 'nothing' {
  if (!provisionedHere(volume)) return 'nothing';
  const { deletionTimestamp, finalizers = [], labels } = volume.metadata;
  if (deletionTimestamp !== undefined)
    return finalizers.includes(localVolumes.finalizer) && !nodeExists(labels?.[localVolumes.nodeLabel] ?? '')
      ? 'let-go'
      : 'nothing';
  return volume.status?.phase === 'Released' && volume.spec.persistentVolumeReclaimPolicy === 'Delete'
    ? 'delete'
    : 'nothing';
}

/** Whether volumes can be made on the node's disk. */
export const offersFolder = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[localVolumes.folderAnnotation] !== undefined;

/** The StorageClass to make: once, as soon as a node offers its disk, and as the default one if there is none. */
export function planClass({
  classes,
  nodes,
  isDefault,
}: {
  readonly classes: readonly StorageClass[];
  readonly nodes: readonly Node[];
  readonly isDefault: boolean;
}): object | undefined {
  if (!nodes.some(offersFolder) || classes.some(({ metadata }) => metadata.name === localVolumes.storageClass))
    return undefined;
  const { defaultClass } = annotations;
  const isMarked = isDefault && !classes.some(isDefaultClass);
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: localVolumes.storageClass, annotations: isMarked ? { [defaultClass]: 'true' } : undefined },
    provisioner: localVolumes.provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}
