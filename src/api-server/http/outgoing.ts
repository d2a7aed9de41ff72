/** Where an answer goes, whichever kind of connection it takes. */
import { limits } from '../../base/index.ts';
import type { BodySink } from '../request.ts';

export type AnswerHeaders = Readonly<Record<string, string | string[]>>;

/** Where one answer goes: a plain connection, or the response of Node's own HTTP machinery. */
export interface Outgoing {
  /** A whole answer; a length, if it has one, is among the headers. */
  send(status: number, headers: AnswerHeaders, pieces: readonly Uint8Array[]): void;
  /** Sends the head of an answer that lasts; its body follows through the sink. */
  stream(status: number, headers: AnswerHeaders): BodySink;
}

/**
 * Up to this size a body is handed over as a text of its bytes: head and body then are one write, which saves a sixth
 * of a request's cost.
 */
export const joinedBytesMax = 64 * 1024;
export const waitingBytesMax = limits.streamWaitingBytesMax;

/** The bytes as a text of as many characters. */
export function latin1Of(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString(
    'latin1',
  );
}

/** What is larger (the present objects at the start of a watch) is not worth a second copy. */
export const sharedBytesMax = 64 * 1024;

/** Chunks by the bytes that they carry: all watchers of a collection are sent the very same bytes. */
export class SharedChunks {
  readonly #chunks = new WeakMap<Uint8Array, Buffer>();

  /**
   * The bytes as one chunk of a streamed body (RFC 9112 section 7.1), made once for all readers that are given the same
   * bytes.
   */
  of(bytes: Uint8Array): Buffer {
    const known = this.#chunks.get(bytes);
    if (known !== undefined) return known;
    const made = Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
    if (bytes.byteLength <= sharedBytesMax) this.#chunks.set(bytes, made);
    return made;
  }
}
