import type { Clock, Timers } from '../base/index.ts';

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** The event loop's timers. They keep the process alive: whoever starts one cancels it when it closes. */
export const systemTimers: Timers = {
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return { cancel: () => { clearTimeout(timer); } };
  },
  every: (periodMs, call) => {
    const timer = setInterval(call, periodMs);
    return { cancel: () => { clearInterval(timer); } };
  },
};
