import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { RequeueTimers } from './requeue-timers.ts';

function fixture(): { time: SimulatedTime; requeues: RequeueTimers; seen: string[] } {
  const time = new SimulatedTime(0, 20);
  const seen: string[] = [];
  return {
    time,
    seen,
    requeues: new RequeueTimers({ clock: time, timers: time }, (key) => {
      seen.push(`${key} ${time.monotonic()}`);
    }),
  };
}

test('each key is woken when its time has come, whatever was planned before or after it', async (t) => {
  const { time, requeues, seen } = fixture();
  requeues.requeue('late', 90_000);
  requeues.requeue('early', 5_000);
  requeues.requeue('now', 0);
  requeues.requeue('middle', 30_000);
  await time.run(100_000);
  t.deepEqual(seen, ['now 1', 'early 5000', 'middle 30000', 'late 90000']);
});

test('a newer plan takes the place of the older one, sooner or later', async (t) => {
  const { time, requeues, seen } = fixture();
  requeues.requeue('sooner', 60_000);
  requeues.requeue('sooner', 10);
  requeues.requeue('later', 10);
  requeues.requeue('later', 60_000);
  await time.run(1_000);
  t.deepEqual(seen, ['sooner 10']);
  await time.run(100_000);
  t.deepEqual(seen, ['sooner 10', 'later 60000']);
});

test('a cancelled key is not woken', async (t) => {
  const { time, requeues, seen } = fixture();
  requeues.requeue('soon', 10);
  requeues.requeue('far', 10_000);
  requeues.requeue('stays', 20_000);
  requeues.cancel('soon');
  requeues.cancel('far');
  await time.run(30_000);
  t.deepEqual(seen, ['stays 20000']);
  requeues.requeue('soon', 10);
  requeues.requeue('far', 10_000);
  requeues.clear();
  await time.run(30_000);
  t.is(seen.length, 1);
});

test('thousands of keys that are due together are all woken, in portions', async (t) => {
  const { time, requeues, seen } = fixture();
  for (let key = 0; key < 2_000; key++) requeues.requeue(`key-${key}`, 5_000);
  await time.run(5_001);
  t.true(seen.length > 0 && seen.length < 2_000);
  await time.run(100);
  t.is(new Set(seen.map((line) => line.split(' ')[0])).size, 2_000);
});
