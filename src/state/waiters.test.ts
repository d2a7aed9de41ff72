import test from 'ava';
import type { LogIndex } from '../base/index.ts';
import { LinearReads } from './waiters.ts';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test('a late answer to a read of the life before does not release a read of this one', async (t) => {
  const asked: number[] = [];
  const lives = [new LinearReads(1_000), new LinearReads(5_000)];
  let released = 0;
  for (const reads of lives) {
    void reads.add(10_000).then(() => { released += 1; });
    reads.begin((context) => asked.push(context) > 0);
  }
  const [before, now] = asked as [number, number];
  lives[1]?.answered([{ context: before, index: 1 as LogIndex }]);
  lives[1]?.applied(9 as LogIndex);
  await turn();
  t.is(released, 0);
  lives[1]?.answered([{ context: now, index: 9 as LogIndex }]);
  lives[1]?.applied(9 as LogIndex);
  await turn();
  t.is(released, 1);
});
