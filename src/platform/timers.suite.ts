import test from 'ava';
import type { Clock, Timers } from '../base/index.ts';

interface TimersUnderTest {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
}

/**
 * What every Clock with its Timers promises. Delays are multiples of 20 ms, so that the machine's timers keep their
 * order too.
 */
export function timersSuite(name: string, open: () => TimersUnderTest): void {
  test(`${name} fires timers in the order of their time`, async (t) => {
    const { timers, pass } = open();
    const fired: string[] = [];
    timers.after(40, () => fired.push('second'));
    timers.after(0, () => fired.push('first'));
    timers.after(5_000, () => fired.push('far')).cancel();
    await pass(100);
    t.deepEqual(fired, ['first', 'second']);
  });

  test(`${name} fires no cancelled timer, and cancelling after firing is harmless`, async (t) => {
    const { timers, pass } = open();
    let fired = 0;
    const first = timers.after(20, () => {
      fired += 1;
    });
    const second = timers.after(20, () => {
      fired += 10;
    });
    second.cancel();
    await pass(80);
    first.cancel();
    t.is(fired, 1);
  });

  test(`${name} repeats a timer until it is cancelled from within`, async (t) => {
    const { timers, pass } = open();
    let fired = 0;
    const timer = timers.every(20, () => {
      fired += 1;
      if (fired === 3) timer.cancel();
    });
    await pass(400);
    t.is(fired, 3);
  });

  test(`${name} never turns monotonic time back`, async (t) => {
    const { clock, pass } = open();
    const before = clock.monotonic();
    await pass(20);
    t.true(clock.monotonic() >= before + 15);
    t.true(clock.now() > Date.UTC(2020, 0, 1));
  });
}
