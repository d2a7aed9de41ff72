/** Clock and timers of the machine. */
import { type Clock, limits, type Timers } from '../base/index.ts';
import { outsideTraces } from './tracing.ts';

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/**
 * The event loop's timers. They keep the process alive: the one who starts a timer cancels it on close. What waits for
 * long, or comes again and again, is part of no trace.
 */
export const systemTimers: Timers = {
  after: (delayMs, call) => {
    const timer =
      delayMs < limits.traceTimerMs ? setTimeout(call, delayMs) : outsideTraces(() => setTimeout(call, delayMs));
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
  every: (periodMs, call) => {
    const timer = outsideTraces(() => setInterval(call, periodMs));
    return {
      cancel: () => {
        clearInterval(timer);
      },
    };
  },
};
