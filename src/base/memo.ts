/** A cache of values that follow from their keys, within a bound. */

/**
 * Remembers what a pure function made of a key. Forgets everything at once when there are more than `entriesMax`: that
 * costs nothing per hit, and keys that recur are soon back.
 */
export class Memo<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #entriesMax: number;
  readonly #make: (key: Key) => Value;

  constructor(entriesMax: number, make: (key: Key) => Value) {
    this.#entriesMax = entriesMax;
    this.#make = make;
  }

  /** The value of a key. What the function throws is thrown, and not remembered. */
  of(key: Key): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = this.#make(key);
    if (this.#values.size >= this.#entriesMax) this.#values.clear();
    this.#values.set(key, made);
    return made;
  }
}
