/** Prepares a pod's volumes, and mounts them into its containers. */
import {
  type Container,
  controllerOf,
  type CSIVolumeSource,
  type EmptyDirVolumeSource,
  type ImageVolumeSource,
  parseQuantity,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  podResources,
  quantityUnits,
  resourceAmounts,
  resources,
  StatusError,
  type Volume,
  type VolumeMount,
} from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { type PodFacts, expand } from '../container/index.ts';
import type { ContainerDevice, ContainerMount } from '../runtime/index.ts';
import type { ConfigReader } from './config-reader.ts';
import { type LocalVolumeOptions, ownFolder } from './local-volumes.ts';
import { isProjected, projectedFiles, type ProjectionSources } from './projection.ts';
import type { TokenSource } from './token-source.ts';
import { unsupported } from './unsupported.ts';
import { modeProblem, usedVolumes } from './used-volumes.ts';
import { type VolumeFiles, VolumeSetupError } from './volume-files.ts';

export interface VolumePorts {
  readonly files: VolumeFiles;
  readonly config: ConfigReader;
  readonly tokens: TokenSource;
  readonly client: Pick<ResourceClient, 'get'>;
  /** Where this node makes volumes on demand; absent: nowhere. */
  readonly local?: LocalVolumeOptions | undefined;
  /** Volumes that CSI drivers serve; absent: none. */
  readonly csi?: DriverVolumes | undefined;
  /** Makes an image present and answers its id. Rejects with VolumeSetupError. Absent: there are no images. */
  readonly images?: ((source: ImageVolumeSource) => Promise<string>) | undefined;
}

/** A claim's volume, or the pod's own, as a CSI driver is asked for it. */
export type DriverVolume =
  | {
      readonly type: 'claim';
      readonly claim: PersistentVolumeClaim;
      readonly volume: PersistentVolume;
      readonly readOnly: boolean;
    }
  | { readonly type: 'inline'; readonly source: CSIVolumeSource };

/** The port to volumes of CSI drivers. */
export interface DriverVolumes {
  /** Mounts it for the pod. Rejects with VolumeSetupError; repeating it is harmless. */
  mount(pod: Pod, name: string, volume: DriverVolume): Promise<PreparedVolume>;
  /** Resolves when nothing of the pod is mounted any more; its containers must have ended. */
  release(podUid: string): Promise<void>;
  /** Brings sizes and what drivers renew up to date. */
  refresh(pod: Pod): Promise<void>;
  /** Takes away what an earlier agent left of all pods but these, by uid. */
  reclaim(kept: ReadonlySet<string>): void;
}

interface PreparedVolume {
  /** Of an image: its id. */
  readonly path: string;
  readonly readOnly: boolean;
  /** A device, and no folder. */
  readonly block?: boolean | undefined;
  /** The files of an image, which the engine mounts. */
  readonly image?: true | undefined;
}

/** Where a pod's volumes are on the machine, by name. */
export type PreparedVolumes = ReadonlyMap<string, PreparedVolume>;

interface VolumeFacts extends PodFacts {
  /** Claims that other pods of the node use already. */
  readonly takenClaims?: ReadonlySet<string> | undefined;
}

/**
 * Sets up the volumes that a pod uses below `folder`. Rejects with VolumeSetupError, its message the kubelet's.
 * Repeating it is harmless.
 */
export async function prepareVolumes(ports: VolumePorts, facts: VolumeFacts, folder: string): Promise<PreparedVolumes> {
  const prepared = await Promise.all(
    usedVolumes(facts.pod).map(async (volume) => {
      try {
        return [
          volume.name,
          await prepareVolume(ports, facts, { volume, path: `${folder}/volumes/${volume.name}` }),
        ] as const;
      } catch (error) {
        throw mountError(error, volume.name);
      }
    }),
  );
  return new Map(prepared);
}

/** The error as the pod's event shows it. */
function mountError(error: unknown, name: string): unknown {
  if (!(error instanceof VolumeSetupError) && !(error instanceof StatusError)) return error;
  const { step = 'SetUp', volume = name } = error instanceof VolumeSetupError ? error : {};
  return new VolumeSetupError(`MountVolume.${step} failed for volume "${volume}" : ${error.message}`, { cause: error });
}

/** Brings the contents of projected volumes up to date, each for itself. Rejects with all that failed. */
export async function refreshVolumes(ports: VolumePorts, facts: PodFacts, folder: string): Promise<void> {
  const projected = usedVolumes(facts.pod).filter(isProjected);
  const results = await Promise.allSettled([
    ports.csi?.refresh(facts.pod),
    ...projected.map((volume) =>
      projectVolume(ports, facts, { volume, path: `${folder}/volumes/${volume.name}` }).catch((error: unknown) => {
        throw mountError(error, volume.name);
      }),
    ),
  ]);
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [errorMessage(result.reason)] : []));
  if (failed.length > 0) throw new Error(failed.join('; '));
}

/** Whether a volume of the pod follows something that may change. */
export const hasLiveVolumes = (pod: Pod): boolean =>
  (pod.spec.volumes ?? []).some((volume) => isProjected(volume) || isClaimed(volume) || volume.csi !== undefined);

const isClaimed = ({ persistentVolumeClaim, ephemeral }: Volume): boolean =>
  persistentVolumeClaim !== undefined || ephemeral !== undefined;

interface VolumePlace {
  readonly volume: Volume;
  readonly path: string;
}

async function prepareVolume(ports: VolumePorts, facts: VolumeFacts, place: VolumePlace): Promise<PreparedVolume> {
  const { volume, path } = place;
  const { files } = ports;
  if (isProjected(volume)) {
    await projectVolume(ports, facts, place);
    return { path, readOnly: true };
  }
  if (volume.hostPath !== undefined) {
    await files.hostPath(volume.hostPath.path, volume.hostPath.type ?? '');
    return { path: volume.hostPath.path, readOnly: false };
  }
  if (volume.persistentVolumeClaim !== undefined) return prepareClaim(ports, facts, place);
  if (volume.nfs !== undefined) {
    await files.mount(`${volume.nfs.server}:${volume.nfs.path}`, path, {
      type: 'nfs',
      readOnly: volume.nfs.readOnly ?? false,
    });
    return { path, readOnly: volume.nfs.readOnly ?? false };
  }
  if (volume.ephemeral !== undefined)
    return prepareClaim(ports, facts, {
      ...place,
      volume: { name: volume.name, persistentVolumeClaim: { claimName: `${facts.pod.metadata.name}-${volume.name}` } },
    });
  if (volume.csi !== undefined)
    return driversOf(ports).mount(facts.pod, volume.name, { type: 'inline', source: volume.csi });
  if (volume.image !== undefined && ports.images !== undefined)
    return { path: await ports.images(volume.image), readOnly: true, image: true };
  if (volume.emptyDir === undefined) throw new VolumeSetupError(unsupported(volume));
  await prepareEmptyDir(files, facts, { path, source: volume.emptyDir });
  return { path, readOnly: false };
}

/** Folders in memory count as their pod's memory: none holds more than its limit, or than pods may use at all. */
function memoryBytesMax({ pod, allocatable }: PodFacts, { sizeLimit }: EmptyDirVolumeSource): number | undefined {
  const limits = podResources(pod.spec, 'limits');
  const amounts = [resourceAmounts(allocatable).get('memory'), limits.get('memory')];
  const bounds = amounts.map((amount) => (amount === undefined ? 0 : quantityUnits(amount)));
  const asked = sizeLimit === undefined ? 0 : quantityUnits(parseQuantity(sizeLimit));
  const least = Math.min(...[...bounds, asked].filter((bytes) => bytes > 0));
  return Number.isFinite(least) ? least : undefined;
}

async function prepareEmptyDir(
  files: VolumeFiles,
  facts: PodFacts,
  place: { readonly path: string; readonly source: EmptyDirVolumeSource },
): Promise<void> {
  const { path, source } = place;
  const group = facts.pod.spec.securityContext?.fsGroup;
  const existing = await files.list(path.slice(0, path.lastIndexOf('/')));
  if (existing.includes(path.slice(path.lastIndexOf('/') + 1))) return;
  if (source.medium === 'Memory') await files.mountMemory(path, memoryBytesMax(facts, source));
  else await files.makeFolder(path, { mode: 0o1777 });
  if (group !== undefined) await files.makeFolder(path, { mode: 0o3777, group });
}

async function projectVolume(ports: VolumePorts, facts: PodFacts, place: VolumePlace): Promise<void> {
  const namespace = facts.pod.metadata.namespace ?? '';
  const sources: ProjectionSources = {
    configMap: (name) => ports.config.configMap(namespace, name),
    secret: (name) => ports.config.secret(namespace, name),
    token: (request) => ports.tokens.token(facts.pod, request),
  };
  const projected = await projectedFiles(facts, place.volume, sources);
  const group = facts.pod.spec.securityContext?.fsGroup;
  const widened =
    group === undefined
      ? projected
      : new Map([...projected].map(([path, file]) => [path, { ...file, mode: file.mode | 0o440 }]));
  await ports.files.project(place.path, widened, group === undefined ? {} : { group });
}

function driversOf({ csi }: VolumePorts): DriverVolumes {
  if (csi === undefined) throw new VolumeSetupError('volumes of CSI drivers are not supported on this node');
  return csi;
}

async function prepareClaim(ports: VolumePorts, facts: VolumeFacts, place: VolumePlace): Promise<PreparedVolume> {
  const claim = place.volume.persistentVolumeClaim;
  const readOnly = claim?.readOnly ?? false;
  const found = await ports.client.get<PersistentVolumeClaim>({
    ...resources.persistentVolumeClaims,
    namespace: facts.pod.metadata.namespace ?? '',
    name: claim?.claimName ?? '',
  });
  checkOwner(facts.pod, place.volume.name, found);
  const { volumeName } = found.spec;
  const notBound = `persistentvolumeclaim "${claim?.claimName}" is not bound`;
  if (volumeName === undefined || volumeName === '') throw new VolumeSetupError(notBound);
  const problem = modeProblem(facts.pod, place.volume.name, found.spec.volumeMode ?? 'Filesystem');
  if (problem !== undefined) throw new VolumeSetupError(problem, { volume: volumeName });
  const object = await ports.client.get<PersistentVolume>({ ...resources.persistentVolumes, name: volumeName });
  // Anybody who may write claims can name any volume in one.
  if (object.spec.claimRef?.uid !== found.metadata.uid) throw new VolumeSetupError(notBound, { volume: volumeName });
  if (isForOnePod(object) && facts.takenClaims?.has(claim?.claimName ?? '') === true)
    throw new VolumeSetupError('volume uses the ReadWriteOncePod access mode and is already in use by another pod', {
      volume: volumeName,
    });
  if (object.spec.csi !== undefined)
    return driversOf(ports).mount(facts.pod, place.volume.name, {
      type: 'claim',
      claim: found,
      volume: object,
      readOnly,
    });
  try {
    return await preparePersistent(ports, facts, { ...place, object, readOnly });
  } catch (error) {
    if (!(error instanceof VolumeSetupError)) throw error;
    throw new VolumeSetupError(error.message, { step: error.step, volume: volumeName, cause: error });
  }
}

/** Throws VolumeSetupError when the claim that stands for an ephemeral volume of the pod is somebody else's. */
function checkOwner({ metadata, spec }: Pod, volume: string, claim: PersistentVolumeClaim): void {
  const isEphemeral = spec.volumes?.some(({ name, ephemeral }) => name === volume && ephemeral !== undefined) === true;
  if (!isEphemeral || controllerOf(claim)?.uid === metadata.uid) return;
  const { name, namespace } = metadata;
  throw new VolumeSetupError(
    `PVC ${namespace}/${name}-${volume} was not created for pod ${namespace}/${name} (pod is not owner)`,
  );
}

const isForOnePod = ({ spec: { accessModes = [] } }: PersistentVolume): boolean =>
  accessModes.length === 1 && accessModes[0] === 'ReadWriteOncePod';

/** The old way to name them goes before the field. */
const mountOptionsOf = ({ metadata, spec }: PersistentVolume): readonly string[] | undefined =>
  metadata.annotations?.['volume.beta.kubernetes.io/mount-options']?.split(',') ?? spec.mountOptions;

async function preparePersistent(
  ports: VolumePorts,
  facts: PodFacts,
  place: VolumePlace & { readonly object: PersistentVolume; readonly readOnly: boolean },
): Promise<PreparedVolume> {
  const { object, readOnly } = place;
  const { spec } = object;
  const volumeName = object.metadata.name ?? '';
  const mountOptions = mountOptionsOf(object);
  const group = facts.pod.spec.securityContext?.fsGroup;
  if (spec.nfs !== undefined) {
    const from = `${spec.nfs.server}:${spec.nfs.path}`;
    await ports.files.mount(from, place.path, { type: 'nfs', readOnly, mountOptions });
    return { path: place.path, readOnly };
  }
  const path = spec.hostPath?.path ?? spec.local?.path;
  if (path === undefined) throw new VolumeSetupError(`persistent volume "${volumeName}": ${unsupported(spec)}`);
  if (spec.volumeMode === 'Block') {
    await ports.files.hostPath(path, 'BlockDevice');
    return { path, readOnly, block: true };
  }
  // Made at its first use; any user of the pod may write to it, as to an emptyDir.
  if (
    ports.local !== undefined &&
    ownFolder(object, ports.local) === path &&
    !(await ports.files.list(ports.local.folder)).includes(volumeName)
  )
    await ports.files.makeFolder(path, { mode: 0o777 });
  if (spec.local === undefined) {
    await ports.files.hostPath(path, spec.hostPath?.type ?? '');
    return { path, readOnly };
  }
  const shown = await ports.files.localFolder(path, place.path, { fsType: spec.local.fsType, mountOptions });
  if (group !== undefined && !readOnly) await ports.files.giveToGroup(shown, group);
  return { path: shown, readOnly };
}

/**
 * The container's mounts: its volumes, then hosts and resolver files where it mounts none itself, then the termination
 * log.
 */
export async function containerMounts(
  files: VolumeFiles,
  input: {
    readonly container: Container;
    readonly volumes: PreparedVolumes;
    readonly environment: ReadonlyMap<string, string>;
    readonly folder: string;
    readonly terminationLog: string;
  },
): Promise<readonly ContainerMount[]> {
  const { container, volumes, folder } = input;
  const mounts: ContainerMount[] = [];
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const volume = volumes.get(mount.name);
    if (volume === undefined || volume.block === true)
      throw new VolumeSetupError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const inside = subPathOf(mount, input.environment);
    const propagation =
      mount.mountPropagation === 'Bidirectional'
        ? 'rshared'
        : mount.mountPropagation === 'HostToContainer'
          ? 'rslave'
          : 'private';
    const pinned = inside === undefined || inside === '' ? undefined : `${folder}/sub-paths/${container.name}/${i}`;
    if (inside !== undefined && pinned !== undefined) await files.pinSubPath({ folder: volume.path, inside }, pinned);
    mounts.push({
      source: pinned ?? volume.path,
      target: absolute(mount.mountPath),
      readOnly: (mount.readOnly ?? false) || volume.readOnly,
      propagation,
      image: volume.image,
    });
  }
  const own = new Set(mounts.map(({ target }) => target));
  const added: ContainerMount[] = [
    { source: `${folder}/etc-hosts`, target: '/etc/hosts', readOnly: false },
    { source: `${folder}/resolv.conf`, target: '/etc/resolv.conf', readOnly: false },
    {
      source: input.terminationLog,
      target: absolute(container.terminationMessagePath ?? '/dev/termination-log'),
      readOnly: false,
    },
  ];
  return [...mounts, ...added.filter(({ target }) => !own.has(target))];
}

/** The container's block devices. Throws VolumeSetupError. */
export function containerDevices(container: Container, volumes: PreparedVolumes): readonly ContainerDevice[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = volumes.get(name);
    if (volume?.block !== true)
      throw new VolumeSetupError(
        `cannot find volume "${name}" to pass into container "${container.name}": it is no block device`,
      );
    return { source: volume.path, target: devicePath, readOnly: volume.readOnly };
  });
}

/** The place inside of the volume that is mounted; undefined or '': all of it. Rejects with VolumeSetupError. */
function subPathOf(
  { subPath, subPathExpr }: VolumeMount,
  environment: ReadonlyMap<string, string>,
): string | undefined {
  if (subPathExpr === undefined || subPathExpr === '') return subPath;
  const inside = expand(subPathExpr, (name) => {
    const value = environment.get(name);
    if (value === undefined) throw new VolumeSetupError(`missing value for "${name}"`);
    return value;
  });
  if (inside.startsWith('/')) throw new VolumeSetupError(`error SubPath \`${inside}\` must not be an absolute path`);
  if (inside.split('/').includes('..'))
    throw new VolumeSetupError(`unable to provision SubPath \`${inside}\`: must not contain '..'`);
  return inside;
}

const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path}`).replace(/(.)\/+$/, '$1');
