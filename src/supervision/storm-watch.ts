/** Restart storms: actors that restart too often. */

const windowMs = 60_000;

/** Counts the restarts of each actor within the last minute, from the totals that frames carry. */
export class StormWatch {
  readonly #totals = new Map<string, number>();
  readonly #times = new Map<string, number[]>();

  /**
   * Notes an actor's total; returns how many restarts are new. The `first` frame of a process tells of the past, which
   * is no news. `now` is monotonic.
   */
  seen(actor: string, restarts: number, { now, first }: { readonly now: number; readonly first: boolean }): number {
    const more = first ? 0 : Math.max(0, restarts - (this.#totals.get(actor) ?? 0));
    if (restarts > 0) this.#totals.set(actor, restarts);
    else this.#totals.delete(actor);
    if (more > 0)
      this.#times.set(actor, [...(this.#times.get(actor) ?? []), ...Array.from({ length: more }, () => now)]);
    return more;
  }

  /** Actors with restarts in the minute before `now`. */
  recent(now: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [actor, times] of this.#times) {
      const kept = times.filter((at) => now - at < windowMs);
      if (kept.length === 0) this.#times.delete(actor);
      else {
        this.#times.set(actor, kept);
        counts.set(actor, kept.length);
      }
    }
    return counts;
  }
}
