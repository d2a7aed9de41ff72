/** Removes unused images from a disk that is nearly full. */
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import { type ContainerRuntime, type ImageFacts, labels } from '../runtime/index.ts';

interface ImageUse {
  /** Ids of images that containers use. */
  readonly used: ReadonlySet<string>;
  /** When an image was last used, or first seen; wall-clock ms, by id. */
  readonly lastUsed: ReadonlyMap<string, number>;
}

/**
 * Which images go when the disk is filled above `highPercent`: those that no container uses, unused longest first,
 * until it would be below `lowPercent`. Images younger than two minutes stay (as the kubelet's image manager has it).
 * Pure.
 */
function imagesToRemove(
  images: readonly ImageFacts[],
  use: ImageUse,
  disk: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly highPercent: number;
    readonly lowPercent: number;
    readonly now: number;
  },
): readonly ImageFacts[] {
  const usedBytes = disk.totalBytes - disk.freeBytes;
  if (disk.totalBytes === 0 || (usedBytes / disk.totalBytes) * 100 < disk.highPercent) return [];
  let toFree = usedBytes - (disk.lowPercent / 100) * disk.totalBytes;
  const seen = (image: ImageFacts): number => use.lastUsed.get(image.id) ?? disk.now;
  const candidates = images
    .filter((image) => !use.used.has(image.id) && disk.now - seen(image) > 120_000)
    .sort((one, other) => seen(one) - seen(other) || (one.id < other.id ? -1 : 1));
  const chosen: ImageFacts[] = [];
  for (const image of candidates) {
    if (toFree <= 0) break;
    chosen.push(image);
    toFree -= image.sizeBytes;
  }
  return chosen;
}

interface ImageCollectorPorts {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly disk: () => Promise<{ readonly totalBytes: number; readonly freeBytes: number }>;
}

/** Disk use in percent at which unused images are removed, and down to which. */
const highPercent = 85;
const lowPercent = 80;

/** Which of the unused images go: some, when the disk is nearly full, or all, which are then needed less than room. */
type Extent = 'above-threshold' | 'all';

/** The returned function looks once, and removes what may go; it never rejects. */
export function imageCollector({ runtime, clock, log, disk }: ImageCollectorPorts): (extent: Extent) => Promise<void> {
  const lastUsed = new Map<string, number>();
  const collect = async (extent: Extent): Promise<void> => {
    const used = new Set((await runtime.summaries({ [labels.cluster]: '' })).map(({ imageId }) => imageId));
    const images = (await runtime.images()).filter((image) => image.labels[labels.role] !== 'image');
    const now = clock.now();
    for (const { id } of images) if (used.has(id) || !lastUsed.has(id)) lastUsed.set(id, now);
    const percents = extent === 'all' ? { highPercent: 0, lowPercent: 0 } : { highPercent, lowPercent };
    const fill = { ...(await disk()), ...percents, now };
    for (const image of imagesToRemove(images, { used, lastUsed }, fill)) await runtime.removeImage(image.id);
  };
  return (extent) =>
    collect(extent).catch((error: unknown) => {
      log.warn('failed to remove unused images', { error: errorMessage(error) });
    });
}
