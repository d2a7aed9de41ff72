/** The door's end of a stream over NATS. */
import { type StatusError, tooManyRequests } from '../../api/index.ts';
import { limits, type Timers } from '../../base/index.ts';
import { type Bus, decode, encode, type Subscription } from '../../bus/index.ts';
import {
  acknowledgeSent,
  type ControlMessage,
  endWindow,
  mayNumberNext,
  numberNext,
  openWindow,
  type StreamMessage,
  type StreamWindow,
} from '../../protocol/index.ts';
import { textOf, utf8 } from '../request.ts';
import { flatHeaders, jsonAround } from './api-reply.ts';
import type { BusEncoding } from './api-request-parsing.ts';
import type { ReplyPublisher } from './reply-publisher.ts';

interface StreamPorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly replies: ReplyPublisher;
}

interface StreamOptions {
  readonly reply: string;
  readonly encoding: BusEncoding;
  /** Messages that may be under way without an acknowledgement; undefined: the client does not acknowledge. */
  readonly window: number | undefined;
}

/** What a stream is given to send. An event comes as the JSON bytes that HTTP would send. */
type StreamPiece =
  | { readonly type: 'event'; readonly json: Uint8Array; readonly traceparent?: string | undefined }
  | { readonly type: 'data'; readonly channel: number; readonly data: Uint8Array };

/** A silent stream says so often that it lives, and learns whether anybody still listens. */
const heartbeatMs = 10_000;
/** A client with a window that acknowledges nothing for this long, while something waits for it, is cut off. */
const stalledMs = 60_000;

/**
 * Numbered messages to a reply subject, within the window that the client asked
 * for. Every message names a control subject as its reply: there the client acknowledges, closes and sends. The server
 * tells at once, by an empty message on that subject, when nobody listens to the stream any more. What waits is bounded
 * in bytes and in time.
 */
export class OutgoingStream {
  readonly #ports: StreamPorts;
  readonly #options: StreamOptions;
  readonly #control: string;
  readonly #window: StreamWindow;
  readonly #subscription: Subscription;
  readonly #stopHeartbeat: () => void;
  readonly #closed: (() => void)[] = [];
  readonly #drained: (() => void)[] = [];
  #waiting: StreamPiece[] = [];
  #waitingBytes = 0;
  #listener: (message: ControlMessage) => void = () => undefined;
  #lastEvent: Uint8Array | undefined;
  #idle = true;
  #stalledBeats = 0;
  #ending = false;

  constructor(ports: StreamPorts, options: StreamOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#window = openWindow({ sendMax: options.window ?? Infinity });
    this.#control = ports.bus.inbox();
    this.#subscription = ports.bus.subscribe(this.#control, (message) => {
      this.#controlled(message.payload);
    });
    const timer = ports.timers.every(heartbeatMs, () => {
      this.#heartbeat();
    });
    this.#stopHeartbeat = () => {
      timer.cancel();
    };
  }

  /** Something waits for the client's acknowledgements: a source that can be held back should be. */
  get full(): boolean {
    return this.#waiting.length > 0;
  }

  /** Tells the client that the stream stands and, by the reply subject, where it is steered. */
  open(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void {
    this.publish({ status, headers: flatHeaders(headers) });
  }

  /** False: more waits than may; the stream should be ended. */
  send(piece: StreamPiece): boolean {
    if (this.#window.over) return false;
    this.#waiting.push(piece);
    this.#waitingBytes += sizeOf(piece);
    this.#flush();
    return this.#waitingBytes < limits.streamWaitingBytesMax;
  }

  /** Sends fields at once, whatever waits. */
  publish(fields: Omit<StreamMessage, 'seq'>): void {
    if (this.#window.over) return;
    this.#publishBytes(bytesOf({ seq: numberNext(this.#window), ...fields }, this.#options.encoding));
  }

  onControl(listener: (message: ControlMessage) => void): void {
    this.#listener = listener;
  }

  onDrain(listener: () => void): void {
    this.#drained.push(listener);
  }

  /** Called once when either end has ended the stream; at once if it is over. */
  onClose(listener: () => void): void {
    if (this.#window.over) listener();
    else this.#closed.push(listener);
  }

  /** Ends the stream once what waits is sent; at once when that is too much, or with an error. */
  end(error?: StatusError): void {
    if (error !== undefined) this.#finish(error);
    else if (this.#waitingBytes >= limits.streamWaitingBytesMax) this.#cutOff();
    else {
      this.#ending = true;
      this.#flush();
    }
  }

  #flush(): void {
    const window = this.#window;
    let sent = 0;
    for (const piece of this.#waiting) {
      if (!mayNumberNext(window)) break;
      sent += 1;
      this.#waitingBytes -= sizeOf(piece);
      this.#idle = false;
      if (piece.type === 'event') this.#lastEvent = piece.json;
      this.#publishBytes(pieceBytes(numberNext(window), piece, this.#options.encoding));
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (window.over || this.#waiting.length > 0) return;
    if (this.#ending) this.#finish();
    else if (sent > 0) for (const listener of this.#drained) listener();
  }

  #publishBytes(bytes: Uint8Array): void {
    this.#ports.replies.publish(this.#options.reply, bytes, { reply: this.#control });
  }

  #heartbeat(): void {
    this.#stalledBeats = this.#waiting.length > 0 ? this.#stalledBeats + 1 : 0;
    if (this.#stalledBeats * heartbeatMs >= stalledMs) this.#cutOff();
    else if (this.#idle) this.publish({});
    this.#idle = true;
  }

  #controlled(payload: Uint8Array): void {
    // The server's own word: nobody listens on the reply subject.
    if (payload.byteLength === 0) {
      this.#stop();
      return;
    }
    const message = controlOf(payload);
    if (message === undefined) return;
    const { acknowledged } = message;
    if (typeof acknowledged === 'number' && acknowledgeSent(this.#window, acknowledged)) {
      this.#stalledBeats = 0;
      this.#flush();
    }
    if (message.channel !== undefined) this.#listener(message);
    if (message.close === true) this.#stop();
  }

  #cutOff(): void {
    this.#finish(
      tooManyRequests(
        `the client was too slow: ${this.#waiting.length} messages waited for its acknowledgements; ` +
          'ask again from where the stream ended',
        1,
      ),
    );
  }

  #finish(error?: StatusError): void {
    const resourceVersion = this.#lastEvent === undefined ? undefined : versionOf(this.#lastEvent);
    this.publish({ end: true, error: error?.body(), resourceVersion });
    this.#stop();
  }

  #stop(): void {
    if (!endWindow(this.#window)) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#stopHeartbeat();
    this.#subscription.close();
    for (const listener of this.#closed) listener();
  }
}

function sizeOf(piece: StreamPiece): number {
  return piece.type === 'event' ? piece.json.byteLength : piece.data.byteLength;
}

function bytesOf(message: StreamMessage, encoding: BusEncoding): Uint8Array {
  return encoding === 'json' ? utf8(JSON.stringify(message)) : encode(message);
}

/** An event's stored bytes go into a JSON message as they are. */
function pieceBytes(seq: number, piece: StreamPiece, encoding: BusEncoding): Uint8Array {
  if (piece.type === 'data') {
    const { channel, data } = piece;
    return bytesOf({ seq, channel, data: encoding === 'json' ? base64(data) : data }, encoding);
  }
  const { json, traceparent } = piece;
  if (encoding === 'msgpack') return encode({ seq, traceparent, event: JSON.parse(textOf(json)) as unknown });
  const trace = traceparent === undefined ? '' : `"traceparent":"${traceparent}",`;
  return jsonAround(`{"seq":${seq},${trace}"event":`, [json]);
}

function base64(data: Uint8Array): string {
  return Buffer.from(data).toString('base64');
}

/** The version of an event's object; undefined for events that carry none (errors). */
function versionOf(event: Uint8Array): string | undefined {
  const { object } = JSON.parse(textOf(event)) as {
    readonly object?: { readonly metadata?: { readonly resourceVersion?: string | undefined } };
  };
  return object?.metadata?.resourceVersion;
}

/** A control message; undefined for what is none. */
function controlOf(payload: Uint8Array): ControlMessage | undefined {
  try {
    const value: unknown = payload[0] === 0x7b ? JSON.parse(textOf(payload)) : decode(payload);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
