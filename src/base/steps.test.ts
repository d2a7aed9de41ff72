import test from 'ava';
import { atOnce, inTurns, Pace, type Steps } from './steps.ts';

function* three(seen: string[]): Steps<number> {
  seen.push('one');
  yield;
  seen.push('two');
  yield;
  seen.push('three');
  return 3;
}

test('steps are done at once, or with a turn before each but the first', async (t) => {
  const once: string[] = [];
  t.is(atOnce(three(once)), 3);
  t.deepEqual(once, ['one', 'two', 'three']);
  const turned: string[] = [];
  const turn = (): Promise<void> => {
    turned.push('turn');
    return Promise.resolve();
  };
  t.is(await inTurns(three(turned), turn), 3);
  t.deepEqual(turned, ['one', 'turn', 'two', 'turn', 'three']);
});

test('what a step throws ends the work', async (t) => {
  function* failing(): Steps<never> {
    yield;
    throw new Error('no');
  }
  t.throws(() => atOnce(failing()), { message: 'no' });
  await t.throwsAsync(
    inTurns(failing(), () => undefined),
    { message: 'no' },
  );
});

test('a pause is due before what is too much together, and never before the first', (t) => {
  const pace = new Pace(10);
  t.deepEqual(
    [50, 4, 6, 4, 6, 1].map((amount) => pace.isDue(amount)),
    [false, true, false, true, false, true],
  );
});
