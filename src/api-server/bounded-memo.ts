/** Remembers values by the text that they are made of, within a bound in bytes: clients choose the texts. */

/** Values of longer texts are not kept: what clients ask again and again is short. */
const keyLengthMax = 1024;
/** What an entry is taken to weigh beside its key. */
const entryBytes = 512;

/** Remembers what `make` gave, and forgets everything at once when there is too much of it. */
export class BoundedMemo<V> {
  readonly #values = new Map<string, V>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The value of a key. What `make` throws is thrown, and not remembered. */
  of(key: string, make: () => V): V {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (key.length <= keyLengthMax) this.#remember(key, made);
    return made;
  }

  /** Estimated bytes of what is remembered. */
  get bytes(): number {
    return this.#bytes;
  }

  #remember(key: string, value: V): void {
    const bytes = 2 * key.length + entryBytes;
    if (this.#bytes + bytes > this.#bytesMax) {
      this.#values.clear();
      this.#bytes = 0;
    }
    this.#values.set(key, value);
    this.#bytes += bytes;
  }
}
