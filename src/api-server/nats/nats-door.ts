import { badRequest } from '../../api/index.ts';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type Bus, type BusMessage, type Subjects } from '../../bus/index.ts';
import { failureResponse } from '../answers/failure.ts';
import type { ApiHandler } from '../handler.ts';
import { type ApiHttpResponse, headerOf } from '../request.ts';
import { chunksOf, joinedChunks, replyBytes } from './api-reply.ts';
import { type BusEncoding, encodingOf, MalformedRequest, parseApiRequest } from './api-request-parsing.ts';
import { sendWatch } from './watch-stream.ts';

export interface NatsDoorOptions {
  readonly handler: ApiHandler;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Each request is answered by one member. */
const queueGroup = 'api-servers';

/** The API over NATS: the same handler, the same answers. Requests without a reply subject are not answered, hence not run. */
export function openNatsDoor(options: NatsDoorOptions): { close(): void } {
  const subscription = options.bus.subscribe(options.subjects.api, (message) => { void answer(options, message); }, { queue: queueGroup });
  return { close: () => { subscription.close(); } };
}

async function answer(options: NatsDoorOptions, message: BusMessage): Promise<void> {
  const { reply } = message;
  if (reply === undefined) return;
  try {
    const parsed = parseApiRequest(message.payload, message.headers ?? {});
    const response = await options.handler(parsed.request);
    if (typeof response.body === 'function') {
      if (parsed.watch) sendWatch(options, response.body, { reply, encoding: parsed.encoding, window: windowOf(headerOf(parsed.request.headers, 'troupe-window')) });
      else collect(options, response, { reply, encoding: parsed.encoding });
      return;
    }
    send(options, { status: response.status, headers: response.headers, body: wholeBody(response.body) }, { reply, encoding: parsed.encoding });
  } catch (error) {
    if (error instanceof MalformedRequest) {
      const refusal = failureResponse(badRequest(error.message));
      send(options, { ...refusal, body: refusal.body as Uint8Array }, { reply, encoding: error.encoding });
      return;
    }
    options.log.error('a request over NATS could not be answered', { encoding: encodingOf(message.payload), error: errorMessage(error) });
  }
}

interface Destination {
  readonly reply: string;
  readonly encoding: BusEncoding;
}

function send(options: NatsDoorOptions, response: { readonly status: number; readonly headers: ApiHttpResponse['headers']; readonly body: Uint8Array }, to: Destination): void {
  const bytes = replyBytes(response.status, response.headers, response.body, to.encoding);
  for (const chunk of chunksOf(bytes)) options.bus.publish(to.reply, chunk.payload, chunk.headers === undefined ? {} : { headers: chunk.headers });
}

function wholeBody(body: Uint8Array | readonly Uint8Array[]): Uint8Array {
  return body instanceof Uint8Array ? body : joinedChunks(body);
}

const collectedBytesMax = 16 * 1024 * 1024;

/** A streamed answer that is no watch (a log): gathered, and sent when it ends. */
function collect(options: NatsDoorOptions, response: ApiHttpResponse, to: Destination): void {
  if (typeof response.body !== 'function') return;
  const chunks: Uint8Array[] = [];
  const closed: (() => void)[] = [];
  let size = 0;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    send(options, { status: response.status, headers: response.headers, body: joinedChunks(chunks) }, to);
    for (const listener of closed) listener();
  };
  response.body({
    write: (bytes) => {
      chunks.push(bytes);
      size += bytes.byteLength;
      if (size > collectedBytesMax) finish();
      return !over;
    },
    end: finish,
    full: false,
    onDrain: () => undefined,
    onClose: (listener) => { closed.push(listener); },
  });
}

function windowOf(text: string | undefined): number | undefined {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
