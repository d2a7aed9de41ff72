/** The API over NATS: the same handler, the same answers. */
import { badRequest, excessOf, timeoutError } from '../../api/index.ts';
import { delay, errorMessage, limits, type Logger, type Metrics, type Timers, type Turns } from '../../base/index.ts';
import type { Bus, BusMessage, Subjects, Subscription } from '../../bus/index.ts';
import { doorHeaders } from '../../protocol/index.ts';
import { failureResponse, isDefect, statusOf } from '../answers/failure.ts';
import type { ApiHandler } from '../handler.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf, type MessageSocket } from '../request.ts';
import { replyBytes, type WholeAnswer } from './api-reply.ts';
import {
  type BusEncoding,
  encodingOf,
  MalformedRequest,
  type ParsedRequest,
  parseApiRequest,
} from './api-request-parsing.ts';
import { byteSink, closedSink, eventSink } from './body-streams.ts';
import { BodyUploads } from './body-upload.ts';
import { channelSocket } from './channel-socket.ts';
import { collected } from './collected-answer.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import type { ReplyGuard } from './reply-guard.ts';
import { ReplyPublisher } from './reply-publisher.ts';

interface NatsDoorOptions {
  readonly handler: ApiHandler;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly replies: ReplyGuard;
  /** Absent: each message is read at once. */
  readonly turns?: Turns | undefined;
}

interface NatsDoor {
  /** Takes no further requests, answers those that are under way within some seconds, and ends the streams. */
  close(): Promise<void>;
}

/** Requests without a reply subject are not answered, hence not run. */
export function openNatsDoor(options: NatsDoorOptions): NatsDoor {
  return new HandlerNatsDoor(options);
}

/** Where an answer goes, and how it is written. */
interface Destination {
  readonly reply: string;
  readonly encoding: BusEncoding;
  /** The trace context of the request, given back with the answer. */
  readonly trace: string | undefined;
}

interface Answer {
  readonly response: ApiHttpResponse;
  readonly request: ApiHttpRequest;
  readonly lasting: boolean;
}

/** Each request is answered by one member. */
const queueGroup = 'api-servers';
const finishMs = 5_000;
const lookMs = 20;

class HandlerNatsDoor implements NatsDoor {
  readonly #options: NatsDoorOptions;
  readonly #replies: ReplyPublisher;
  readonly #uploads = new BodyUploads();
  readonly #streams = new Set<OutgoingStream>();
  readonly #subscription: Subscription;
  /** Requests that are worked on. */
  #working = 0;

  constructor(options: NatsDoorOptions) {
    this.#options = options;
    this.#replies = new ReplyPublisher(options.bus);
    this.#subscription = options.bus.subscribe(
      options.subjects.api,
      (message) => {
        this.#working += 1;
        void this.#answer(message).finally(() => {
          this.#working -= 1;
        });
      },
      { queue: queueGroup },
    );
  }

  async close(): Promise<void> {
    const { timers, bus } = this.#options;
    await this.#subscription.drain();
    for (let waitedMs = 0; waitedMs < finishMs && this.#working > 0; waitedMs += lookMs) await delay(timers, lookMs);
    for (const stream of this.#streams) stream.end();
    await bus.flush().catch(() => undefined); // Without the connection nobody hears it anyway.
  }

  async #answer({ reply, payload, headers = {} }: BusMessage): Promise<void> {
    if (reply === undefined || !(await this.#options.replies.allows(reply, headers))) return;
    const to: Destination = { reply, encoding: encodingOf(payload), trace: traceOf(headers) };
    // Who sent it is not known yet; inboxes tell senders apart.
    const waiting = this.#options.turns?.take(reply.slice(0, reply.lastIndexOf('.')), payload.byteLength);
    if (waiting !== undefined) await waiting;
    try {
      const parsed = parseApiRequest(payload, to.encoding, headers);
      const request = await this.#completed(parsed, to);
      this.#deliver({ response: await this.#inTime(request), request, lasting: parsed.lasting }, to);
    } catch (error) {
      this.#refuse(error, to);
    }
  }

  #refuse(error: unknown, to: Destination): void {
    const { log, metrics } = this.#options;
    const excess = excessOf(error);
    if (excess !== undefined)
      metrics.count('troupe_refused_bodies_total', { input: excess.input, reason: excess.reason });
    const status = error instanceof MalformedRequest ? badRequest(error.message) : statusOf(error);
    if (!(error instanceof MalformedRequest) && isDefect(error))
      log.error('a request over NATS failed by a defect', { error: errorMessage(error) });
    try {
      this.#send(failureResponse(status), to);
    } catch (failure) {
      log.warn('cannot send an answer over NATS', { error: errorMessage(failure) });
    }
  }

  /** The request with its body, which may follow in pieces. */
  async #completed({ request, uploadBytes }: ParsedRequest, to: Destination): Promise<ApiHttpRequest> {
    if (uploadBytes === undefined) return request;
    return { ...request, body: await this.#uploads.take(this.#options, { ...to, bytes: uploadBytes }) };
  }

  /**
   * The handler's answer. Rejects with a timeout once the client's deadline is over; what was begun may still take
   * effect, as over HTTP.
   */
  #inTime(request: ApiHttpRequest): Promise<ApiHttpResponse> {
    const { timers, handler } = this.#options;
    const wanted = positive(headerOf(request.headers, doorHeaders.deadline.toLowerCase()));
    const deadlineMs = Math.min(wanted ?? limits.requestMs, limits.requestMs);
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = timers.after(deadlineMs, () => {
        late = true;
        reject(timeoutError(`the request did not complete within ${deadlineMs} ms`));
      });
      void handler(request).then((response) => {
        timer.cancel();
        if (late) abandon(response);
        else resolve(response);
      }, reject);
    });
  }

  #deliver({ response, request, lasting }: Answer, to: Destination): void {
    const { upgrade, body, status, headers } = response;
    if (upgrade !== undefined) {
      upgrade.run(channelSocket(this.#opened(request, { ...response, status: 200 }, to)));
      return;
    }
    if (typeof body !== 'function') this.#send({ status, headers, body }, to);
    else if (lasting) {
      const stream = this.#opened(request, response, to);
      body(isEvents(headers) ? eventSink(stream) : byteSink(stream));
    } else
      collected({ status, headers, body }, this.#options.timers)
        .then((whole) => {
          this.#send(whole, to);
        })
        .catch((error: unknown) => {
          this.#refuse(error, to);
        });
  }

  /** A stream whose first message, with status and headers, is sent. */
  #opened(request: ApiHttpRequest, { status, headers }: ApiHttpResponse, to: Destination): OutgoingStream {
    const { bus, timers } = this.#options;
    const window = positive(headerOf(request.headers, doorHeaders.window.toLowerCase()));
    const stream = new OutgoingStream({ bus, timers, replies: this.#replies }, { ...to, window });
    this.#streams.add(stream);
    stream.onClose(() => {
      this.#streams.delete(stream);
    });
    stream.open(status, headers);
    return stream;
  }

  #send(answer: WholeAnswer, { reply, encoding, trace }: Destination): void {
    const headers = trace === undefined ? undefined : { [doorHeaders.trace]: trace };
    this.#replies.publish(reply, replyBytes(answer, encoding), { headers });
  }
}

/** Ends a streamed answer that nobody waits for any more. */
function abandon(response: ApiHttpResponse): void {
  if (response.upgrade !== undefined) response.upgrade.run(closedSocket);
  else if (typeof response.body === 'function') response.body(closedSink);
}

const closedSocket: MessageSocket = {
  send: () => true,
  onMessage: () => undefined,
  hold: () => undefined,
  onDrain: () => undefined,
  onClose: (listener) => {
    listener();
  },
  close: () => undefined,
};

/** JSON comes an event a line; other formats of a watch are bytes. */
function isEvents(headers: ApiHttpResponse['headers']): boolean {
  return String(headers['content-type'] ?? '').startsWith('application/json');
}

/** A W3C trace context that is well formed. */
function traceOf(headers: Readonly<Record<string, string>>): string | undefined {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === doorHeaders.trace)?.[1];
  return found !== undefined && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(found) ? found : undefined;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
