/** A cache that forgets what was used longest ago, within a bound in bytes and in entries: clients choose the keys. */

/** What an entry is taken to weigh beside its key. */
const entryBytes = 256;
/** Longer keys are not kept. */
const keyLengthMax = 16 * 1024;

interface CacheBounds {
  readonly bytesMax: number;
  readonly entriesMax: number;
}

export class BoundedCache<V> {
  /** In the order of their use, the oldest first. */
  readonly #values = new Map<string, V>();
  readonly #bounds: CacheBounds;
  #bytes = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    if (key.length > keyLengthMax) return;
    this.#forget(key);
    this.#values.set(key, value);
    this.#bytes += bytesOf(key);
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#bounds.bytesMax && this.#values.size <= this.#bounds.entriesMax) return;
      this.#forget(oldest);
    }
  }

  /** Estimated bytes of what is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  #forget(key: string): void {
    if (this.#values.delete(key)) this.#bytes -= bytesOf(key);
  }
}

function bytesOf(key: string): number {
  return 2 * key.length + entryBytes;
}
