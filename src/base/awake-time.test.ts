import test from 'ava';
import { AwakeTime } from './awake-time.ts';

test('a pause between two questions counts as one step at most', (t) => {
  let monotonic = 5_000;
  const time = new AwakeTime({ monotonic: () => monotonic }, 200);
  const after = (ms: number): number => {
    monotonic += ms;
    return time.now();
  };
  t.is(after(0), 0);
  t.is(after(150), 150);
  t.is(after(200), 350);
  t.is(after(60_000), 550, 'the process stood still');
  t.is(after(1), 551);
});
