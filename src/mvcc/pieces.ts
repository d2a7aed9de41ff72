/** Chunks that are too large travel in pieces. */
import { Packr } from 'msgpackr';
import { assert, limits } from '../base/index.ts';

/*
 * A piece is the bytes of a part of a chunk, packed as bytes; behind the last one comes a packed nil. No chunk is
 * packed as either.
 */
const codec = new Packr({ useRecords: false, variableMapSize: true });
const end = 0xc0;
const byteMarks: ReadonlySet<number | undefined> = new Set([0xc4, 0xc5, 0xc6]);
/** What a chunk in pieces may be at most: one version with its index. */
const wholeBytesMax = 16 * 1024 * 1024;

/** Bytes of a chunk that travels whole, and of a part of a larger one. */
export const pieceBytes = limits.pieceBytesMax / 2;

/** A large chunk as pieces of at most about `pieceBytes`. */
export function piecesOf(chunk: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < chunk.length; at += pieceBytes)
    pieces.push(new Uint8Array(codec.pack(chunk.subarray(at, at + pieceBytes))));
  return [...pieces, Uint8Array.of(end)];
}

/** Puts chunks together again. */
export class PieceJoiner {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The chunk that is whole with this piece; undefined while more are to come. */
  add(piece: Uint8Array): Uint8Array | undefined {
    if (piece.length === 1 && piece[0] === end) {
      const whole = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#bytes = 0;
      return whole;
    }
    if (!byteMarks.has(piece[0])) return piece;
    this.#bytes += piece.length;
    assert(this.#bytes <= wholeBytesMax, `a chunk in pieces has ${wholeBytesMax} bytes at most`);
    this.#parts.push(codec.unpack(piece) as Uint8Array);
    return undefined;
  }
}
