import test from 'ava';
import { delay } from '../base/index.ts';
import { SimulatedTime, systemClock, systemTimers } from './index.ts';
import { timersSuite } from './timers.suite.ts';

timersSuite('the machine', () => ({ clock: systemClock, timers: systemTimers, pass: (ms) => delay(systemTimers, ms) }));
timersSuite('the simulator', () => {
  const time = new SimulatedTime();
  return { clock: time, timers: time, pass: (ms) => time.run(ms) };
});

test('advance fires timers that a firing timer starts, at their own time', (t) => {
  const time = new SimulatedTime(0);
  const at: number[] = [];
  time.after(10, () => {
    at.push(time.now());
    time.after(5, () => at.push(time.now()));
  });
  time.advance(100);
  t.deepEqual(at, [10, 15]);
  t.is(time.now(), 100);
  t.is(time.waiting, 0);
});

test('a jump of the wall clock leaves monotonic time and timers alone', (t) => {
  const time = new SimulatedTime(1_000);
  let fired = false;
  time.after(10, () => {
    fired = true;
  });
  time.jump(-500);
  t.is(time.now(), 500);
  t.is(time.monotonic(), 0);
  t.false(fired);
});
