import test from 'ava';
import fc from 'fast-check';
import { Rest, RestartCounter } from './restart-budget.ts';

test('no window ever holds more restarts than the budget, and a pause never shrinks while crashes go on', (t) => {
  const gaps = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 80 });
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 100, max: 2_000 }),
      (pauses, restartsMax, withinMs) => {
        const counter = new RestartCounter({ restartsMax, withinMs, backoffMs: 10, backoffMsMax: 200 });
        const granted: number[] = [];
        let now = 0;
        for (const gap of pauses) {
          now += gap;
          const decision = counter.crashed(now);
          const inWindow = granted.filter((at) => now - at < withinMs).length;
          t.is(decision.type, inWindow < restartsMax ? 'restart' : 'spent');
          if (decision.type === 'spent') continue;
          t.is(decision.afterMs, Math.min(10 * 2 ** inWindow, 200));
          granted.push(now);
        }
      },
    ),
  );
});

test('a rest doubles up to its longest', (t) => {
  const rest = new Rest(10, 35);
  t.deepEqual(
    [1, 2, 3, 4].map(() => rest.begin()),
    [10, 20, 35, 35],
  );
});
