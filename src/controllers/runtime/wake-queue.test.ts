import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { WakeQueue } from './wake-queue.ts';

/** A region whose actors are busy for a moment; those of `stuck` never come to rest. */
function fixture(stuck = 0): { time: SimulatedTime; wakes: WakeQueue; woken: string[]; highest(): number } {
  const time = new SimulatedTime(0, 20);
  const woken: string[] = [];
  let [resident, busy, most] = [stuck, 0, 0];
  const region = {
    get resident() {
      return resident;
    },
    disperse: () => {
      resident = stuck + busy;
    },
  };
  const wakes = new WakeQueue(time, {
    region,
    wake: (key) => {
      woken.push(key);
      resident += 1;
      busy += 1;
      most = Math.max(most, resident);
      time.after(5, () => {
        busy -= 1;
      });
    },
  });
  return { time, wakes, woken, highest: () => most };
}

test('a few keys are woken at once', (t) => {
  const { wakes, woken } = fixture();
  for (const key of ['a', 'b', 'a']) wakes.add(key);
  t.deepEqual(woken, ['a', 'b', 'a']);
});

test('each of very many keys is woken once, in order, and their actors are never in memory together', async (t) => {
  const { time, wakes, woken, highest } = fixture();
  const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i}`);
  for (const key of keys) wakes.add(key);
  for (const key of keys.slice(-100)) wakes.add(key);
  await time.run(5_000);
  t.deepEqual(woken, keys);
  t.true(highest() <= 2_048, `${highest()} at once`);
});

test('where all who are in memory stay there, the others have their turn all the same', async (t) => {
  const { time, wakes, woken } = fixture(5_000);
  for (let i = 0; i < 500; i++) wakes.add(`key-${i}`);
  await time.run(1_000);
  t.is(woken.length, 500);
});

test('nothing is woken after a clear', async (t) => {
  const { time, wakes, woken } = fixture(5_000);
  wakes.add('a');
  wakes.clear();
  await time.run(1_000);
  t.deepEqual(woken, []);
});
