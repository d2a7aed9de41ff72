import { limits, type Timers } from '../../base/index.ts';
import { type Bus, BusError, decode, encode, type Subscription } from '../../bus/index.ts';
import type { BodySink, BodyStream } from '../request.ts';
import { textOf, utf8 } from '../request.ts';
import type { BusEncoding } from './api-request-parsing.ts';

export interface WatchStreamPorts {
  readonly bus: Bus;
  readonly timers: Timers;
}

export interface WatchStreamOptions {
  readonly reply: string;
  readonly encoding: BusEncoding;
  /** Messages that may be under way without an acknowledgement; undefined: the client does not acknowledge. */
  readonly window: number | undefined;
}

/** A silent watch says so often that it lives, and learns whether anybody still listens. */
const heartbeatMs = 10_000;
const probeMs = 2_000;
const newline = 0x0a;

/**
 * Sends a watch to a reply subject: `{seq, event}` for each event, `{seq}` when idle, `{seq, end: true}` at last. Every message
 * names a control subject as its reply: a client may send `{acknowledged: seq}` or `{close: true}` there. A heartbeat that nobody
 * is there to hear ends the watch; so does a client with a window that falls too far behind.
 */
export function sendWatch(ports: WatchStreamPorts, stream: BodyStream, options: WatchStreamOptions): void {
  const sender = new WatchSender(ports, options);
  stream(sender.sink());
}

class WatchSender {
  readonly #ports: WatchStreamPorts;
  readonly #options: WatchStreamOptions;
  readonly #control: string;
  readonly #subscription: Subscription;
  readonly #stopHeartbeat: () => void;
  readonly #closed: (() => void)[] = [];
  readonly #waiting: Uint8Array[] = [];
  #seq = 0;
  #acknowledged = 0;
  #idle = true;
  #over = false;

  constructor(ports: WatchStreamPorts, options: WatchStreamOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#control = ports.bus.inbox();
    this.#subscription = ports.bus.subscribe(this.#control, (message) => { this.#controlled(message.payload); });
    const timer = ports.timers.every(heartbeatMs, () => { this.#heartbeat(); });
    this.#stopHeartbeat = () => { timer.cancel(); };
  }

  sink(): BodySink {
    const full = (): boolean => this.#waiting.length > 0;
    return {
      write: (bytes) => this.#write(bytes),
      end: () => { this.#end(); },
      get full() { return full(); },
      onDrain: () => undefined,
      onClose: (listener) => { this.#closed.push(listener); },
    };
  }

  /** The lines of a batch, each one event. */
  #write(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    let from = 0;
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
      this.#waiting.push(bytes.subarray(from, at));
      from = at + 1;
    }
    this.#flush();
    return this.#waiting.length < limits.watchQueueEventsMax;
  }

  #flush(): void {
    const { window } = this.#options;
    while (this.#waiting.length > 0 && (window === undefined || this.#seq - this.#acknowledged < window)) {
      const line = this.#waiting.shift();
      if (line !== undefined) this.#send(line);
    }
  }

  #send(line: Uint8Array): void {
    this.#idle = false;
    const payload = this.#options.encoding === 'json' ? jsonMessage(++this.#seq, line) : encode({ seq: ++this.#seq, event: JSON.parse(textOf(line)) as unknown });
    try {
      this.#ports.bus.publish(this.#options.reply, payload, { reply: this.#control });
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // An event that does not fit on the bus: the client has to read the object and watch anew.
      this.#publish({ event: { type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: error.message, reason: 'Expired', code: 410 } } });
      this.#end();
    }
  }

  #publish(fields: object): void {
    const value = { seq: ++this.#seq, ...fields };
    this.#ports.bus.publish(this.#options.reply, this.#options.encoding === 'json' ? utf8(JSON.stringify(value)) : encode(value), { reply: this.#control });
  }

  #heartbeat(): void {
    const wasIdle = this.#idle;
    this.#idle = true;
    const value = { seq: ++this.#seq };
    const payload = this.#options.encoding === 'json' ? utf8(JSON.stringify(value)) : encode(value);
    // A request finds out whether the subject has listeners; that they do not answer it is in order.
    if (!wasIdle) this.#ports.bus.publish(this.#options.reply, payload, { reply: this.#control });
    else this.#ports.bus.request(this.#options.reply, payload, { deadlineMs: probeMs }).catch((error: unknown) => {
      if (error instanceof BusError && error.code !== 'timeout') this.#stop();
    });
  }

  #controlled(payload: Uint8Array): void {
    const message = parsed(payload);
    if (message.close === true) this.#stop();
    if (typeof message.acknowledged === 'number') {
      this.#acknowledged = Math.max(this.#acknowledged, message.acknowledged);
      this.#flush();
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#publish({ end: true });
    this.#stop();
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopHeartbeat();
    this.#subscription.close();
    for (const listener of this.#closed) listener();
  }
}

function jsonMessage(seq: number, line: Uint8Array): Uint8Array {
  const head = utf8(`{"seq":${seq},"event":`);
  const bytes = new Uint8Array(head.byteLength + line.byteLength + 1);
  bytes.set(head, 0);
  bytes.set(line, head.byteLength);
  bytes[bytes.byteLength - 1] = 0x7d;
  return bytes;
}

function parsed(payload: Uint8Array): { readonly acknowledged?: unknown; readonly close?: unknown } {
  try {
    const value: unknown = payload[0] === 0x7b ? JSON.parse(textOf(payload)) : decode(payload);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
