/** Joins messages that come in pieces. */
import { doorHeaders } from './api-request.ts';

/**
 * Puts what comes in pieces over one subject together again, piece by piece in their order: a doubled one counts once,
 * and after a lost one nothing is whole until the next message begins. So what is given out is what was sent.
 */
export class Pieces {
  #pieces: Uint8Array[] = [];
  #expected = 0;
  /** The message that the pieces are of. */
  #message: string | undefined;

  /** The whole message once its last piece is here. */
  add({
    payload,
    headers = {},
  }: {
    readonly payload: Uint8Array;
    readonly headers?: Readonly<Record<string, string>> | undefined;
  }): Uint8Array | undefined {
    const [count, number, message] = [
      headers[doorHeaders.chunks],
      headers[doorHeaders.chunk],
      headers[doorHeaders.message],
    ];
    if (count === undefined && number === undefined) return payload;
    if (Number(number ?? 0) === 0) {
      this.#pieces = [payload];
      this.#expected = Number(count ?? 0);
      this.#message = message;
    } else if (message !== this.#message) this.#forget();
    else if (Number(number) === this.#pieces.length) this.#pieces.push(payload);
    else if (!(Number(number) < this.#pieces.length)) this.#forget();
    return this.#expected > 0 && this.#pieces.length === this.#expected ? this.#whole() : undefined;
  }

  #whole(): Uint8Array {
    const bytes = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    this.#forget();
    return bytes;
  }

  #forget(): void {
    this.#pieces = [];
    this.#expected = 0;
  }
}
