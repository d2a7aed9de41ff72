import type { ImageFacts } from '../runtime/index.ts';

export interface ImageUse {
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
export function imagesToRemove(
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
