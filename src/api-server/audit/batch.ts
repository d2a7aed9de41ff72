/** Gathers audit events into batches, within a bound on what may wait. */
import type { Logger, Metrics, Timer, Timers } from '../../base/index.ts';

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
  const { name, timers, metrics, log, batchEventsMax, queueEventsMax } = options;
  let waiting: string[] = [];
  let timer: Timer | undefined;
  let delivering: Promise<void> | undefined;
  let closed = false;
  let complained = false;

  const dropped = (count: number, why: string): void => {
    metrics.count('apiserver_audit_error_total', { plugin: name }, count);
    if (!complained) log.error('audit events are lost', { backend: name, events: count, why });
    complained = true;
  };

  async function deliverAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchEventsMax);
      waiting = waiting.slice(batchEventsMax);
      try {
        await options.deliver(batch);
        metrics.count('apiserver_audit_event_total', { plugin: name }, batch.length);
        complained = false;
      } catch (error) {
        dropped(batch.length, error instanceof Error ? error.message : String(error));
      }
    }
  }
  const flush = (): Promise<void> => {
    timer?.cancel();
    timer = undefined;
    delivering ??= deliverAll().finally(() => {
      delivering = undefined;
    });
    return delivering;
  };
  return {
    add: (event) => {
      if (closed) return;
      if (waiting.length >= queueEventsMax) {
        dropped(1, `${String(queueEventsMax)} events wait already`);
        return;
      }
      waiting.push(event);
      if (waiting.length >= batchEventsMax) void flush();
      else
        timer ??= timers.after(options.waitMs, () => {
          void flush();
        });
    },
    close: async () => {
      closed = true;
      await flush();
      await flush();
    },
  };
}
