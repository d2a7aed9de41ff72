/** Says of each member's lease whether it is fresh, by the reader's clock alone. */

/** How long a lease holds after a change. */
export const leaseMs = 6_000;

/** Remembers when it saw each lease change; a lease is fresh for `leaseMs` from then on. */
export class FreshLeases {
  readonly #seen = new Map<string, { readonly renewTime: string; readonly at: number }>();

  /** The members with a fresh lease. `now`: awake ms. */
  look(found: readonly { readonly member: string; readonly renewTime: string }[], now: number): ReadonlySet<string> {
    const present = new Set(found.map(({ member }) => member));
    for (const member of this.#seen.keys()) if (!present.has(member)) this.#seen.delete(member);
    for (const { member, renewTime } of found)
      if (this.#seen.get(member)?.renewTime !== renewTime) this.#seen.set(member, { renewTime, at: now });
    return new Set([...this.#seen].filter(([, { at }]) => now - at < leaseMs).map(([member]) => member));
  }
}
