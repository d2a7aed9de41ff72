/** Removes unused images: from a disk that is nearly full, and those that nobody has used for long. */
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import { type ContainerRuntime, type ImageFacts, labels } from '../runtime/index.ts';
import type { ImagePolicy } from './image-policy.ts';

/** What is known of images: wall-clock ms, by id. */
interface ImageUse {
  /** Ids of images that containers use. */
  readonly used: ReadonlySet<string>;
  /** When an image was last used, or first seen. */
  readonly lastUsed: ReadonlyMap<string, number>;
  readonly firstSeen: ReadonlyMap<string, number>;
  readonly now: number;
}

interface DiskFill {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/**
 * Which images go when so many bytes shall become free: those that no container uses, unused longest first. Young ones
 * stay (as the kubelet's image manager has it). Pure.
 */
export function unusedImages(
  images: readonly ImageFacts[],
  use: ImageUse,
  { toFree, ageMsMin }: { readonly toFree: number; readonly ageMsMin: number },
): readonly ImageFacts[] {
  const lastUsed = (image: ImageFacts): number => use.lastUsed.get(image.id) ?? use.now;
  const candidates = images
    .filter((image) => !use.used.has(image.id) && use.now - (use.firstSeen.get(image.id) ?? use.now) >= ageMsMin)
    .sort((one, other) => lastUsed(one) - lastUsed(other) || (one.id < other.id ? -1 : 1));
  const chosen: ImageFacts[] = [];
  let left = toFree;
  for (const image of candidates) {
    if (left <= 0) break;
    chosen.push(image);
    left -= image.sizeBytes;
  }
  return chosen;
}

/** Which images nobody has used for longer than the policy has it. Pure. */
export function agedImages(images: readonly ImageFacts[], use: ImageUse, ageMsMax: number): readonly ImageFacts[] {
  if (ageMsMax === 0) return [];
  return images.filter(({ id }) => !use.used.has(id) && use.now - (use.lastUsed.get(id) ?? use.now) > ageMsMax);
}

/** How many bytes must become free on the disk. Pure. */
export function bytesToFree({ totalBytes, freeBytes }: DiskFill, policy: ImagePolicy): number {
  if (
    totalBytes === 0 ||
    policy.highPercent === 100 ||
    100 - Math.floor((freeBytes * 100) / totalBytes) < policy.highPercent
  )
    return 0;
  return Math.max(0, Math.ceil((totalBytes * (100 - policy.lowPercent)) / 100) - freeBytes);
}

interface ImageCollectorPorts {
  readonly runtime: Pick<ContainerRuntime, 'summaries' | 'images' | 'removeImage'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policy: ImagePolicy;
  /** The filesystem that images lie on. */
  readonly disk: () => Promise<DiskFill>;
  /** Less could become free than should. */
  readonly fellShort: (wantedBytes: number, freedBytes: number) => void;
}

/** Looks at the images and removes what may go. Neither call ever rejects. */
interface ImageCollector {
  /** By the policy. */
  collect(): Promise<void>;
  /** All unused ones: the node needs the room more. */
  collectAll(): Promise<void>;
}

export function imageCollector(ports: ImageCollectorPorts): ImageCollector {
  const { runtime, clock, log, policy } = ports;
  const lastUsed = new Map<string, number>();
  const firstSeen = new Map<string, number>();
  const look = async (): Promise<{ readonly images: readonly ImageFacts[]; readonly use: ImageUse }> => {
    const used = await imagesInUse(runtime);
    const images = (await runtime.images()).filter((image) => image.labels[labels.role] !== 'image');
    const now = clock.now();
    const present = new Set(images.map(({ id }) => id));
    for (const id of firstSeen.keys()) if (!present.has(id)) [firstSeen, lastUsed].forEach((each) => each.delete(id));
    for (const { id } of images) {
      if (!firstSeen.has(id)) firstSeen.set(id, now);
      if (used.has(id) || !lastUsed.has(id)) lastUsed.set(id, now);
    }
    return { images, use: { used, lastUsed, firstSeen, now } };
  };
  /** Others may use an image of the same engine: it stays, and the next one is tried. */
  const remove = async (chosen: readonly ImageFacts[]): Promise<number> => {
    let freed = 0;
    for (const { id, sizeBytes, references } of chosen)
      try {
        await runtime.removeImage(id);
        freed += sizeBytes;
      } catch (error) {
        log.debug('an unused image stays', { image: references[0] ?? id, error: errorMessage(error) });
      }
    return freed;
  };
  const collect = async (): Promise<void> => {
    const { images, use } = await look();
    const aged = agedImages(images, use, policy.ageMsMax);
    await remove(aged);
    const toFree = bytesToFree(await ports.disk(), policy);
    if (toFree === 0) return;
    const rest = images.filter((image) => !aged.includes(image));
    const freed = await remove(unusedImages(rest, use, { toFree, ageMsMin: policy.ageMsMin }));
    if (freed < toFree) ports.fellShort(toFree, freed);
  };
  const collectAll = async (): Promise<void> => {
    const { images, use } = await look();
    await remove(unusedImages(images, use, { toFree: Number.POSITIVE_INFINITY, ageMsMin: policy.ageMsMin }));
  };
  const guarded = (job: () => Promise<void>) => (): Promise<void> =>
    job().catch((error: unknown) => {
      log.warn('failed to remove unused images', { error: errorMessage(error) });
    });
  return { collect: guarded(collect), collectAll: guarded(collectAll) };
}

/** The ids of the images that containers are made of, or have as volumes. */
async function imagesInUse(runtime: Pick<ContainerRuntime, 'summaries'>): Promise<ReadonlySet<string>> {
  const containers = await runtime.summaries({ [labels.cluster]: '' });
  return new Set(
    containers.flatMap(({ imageId, labels: { [labels.volumeImages]: mounted = '' } }) => [
      imageId,
      ...mounted.split(','),
    ]),
  );
}
