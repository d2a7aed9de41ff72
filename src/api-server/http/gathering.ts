/** Gathers the pieces of an answer into a few larger ones. */

/**
 * What is encrypted and sent at a time: it stays in the processor's cache, and a slow reader holds no second copy of a
 * large answer.
 */
export const gatheredBytes = 128 * 1024;

/**
 * The pieces of an answer, in order, in as few larger ones: small ones are copied together into what `buffer` gives (of
 * `gatheredBytes`), large ones are cut. A piece may be overwritten once the next one is asked for, if `buffer` gives
 * the same again.
 */
export function* gathered(pieces: readonly Uint8Array[], buffer: () => Buffer): Generator<Uint8Array, undefined> {
  let into: Buffer | undefined;
  let filled = 0;
  for (const piece of pieces) {
    if (into !== undefined && filled + piece.byteLength > gatheredBytes) {
      yield into.subarray(0, filled);
      into = undefined;
    }
    if (piece.byteLength > gatheredBytes) {
      for (let at = 0; at < piece.byteLength; at += gatheredBytes) yield piece.subarray(at, at + gatheredBytes);
      continue;
    }
    if (into === undefined) {
      into = buffer();
      filled = 0;
    }
    into.set(piece, filled);
    filled += piece.byteLength;
  }
  if (into !== undefined) yield into.subarray(0, filled);
  return undefined;
}

/** For callers that cannot tell when a piece is out. */
export const freshBuffer = (): Buffer => Buffer.allocUnsafeSlow(gatheredBytes);

const spareMax = 16;

/**
 * Buffers that answers under way give back: a fresh one costs more than what is copied into it, since its pages must be
 * made.
 */
export class BufferPool {
  readonly #spare: Buffer[] = [];

  borrow(): Buffer {
    return this.#spare.pop() ?? freshBuffer();
  }

  /** Only once nobody reads it any more. */
  giveBack(buffer: Buffer): void {
    if (this.#spare.length < spareMax) this.#spare.push(buffer);
  }
}
