/** Measures the pods that have limits of local storage, and evicts those that are over. */
import { type Pod, resources } from '../../api/index.ts';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { RunCommand } from '../network/index.ts';
import { type ClusterIdentity, clusterLabels, type ContainerRuntime, labels } from '../runtime/index.ts';
import { diskFolders, hasStorageLimits, storageExcess, type StorageUse } from './storage-limits.ts';

interface StorageWatchOptions extends ClusterIdentity {
  readonly nodeName: string;
  readonly view: ResourceView;
  readonly runtime: Pick<ContainerRuntime, 'summaries' | 'storageBytes'>;
  readonly run: RunCommand;
  readonly timers: Timers;
  readonly log: Logger;
  /** The folder with one folder for each pod. */
  readonly podsFolder: string;
  readonly evict: (pod: Pod, message: string) => void;
}

/** As often as the kubelet's eviction manager looks. */
const periodMs = 10_000;

/** Looks each period until it is closed. Pods without limits cost nothing. */
export function watchStorageLimits(options: StorageWatchOptions): { close(): void } {
  let busy = false;
  const timer = options.timers.every(periodMs, () => {
    if (busy) return;
    busy = true;
    look(options)
      .catch((error: unknown) => {
        options.log.warn('failed to measure the local storage of pods', { error: errorMessage(error) });
      })
      .finally(() => {
        busy = false;
      });
  });
  return {
    close: () => {
      timer.cancel();
    },
  };
}

async function look(options: StorageWatchOptions): Promise<void> {
  const pods = options.view
    .list<Pod>(resources.pods)
    .filter(
      (pod) =>
        pod.spec.nodeName === options.nodeName &&
        pod.status?.phase === 'Running' &&
        pod.metadata.deletionTimestamp === undefined &&
        hasStorageLimits(pod),
    );
  for (const pod of pods) {
    const excess = storageExcess(pod, await measure(options, pod));
    if (excess !== undefined) options.evict(pod, excess);
  }
}

async function measure(options: StorageWatchOptions, pod: Pod): Promise<StorageUse> {
  const { uid = '' } = pod.metadata;
  const volumes = new Map<string, number>();
  for (const { name } of diskFolders(pod))
    volumes.set(name, await folderBytes(options.run, `${options.podsFolder}/${uid}/volumes/${name}`));
  const found = await options.runtime.summaries({ ...clusterLabels(options), [labels.podUid]: uid });
  const containers = new Map<string, number>();
  for (const { id, labels: own } of found) {
    const name = own[labels.container];
    const bytes = name === undefined ? undefined : await options.runtime.storageBytes(id);
    if (name !== undefined && bytes !== undefined) containers.set(name, (containers.get(name) ?? 0) + bytes);
  }
  return { volumes, containers };
}

/** What the files take on the disk. Files that go meanwhile are not counted; that is no failure. */
async function folderBytes(run: RunCommand, folder: string): Promise<number> {
  const text = await run('sh', ['-c', 'du -sx --block-size=1 -- "$1" 2>/dev/null || true', 'sh', folder]);
  return Number(/^\d+/.exec(text)?.[0] ?? '0');
}
