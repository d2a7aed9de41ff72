/** Removes the data of deleted volumes that this node made on demand. */
import { type ObjectMeta, resources, sameResource, StatusError } from '../../api/index.ts';
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import { localVolumeFolder, localVolumes } from '../../protocol/index.ts';
import type { ResourceClient, ResourceView } from '../../resources/index.ts';
import type { VolumeFiles } from './volume-files.ts';

interface LocalVolumePorts {
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly files: VolumeFiles;
  readonly timers: Timers;
  readonly log: Logger;
}

export interface LocalVolumeOptions {
  readonly node: string;
  /** Each volume has its own folder below it. */
  readonly folder: string;
}

interface LocalVolume {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly local?: { readonly path: string } | undefined;
    readonly persistentVolumeReclaimPolicy?: string | undefined;
  };
}

const retryMs = 5_000;

/** The folder of a volume that this node's agent makes and removes; undefined: the volume is none of these. */
export function ownFolder({ metadata, spec }: LocalVolume, { node, folder }: LocalVolumeOptions): string | undefined {
  if (
    metadata.annotations?.[localVolumes.provisionedBy] !== localVolumes.provisioner ||
    metadata.labels?.[localVolumes.nodeLabel] !== node
  )
    return undefined;
  // A written PersistentVolume must not remove another folder.
  const own = localVolumeFolder(folder, metadata.name ?? '');
  return spec?.local?.path === own ? own : undefined;
}

/** Being deleted, and held by nothing but its node any more. */
function isOver({ metadata }: LocalVolume): boolean {
  const { finalizers = [] } = metadata;
  return (
    metadata.deletionTimestamp !== undefined && finalizers.length === 1 && finalizers[0] === localVolumes.finalizer
  );
}

/** Removes the data of volumes that are deleted, then lets them go. Data that is to be retained stays where it is. */
export function reclaimLocalVolumes(ports: LocalVolumePorts, options: LocalVolumeOptions): { close(): void } {
  const { view, timers, log } = ports;
  const running = new Set<string>();
  const retries = new Set<Timer>();
  const look = (volume: LocalVolume): void => {
    const { name = '', uid = '' } = volume.metadata;
    const folder = isOver(volume) ? ownFolder(volume, options) : undefined;
    if (folder === undefined || running.has(uid)) return;
    running.add(uid);
    reclaim(ports, volume, folder).then(
      () => {
        running.delete(uid);
      },
      (error: unknown) => {
        log.warn('failed to remove the data of a volume; retrying', {
          volume: name,
          folder,
          error: errorMessage(error),
        });
        const timer = timers.after(retryMs, () => {
          retries.delete(timer);
          running.delete(uid);
          const now = view.get<LocalVolume>(resources.persistentVolumes, undefined, name);
          if (now !== undefined) look(now);
        });
        retries.add(timer);
      },
    );
  };
  const stop = view.onChange(({ type, resource, object }) => {
    if (type === 'put' && sameResource(resource, resources.persistentVolumes)) look(object as LocalVolume);
  });
  for (const volume of view.list<LocalVolume>(resources.persistentVolumes)) look(volume);
  return {
    close: () => {
      stop();
      for (const timer of retries) timer.cancel();
    },
  };
}

async function reclaim(
  { client, files, log }: LocalVolumePorts,
  { metadata, spec }: LocalVolume,
  folder: string,
): Promise<void> {
  const { name = '', uid } = metadata;
  if (spec?.persistentVolumeReclaimPolicy === 'Delete') {
    await files.remove(folder);
    log.info('removed the data of a deleted volume', { volume: name, folder });
  }
  try {
    await client.patch(
      { ...resources.persistentVolumes, name },
      { type: 'merge', body: { metadata: { uid, finalizers: null } } },
      { fieldManager: 'node-agent' },
    );
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 404) throw error;
  }
}
