import {
  type JsonObject,
  serviceUnavailable,
  type StatusDetails,
  StatusError,
  type StatusReason,
} from '../../api/index.ts';
import { errorMessage, type Timer, type Timers, traceparentOf, type TraceScope } from '../../base/index.ts';
import { type Bus, decode, encode, subjectsOf } from '../../bus/index.ts';
import { type ApiReply, type ApiRequest, doorHeaders, Pieces } from '../../protocol/index.ts';

export interface BusRequestPorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly cluster: string;
  /** The bearer token that says who asks; called for each request, since tokens are renewed. */
  readonly token: string | (() => string);
  /** How long an answer may take, in ms. */
  readonly deadlineMs: number;
  /** Absent: requests do not say what they belong to. */
  readonly traces?: TraceScope;
}

export interface BusRequests {
  /** The body of a successful answer. Rejects with the StatusError of a failed one, or 503 when none came. */
  send(request: ApiRequest): Promise<unknown>;
  close(): void;
}

/** When a member fell silent, requests that have no answer so much later are taken for lost with it. */
const goneMs = 500;

interface Pending {
  readonly pieces: Pieces;
  readonly timer: Timer;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function authorizationOf({ token }: Pick<BusRequestPorts, 'token'>): Record<string, string> {
  return { Authorization: `Bearer ${typeof token === 'string' ? token : token()}` };
}

function headersOf(ports: BusRequestPorts): Record<string, string> {
  const trace = ports.traces?.current();
  return { ...authorizationOf(ports), ...(trace === undefined ? {} : { [doorHeaders.trace]: traceparentOf(trace) }) };
}

/** The StatusError that a failed answer carries. */
export function statusErrorOf(status: number, body: unknown): StatusError {
  const { reason, message, details, metadata } = (typeof body === 'object' && body !== null ? body : {}) as JsonObject;
  const token = (metadata as JsonObject | undefined)?.['continue'];
  return new StatusError(
    (typeof reason === 'string' ? reason : '') as StatusReason,
    typeof message === 'string' ? message : `the API answered ${status}`,
    {
      code: status,
      ...(typeof details === 'object' && details !== null ? { details: details as StatusDetails } : {}),
      ...(typeof token === 'string' && token !== '' ? { continueToken: token } : {}),
    },
  );
}

/** Requests to the NATS door over one inbox, so that a request costs no subscription; answers may come in pieces. */
export function createBusRequests(ports: BusRequestPorts): BusRequests {
  const { bus, timers, deadlineMs } = ports;
  const subjects = subjectsOf(ports.cluster);
  const inbox = bus.inbox();
  const pending = new Map<string, Pending>();
  let last = 0;

  const finish = (id: string): Pending | undefined => {
    const found = pending.get(id);
    found?.timer.cancel();
    pending.delete(id);
    return found;
  };
  const subscription = bus.subscribe(`${inbox}.*`, (message) => {
    const id = message.subject.slice(inbox.length + 1);
    const waiting = pending.get(id);
    if (waiting === undefined) return;
    if (message.payload.byteLength === 0) {
      finish(id)?.reject(serviceUnavailable('no member answers at the NATS door'));
      return;
    }
    const whole = waiting.pieces.add(message);
    if (whole === undefined) return;
    finish(id);
    settle(waiting, whole);
  });
  const failAll = (why: string, ids: Iterable<string> = pending.keys()): void => {
    for (const id of [...ids]) finish(id)?.reject(serviceUnavailable(why));
  };
  /** Requests that wait for the connection: what is published without one is lost. */
  const unsent = new Map<string, () => void>();
  let connected = true;
  // The bus delivers at most once: a request or its answer may have gone with the connection, so whoever waits had
  // better ask again.
  bus.onStatus((status) => {
    connected = status === 'connected';
    failAll(
      `the connection to NATS is ${status}; the answer may be lost`,
      [...pending.keys()].filter((id) => status === 'closed' || !unsent.has(id)),
    );
    if (!connected) return;
    for (const send of unsent.values()) send();
    unsent.clear();
  });
  // Which member has which request is not known. Those that a living one has are answered soon; the others can be asked
  // again.
  const goneMembers = bus.subscribe(subjects.gone('*'), ({ subject: from }) => {
    const waiting = [...pending.keys()];
    timers.after(goneMs, () => {
      failAll(`${subjects.goneMember(from)} fell silent; the answer may be lost`, waiting);
    });
  });
  const publish = (id: string, request: ApiRequest): void => {
    try {
      bus.publish(subjects.api, encode(request), { reply: `${inbox}.${id}`, headers: headersOf(ports) });
    } catch (error) {
      finish(id)?.reject(serviceUnavailable(errorMessage(error)));
    }
  };
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const id = String(++last);
        const timer = timers.after(deadlineMs, () => {
          unsent.delete(id);
          finish(id)?.reject(serviceUnavailable(`no answer from the NATS door within ${deadlineMs} ms`));
        });
        pending.set(id, { pieces: new Pieces(), timer, resolve, reject });
        if (connected) publish(id, request);
        else
          unsent.set(id, () => {
            publish(id, request);
          });
      }),
    close() {
      subscription.close();
      goneMembers.close();
      failAll('the client was closed');
    },
  };
}

function settle({ resolve, reject }: Pending, whole: Uint8Array): void {
  try {
    const { status, body } = decode(whole) as ApiReply;
    if (status >= 200 && status < 300) resolve(body);
    else reject(statusErrorOf(status, body));
  } catch (error) {
    reject(serviceUnavailable(`the answer of the NATS door cannot be read: ${errorMessage(error)}`));
  }
}
