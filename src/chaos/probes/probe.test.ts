import test from 'ava';
import { ProbeLog } from './probe.ts';

function probeOf(...ends: number[]): ProbeLog {
  const probe = new ProbeLog('writes', 100);
  for (const end of ends) probe.succeeded(end - 10, end);
  return probe;
}

test('a time without a success that is longer than tolerated is an outage', (t) => {
  t.deepEqual(probeOf(50, 100, 200, 500, 550).outages(550), [{ fromMs: 200, untilMs: 500 }]);
  t.deepEqual(probeOf(50).outages(400), [{ fromMs: 50, untilMs: 400 }]);
  t.deepEqual(probeOf().outages(400), []);
});

test('failures count, and the first of them keep their reasons', (t) => {
  const probe = probeOf(100, 1_200);
  for (let i = 0; i < 30; i++) probe.failed(1_500, `no ${i}`);
  t.is(probe.attempts, 32);
  t.is(Math.round(probe.errorPercent), 94);
  t.is(probe.reasons.length, 20);
  t.deepEqual(probe.latency(), { p50: 10, p99: 10, max: 10 });
  t.deepEqual(probe.seconds(2_000), [
    { atMs: 0, succeeded: 1, failed: 0, p99Ms: 10 },
    { atMs: 1_000, succeeded: 1, failed: 30, p99Ms: 10 },
  ]);
});
