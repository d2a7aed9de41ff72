/** A cache of values that follow from their keys, within a bound. */

/** By entries where the keys are few or short; by bytes where clients choose texts of any length. */
type MemoBound = { readonly entriesMax: number } | { readonly bytesMax: number };

/** With a bound in bytes, longer keys are not kept: what clients ask again and again is short. */
const keyLengthMax = 1024;
/** What an entry weighs beside its key, about. */
const entryBytes = 512;

/**
 * Remembers what a pure function made of a key. Forgets everything at once when there is too much of it: that costs
 * nothing per hit, and keys that recur are soon back.
 */
export class Memo<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #max: number;
  readonly #inBytes: boolean;
  #weight = 0;

  constructor(bound: MemoBound) {
    this.#inBytes = 'bytesMax' in bound;
    this.#max = 'bytesMax' in bound ? bound.bytesMax : bound.entriesMax;
  }

  /** The value of a key. What `make` throws is thrown, and not remembered. */
  of(key: Key, make: (key: Key) => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    this.#remember(key, made);
    return made;
  }

  /** How much of the bound is used. */
  get weight(): number {
    return this.#weight;
  }

  #remember(key: Key, value: Value): void {
    const length = typeof key === 'string' ? key.length : 0;
    if (this.#inBytes && length > keyLengthMax) return;
    const weight = this.#inBytes ? 2 * length + entryBytes : 1;
    if (this.#weight + weight > this.#max) {
      this.#values.clear();
      this.#weight = 0;
    }
    this.#values.set(key, value);
    this.#weight += weight;
  }
}
