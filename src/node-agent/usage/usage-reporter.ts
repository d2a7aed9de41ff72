/** Measures what the node's containers use, and reports it to all members. */
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type Bus, encode, type Subjects } from '../../bus/index.ts';
import type { UsageMeter } from './usage-meter.ts';
import { type Look, usageBetween } from './usage-rates.ts';

interface UsageReporterOptions {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly node: string;
  readonly meter: UsageMeter;
  readonly timers: Timers;
  readonly log: Logger;
  readonly periodMs: number;
}

/** Looks at the machine and its containers each period, and tells all members what they used. */
export function reportUsage(options: UsageReporterOptions): { close(): void } {
  const { bus, subjects, node, meter, timers, log, periodMs } = options;
  /** The look of the round before; others look in between. */
  let before: Look | undefined;
  let busy = false;
  const round = async (): Promise<void> => {
    const { now } = await meter.look();
    if (before !== undefined) bus.publish(subjects.nodeUsage(node), encode(usageBetween(before, now, periodMs)));
    before = now;
  };
  const begin = (): void => {
    if (busy) return;
    busy = true;
    round()
      .catch((error: unknown) => {
        log.warn('failed to report the use of CPU and memory', { error: errorMessage(error) });
      })
      .finally(() => {
        busy = false;
      });
  };
  begin();
  const timer = timers.every(periodMs, begin);
  return {
    close: () => {
      timer.cancel();
    },
  };
}
