import test from 'ava';
import { pingMsOf } from './node-connection.ts';

/** A connection is given up at the third try that finds the one before unanswered. */
const triesToLeave = 3;

test('an agent leaves a server that is cut off before its node counts as silent', (t) => {
  for (const [leaseMs, graceMs] of [
    [1_500, 5_000],
    [1_000, 4_000],
    [2_000, 10_000],
    [10_000, 40_000],
  ] as const) {
    const silentMs = leaseMs + triesToLeave * pingMsOf({ leaseMs, graceMs });
    t.true(silentMs + 1_000 <= graceMs, `${silentMs} ms of ${graceMs}`);
  }
});

test('connections are tried every two seconds at the least, and twice a second at the most', (t) => {
  t.is(pingMsOf({ leaseMs: 10_000, graceMs: 40_000 }), 2_000);
  t.is(pingMsOf({ leaseMs: 1_500, graceMs: 2_000 }), 500);
});
