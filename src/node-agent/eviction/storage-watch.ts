/** Measures the pods that have limits of local storage, and evicts those that are over. */
import { type Pod, resources } from '../../api/index.ts';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { isCriticalPod } from '../container/index.ts';
import { hasStorageLimits, storageExcess } from './storage-limits.ts';
import { bytesOf, type StorageUsePorts } from './storage-use.ts';

interface StorageWatchOptions extends StorageUsePorts {
  readonly nodeName: string;
  readonly view: ResourceView;
  readonly timers: Timers;
  readonly log: Logger;
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
        !isCriticalPod(pod) &&
        hasStorageLimits(pod),
    );
  for (const pod of pods) {
    const excess = storageExcess(pod, await bytesOf(options, pod));
    if (excess !== undefined) options.evict(pod, excess);
  }
}
