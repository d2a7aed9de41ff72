import { badRequest, timeoutError, tooLarge } from '../../api/index.ts';
import { delay, errorMessage, limits, type Logger, type Timers } from '../../base/index.ts';
import type { Bus, BusMessage, Subjects } from '../../bus/index.ts';
import { doorHeaders } from '../../protocol/index.ts';
import { failureResponse, isDefect, statusOf } from '../answers/failure.ts';
import type { ApiHandler } from '../handler.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf, type MessageSocket } from '../request.ts';
import { joinedChunks, publishInChunks, replyBytes } from './api-reply.ts';
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
import { OutgoingStream } from './outgoing-stream.ts';

export interface NatsDoorOptions {
  readonly handler: ApiHandler;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly timers: Timers;
  readonly log: Logger;
}

interface DoorPorts extends NatsDoorOptions {
  /** Streams that are under way. */
  readonly streams: Set<OutgoingStream>;
  /** Requests that are worked on. */
  readonly working: { count: number };
  readonly uploads: BodyUploads;
}

/** Where an answer goes, and how it is written. */
interface Destination {
  readonly reply: string;
  readonly encoding: BusEncoding;
  /** The trace context of the request, given back with the answer. */
  readonly trace: string | undefined;
}

/** Each request is answered by one member. */
const queueGroup = 'api-servers';
/** What a streamed answer may grow to that is sent whole (a log that is not followed). */
const collectedBytesMax = 16 * 1024 * 1024;

/**
 * The API over NATS: the same handler, the same answers. Requests without a reply subject are not answered, hence not
 * run.
 */
export function openNatsDoor(options: NatsDoorOptions): NatsDoor {
  const ports: DoorPorts = { ...options, uploads: new BodyUploads(), streams: new Set(), working: { count: 0 } };
  const subscription = options.bus.subscribe(
    options.subjects.api,
    (message) => {
      ports.working.count += 1;
      void answer(ports, message).finally(() => {
        ports.working.count -= 1;
      });
    },
    { queue: queueGroup },
  );
  return {
    close: async () => {
      await subscription.drain();
      for (let waitedMs = 0; waitedMs < finishMs && ports.working.count > 0; waitedMs += lookMs)
        await delay(options.timers, lookMs);
      for (const stream of ports.streams) stream.end();
      await options.bus.flush().catch(() => undefined); // Without the connection nobody hears it anyway.
    },
  };
}

export interface NatsDoor {
  /** Takes no further requests, answers those that are under way within some seconds, and ends the streams. */
  close(): Promise<void>;
}

const finishMs = 5_000;
const lookMs = 20;

async function answer(ports: DoorPorts, message: BusMessage): Promise<void> {
  const { reply, payload, headers = {} } = message;
  if (reply === undefined) return;
  const to: Destination = { reply, encoding: encodingOf(payload), trace: traceOf(headers) };
  try {
    const parsed = parseApiRequest(payload, headers);
    const request = await completed(ports, parsed, to);
    deliver(ports, { response: await inTime(ports, request), request, lasting: parsed.lasting }, to);
  } catch (error) {
    refuse(ports, error, to);
  }
}

function refuse(ports: DoorPorts, error: unknown, to: Destination): void {
  const status = error instanceof MalformedRequest ? badRequest(error.message) : statusOf(error);
  if (!(error instanceof MalformedRequest) && isDefect(error))
    ports.log.error('a request over NATS failed by a defect', { error: errorMessage(error) });
  try {
    sendWhole(ports, failureResponse(status), to);
  } catch (failure) {
    ports.log.warn('an answer over NATS could not be sent', { error: errorMessage(failure) });
  }
}

/** The request with its body, which may follow in pieces. */
async function completed(
  ports: DoorPorts,
  { request, uploadBytes }: ParsedRequest,
  to: Destination,
): Promise<ApiHttpRequest> {
  if (uploadBytes === undefined) return request;
  return { ...request, body: await ports.uploads.take(ports, { ...to, bytes: uploadBytes }) };
}

/**
 * The handler's answer, or a timeout once the client's deadline is over. What was begun may still take effect, as over
 * HTTP.
 */
function inTime(ports: DoorPorts, request: ApiHttpRequest): Promise<ApiHttpResponse> {
  const wanted = positive(headerOf(request.headers, doorHeaders.deadline.toLowerCase()));
  const deadlineMs = Math.min(wanted ?? limits.requestMs, limits.requestMs);
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = ports.timers.after(deadlineMs, () => {
      late = true;
      reject(timeoutError(`the request did not complete within ${deadlineMs} ms`));
    });
    void ports.handler(request).then((response) => {
      timer.cancel();
      if (late) abandon(response);
      else resolve(response);
    }, reject);
  });
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

interface Answer {
  readonly response: ApiHttpResponse;
  readonly request: ApiHttpRequest;
  readonly lasting: boolean;
}

function deliver(ports: DoorPorts, { response, request, lasting }: Answer, to: Destination): void {
  const { upgrade, body, status, headers } = response;
  if (upgrade === undefined && typeof body !== 'function') {
    sendWhole(ports, response, to);
    return;
  }
  if (upgrade === undefined && !lasting) {
    collect(ports, response, to);
    return;
  }
  const stream = new OutgoingStream(ports, {
    ...to,
    window: positive(headerOf(request.headers, doorHeaders.window.toLowerCase())),
  });
  ports.streams.add(stream);
  stream.onClose(() => {
    ports.streams.delete(stream);
  });
  stream.open(upgrade === undefined ? status : 200, headers);
  if (upgrade !== undefined) upgrade.run(channelSocket(stream));
  else if (typeof body === 'function') body(isEvents(headers) ? eventSink(stream) : byteSink(stream));
}

/** JSON comes an event a line; other formats of a watch are bytes. */
function isEvents(headers: ApiHttpResponse['headers']): boolean {
  return String(headers['content-type'] ?? '').startsWith('application/json');
}

function sendWhole(ports: DoorPorts, { status, headers, body }: ApiHttpResponse, to: Destination): void {
  if (typeof body === 'function') return;
  const bytes = replyBytes(status, headers, body instanceof Uint8Array ? body : joinedChunks(body), to.encoding);
  publishInChunks(
    ports.bus,
    to.reply,
    bytes,
    to.trace === undefined ? {} : { headers: { [doorHeaders.trace]: to.trace } },
  );
}

/** A streamed answer that comes to an end by itself (a log): gathered, and sent whole. */
function collect(ports: DoorPorts, response: ApiHttpResponse, to: Destination): void {
  if (typeof response.body !== 'function') return;
  const chunks: Uint8Array[] = [];
  const closed: (() => void)[] = [];
  let size = 0;
  let over = false;
  const finish = (whole: ApiHttpResponse): void => {
    if (over) return;
    over = true;
    timer.cancel();
    for (const listener of closed) listener();
    sendWhole(ports, whole, to);
  };
  const timer = ports.timers.after(limits.requestMs, () => {
    finish(failureResponse(timeoutError('the answer did not come to an end in time; follow it as a stream')));
  });
  response.body({
    write: (bytes) => {
      chunks.push(bytes);
      size += bytes.byteLength;
      if (size > collectedBytesMax)
        finish(failureResponse(tooLarge(`limit is ${collectedBytesMax}; follow it as a stream`)));
      return !over;
    },
    end: () => {
      finish({ ...response, body: chunks });
    },
    full: false,
    onDrain: () => undefined,
    onClose: (listener) => {
      closed.push(listener);
    },
  });
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
