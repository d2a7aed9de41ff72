import test from 'ava';
import { CommandError, scriptShell } from './index.ts';

test('scripts run one after the other, and each is told how its own ended', async (t) => {
  const run = scriptShell();
  const outcomes = await Promise.allSettled([
    run('cat <<END\nmany\nlines\nEND'),
    run('echo why; false; echo never'),
    run('exit 3'),
    run('true'),
  ]);
  t.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  await t.throwsAsync(run('echo why >&2; false; echo never'), {
    instanceOf: CommandError,
    message: 'sh ended with 1: why',
  });
});

test('a shell that died fails its script and is followed by another one', async (t) => {
  const run = scriptShell();
  await t.throwsAsync(run('kill -9 $$'), { instanceOf: CommandError });
  t.is(await run('echo again'), 'again\n');
});
