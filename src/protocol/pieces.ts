import { doorHeaders } from './api-request.ts';

/** Puts what comes in pieces over one subject together again. */
export class Pieces {
  #pieces: Uint8Array[] = [];
  #expected = 1;
  #here = 0;

  /** The whole message once its last piece is here. */
  add({ payload, headers = {} }: { readonly payload: Uint8Array; readonly headers?: Readonly<Record<string, string>> }): Uint8Array | undefined {
    const count = Number(headers[doorHeaders.chunks] ?? 0);
    if (count === 0 && headers[doorHeaders.chunk] === undefined) return payload;
    if (count > 1) this.#expected = count;
    this.#pieces[Number(headers[doorHeaders.chunk] ?? 0)] = payload;
    this.#here += 1;
    return this.#here >= this.#expected ? this.#whole() : undefined;
  }

  #whole(): Uint8Array {
    const bytes = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    this.#pieces = [];
    this.#expected = 1;
    this.#here = 0;
    return bytes;
  }
}
