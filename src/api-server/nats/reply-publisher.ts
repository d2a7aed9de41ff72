/** Sends messages to clients' reply subjects, in pieces where one message cannot hold them. */
import { limits } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { doorHeaders } from '../../protocol/index.ts';

/** Room for the headers of a message. */
const pieceBytesMax = limits.busPayloadBytesMax - 16 * 1024;

interface PublishOptions {
  /** Where the client answers. */
  readonly reply?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Numbers the messages that go out in pieces, so that clients tell them apart. One for all of a door's answers. */
export class ReplyPublisher {
  readonly #bus: Bus;
  #inPieces = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Each piece carries its number and the message's, the first also how many there are. */
  publish(subject: string, bytes: Uint8Array, { reply, headers }: PublishOptions = {}): void {
    if (bytes.byteLength <= pieceBytesMax) {
      this.#bus.publish(subject, bytes, { reply, headers });
      return;
    }
    const count = Math.ceil(bytes.byteLength / pieceBytesMax);
    this.#inPieces += 1;
    for (let i = 0; i < count; i++) {
      const piece = bytes.subarray(i * pieceBytesMax, (i + 1) * pieceBytesMax);
      const place = { [doorHeaders.message]: String(this.#inPieces), [doorHeaders.chunk]: String(i) };
      const first = i === 0 ? { [doorHeaders.chunks]: String(count) } : {};
      this.#bus.publish(subject, piece, { reply, headers: { ...headers, ...place, ...first } });
    }
  }
}
