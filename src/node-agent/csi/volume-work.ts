/** Stages, publishes and grows one volume for one pod, and takes it away again. The caller gives it turns. */
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Pod, timeText } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import { GrpcError, grpcCodes } from '../../grpc/index.ts';
import { VolumeSetupError } from '../volumes/index.ts';
import type { CsiPorts } from './csi-ports.ts';
import type { NodeAbility, NodeService, VolumeCapability } from './node-service.ts';
import { appliesGroup, capabilityOf, type CsiVolume, podContext } from './volume-facts.ts';

type Texts = Readonly<Record<string, string>>;

/** Everything about one mount. */
export interface MountJob {
  readonly pod: Pod;
  readonly volume: CsiVolume;
  readonly service: NodeService;
  readonly abilities: ReadonlySet<NodeAbility>;
  readonly publishContext: Texts;
  /** Absent: the driver does not stage. */
  readonly stagingPath?: string | undefined;
  readonly targetPath: string;
}

const groupOf = ({ pod }: MountJob): number | undefined => pod.spec.securityContext?.fsGroup;

function capability(job: MountJob): VolumeCapability {
  return capabilityOf(job.volume, job.abilities, groupOf(job));
}

async function secretOf(
  { config }: CsiPorts,
  secret: { readonly name?: string | undefined; readonly namespace?: string | undefined } | undefined,
): Promise<Texts> {
  if (secret?.name === undefined) return {};
  const found = await config.secret(secret.namespace ?? '', secret.name);
  if (found === undefined)
    throw new VolumeSetupError(`failed to get secrets: secret "${secret.namespace}/${secret.name}" not found`);
  return Object.fromEntries(Object.entries(found).map(([key, bytes]) => [key, Buffer.from(bytes).toString('utf8')]));
}

/** Stages the volume for all pods of the node. Repeating it is harmless. */
export async function stage(ports: CsiPorts, job: MountJob & { readonly stagingPath: string }): Promise<void> {
  const { volume, service, stagingPath, publishContext } = job;
  await mkdir(stagingPath, { recursive: true, mode: 0o750 });
  await service.stage({
    volumeId: volume.handle,
    publishContext,
    stagingTargetPath: stagingPath,
    volumeCapability: capability(job),
    secrets: await secretOf(ports, volume.stageSecret),
    volumeContext: volume.attributes,
  });
}

/**
 * Publishes the volume for the pod; the driver makes the target in a folder that is there. Rejects when nothing is
 * mounted after it: what the pod writes would be lost in a folder of the node.
 */
export async function publish(ports: CsiPorts, job: MountJob): Promise<void> {
  const { volume, service, stagingPath = '', targetPath, publishContext, pod } = job;
  await mkdir(dirname(targetPath), { recursive: true, mode: 0o750 });
  await service.publish({
    volumeId: volume.handle,
    publishContext,
    stagingTargetPath: stagingPath,
    targetPath,
    volumeCapability: capability(job),
    readonly: volume.readOnly,
    secrets: await secretOf(ports, volume.publishSecret),
    volumeContext: { ...volume.attributes, ...podContext(pod, volume), ...(await tokenContext(ports, job)) },
  });
  if (await ports.mounted(targetPath)) return;
  if (volume.block && (await isDevice(targetPath))) return;
  throw new VolumeSetupError(
    `driver ${volume.driver} says that the volume ${volume.specName} is published, and nothing is mounted at ` +
      `${targetPath}; does its container mount the kubelet's folder with mountPropagation: Bidirectional?`,
  );
}

/** A driver may make a device node or a link to one, in place of a mount. */
const isDevice = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isBlockDevice(),
    () => false,
  );

async function tokenContext({ tokens }: CsiPorts, { pod, volume }: MountJob): Promise<Texts> {
  if (volume.tokenRequests.length === 0) return {};
  const byAudience: Record<string, { readonly token: string; readonly expirationTimestamp: string }> = {};
  for (const request of volume.tokenRequests) {
    const token = await tokens.token(pod, request);
    byAudience[request.audience] = { token, expirationTimestamp: expiryOf(token) };
  }
  return { 'csi.storage.k8s.io/serviceAccount.tokens': JSON.stringify(byAudience) };
}

/** The end of a JSON web token's life, as the token says it. */
function expiryOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8') || '{}') as {
    readonly exp?: number;
  };
  return timeText((claims.exp ?? 0) * 1000);
}

/** Gives the files to the pod's group, where that is the node's to do. */
export async function applyGroup(ports: CsiPorts, job: MountJob): Promise<void> {
  const group = groupOf(job);
  if (group === undefined || !appliesGroup(job.volume, job.abilities)) return;
  if (job.pod.spec.securityContext?.fsGroupChangePolicy === 'OnRootMismatch') {
    const root = await stat(job.targetPath);
    if (root.gid === group && (root.mode & 0o2770) === 0o2770) return;
  }
  await ports.files.giveToGroup(job.targetPath, group);
}

/** Grows the file system to the size of the PersistentVolume. */
export async function expand(ports: CsiPorts, job: MountJob): Promise<void> {
  const { volume, service, stagingPath = '', targetPath } = job;
  if (!job.abilities.has('EXPAND_VOLUME')) return;
  await service.expand({
    volumeId: volume.handle,
    volumePath: targetPath,
    stagingTargetPath: stagingPath,
    capacityRange: { requiredBytes: volume.bytes },
    volumeCapability: capability(job),
    secrets: await secretOf(ports, volume.expandSecret),
  });
}

/**
 * Takes something away by the driver's call, and checks that it is gone: what it leaves mounted is unmounted here.
 * The place itself is removed when it is empty, and never what is in it.
 */
export async function takeAway(ports: CsiPorts, path: string, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const isUnknown = error instanceof GrpcError && error.code === grpcCodes.notFound;
    if (!isUnknown || (await ports.mounted(path))) throw error;
  }
  if (await ports.mounted(path)) {
    ports.log.warn('a CSI driver said that a volume is unmounted, and left it mounted; unmounting it', { path });
    await ports.run('umount', [path]);
    if (await ports.mounted(path)) throw new Error(`${path} is mounted more than once`);
  }
  await ports.run('rm', ['-d', '-f', path]).catch((error: unknown) => {
    ports.log.warn('a place where a volume was is not empty, and stays', { path, error: errorMessage(error) });
  });
  await removeEmpty([dirname(path)]);
}

/** Removes folders, the inner ones first, as far as nothing is in them. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}
