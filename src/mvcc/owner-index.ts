/** The index by owner reference. */

/** Which keys name a UID among their owner references. */
export class OwnerIndex {
  readonly #keys = new Map<string, Set<string>>();

  /** The keys, sorted: insertion order would differ between a replayed and a restored replica. */
  keysOf(uid: string): readonly string[] {
    return [...(this.#keys.get(uid) ?? [])].sort();
  }

  replace(key: string, before: readonly string[], after: readonly string[]): void {
    if (before.length === after.length && before.every((uid, position) => uid === after[position])) return;
    for (const uid of before) {
      const keys = this.#keys.get(uid);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(uid);
    }
    for (const uid of after) {
      const keys = this.#keys.get(uid);
      if (keys === undefined) this.#keys.set(uid, new Set([key]));
      else keys.add(key);
    }
  }
}
