/** Request bodies that do not fit into one message. */
import { badRequest, type StatusError, timeoutError, tooLarge, tooManyRequests } from '../../api/index.ts';
import { limits, type Timers } from '../../base/index.ts';
import { type Bus, type BusMessage, encode } from '../../bus/index.ts';
import { doorHeaders } from '../../protocol/index.ts';
import { utf8 } from '../request.ts';
import { joined } from './api-reply.ts';
import type { BusEncoding } from './api-request-parsing.ts';

interface UploadPorts {
  readonly bus: Bus;
  readonly timers: Timers;
}

interface UploadOptions {
  readonly reply: string;
  readonly encoding: BusEncoding;
  readonly bytes: number;
}

/** How long the next piece may take. */
const pieceMs = 10_000;

/**
 * Takes bodies that do not fit into one message: so many at a time, each up to the limit of every request. Senders are
 * told apart by their inboxes.
 */
export class BodyUploads {
  readonly #bySender = new Map<string, number>();
  #underWay = 0;

  /** Answers 100 with the subject for the pieces as reply, and gathers them in order. Rejects with a StatusError. */
  async take(ports: UploadPorts, options: UploadOptions): Promise<Uint8Array> {
    if (options.bytes > limits.requestBytesMax) throw tooLarge(`limit is ${limits.requestBytesMax}`);
    const sender = options.reply.slice(0, options.reply.lastIndexOf('.'));
    const own = this.#bySender.get(sender) ?? 0;
    if (this.#underWay >= limits.uploadsMax || own >= limits.uploadsPerSenderMax)
      throw tooManyRequests('too many bodies are being sent in pieces; please try again later', 1);
    this.#underWay += 1;
    this.#bySender.set(sender, own + 1);
    try {
      return await gather(ports, options);
    } finally {
      this.#underWay -= 1;
      const left = (this.#bySender.get(sender) ?? 1) - 1;
      if (left > 0) this.#bySender.set(sender, left);
      else this.#bySender.delete(sender);
    }
  }
}

/** The pieces of one body, as far as they have come. */
class UploadedBody {
  readonly #pieces: Uint8Array[] = [];
  readonly #bytes: number;
  #size = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  get whole(): boolean {
    return this.#size === this.#bytes;
  }

  /**
   * True if the piece was the next one; a doubled one counts once. Throws the 400 for a lost piece, and for more bytes
   * than were announced.
   */
  add({ payload, headers }: BusMessage): boolean {
    if (payload.byteLength === 0) throw badRequest('the client went away');
    const number = Number(headers?.[doorHeaders.chunk] ?? this.#pieces.length);
    if (number < this.#pieces.length) return false;
    if (number > this.#pieces.length) throw badRequest(`piece ${this.#pieces.length} of the body was lost`);
    this.#pieces.push(payload);
    this.#size += payload.byteLength;
    if (this.#size > this.#bytes) throw badRequest(`the body has more than the ${this.#bytes} announced bytes`);
    return true;
  }

  joined(): Uint8Array {
    return joined(this.#pieces);
  }

  /** That the next piece did not come in time. */
  late(): StatusError {
    return timeoutError(`the body did not come: ${this.#size} of ${this.#bytes} bytes are here`);
  }
}

function gather({ bus, timers }: UploadPorts, { reply, encoding, bytes }: UploadOptions): Promise<Uint8Array> {
  const body = new UploadedBody(bytes);
  if (body.whole) return Promise.resolve(new Uint8Array(0));
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const inbox = bus.inbox();
  const late = (): void => {
    reject(body.late());
  };
  let timer = timers.after(pieceMs, late);
  const subscription = bus.subscribe(inbox, (message) => {
    try {
      if (!body.add(message)) return;
    } catch (error) {
      reject(error);
      return;
    }
    timer.cancel();
    if (body.whole) resolve(body.joined());
    else timer = timers.after(pieceMs, late);
  });
  const go = { status: 100, headers: {}, body: null };
  bus.publish(reply, encoding === 'json' ? utf8(JSON.stringify(go)) : encode(go), { reply: inbox });
  return promise.finally(() => {
    timer.cancel();
    subscription.close();
  });
}
