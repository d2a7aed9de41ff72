import { errorMessage, limits, type Timer, type Timers } from '../base/index.ts';
import {
  type Bus,
  type BusMessage,
  decode,
  encode,
  memberInboxPrefix,
  type Subscription,
  subjectsOf,
} from '../bus/index.ts';
import {
  type ApiReply,
  type ApiRequest,
  type ControlMessage,
  doorHeaders,
  Pieces,
  type StreamMessage,
  streamWindowFrames,
} from '../protocol/index.ts';
import { ApiError } from './api-error.ts';

export interface WirePorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly cluster: string;
  /** Called for each request, since tokens are renewed. */
  readonly token: () => string;
  readonly deadlineMs: number;
}

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

/** Requests and streams as docs/nats.md describes them. */
export interface Wire {
  request(request: ApiRequest, headers?: Readonly<Record<string, string>>): Promise<ApiReply>;
  stream(request: ApiRequest, listener: StreamListener): OpenedStream;
}

/** Room for the headers of a message. */
const pieceBytes = limits.busPayloadBytesMax - 16 * 1024;
/** Heartbeats come every 10 s. */
const silenceMs = 25_000;
const windowMessages = 512;
const acknowledgeMessages = 128;

/**
 * What is under way, to be ended when the connection is lost: the bus delivers at most once, so nothing would end it
 * before its time.
 */
type UnderWay = Set<(why: string) => void>;

export function createWire(ports: WirePorts): Wire {
  const underWay: UnderWay = new Set();
  ports.bus.onStatus((status) => {
    if (status !== 'connected')
      for (const fail of [...underWay]) fail(`the connection to NATS is ${status}; the answer may be lost`);
  });
  return {
    request: async (request, headers = {}) => {
      const reply = await exchange(ports, underWay, { request, headers });
      if (reply.status >= 200 && reply.status < 300) return reply;
      throw new ApiError(reply.status, reply.body);
    },
    stream: (request, listener) => openStream(ports, underWay, { request, listener }),
  };
}

function headersOf(
  { token, deadlineMs }: WirePorts,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    Authorization: `Bearer ${token()}`,
    [doorHeaders.deadline]: String(deadlineMs),
    'User-Agent': 'troupe-client',
    ...more,
  };
}

function exchange(
  ports: WirePorts,
  underWay: UnderWay,
  { request, headers }: { readonly request: ApiRequest; readonly headers: Readonly<Record<string, string>> },
): Promise<ApiReply> {
  const { bus, timers, deadlineMs } = ports;
  return new Promise((resolve, reject) => {
    const inbox = bus.inbox();
    const pieces = new Pieces();
    const fail = (why: string): void => {
      settle(() => {
        reject(new ApiError(503, undefined, why));
      });
    };
    underWay.add(fail);
    const timer = timers.after(deadlineMs + 1_000, () => {
      fail(`no answer over NATS within ${deadlineMs} ms`);
    });
    const { head, body } = split(request);
    const subscription = bus.subscribe(inbox, (message) => {
      if (message.payload.byteLength === 0) {
        fail('no member of the cluster answers over NATS');
        return;
      }
      const whole = pieces.add(message);
      if (whole === undefined) return;
      const reply = decode(whole) as ApiReply;
      if (reply.status === 100 && body !== undefined) upload(bus, message.reply ?? '', body);
      else
        settle(() => {
          resolve(reply);
        });
    });
    const settle = (then: () => void): void => {
      timer.cancel();
      underWay.delete(fail);
      subscription.close();
      then();
    };
    try {
      bus.publish(subjectsOf(ports.cluster).api, head, { reply: inbox, headers: headersOf(ports, headers) });
    } catch (error) {
      fail(errorMessage(error));
    }
  });
}

/** A request that does not fit into one message is sent without its body, which follows in pieces. */
function split(request: ApiRequest): { readonly head: Uint8Array; readonly body?: Uint8Array } {
  const head = encode(request);
  if (head.byteLength <= pieceBytes) return { head };
  const isText = typeof request.body === 'string' && request.contentType?.includes('json') === false;
  const body = new TextEncoder().encode(isText ? String(request.body) : JSON.stringify(request.body));
  return { head: encode({ ...request, body: undefined, uploadBytes: body.byteLength }), body };
}

function upload(bus: Bus, subject: string, body: Uint8Array): void {
  for (let i = 0; i * pieceBytes < body.byteLength; i++)
    bus.publish(subject, body.subarray(i * pieceBytes, (i + 1) * pieceBytes), {
      headers: { [doorHeaders.chunk]: String(i) },
    });
}

function openStream(
  ports: WirePorts,
  underWay: UnderWay,
  { request, listener }: { readonly request: ApiRequest; readonly listener: StreamListener },
): OpenedStream {
  const stream = new ClientStream(ports, listener);
  const lost = (why: string): void => {
    stream.fail(why);
  };
  underWay.add(lost);
  stream.onOver = () => {
    underWay.delete(lost);
  };
  ports.bus.publish(subjectsOf(ports.cluster).api, encode(request), {
    reply: stream.inbox,
    headers: headersOf(ports, { [doorHeaders.window]: String(windowMessages) }),
  });
  return stream;
}

/**
 * The client's end of a stream: checks the numbers, acknowledges, and sends its own frames within the door's window.
 */
class ClientStream implements OpenedStream {
  readonly inbox: string;
  onOver: () => void = () => undefined;
  readonly #ports: WirePorts;
  readonly #listener: StreamListener;
  readonly #subscriptions: readonly Subscription[];
  readonly #pieces = new Pieces();
  readonly #frames: ControlMessage[] = [];
  #silence: Timer;
  #control: string | undefined;
  #expected = 1;
  #acknowledged = 0;
  #sent = 0;
  #taken = 0;
  #over = false;

  constructor(ports: WirePorts, listener: StreamListener) {
    this.#ports = ports;
    this.#listener = listener;
    this.inbox = ports.bus.inbox();
    const subjects = subjectsOf(ports.cluster);
    this.#subscriptions = [
      ports.bus.subscribe(this.inbox, (message) => {
        this.#receive(message);
      }),
      ports.bus.subscribe(subjects.gone('*'), ({ subject }) => {
        this.#memberGone(subjects.goneMember(subject));
      }),
    ];
    this.#silence = this.#alarm();
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
    if (this.#control !== undefined && !this.#over) this.#steer({ close: true });
    this.#finish(undefined);
  }

  fail(why: string): void {
    this.#finish(new ApiError(503, undefined, why));
  }

  /** The member that serves the stream is named by the subject that steers it; before that is known it may be any. */
  #memberGone(member: string): void {
    if (this.#control === undefined || this.#control.startsWith(`${memberInboxPrefix(member)}.`))
      this.fail(`${member}, which served the stream, fell silent`);
  }

  #alarm(): Timer {
    return this.#ports.timers.after(silenceMs, () => {
      this.fail('the stream is silent');
    });
  }

  #receive(message: BusMessage): void {
    this.#silence.cancel();
    this.#silence = this.#alarm();
    if (message.payload.byteLength === 0) {
      this.fail('no member of the cluster answers over NATS');
      return;
    }
    const whole = this.#pieces.add(message);
    if (whole === undefined || this.#over) return;
    this.#control = message.reply ?? this.#control;
    this.#take(decode(whole) as StreamMessage & { readonly body?: unknown });
    this.#flush();
  }

  #take(message: StreamMessage & { readonly body?: unknown }): void {
    const { seq, end, error, channel } = message;
    if (seq === undefined) {
      this.#finish(new ApiError(message.status ?? 500, message.body));
      return;
    }
    if (seq !== this.#expected) {
      this.fail(`message ${seq} came where ${this.#expected} was due`);
      return;
    }
    this.#expected += 1;
    this.#taken = Math.max(this.#taken, message.acknowledged ?? 0);
    this.#listener.message(message);
    if (end === true && channel === undefined)
      this.#finish(
        error === undefined ? undefined : new ApiError((error as { readonly code?: number }).code ?? 500, error),
      );
    else if (seq - this.#acknowledged >= acknowledgeMessages) {
      this.#acknowledged = seq;
      this.#steer({ acknowledged: seq });
    }
  }

  #flush(): void {
    while (!this.#over && this.#control !== undefined && this.#sent - this.#taken < streamWindowFrames) {
      const frame = this.#frames.shift();
      if (frame === undefined) return;
      this.#steer({ seq: ++this.#sent, ...frame });
    }
  }

  #steer(message: ControlMessage): void {
    if (this.#control !== undefined) this.#ports.bus.publish(this.#control, encode(message));
  }

  #finish(error: ApiError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#silence.cancel();
    for (const subscription of this.#subscriptions) subscription.close();
    this.onOver();
    this.#listener.ended(error);
  }
}
