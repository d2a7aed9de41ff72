/** The simulated bus: a NATS server's twin within one process. */
import { limits, type Timers } from '../base/index.ts';
import {
  type Bus,
  BusError,
  type BusMessage,
  type PublishOptions,
  type RequestOptions,
  type SubscribeOptions,
  type Subscription,
} from './bus.ts';

interface Listener {
  readonly pattern: readonly string[];
  readonly queue: string | undefined;
  readonly handler: (message: BusMessage) => void;
}

/** Delivers between the buses of one process; the twin of a NATS server for simulation and unit tests. */
export class SimulatedNetwork {
  readonly timers: Timers;
  /** ms from publish to delivery. */
  delayMs = 0;
  /** Whether a message from one client reaches another; a partition answers false. */
  reaches: (from: string, to: string) => boolean = () => true;
  readonly #listeners = new Map<Listener, string>();
  #turn = 0;
  #inboxes = 0;

  /** Those that hear what was sent already and nothing more. */
  readonly #draining = new Set<Listener>();

  constructor(timers: Timers) {
    this.timers = timers;
  }

  client(name: string): Bus {
    return new SimulatedBus(this, name);
  }

  listen(client: string, listener: Listener): { stop(): void; drain(): Promise<void> } {
    this.#listeners.set(listener, client);
    return {
      stop: () => {
        this.#listeners.delete(listener);
      },
      drain: () => {
        this.#listeners.delete(listener);
        this.#draining.add(listener);
        return new Promise((resolve) => {
          this.timers.after(this.delayMs, () => {
            this.#draining.delete(listener);
            resolve();
          });
        });
      },
    };
  }

  /** How many clients will get the message. */
  deliver(from: string, message: BusMessage): number {
    const subject = message.subject.split('.');
    const groups = new Map<string, Listener[]>();
    let reached = 0;
    for (const [listener, client] of this.#listeners) {
      if (!matches(listener.pattern, subject) || !this.reaches(from, client)) continue;
      if (listener.queue === undefined) {
        reached += 1;
        this.#later(listener, message);
      } else groups.set(listener.queue, [...(groups.get(listener.queue) ?? []), listener]);
    }
    for (const group of groups.values()) {
      this.#turn += 1;
      const chosen = group[this.#turn % group.length];
      if (chosen !== undefined) this.#later(chosen, message);
      reached += 1;
    }
    return reached;
  }

  nextInbox(): string {
    this.#inboxes += 1;
    return `_INBOX.simulated.${this.#inboxes}`;
  }

  #later(listener: Listener, message: BusMessage): void {
    const copy = { ...message, payload: Uint8Array.from(message.payload) };
    this.timers.after(this.delayMs, () => {
      if (this.#listeners.has(listener) || this.#draining.has(listener)) listener.handler(copy);
    });
  }
}

class SimulatedBus implements Bus {
  readonly #network: SimulatedNetwork;
  readonly #name: string;
  #closed = false;

  constructor(network: SimulatedNetwork, name: string) {
    this.#network = network;
    this.#name = name;
  }

  publish(subject: string, payload: Uint8Array, options: PublishOptions = {}): void {
    const reached = this.#send(subject, payload, options);
    if (reached === 0 && options.reply !== undefined)
      this.#network.deliver(this.#name, { subject: options.reply, payload: new Uint8Array(0) });
  }

  subscribe(subject: string, handler: (message: BusMessage) => void, options: SubscribeOptions = {}): Subscription {
    const { stop, drain } = this.#network.listen(this.#name, {
      pattern: subject.split('.'),
      queue: options.queue,
      handler,
    });
    return { subject, close: stop, drain };
  }

  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<BusMessage> {
    return new Promise((resolve, reject) => {
      const reply = this.inbox();
      const subscription = this.subscribe(reply, (message) => {
        finish(() => {
          resolve(message);
        });
      });
      const timer = this.#network.timers.after(options.deadlineMs, () => {
        finish(() => {
          reject(new BusError('timeout', `no answer on ${subject} in time`));
        });
      });
      const finish = (then: () => void): void => {
        timer.cancel();
        subscription.close();
        then();
      };
      const reached = this.#send(subject, payload, { reply, headers: options.headers });
      if (reached === 0)
        finish(() => {
          reject(new BusError('no-responders', `nobody listens on ${subject}`));
        });
    });
  }

  inbox(): string {
    return this.#network.nextInbox();
  }

  async flush(): Promise<void> {
    await Promise.resolve();
  }

  onStatus(): void {
    // The simulated network is always there; partitions lose messages instead.
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.resolve();
  }

  #send(subject: string, payload: Uint8Array, options: PublishOptions): number {
    if (this.#closed) throw new BusError('closed', 'the connection is closed');
    if (payload.byteLength > limits.busPayloadBytesMax)
      throw new BusError('too-large', `a message of ${payload.byteLength} bytes is over the limit`);
    return this.#network.deliver(this.#name, { subject, payload, reply: options.reply, headers: options.headers });
  }
}

/** NATS subject matching: `*` is one token, `>` at the end is one or more. */
export function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (const [i, part] of pattern.entries()) {
    if (part === '>') return subject.length > i;
    if (subject[i] === undefined || (part !== '*' && part !== subject[i])) return false;
  }
  return pattern.length === subject.length;
}
