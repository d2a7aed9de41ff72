/** The controller's part of the example driver: makes, attaches and grows volumes. */
import { GrpcFailure, grpcCodes } from '../../src/grpc/index.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

interface Capability {
  readonly accessMode?: { readonly mode: string } | undefined;
  readonly block?: object | undefined;
}

interface CreateRequest {
  readonly name: string;
  readonly capacityRange?: { readonly requiredBytes: number; readonly limitBytes: number } | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly volumeCapabilities: readonly Capability[];
  readonly accessibilityRequirements?: { readonly preferred: readonly object[] } | undefined;
}

const bytesMin = 8 * 1024 * 1024;
const shared = /^MULTI_NODE/;

export interface ControllerOptions {
  readonly store: VolumeStore;
  /** All volumes together; a volume beyond it is refused. */
  readonly bytesMax: number;
}

const existing = (store: VolumeStore, id: string): StoredVolume => {
  const volume = store.get(id);
  if (volume === undefined) throw new GrpcFailure(grpcCodes.notFound, `there is no volume ${id}`);
  return volume;
};

export function controllerHandlers({
  store,
  bytesMax,
}: ControllerOptions): Readonly<Record<string, (request: never) => object>> {
  const capability = (type: string): object => ({ rpc: { type } });
  return {
    ControllerGetCapabilities: () => ({
      capabilities: ['CREATE_DELETE_VOLUME', 'PUBLISH_UNPUBLISH_VOLUME', 'EXPAND_VOLUME', 'GET_CAPACITY'].map(
        capability,
      ),
    }),
    CreateVolume: (request: CreateRequest) => {
      const id = store.idOf(request.name);
      const bytes = Math.max(bytesMin, request.capacityRange?.requiredBytes ?? 0);
      const others = store.list().filter((volume) => volume.id !== id);
      if (others.reduce((sum, volume) => sum + volume.bytes, bytes) > bytesMax)
        throw new GrpcFailure(grpcCodes.resourceExhausted, `there is no room for ${String(bytes)} bytes`);
      const known = store.get(id);
      if (known !== undefined && known.bytes < bytes)
        throw new GrpcFailure(grpcCodes.alreadyExists, `${request.name} exists with ${String(known.bytes)} bytes`);
      const isBlock = request.volumeCapabilities.some(({ block }) => block !== undefined);
      const single = !request.volumeCapabilities.some(({ accessMode }) => shared.test(accessMode?.mode ?? ''));
      const backing = isBlock || request.parameters['backing'] === 'image' ? 'image' : 'folder';
      if (known === undefined) store.put({ id, name: request.name, bytes, backing, single, attachedTo: [] });
      return {
        volume: {
          volumeId: id,
          capacityBytes: known?.bytes ?? bytes,
          volumeContext: { backing },
          accessibleTopology: request.accessibilityRequirements?.preferred.slice(0, 1) ?? [],
        },
      };
    },
    DeleteVolume: ({ volumeId }: { readonly volumeId: string }) => {
      if ((store.get(volumeId)?.attachedTo.length ?? 0) > 0)
        throw new GrpcFailure(grpcCodes.failedPrecondition, `${volumeId} is attached`);
      store.remove(volumeId);
      return {};
    },
    ControllerPublishVolume: ({ volumeId, nodeId }: { readonly volumeId: string; readonly nodeId: string }) => {
      const volume = existing(store, volumeId);
      const other = volume.attachedTo.find((node) => node !== nodeId);
      if (volume.single && other !== undefined)
        throw new GrpcFailure(grpcCodes.failedPrecondition, `${volumeId} is attached to ${other}`);
      store.put({ ...volume, attachedTo: [...new Set([...volume.attachedTo, nodeId])] });
      return { publishContext: { attachedTo: nodeId } };
    },
    ControllerUnpublishVolume: ({ volumeId, nodeId }: { readonly volumeId: string; readonly nodeId: string }) => {
      const volume = store.get(volumeId);
      if (volume !== undefined)
        store.put({ ...volume, attachedTo: volume.attachedTo.filter((node) => node !== nodeId) });
      return {};
    },
    ControllerExpandVolume: (request: {
      readonly volumeId: string;
      readonly capacityRange: { readonly requiredBytes: number };
    }) => {
      const volume = existing(store, request.volumeId);
      const bytes = Math.max(volume.bytes, request.capacityRange.requiredBytes);
      store.put({ ...volume, bytes });
      return { capacityBytes: bytes, nodeExpansionRequired: true };
    },
    GetCapacity: () => ({
      availableCapacity: bytesMax - store.list().reduce((sum, volume) => sum + volume.bytes, 0),
    }),
  };
}
