/** A cache that forgets what was used longest ago, within a bound in bytes and in entries: clients choose the keys. */
import { LRUCache } from 'lru-cache';

/** What an entry is taken to weigh beside its key. */
const entryBytes = 256;
/** Longer keys are not kept. */
const keyLengthMax = 16 * 1024;

const bytesOf = (key: string): number => 2 * key.length + entryBytes;

export type BoundedCache<V extends object> = LRUCache<string, V>;

/** The cache has room for as many entries from the beginning, so no more than can be of those bytes. */
export function boundedCache<V extends object>(bounds: {
  readonly bytesMax: number;
  readonly entriesMax: number;
}): BoundedCache<V> {
  return new LRUCache({
    max: Math.max(1, Math.min(bounds.entriesMax, Math.floor(bounds.bytesMax / entryBytes))),
    maxSize: bounds.bytesMax,
    maxEntrySize: Math.min(bounds.bytesMax, 2 * keyLengthMax + entryBytes),
    sizeCalculation: (_value, key) => bytesOf(key),
  });
}
