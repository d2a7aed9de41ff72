/** What a pod's CSI volume is, out of the pod, the PersistentVolume and the CSIDriver. Pure. */
import {
  type CSIDriver,
  type CSIVolumeSource,
  type Pod,
  parseQuantity,
  quantityUnits,
  type SecretReference,
} from '../../api/index.ts';
import { type DriverVolume, VolumeSetupError } from '../volumes/index.ts';
import type { NodeAbility, VolumeCapability } from './node-service.ts';
import { inlineHandle } from './volume-paths.ts';

export interface CsiVolume {
  readonly driver: string;
  readonly handle: string;
  readonly specName: string;
  readonly block: boolean;
  readonly ephemeral: boolean;
  readonly readOnly: boolean;
  readonly fsType: string;
  readonly mountFlags: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly accessModes: readonly string[];
  readonly claim?: string | undefined;
  /** Bytes of the PersistentVolume, and what the claim says that its file system has. */
  readonly bytes: number;
  readonly claimBytes: number;
  readonly stageSecret?: SecretReference | undefined;
  readonly publishSecret?: SecretReference | undefined;
  readonly expandSecret?: SecretReference | undefined;
  /** It is attached to the node before it is staged. */
  readonly attached: boolean;
  readonly podInfo: boolean;
  readonly fsGroupPolicy: string;
  readonly tokenRequests: readonly { readonly audience: string; readonly expirationSeconds: number }[];
  readonly republish: boolean;
}

const bytesOf = (amounts: Readonly<Record<string, string>> | undefined): number =>
  quantityUnits(parseQuantity(amounts?.['storage'] ?? '0'));
const tokenSeconds = 3600;

/** Describes the volume. Throws VolumeSetupError when the driver does not serve volumes of this life cycle. */
export function csiVolume(
  pod: Pod,
  name: string,
  { source, driver }: { readonly source: DriverVolume; readonly driver: CSIDriver | undefined },
): CsiVolume {
  const rules = rulesOf(driver);
  if (source.type === 'inline') {
    checkMode(driver, 'Ephemeral', source.source.driver);
    return { ...rules, ...inlineFacts(pod, name, source.source), attached: false };
  }
  const facts = claimFacts(source);
  checkMode(driver, 'Persistent', facts.driver);
  return { ...rules, ...facts };
}

type Rules = Pick<CsiVolume, 'attached' | 'podInfo' | 'fsGroupPolicy' | 'tokenRequests' | 'republish'>;

/** What the CSIDriver asks for; without one, what Kubernetes takes as given. */
function rulesOf(driver: CSIDriver | undefined): Rules {
  const { spec } = driver ?? {};
  return {
    attached: spec?.attachRequired ?? true,
    podInfo: spec?.podInfoOnMount ?? false,
    fsGroupPolicy: spec?.fsGroupPolicy ?? 'ReadWriteOnceWithFSType',
    republish: spec?.requiresRepublish ?? false,
    tokenRequests: (spec?.tokenRequests ?? []).map(({ audience, expirationSeconds = tokenSeconds }) => ({
      audience,
      expirationSeconds,
    })),
  };
}

function checkMode(driver: CSIDriver | undefined, mode: 'Persistent' | 'Ephemeral', name: string): void {
  const modes = driver?.spec.volumeLifecycleModes ?? ['Persistent'];
  if (!modes.includes(mode))
    throw new VolumeSetupError(
      `volume mode "${mode}" not supported by driver ${name} (only supports ${JSON.stringify(modes)})` +
        (driver === undefined ? `; there is no CSIDriver ${name}` : ''),
    );
}

function inlineFacts(pod: Pod, name: string, source: CSIVolumeSource): Omit<CsiVolume, keyof Rules> {
  const { uid = '', namespace = '' } = pod.metadata;
  const secret = source.nodePublishSecretRef?.name;
  return {
    driver: source.driver,
    handle: inlineHandle(uid, name),
    specName: name,
    block: false,
    ephemeral: true,
    readOnly: source.readOnly ?? false,
    fsType: source.fsType ?? '',
    mountFlags: [],
    attributes: source.volumeAttributes ?? {},
    accessModes: ['ReadWriteOnce'],
    bytes: 0,
    claimBytes: 0,
    publishSecret: secret === undefined ? undefined : { namespace, name: secret },
  };
}

function claimFacts({
  claim,
  volume,
  readOnly,
}: Extract<DriverVolume, { readonly type: 'claim' }>): Omit<CsiVolume, keyof Rules> {
  const { csi } = volume.spec;
  if (csi === undefined) throw new VolumeSetupError(`persistent volume "${volume.metadata.name}" is no CSI volume`);
  return {
    driver: csi.driver,
    handle: csi.volumeHandle,
    specName: volume.metadata.name,
    block: volume.spec.volumeMode === 'Block',
    ephemeral: false,
    readOnly: readOnly || (csi.readOnly ?? false),
    fsType: csi.fsType ?? '',
    mountFlags: volume.spec.mountOptions ?? [],
    attributes: csi.volumeAttributes ?? {},
    accessModes: volume.spec.accessModes ?? [],
    claim: claim.metadata.name,
    bytes: bytesOf(volume.spec.capacity),
    claimBytes: bytesOf(claim.status?.capacity),
    stageSecret: csi.nodeStageSecretRef,
    publishSecret: csi.nodePublishSecretRef,
    expandSecret: csi.nodeExpandSecretRef,
  };
}

const accessModes: Readonly<Record<string, string>> = {
  ReadOnlyMany: 'MULTI_NODE_READER_ONLY',
  ReadWriteMany: 'MULTI_NODE_MULTI_WRITER',
};

/** The mode as CSI has it; drivers tell one writer from several on one node only if they say so. */
function accessMode(mode: string, abilities: ReadonlySet<NodeAbility>): string {
  if (!abilities.has('SINGLE_NODE_MULTI_WRITER')) return accessModes[mode] ?? 'SINGLE_NODE_WRITER';
  const single = mode === 'ReadWriteOncePod' ? 'SINGLE_NODE_SINGLE_WRITER' : 'SINGLE_NODE_MULTI_WRITER';
  return accessModes[mode] ?? single;
}

/** The capability that the driver is asked for. `group`: the pod's fsGroup, where the driver applies it itself. */
export function capabilityOf(
  { block, fsType, mountFlags, accessModes: modes }: CsiVolume,
  abilities: ReadonlySet<NodeAbility>,
  group: number | undefined,
): VolumeCapability {
  const mode = { mode: accessMode(modes[0] ?? 'ReadWriteOnce', abilities) };
  if (block) return { block: {}, accessMode: mode };
  const volumeMountGroup = group !== undefined && abilities.has('VOLUME_MOUNT_GROUP') ? String(group) : '';
  return { mount: { fsType, mountFlags, volumeMountGroup }, accessMode: mode };
}

/** Whether the node gives the volume's files to the pod's group. */
export function appliesGroup(volume: CsiVolume, abilities: ReadonlySet<NodeAbility>): boolean {
  if (volume.block || volume.readOnly || abilities.has('VOLUME_MOUNT_GROUP')) return false;
  if (volume.fsGroupPolicy === 'File') return true;
  return (
    volume.fsGroupPolicy === 'ReadWriteOnceWithFSType' &&
    volume.fsType !== '' &&
    volume.accessModes.some((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod')
  );
}

/** What a driver with podInfoOnMount is told of the pod. */
export function podContext(pod: Pod, { podInfo, ephemeral }: CsiVolume): Readonly<Record<string, string>> {
  if (!podInfo) return {};
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return {
    'csi.storage.k8s.io/pod.name': name,
    'csi.storage.k8s.io/pod.namespace': namespace,
    'csi.storage.k8s.io/pod.uid': uid,
    'csi.storage.k8s.io/serviceAccount.name': pod.spec.serviceAccountName ?? '',
    'csi.storage.k8s.io/ephemeral': String(ephemeral),
  };
}
