/** The port of messages between processes. */

/**
 * A message as it arrives. `reply` is the subject that an answer goes to; absent when none is awaited. A header that
 * was given several times has its values on a line each.
 */
export interface BusMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly reply?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface PublishOptions {
  readonly reply?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface SubscribeOptions {
  /** Each message goes to one member of this group only. */
  readonly queue?: string | undefined;
}

export interface RequestOptions {
  readonly deadlineMs: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Subscription {
  readonly subject: string;
  close(): void;
  /** Like `close`, but what is on its way is still handed over; resolves then. */
  drain(): Promise<void>;
}

/**
 * Subjects and payloads between processes: at most once, ordered per sender and subject while the connection lasts.
 * Subjects are NATS subjects (`*` one token, `>` the rest). Payloads over `limits.busPayloadBytesMax` are refused with
 * code `too-large`. The NATS adapter and the simulated twin pass the same suite.
 */
export interface Bus {
  /** When nobody hears a message that names a reply subject, an empty message comes back on that subject at once. */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void;
  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): Subscription;
  /** Resolves with the first answer; rejects with BusError `no-responders`, `timeout` or `closed`. */
  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<BusMessage>;
  /** A fresh subject that only this client listens to (a NATS inbox). */
  inbox(): string;
  /** Resolves when the server has seen all that was published. */
  flush(): Promise<void>;
  /** Called at each loss and return of the connection. */
  onStatus(listener: (status: 'connected' | 'disconnected' | 'closed') => void): void;
  close(): Promise<void>;
}

export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: 'no-responders' | 'timeout' | 'closed' | 'too-large' | 'permission';
  constructor(code: BusError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return this.code === 'no-responders' || this.code === 'timeout' || this.code === 'closed';
  }
}
