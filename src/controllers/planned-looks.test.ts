import test from 'ava';
import { SimulatedTime } from '../platform/index.ts';
import { PlannedLooks } from './planned-looks.ts';

function fixture(): { time: SimulatedTime; looks: PlannedLooks; seen: string[] } {
  const time = new SimulatedTime(0, 20);
  const seen: string[] = [];
  return {
    time,
    seen,
    looks: new PlannedLooks({ clock: time, timers: time }, (key) => {
      seen.push(`${key} ${time.monotonic()}`);
    }),
  };
}

test('each key is looked at when its time has come, whatever was planned before or after it', async (t) => {
  const { time, looks, seen } = fixture();
  looks.plan('late', 90_000);
  looks.plan('early', 5_000);
  looks.plan('now', 0);
  looks.plan('middle', 30_000);
  await time.run(100_000);
  t.deepEqual(seen, ['now 1', 'early 5000', 'middle 30000', 'late 90000']);
});

test('a newer plan takes the place of the older one, sooner or later', async (t) => {
  const { time, looks, seen } = fixture();
  looks.plan('sooner', 60_000);
  looks.plan('sooner', 10);
  looks.plan('later', 10);
  looks.plan('later', 60_000);
  await time.run(1_000);
  t.deepEqual(seen, ['sooner 10']);
  await time.run(100_000);
  t.deepEqual(seen, ['sooner 10', 'later 60000']);
});

test('nothing is looked at that was cancelled', async (t) => {
  const { time, looks, seen } = fixture();
  looks.plan('soon', 10);
  looks.plan('far', 10_000);
  looks.plan('stays', 20_000);
  looks.cancel('soon');
  looks.cancel('far');
  await time.run(30_000);
  t.deepEqual(seen, ['stays 20000']);
  looks.plan('soon', 10);
  looks.plan('far', 10_000);
  looks.clear();
  await time.run(30_000);
  t.is(seen.length, 1);
});

test('thousands of keys that are due together are all looked at, in portions', async (t) => {
  const { time, looks, seen } = fixture();
  for (let key = 0; key < 2_000; key++) looks.plan(`key-${key}`, 5_000);
  await time.run(5_001);
  t.true(seen.length > 0 && seen.length < 2_000);
  await time.run(100);
  t.is(new Set(seen.map((line) => line.split(' ')[0])).size, 2_000);
});
