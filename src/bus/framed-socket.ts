/** Payloads with a length in front, over one socket. */
import type { Socket } from 'node:net';

/*
 * A frame on a byte stream: length u32 (big-endian), then so many bytes.
 */
const headBytes = 4;
/** Payloads up to this size are copied behind their head, so that one system call sends both. */
const copiedBytesMax = 64 * 1024;

/** Payloads over one socket, whole and in order while the connection lasts. */
export class FramedSocket {
  readonly #socket: Socket;
  readonly #frameBytesMax: number;
  #parts: Buffer[] = [];
  #received = 0;
  /** Bytes that the frame under way needs, its head included. */
  #needed = headBytes;

  /** Called with each payload; the bytes are valid during the call only. */
  onPayload: (payload: Uint8Array) => void;

  /** A frame over `frameBytesMax` ends the connection. */
  constructor(
    socket: Socket,
    options: { readonly frameBytesMax: number; readonly onPayload: (payload: Uint8Array) => void },
  ) {
    this.#socket = socket;
    this.#frameBytesMax = options.frameBytesMax;
    this.onPayload = options.onPayload;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      this.#take(bytes);
    });
  }

  /** Bytes that wait for the other side to take them. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  send(payload: Uint8Array): void {
    if (payload.length > copiedBytesMax) {
      const head = Buffer.allocUnsafe(headBytes);
      head.writeUInt32BE(payload.length);
      this.#socket.cork();
      this.#socket.write(head);
      this.#socket.write(payload);
      this.#socket.uncork();
      return;
    }
    const frame = Buffer.allocUnsafe(headBytes + payload.length);
    frame.writeUInt32BE(payload.length);
    frame.set(payload, headBytes);
    this.#socket.write(frame);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Gathers pieces until a frame is whole: a large one is joined once, however many pieces it comes in. */
  #take(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#received += bytes.length;
    if (this.#received < this.#needed) return;
    let rest = this.#parts.length === 1 ? bytes : Buffer.concat(this.#parts);
    while (rest.length >= headBytes) {
      const length = rest.readUInt32BE(0);
      if (length > this.#frameBytesMax) {
        this.#socket.destroy();
        return;
      }
      this.#needed = headBytes + length;
      if (rest.length < this.#needed) break;
      this.onPayload(rest.subarray(headBytes, this.#needed));
      rest = rest.subarray(this.#needed);
      this.#needed = headBytes;
    }
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#received = rest.length;
  }
}
