/** Tells that credentials have ended at once, whoever holds them. */

/** Something by which credentials were believed has gone: an authority, a signing key, a static token. */
export class Withdrawals {
  readonly #listeners = new Set<() => void>();

  onWithdrawn(listener: () => void): void {
    this.#listeners.add(listener);
  }

  announce(): void {
    for (const listener of this.#listeners) listener();
  }
}
