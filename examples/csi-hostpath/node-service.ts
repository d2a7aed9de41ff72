/** The node's part of the example driver: shows volumes to pods. */
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GrpcFailure, grpcCodes } from '../../src/grpc/index.ts';
import {
  attachLoop,
  bindDevice,
  bindFolder,
  detachLoop,
  growImage,
  isMounted,
  mountImage,
  mountMemory,
  removePlace,
  unmount,
} from './machine.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

interface NodeOptions {
  readonly store: VolumeStore;
  readonly nodeId: string;
  readonly volumesMax: number;
  readonly segments: Readonly<Record<string, string>>;
  /** Volumes must be attached to this node before. */
  readonly attach: boolean;
}

interface Request {
  readonly volumeId: string;
  readonly publishContext: Readonly<Record<string, string>>;
  readonly stagingTargetPath: string;
  readonly targetPath: string;
  readonly volumePath: string;
  readonly readonly: boolean;
  readonly volumeContext: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly volumeCapability?: { readonly block?: object; readonly mount?: { readonly fsType: string } } | undefined;
}

const abilities = ['STAGE_UNSTAGE_VOLUME', 'GET_VOLUME_STATS', 'EXPAND_VOLUME'];

export function nodeHandlers(options: NodeOptions): Readonly<Record<string, (request: never) => object>> {
  const { store, nodeId, volumesMax, segments } = options;
  return {
    NodeGetCapabilities: () => ({ capabilities: abilities.map((type) => ({ rpc: { type } })) }),
    NodeGetInfo: () => ({
      nodeId,
      maxVolumesPerNode: volumesMax,
      accessibleTopology: Object.keys(segments).length === 0 ? undefined : { segments },
    }),
    NodeStageVolume: (request: Request) => stage(options, request),
    NodeUnstageVolume: ({ volumeId, stagingTargetPath }: Request) => {
      unmount(stagingTargetPath);
      letLoopGo(store, volumeId);
      return {};
    },
    NodePublishVolume: (request: Request) => publish(options, request),
    NodeUnpublishVolume: ({ targetPath }: Request) => {
      unmount(targetPath);
      removePlace(targetPath);
      return {};
    },
    NodeExpandVolume: ({ volumeId, volumeCapability }: Request) => {
      const volume = existing(store, volumeId);
      if (volume.backing === 'image') growImage(store.contentOf(volume), volumeCapability?.block === undefined);
      return { capacityBytes: volume.bytes };
    },
    NodeGetVolumeStats: ({ volumePath }: Request) => {
      const { blocks, bfree, bavail, bsize, files, ffree } = statfsSync(volumePath);
      return {
        usage: [
          { unit: 'BYTES', total: blocks * bsize, used: (blocks - bfree) * bsize, available: bavail * bsize },
          { unit: 'INODES', total: files, used: files - ffree, available: ffree },
        ],
      };
    },
  };
}

function existing(store: VolumeStore, id: string): StoredVolume {
  const volume = store.get(id);
  if (volume === undefined) throw new GrpcFailure(grpcCodes.notFound, `there is no volume ${id}`);
  return volume;
}

function letLoopGo(store: VolumeStore, id: string): void {
  const volume = store.get(id);
  if (volume?.backing === 'image') detachLoop(store.contentOf(volume));
}

function stage({ store, nodeId, attach }: NodeOptions, request: Request): object {
  const volume = existing(store, request.volumeId);
  if (attach && (request.publishContext['attachedTo'] !== nodeId || !volume.attachedTo.includes(nodeId)))
    throw new GrpcFailure(grpcCodes.failedPrecondition, `${volume.id} is not attached to ${nodeId}`);
  const content = store.contentOf(volume);
  if (request.volumeCapability?.block !== undefined) attachLoop(content);
  else if (volume.backing === 'folder') bindFolder(content, request.stagingTargetPath, false);
  else mountImage(content, request.stagingTargetPath, request.volumeCapability?.mount?.fsType || 'ext4');
  return {};
}

function publish({ store }: NodeOptions, request: Request): object {
  const { targetPath, stagingTargetPath, volumeContext } = request;
  mkdirSync(dirname(targetPath), { recursive: true });
  if (volumeContext['csi.storage.k8s.io/ephemeral'] === 'true') {
    mountMemory(targetPath);
    writeFileSync(join(targetPath, 'context.json'), JSON.stringify({ ...volumeContext, secrets: request.secrets }));
    return {};
  }
  const volume = existing(store, request.volumeId);
  if (request.volumeCapability?.block !== undefined) bindDevice(attachLoop(store.contentOf(volume)), targetPath);
  else if (isMounted(stagingTargetPath)) bindFolder(stagingTargetPath, targetPath, request.readonly);
  else throw new GrpcFailure(grpcCodes.failedPrecondition, `${volume.id} is not staged at ${stagingTargetPath}`);
  return {};
}
