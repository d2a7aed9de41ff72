/** Keeps the events of a watch in order while some of them are converted. */
import { type ResourceInfo, StatusError } from '../../api/index.ts';
import { errorMessage, limits } from '../../base/index.ts';
import type { StoreEvent } from '../../state/index.ts';
import { type ConversionPorts, converted } from '../conversion/index.ts';

interface EventOrder {
  /** Calls `deliver` once the records of the events can be read, never before what was taken earlier. */
  take(events: readonly StoreEvent[], deliver: () => void): void;
}

interface Waiting {
  readonly events: readonly StoreEvent[];
  readonly deliver: () => void;
}

/** At once, where nothing is to be converted. */
const direct: EventOrder = {
  take: (_events, deliver) => {
    deliver();
  },
};

/**
 * The events of a watch in their order, though a webhook may have to convert their objects first. All that waits is
 * converted together. When a webhook fails, or too much waits for it, `fail` gets the Status with which the watch ends.
 */
export function eventOrder(
  ports: ConversionPorts,
  { info, fail }: { readonly info: ResourceInfo; readonly fail: (status: unknown) => void },
): EventOrder {
  if (info.custom?.conversion === undefined) return direct;
  let waiting: Waiting[] = [];
  let count = 0;
  let running = false;
  let failed = false;
  const end = (error: unknown): void => {
    if (failed) return;
    failed = true;
    waiting = [];
    fail((error instanceof StatusError ? error : new StatusError('', errorMessage(error), { code: 500 })).body());
  };
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await converted(
        ports,
        info,
        batch.flatMap(({ events }) =>
          events.flatMap(({ record, previous }) => (previous === undefined ? [record] : [record, previous])),
        ),
      );
      for (const { events, deliver } of batch) {
        count -= events.length;
        deliver();
      }
    }
    running = false;
  };
  return {
    take(events, deliver) {
      if (failed) return;
      count += events.length;
      if (count > limits.conversionEventsMax) {
        end(new StatusError('', 'too many changes wait for the conversion webhook', { code: 500 }));
        return;
      }
      waiting.push({ events, deliver });
      if (!running) run().catch(end);
    },
  };
}
