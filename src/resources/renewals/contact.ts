/** Whether a member itself can hear the nodes' agents: only then does their silence count. */

/**
 * Told of the member's own connection. Pure; times are monotonic ms. A connection that was away leaves agents half of
 * the time again after which they are silent: they are heard long before that.
 */
export class Contact {
  readonly #allowanceMs: number;
  #isLost = false;
  #foundAt = -Infinity;

  constructor(silentMs: number) {
    this.#allowanceMs = silentMs / 2;
  }

  lost(): void {
    this.#isLost = true;
  }

  found(now: number): void {
    this.#isLost = false;
    this.#foundAt = now;
  }

  /** When a node was last heard, or would have been; undefined for one that could have been heard and never was. */
  heardAt(heardAt: number | undefined, now: number): number | undefined {
    const excusedAt = (this.#isLost ? now : this.#foundAt) - this.#allowanceMs;
    const at = Math.max(heardAt ?? -Infinity, excusedAt);
    return at === -Infinity ? undefined : at;
  }
}
