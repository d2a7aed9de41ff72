/** The frames in which messages between members travel on the bus. */
import { Packr } from 'msgpackr';
import { crc32c } from '../../raft/wal/index.ts';
import { isStoreMessage, type StoreMessage } from './store-message.ts';

/*
 * What travels between members on the bus: a frame holds the messages of one tick for one member. A frame that is too
 * large for the bus travels in pieces, [from, id, position, count, crc of the whole, bytes]; a whole one is [messages].
 * Pieces that do not belong together give a wrong checksum and count as lost.
 */
const codec = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });

type Piece = readonly [from: string, id: number, position: number, count: number, crc: number, bytes: Uint8Array];

/** Unfinished frames of one sender, and the bytes of all of them, that are kept at most. */
const unfinishedMax = 8;
const unfinishedBytesMax = 64 * 1024 * 1024;

export function encodeFrame(messages: readonly StoreMessage[]): Uint8Array {
  return codec.pack([messages]);
}

/** Splits a frame into payloads of at most about `payloadBytesMax`. */
export function framePieces(
  whole: Uint8Array,
  place: { readonly from: string; readonly id: number; readonly payloadBytesMax: number },
): Uint8Array[] {
  if (whole.length <= place.payloadBytesMax) return [whole];
  const { from, id } = place;
  const pieceBytes = place.payloadBytesMax - 256 - from.length;
  const count = Math.ceil(whole.length / pieceBytes);
  const crc = crc32c(whole);
  return Array.from({ length: count }, (_, position) => {
    const piece: Piece = [
      from,
      id,
      position,
      count,
      crc,
      whole.subarray(position * pieceBytes, (position + 1) * pieceBytes),
    ];
    return codec.pack(piece);
  });
}

interface Unfinished {
  readonly crc: number;
  readonly pieces: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
}

/** Puts frames together again, whatever is lost, doubled or out of order. */
export class FrameReader {
  /** By sender and frame, oldest first. */
  readonly #unfinished = new Map<string, Unfinished>();

  /** The messages that this payload completes; undefined for one that is malformed or whose checksum is wrong. */
  read(payload: Uint8Array): readonly StoreMessage[] | undefined {
    const value = unpacked(payload);
    if (!Array.isArray(value)) return undefined;
    if (value.length === 1) return messagesOf(value[0]);
    return isPiece(value) ? this.#add(value) : undefined;
  }

  #add([from, id, position, count, crc, bytes]: Piece): readonly StoreMessage[] | undefined {
    const name = `${from} ${id}`;
    let frame = this.#unfinished.get(name);
    if (frame === undefined || frame.crc !== crc || frame.pieces.length !== count) {
      frame = { crc, pieces: new Array<Uint8Array | undefined>(count).fill(undefined), missing: count, bytes: 0 };
      this.#unfinished.delete(name);
      this.#unfinished.set(name, frame);
      this.#bound(from);
    }
    if (frame.pieces[position] !== undefined) return [];
    frame.pieces[position] = bytes;
    frame.missing -= 1;
    frame.bytes += bytes.length;
    if (frame.missing > 0) return [];
    this.#unfinished.delete(name);
    const whole = Buffer.concat(frame.pieces as Uint8Array[]);
    if (crc32c(whole) !== crc) return undefined;
    const value = unpacked(whole);
    return Array.isArray(value) && value.length === 1 ? messagesOf(value[0]) : undefined;
  }

  /** Forgets the oldest unfinished frames: what is missing of them was lost. */
  #bound(from: string): void {
    const own = [...this.#unfinished.keys()].filter((name) => name.startsWith(`${from} `));
    for (const name of own.slice(0, Math.max(0, own.length - unfinishedMax))) this.#unfinished.delete(name);
    let bytes = 0;
    for (const [name, frame] of [...this.#unfinished].reverse()) {
      bytes += frame.bytes;
      if (bytes > unfinishedBytesMax) this.#unfinished.delete(name);
    }
  }
}

function unpacked(payload: Uint8Array): unknown {
  try {
    return codec.unpack(payload);
  } catch {
    return undefined;
  }
}

function messagesOf(value: unknown): readonly StoreMessage[] | undefined {
  return Array.isArray(value) && value.every(isStoreMessage) ? value : undefined;
}

function isPiece(value: readonly unknown[]): value is Piece {
  const [from, id, position, count, crc, bytes] = value;
  const numbers = [id, position, count, crc].every(
    (field) => typeof field === 'number' && Number.isSafeInteger(field) && field >= 0,
  );
  return (
    value.length === 6 &&
    numbers &&
    typeof from === 'string' &&
    bytes instanceof Uint8Array &&
    (position as number) < (count as number) &&
    (count as number) <= 4096
  );
}
