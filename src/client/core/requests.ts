/** Requests with one answer each, over one inbox, so that a request costs no subscription. */
import { errorMessage, limits, type Timer } from '../../base/index.ts';
import type { BusMessage, Subscription } from '../../bus/index.ts';
import { type ApiReply, type ApiRequest, doorHeaders, Pieces } from '../../protocol/index.ts';
import { ApiError } from './api-error.ts';
import { decodeMessage, encodeMessage } from './encoding.ts';
import type { Exchange, Exchanges } from './exchanges.ts';
import { type Headers, headersOf, type WirePorts } from './ports.ts';

/** Room for the headers of a message. */
const pieceBytes = limits.busPayloadBytesMax - 16 * 1024;
/** The door answers by its deadline; an answer that takes this much longer is lost. */
const graceMs = 1_000;
/** When a member fell silent, requests without an answer this much later are taken for lost with it. */
const goneMs = 500;
/** Nobody had a request: a member that starts anew, or whose server joins its others, has it in a moment. */
const nobodyPauseMs = 100;
const nobodyTriesMax = 10;

interface RequestPorts extends WirePorts {
  readonly exchanges: Exchanges;
  /** Where requests go to. */
  readonly subject: string;
}

/** The requests of one client that have no answer yet. */
export class Requests {
  readonly #ports: RequestPorts;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #pending = new Map<string, PendingRequest>();
  #last = 0;

  constructor(ports: RequestPorts) {
    this.#ports = ports;
    this.#inbox = ports.bus.inbox();
    this.#subscription = ports.bus.subscribe(`${this.#inbox}.*`, (message) => {
      this.#pending.get(message.subject.slice(this.#inbox.length + 1))?.receive(message);
    });
  }

  /** The answer, whatever its status. Rejects with a retryable ApiError when none came. */
  send(request: ApiRequest, headers: Headers): Promise<ApiReply> {
    this.#last += 1;
    const id = String(this.#last);
    return new Promise<ApiReply>((resolve, reject) => {
      const reply = `${this.#inbox}.${id}`;
      const pending = new PendingRequest(this.#ports, { request, headers, reply, resolve, reject });
      this.#pending.set(id, pending);
      this.#ports.exchanges.begin(pending);
    }).finally(() => {
      this.#pending.delete(id);
    });
  }

  close(): void {
    this.#subscription.close();
  }
}

interface Asked {
  readonly request: ApiRequest;
  readonly headers: Headers;
  readonly reply: string;
  readonly resolve: (reply: ApiReply) => void;
  readonly reject: (error: ApiError) => void;
}

class PendingRequest implements Exchange {
  readonly #ports: RequestPorts;
  readonly #asked: Asked;
  readonly #pieces = new Pieces();
  readonly #deadline: Timer;
  #upload: Uint8Array | undefined;
  /** How often nobody had it. */
  #returns = 0;
  #pause: Timer | undefined;

  constructor(ports: RequestPorts, asked: Asked) {
    this.#ports = ports;
    this.#asked = asked;
    this.#deadline = ports.timers.after(ports.deadlineMs + graceMs, () => {
      this.fail(`no answer over NATS within ${ports.deadlineMs} ms`);
    });
  }

  start(): void {
    try {
      const { reply, request, headers } = this.#asked;
      const { head, body } = split(request);
      this.#upload = body;
      const { bus, subject } = this.#ports;
      bus.publish(subject, head, { reply, headers: headersOf(this.#ports, headers) });
    } catch (error) {
      this.fail(errorMessage(error));
    }
  }

  fail(why: string): void {
    this.#finish();
    this.#asked.reject(new ApiError(503, undefined, why));
  }

  /** Which member has the request is not known: one that lives answers soon. */
  memberGone(member: string): void {
    this.#ports.timers.after(goneMs, () => {
      this.fail(`${member} fell silent; the answer may be lost`);
    });
  }

  receive(message: BusMessage): void {
    if (message.payload.byteLength === 0) {
      this.#returned();
      return;
    }
    const whole = this.#pieces.add(message);
    if (whole !== undefined) this.#answered(whole, message.reply);
  }

  #returned(): void {
    this.#returns += 1;
    if (this.#returns > nobodyTriesMax) {
      this.fail('no member of the cluster answers over NATS');
      return;
    }
    const { exchanges, timers } = this.#ports;
    exchanges.returned(this);
    this.#pause = timers.after(nobodyPauseMs, () => {
      exchanges.begin(this);
    });
  }

  #answered(bytes: Uint8Array, uploadTo: string | undefined): void {
    try {
      const reply = decodeMessage(bytes) as ApiReply;
      if (reply.status === 100 && this.#upload !== undefined) {
        this.#sendBody(this.#upload, uploadTo ?? '');
        return;
      }
      this.#finish();
      this.#asked.resolve(reply);
    } catch (error) {
      this.fail(`the answer cannot be read: ${errorMessage(error)}`);
    }
  }

  #sendBody(body: Uint8Array, subject: string): void {
    for (let i = 0; i * pieceBytes < body.byteLength; i++)
      this.#ports.bus.publish(subject, body.subarray(i * pieceBytes, (i + 1) * pieceBytes), {
        headers: { [doorHeaders.chunk]: String(i) },
      });
  }

  #finish(): void {
    this.#deadline.cancel();
    this.#pause?.cancel();
    this.#ports.exchanges.finish(this);
  }
}

/** A request that does not fit into one message is sent without its body, which follows in pieces. */
function split(request: ApiRequest): { readonly head: Uint8Array; readonly body?: Uint8Array } {
  const head = encodeMessage(request, 'json');
  if (head.byteLength <= pieceBytes) return { head };
  const isText = typeof request.body === 'string' && request.contentType?.includes('json') === false;
  const body = new TextEncoder().encode(isText ? String(request.body) : JSON.stringify(request.body));
  return { head: encodeMessage({ ...request, body: undefined, uploadBytes: body.byteLength }, 'json'), body };
}
