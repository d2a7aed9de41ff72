/** The external provisioner's part: makes PersistentVolumes for claims, and deletes those that are released. */
import type { CSINode, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../src/api/index.ts';
import { GrpcError, grpcCodes } from '../../src/grpc/index.ts';
import type { Sidecar } from './sidecar.ts';

const selectedNode = 'volume.kubernetes.io/selected-node';
const finalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
const claimsPath = '/api/v1/persistentvolumeclaims';
const volumesPath = '/api/v1/persistentvolumes';

type Driver = Pick<Sidecar, 'api' | 'controller' | 'name' | 'list' | 'attempt'>;

export async function provision(sidecar: Sidecar): Promise<void> {
  const claims = await sidecar.list<PersistentVolumeClaim>(claimsPath);
  for (const claim of claims) {
    const { annotations = {}, deletionTimestamp, name } = claim.metadata;
    if (annotations['volume.kubernetes.io/storage-provisioner'] !== sidecar.name) continue;
    if ((claim.spec.volumeName ?? '') !== '' || deletionTimestamp !== undefined) continue;
    await sidecar.attempt(`provision ${name}`, () => provisionClaim(sidecar, claim));
  }
  for (const volume of await sidecar.list<PersistentVolume>(volumesPath))
    if (volume.spec.csi?.driver === sidecar.name)
      await sidecar.attempt(`delete ${volume.metadata.name}`, () => reclaim(sidecar, volume));
}

async function provisionClaim(sidecar: Driver, claim: PersistentVolumeClaim): Promise<void> {
  const { api, controller, name } = sidecar;
  const storageClass = await api<StorageClass>(
    'GET',
    `/apis/storage.k8s.io/v1/storageclasses/${claim.spec.storageClassName ?? ''}`,
  );
  const node = claim.metadata.annotations?.[selectedNode];
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && node === undefined) return;
  const topology = node === undefined ? undefined : await topologyOf(sidecar, node);
  const volumeName = `pvc-${claim.metadata.uid}`;
  const modes = claim.spec.accessModes ?? [];
  const block = claim.spec.volumeMode === 'Block';
  const fsType = storageClass.parameters?.['csi.storage.k8s.io/fstype'] ?? '';
  const made = (await controller('CreateVolume', {
    name: volumeName,
    capacityRange: { requiredBytes: bytesOf(claim.spec.resources?.requests?.['storage'] ?? '0'), limitBytes: 0 },
    parameters: storageClass.parameters ?? {},
    volumeCapabilities: modes.map((mode) => ({
      ...(block ? { block: {} } : { mount: { fsType } }),
      accessMode: { mode: mode.startsWith('ReadWriteOnce') ? 'SINGLE_NODE_WRITER' : 'MULTI_NODE_MULTI_WRITER' },
    })),
    accessibilityRequirements: topology === undefined ? undefined : { preferred: [topology], requisite: [topology] },
  }).catch((error: unknown) => chooseAgain(sidecar, claim, error))) as unknown as Made | undefined;
  if (made === undefined) return;
  const { volume } = made;
  const { namespace, uid, resourceVersion } = claim.metadata;
  await api('POST', volumesPath, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': name }, finalizers: [finalizer] },
    spec: {
      capacity: { storage: String(volume.capacityBytes) },
      accessModes: modes,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      mountOptions: storageClass.mountOptions,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: claim.spec.storageClassName,
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: claim.metadata.name,
        namespace,
        uid,
        resourceVersion,
      },
      csi: {
        driver: name,
        volumeHandle: volume.volumeId,
        volumeAttributes: volume.volumeContext,
        ...(block ? {} : { fsType }),
      },
      nodeAffinity: affinityOf(volume.accessibleTopology),
    },
  });
}

interface Segments {
  readonly segments: Readonly<Record<string, string>>;
}

interface Made {
  readonly volume: {
    readonly volumeId: string;
    readonly capacityBytes: number;
    readonly volumeContext: Readonly<Record<string, string>>;
    readonly accessibleTopology: readonly Segments[];
  };
}

/** A node without room is given up: the scheduler chooses another. */
async function chooseAgain({ api }: Driver, { metadata }: PersistentVolumeClaim, error: unknown): Promise<undefined> {
  if (!(error instanceof GrpcError) || error.code !== grpcCodes.resourceExhausted) throw error;
  if (metadata.annotations?.[selectedNode] === undefined) throw error;
  const path = `/api/v1/namespaces/${metadata.namespace}/persistentvolumeclaims/${metadata.name}`;
  await api('PATCH', path, { metadata: { annotations: { [selectedNode]: null } } });
  return undefined;
}

async function topologyOf({ api, name }: Driver, node: string): Promise<Segments | undefined> {
  const { spec } = await api<CSINode>('GET', `/apis/storage.k8s.io/v1/csinodes/${node}`);
  const keys = (spec.drivers ?? []).find((driver) => driver.name === name)?.topologyKeys ?? [];
  if (keys.length === 0) return undefined;
  const { metadata } = await api<{ readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }>(
    'GET',
    `/api/v1/nodes/${node}`,
  );
  return { segments: Object.fromEntries(keys.map((key) => [key, metadata.labels?.[key] ?? ''])) };
}

function affinityOf(places: readonly Segments[]): object | undefined {
  if (places.length === 0) return undefined;
  const term = ({ segments }: Segments): object => ({
    matchExpressions: Object.entries(segments).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
  });
  return { required: { nodeSelectorTerms: places.map(term) } };
}

async function reclaim({ api, controller }: Driver, { metadata, spec, status }: PersistentVolume): Promise<void> {
  const path = `${volumesPath}/${metadata.name}`;
  const isOver = status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete';
  if (isOver && metadata.deletionTimestamp === undefined) {
    await controller('DeleteVolume', { volumeId: spec.csi?.volumeHandle ?? '' });
    await api('DELETE', path);
  } else if (
    metadata.deletionTimestamp !== undefined &&
    metadata.finalizers?.includes(finalizer) === true &&
    status?.phase !== 'Bound'
  ) {
    await controller('DeleteVolume', { volumeId: spec.csi?.volumeHandle ?? '' });
    await api('PATCH', path, { metadata: { finalizers: metadata.finalizers.filter((each) => each !== finalizer) } });
  }
}

const units: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** Bytes of a plain quantity such as 5Gi. */
export function bytesOf(quantity: string): number {
  const [, amount = '0', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Number(amount) * (units[unit] ?? 1);
}
