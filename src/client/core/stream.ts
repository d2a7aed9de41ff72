/** The client's end of a stream: numbers are checked and acknowledged, frames sent within the window. */
import { errorMessage, noTraces, parseTraceparent, type Timer } from '../../base/index.ts';
import { type BusMessage, memberInboxPrefix, type Subscription } from '../../bus/index.ts';
import {
  acknowledgeSent,
  type ApiRequest,
  type ControlMessage,
  doorHeaders,
  endWindow,
  mayNumberNext,
  numberNext,
  openWindow,
  Pieces,
  receiveNumber,
  type StreamMessage,
  type StreamWindow,
  streamWindowFrames,
  takeMessages,
} from '../../protocol/index.ts';
import { ApiError } from './api-error.ts';
import { decodeMessage, encodeMessage, type MessageEncoding } from './encoding.ts';
import type { Exchange, Exchanges } from './exchanges.ts';
import { headersOf, type WirePorts } from './ports.ts';

/** Heartbeats come every 10 s: a stream that is silent for longer than two of them is dead. */
const silenceMs = 25_000;

export interface StreamListener {
  message(message: StreamMessage): void;
  /** Called once. `error` is absent when the stream came to its end. */
  ended(error: ApiError | undefined): void;
}

export interface OpenedStream {
  send(channel: number, data: Uint8Array): void;
  end(channel: number): void;
  close(): void;
}

/** What a stream carries: events of a watch, or bytes of channels. */
export type StreamContent = 'events' | 'bytes';

interface ContentSettings {
  readonly encoding: MessageEncoding;
  /** Messages that the door may send ahead; a quarter of them is acknowledged at a time. */
  readonly windowMessages: number;
}

const settings: Readonly<Record<StreamContent, ContentSettings>> = {
  events: { encoding: 'json', windowMessages: 2_000 },
  bytes: { encoding: 'msgpack', windowMessages: 512 },
};

interface StreamPorts extends WirePorts {
  readonly exchanges: Exchanges;
  readonly subject: string;
}

interface StreamRequest {
  readonly request: ApiRequest;
  readonly content: StreamContent;
  readonly listener: StreamListener;
}

/** The answer that refuses a stream; it has no number. */
interface Refusal {
  readonly seq?: undefined;
  readonly status?: number;
  readonly body?: unknown;
}

export class ClientStream implements OpenedStream, Exchange {
  readonly #ports: StreamPorts;
  readonly #asked: StreamRequest;
  readonly #settings: ContentSettings;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #pieces = new Pieces();
  readonly #frames: ControlMessage[] = [];
  readonly #window: StreamWindow;
  #silence: Timer;
  /** Where the stream is steered: a subject of the member that serves it. Undefined until it sent something. */
  #control: string | undefined;

  constructor(ports: StreamPorts, asked: StreamRequest) {
    this.#ports = ports;
    this.#asked = asked;
    this.#settings = settings[asked.content];
    this.#window = openWindow({
      sendMax: streamWindowFrames,
      acknowledgeEvery: this.#settings.windowMessages / 4,
    });
    this.#inbox = ports.bus.inbox();
    this.#subscription = ports.bus.subscribe(this.#inbox, (message) => {
      this.#receive(message);
    });
    this.#silence = this.#alarm();
    ports.exchanges.begin(this);
  }

  start(): void {
    const { bus, subject } = this.#ports;
    const { encoding, windowMessages } = this.#settings;
    try {
      bus.publish(subject, encodeMessage(this.#asked.request, encoding), {
        reply: this.#inbox,
        headers: headersOf(this.#ports, { [doorHeaders.window]: String(windowMessages) }),
      });
    } catch (error) {
      this.fail(errorMessage(error));
    }
  }

  send(channel: number, data: Uint8Array): void {
    this.#frames.push({ channel, data });
    this.#flush();
  }

  end(channel: number): void {
    this.#frames.push({ channel, end: true });
    this.#flush();
  }

  close(): void {
    if (!this.#window.over) this.#steer({ close: true });
    this.#finish(undefined);
  }

  fail(why: string): void {
    this.#finish(new ApiError(503, undefined, why));
  }

  /** A stream that sent nothing yet may be at any member. */
  memberGone(member: string): void {
    if (this.#control === undefined || this.#control.startsWith(`${memberInboxPrefix(member)}.`))
      this.fail(`${member}, which served the stream, fell silent`);
  }

  #alarm(): Timer {
    return this.#ports.timers.after(silenceMs, () => {
      this.fail('the stream is silent');
    });
  }

  #receive(message: BusMessage): void {
    if (this.#window.over) return;
    this.#silence.cancel();
    this.#silence = this.#alarm();
    if (message.payload.byteLength === 0) {
      this.fail('no member of the cluster answers over NATS');
      return;
    }
    const whole = this.#pieces.add(message);
    if (whole === undefined) return;
    this.#control = message.reply ?? this.#control;
    const received = readMessage(whole);
    if (received instanceof ApiError) this.#finish(received);
    else this.#take(received);
    this.#flush();
  }

  #take(message: StreamMessage | Refusal): void {
    if (message.seq === undefined) {
      this.#finish(new ApiError(message.status ?? 500, message.body));
      return;
    }
    if (receiveNumber(this.#window, message.seq) !== 'next') {
      this.fail(`message ${message.seq} came where ${this.#window.received + 1} was due`);
      return;
    }
    acknowledgeSent(this.#window, message.acknowledged ?? 0);
    this.#tell(message);
    const { end, channel, error } = message;
    if (end === true && channel === undefined)
      this.#finish(error === undefined ? undefined : new ApiError(codeOf(error), error));
    else {
      const acknowledged = takeMessages(this.#window);
      if (acknowledged !== undefined) this.#steer({ acknowledged });
    }
  }

  /** The listener acts within the trace of the request that caused an event. */
  #tell(message: StreamMessage): void {
    const { traces = noTraces } = this.#ports;
    traces.run(parseTraceparent(message.traceparent), () => {
      this.#asked.listener.message(message);
    });
  }

  #flush(): void {
    while (this.#control !== undefined && this.#frames.length > 0 && mayNumberNext(this.#window))
      this.#steer({ seq: numberNext(this.#window), ...this.#frames.shift() });
  }

  #steer(message: ControlMessage): void {
    if (this.#control !== undefined)
      this.#ports.bus.publish(this.#control, encodeMessage(message, this.#settings.encoding));
  }

  #finish(error: ApiError | undefined): void {
    if (!endWindow(this.#window)) return;
    this.#silence.cancel();
    this.#subscription.close();
    this.#ports.exchanges.finish(this);
    this.#asked.listener.ended(error);
  }
}

function readMessage(bytes: Uint8Array): StreamMessage | Refusal | ApiError {
  try {
    const message = decodeMessage(bytes);
    if (typeof message === 'object' && message !== null) return message;
    return new ApiError(503, undefined, 'a message of the stream is not an object');
  } catch (error) {
    return new ApiError(503, undefined, `a message of the stream cannot be read: ${errorMessage(error)}`);
  }
}

function codeOf(error: unknown): number {
  return (error as { readonly code?: number }).code ?? 500;
}
