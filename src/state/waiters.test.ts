import test from 'ava';
import { limits, type LogIndex } from '../base/index.ts';
import { LinearReads } from './waiters.ts';

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

test('a late answer to a read of the life before does not release a read of this one', async (t) => {
  const asked: number[] = [];
  const lives = [new LinearReads(1_000), new LinearReads(5_000)];
  let released = 0;
  for (const reads of lives) {
    void reads.add(10_000).then(() => {
      released += 1;
    });
    reads.begin(0, (context) => asked.push(context) > 0);
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

const never = (): boolean => false;

test('reads are refused when no leader is known for long, and wait through an election', async (t) => {
  const reads = new LinearReads(1);
  const outcomes: string[] = [];
  const add = (): void => {
    reads.add(60_000).then(
      () => {
        outcomes.push('read');
      },
      (error: unknown) => {
        outcomes.push((error as { code: string }).code);
      },
    );
  };
  for (let now = 0; now < 1_500; now += 50) reads.retry(now, false, never);
  add();
  reads.retry(1_500, true, never);
  for (let now = 1_550; now < 1_550 + limits.leaderlessMs; now += 50) reads.retry(now, false, never);
  await turn();
  t.deepEqual(outcomes, []);
  reads.retry(1_550 + limits.leaderlessMs, false, never);
  add();
  reads.retry(1_600 + limits.leaderlessMs, false, never);
  await turn();
  t.deepEqual(outcomes, ['no-leader', 'no-leader']);
});

test('an answer slower than the pause between two questions still counts: both ask for one round', async (t) => {
  const reads = new LinearReads(1);
  const asked: number[] = [];
  const ask = (context: number): boolean => asked.push(context) > 0;
  let released = false;
  void reads.add(60_000).then(() => {
    released = true;
  });
  reads.begin(0, ask);
  for (let now = 50; now <= 1_000; now += 50) {
    reads.retry(now, true, ask);
    reads.begin(now, ask);
  }
  t.is(asked.length, 11);
  t.is(new Set(asked).size, 1);
  reads.answered([{ context: asked[0] ?? 0, index: 3 as LogIndex }]);
  reads.applied(3 as LogIndex);
  await turn();
  t.true(released);
});

test('a read whose index is known ends at its deadline when the member does not get there', async (t) => {
  const reads = new LinearReads(1);
  let outcome = '';
  reads.add(2_000).catch((error: unknown) => {
    outcome = (error as { code: string }).code;
  });
  reads.begin(0, () => true);
  reads.answered([{ context: 2, index: 9 as LogIndex }]);
  reads.retry(1_950, true, never);
  await turn();
  t.is(outcome, '');
  reads.retry(2_000, true, never);
  await turn();
  t.is(outcome, 'no-leader');
});
