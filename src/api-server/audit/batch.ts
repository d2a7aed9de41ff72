/** Gathers audit events into batches, within a bound on what may wait. */
import { errorMessage, limits, type Logger, type Metrics, type Timer, type Timers } from '../../base/index.ts';

/** Takes events, each as its JSON, without ever making a request wait. */
export interface AuditBackend {
  add(event: string): void;
  /** Hands out what waits, then takes no more. */
  close(): Promise<void>;
}

interface BatchOptions {
  /** The backend's name, for metrics and log. */
  readonly name: string;
  /** Hands a batch out. A rejection drops it: the deliverer has tried as often as makes sense. */
  readonly deliver: (events: readonly string[]) => Promise<void>;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly batchEventsMax: number;
  readonly waitMs: number;
  /** Events that wait at most; beyond, new ones are dropped. */
  readonly queueEventsMax: number;
}

/** Gathers events for a while, hands them out batch by batch and in order, and drops what does not fit. */
export function batched(options: BatchOptions): AuditBackend {
  return new BatchQueue(options);
}

class BatchQueue implements AuditBackend {
  readonly #options: BatchOptions;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #timer: Timer | undefined;
  #delivering: Promise<void> | undefined;
  #closed = false;
  #complained = false;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  add(event: string): void {
    const { timers, batchEventsMax, queueEventsMax, waitMs } = this.#options;
    if (this.#closed) return;
    if (this.#waiting.length >= queueEventsMax) {
      this.#dropped(1, `${String(queueEventsMax)} events wait already`);
      return;
    }
    if (this.#waitingBytes + 2 * event.length > limits.auditWaitingBytesMax) {
      this.#dropped(1, `${String(this.#waitingBytes)} bytes of events wait already`);
      return;
    }
    this.#waitingBytes += 2 * event.length;
    this.#waiting.push(event);
    if (this.#waiting.length >= batchEventsMax) void this.#flush();
    else
      this.#timer ??= timers.after(waitMs, () => {
        void this.#flush();
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#flush();
    await this.#flush();
  }

  #flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#delivering ??= this.#deliverAll().finally(() => {
      this.#delivering = undefined;
    });
    return this.#delivering;
  }

  async #deliverAll(): Promise<void> {
    const { name, metrics, batchEventsMax } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchEventsMax);
      this.#waiting = this.#waiting.slice(batchEventsMax);
      try {
        await this.#options.deliver(batch);
        metrics.count('apiserver_audit_event_total', { plugin: name }, batch.length);
        this.#complained = false;
      } catch (error) {
        this.#dropped(batch.length, errorMessage(error));
      }
      for (const event of batch) this.#waitingBytes -= 2 * event.length;
    }
  }

  /** Counts every loss, and logs the first one of a row. */
  #dropped(events: number, why: string): void {
    const { name, metrics, log } = this.#options;
    metrics.count('apiserver_audit_error_total', { plugin: name }, events);
    if (!this.#complained) log.error('audit events are lost', { backend: name, events, why });
    this.#complained = true;
  }
}
