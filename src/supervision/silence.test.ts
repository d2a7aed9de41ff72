import test from 'ava';
import { limits } from '../base/index.ts';
import type { Tick } from './frame.ts';
import { Recording } from './recording.ts';
import { cluster, processOf } from './supervision.fixture.ts';

const hourMs = 60 * 60_000;

for (const byMs of [hourMs, -hourMs])
  test(`a wall clock that is set ${byMs > 0 ? 'forward' : 'back'} by an hour makes nobody silent`, async (t) => {
    const { time, process } = cluster();
    let setByMs = 0;
    const { supervision } = process('one', { ...time.clock, now: () => time.clock.now() + setByMs });
    const second = process('two');
    await time.pass(3_000);
    const ticks: Tick[] = [];
    supervision.follow((tick) => ticks.push(tick));
    setByMs = byMs;
    await time.pass(3_000);
    t.deepEqual(
      ticks.flatMap(({ events = [] }) => events.map(({ title }) => title)),
      [],
    );
    t.deepEqual(supervision.now().alerts, []);
    t.deepEqual([...supervision.processes()].sort(), ['one', 'two']);
    second.die();
    await time.pass(limits.processSilentMs + 2_000);
    t.true(processOf(supervision, 'two')?.silent, 'one that is silent after the jump is known to be');
    await time.pass(limits.processForgottenMs + 2_000);
    t.is(processOf(supervision, 'two'), undefined);
  });

test('a process whose clock is an hour behind is not silent', async (t) => {
  const { time, process } = cluster();
  const { supervision } = process('one');
  process('two', { now: () => time.clock.now() - hourMs, monotonic: time.clock.monotonic });
  await time.pass(5_000);
  t.deepEqual([...supervision.processes()].sort(), ['one', 'two']);
});

test('a wall clock that is set forward by a day ends no recording', (t) => {
  const recording = new Recording();
  const event = { type: 'crash', severity: 'warning', title: 'before', detail: '' } as const;
  recording.add({ at: 1, frames: [], events: [{ at: 1, ...event }] }, 1);
  recording.add({ at: 24 * hourMs, frames: [] }, 1_000);
  t.regex(
    recording.json(24 * hourMs, () => true),
    /before/,
  );
});
