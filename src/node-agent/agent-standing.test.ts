import test from 'ava';
import { SimulatedTime } from '../platform/index.ts';
import { Standing } from './agent-standing.ts';

const down = 'container runtime is down';

test('a node stays ready while its engine starts again, and no longer than half a minute', async (t) => {
  const time = new SimulatedTime(0, 1);
  const { engineChanged, notReadyReason } = new Standing(time);
  engineChanged(undefined);
  engineChanged(down);
  await time.run(20_000);
  engineChanged(undefined);
  await time.run(60_000);
  t.is(notReadyReason(), undefined);
  for (let second = 0; second < 29; second++) {
    engineChanged(down);
    await time.run(1_000);
  }
  t.is(notReadyReason(), undefined);
  await time.run(1_000);
  t.is(notReadyReason(), down, 'however often it is told');
  engineChanged(undefined);
  t.is(notReadyReason(), undefined);
});

test('a node whose engine has not answered yet is not ready', async (t) => {
  const time = new SimulatedTime(0, 1);
  const { engineChanged, notReadyReason } = new Standing(time);
  engineChanged(down);
  t.is(notReadyReason(), down);
  await time.run(60_000);
  engineChanged(undefined);
  t.is(notReadyReason(), undefined);
});
