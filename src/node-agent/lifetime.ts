/** What a running agent has opened, and whether it still runs. */

type Closer = () => void | Promise<void>;

export class Lifetime {
  readonly #closers: Closer[] = [];
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  /** Closes it at the end; at once where the end has come while it was being opened. */
  atEnd(close: Closer): void {
    if (this.#over) void close();
    else this.#closers.push(close);
  }

  /** Closes everything, the last opened first, one after the other. */
  async end(): Promise<void> {
    this.#over = true;
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}
