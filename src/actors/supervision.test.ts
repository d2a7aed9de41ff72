import test from 'ava';
import { limits, seededRandom, silentLogger } from '../base/index.ts';
import { createTraces, systemClock } from '../platform/index.ts';
import type { Behaviour, CrashRecord } from './index.ts';
import { type Count, counter, fixture, read } from './testing/actor-fixture.ts';

const budget = { restartsMax: 1, backoffMs: 10 };

test('a message that always crashes its actor parks it, is reported, and disturbs no neighbour', async (t) => {
  const { system, time } = fixture();
  const parked: CrashRecord[] = [];
  system.onParked((record) => parked.push(record));
  const ill = system.spawn('ill', counter, { restart: budget, whenSpent: { type: 'park' } });
  const well = system.spawn('well', counter);
  for (let i = 0; i < 2; i++) ill.tell({ type: 'fail' });
  well.tell({ type: 'add', by: 1 });
  await time.run(100);
  t.is(system.find('ill')?.state, 'parked');
  t.like(parked, [{ address: 'ill', messageType: 'fail', count: 2 }]);
  t.is(await well.ask(read), 1);
  t.is(system.find('well')?.restarts, 0);
  await system.stop();
});

test('a parked actor is tried again after its rest: a success makes it whole, a failure parks it longer', async (t) => {
  const { system, time } = fixture();
  const ref = system.spawn('ill', counter, {
    restart: budget,
    whenSpent: { type: 'park', restMs: 1_000, restMsMax: 60_000 },
  });
  for (let i = 0; i < 2; i++) ref.tell({ type: 'fail' });
  await time.run(100);
  ref.tell({ type: 'fail' });
  await time.run(800);
  t.is(system.find('ill')?.lastCrash?.count, 2, 'it rests whatever comes');
  await time.run(200);
  t.is(system.find('ill')?.lastCrash?.count, 3);
  t.is(system.find('ill')?.state, 'parked', 'one failure is enough after a rest');
  await time.run(1_900);
  ref.tell({ type: 'add', by: 4 });
  t.is(system.find('ill')?.state, 'parked', 'the second rest is twice as long');
  await time.run(200);
  t.is(await ref.ask(read), 4);
  ref.tell({ type: 'fail' });
  await time.run(100);
  t.is(system.find('ill')?.state, 'running', 'its budget is whole again');
  await system.stop();
});

test('an operator restarts a parked actor at once, and a working one between two messages', async (t) => {
  const { system, time } = fixture();
  const ref = system.spawn('ill', counter, { restart: budget, whenSpent: { type: 'park' } });
  for (let i = 0; i < 2; i++) ref.tell({ type: 'fail' });
  await time.run(100);
  t.true(system.restart('ill'));
  ref.tell({ type: 'add', by: 2 });
  t.is(await ref.ask(read), 2);
  t.true(system.restart('ill'));
  t.is(await ref.ask(read), 0, 'the state is fresh');
  t.is(system.find('ill')?.restarts, 3);
  t.false(system.restart('nobody'));
  await system.stop();
});

test('a restart at once belongs to the request that caused the crash, a later one does not', async (t) => {
  const traces = createTraces({ process: 'p', clock: systemClock, random: seededRandom(1), log: silentLogger });
  const { system, time } = fixture({ traces });
  const seen: (readonly [string, string | undefined])[] = [];
  const note = (what: string): void => {
    seen.push([what, traces.current()?.traceId]);
  };
  const behaviour: Behaviour<null, { readonly type: 'work' | 'fail' }> = {
    initialState: (context) => {
      note('start');
      context.self.tell({ type: 'work' });
      return null;
    },
    receive: (state, { type }) => {
      note(type);
      if (type === 'fail') throw new Error('told to fail');
      return state;
    },
  };
  const traceId = 'ab'.repeat(16);
  for (const [name, backoffMs, then] of [
    ['soon', 10, traceId],
    ['late', limits.traceTimerMs, undefined],
  ] as const) {
    const ref = system.spawn(name, behaviour, { restart: { restartsMax: 9, backoffMs, backoffMsMax: backoffMs } });
    await time.run(1);
    seen.length = 0;
    traces.step({ parent: { traceId, spanId: '' }, what: 'a request' }, () => {
      ref.tell({ type: 'fail' });
    });
    await time.run(2 * limits.traceTimerMs);
    t.deepEqual(
      seen,
      [
        ['fail', traceId],
        ['start', then],
        ['work', then],
      ],
      name,
    );
    t.is(system.find(name)?.lastCrash?.traceId, traceId);
  }
  t.deepEqual(
    traces
      .steps(traceId)
      .filter(({ actor }) => actor === 'soon')
      .map(({ what }) => what),
    ['fail', 'restart after a crash', 'work'],
  );
  await system.stop();
});

test('a child whose restarts are spent crashes its parent, whose restart makes a new child', async (t) => {
  const { system, time } = fixture();
  let made = 0;
  const parent: Behaviour<{ child: { tell(message: Count): boolean } }, Count> = {
    initialState: (context) => {
      made += 1;
      return { child: context.spawn('child', counter, { restart: budget }) };
    },
    receive: (state, message) => {
      state.child.tell(message);
      return state;
    },
  };
  const ref = system.spawn('parent', parent);
  for (let i = 0; i < 2; i++) ref.tell({ type: 'fail' });
  await time.run(1_000);
  t.is(made, 2);
  t.like(system.find('parent'), { restarts: 1, lastCrash: { error: 'parent/child is beyond help: told to fail' } });
  t.like(system.find('parent/child'), { state: 'running', restarts: 0 });
  await system.stop();
});

test('an actor that watches another is told once when it ends, and at once when it has ended', async (t) => {
  const { system, time } = fixture();
  const told: string[] = [];
  const watched = system.spawn('watched', counter, { onCrash: () => 'stop' });
  const watcher: Behaviour<null, { readonly type: 'watch' } | { readonly type: 'ended'; readonly reason: string }> = {
    initialState: () => null,
    receive: (state, message, context) => {
      if (message.type === 'ended') told.push(message.reason);
      else context.watch(watched, (reason) => ({ type: 'ended', reason }));
      return state;
    },
  };
  const ref = system.spawn('watcher', watcher);
  ref.tell({ type: 'watch' });
  await time.settle();
  watched.tell({ type: 'fail' });
  await time.settle();
  t.deepEqual(told, ['failed']);
  ref.tell({ type: 'watch' });
  await time.settle();
  t.is(told.length, 2);
  await system.stop();
});

test("what an actor holds is freed after the message it is at, and the system's stop waits for both", async (t) => {
  const { system, time } = fixture();
  const journal: string[] = [];
  let finish: (() => void) | undefined;
  const slow: Behaviour<number, { readonly type: 'work' }> = {
    initialState: () => 1,
    receive: async (state) => {
      journal.push('begin');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      journal.push('end');
      return state;
    },
    afterStop: () => {
      journal.push('freed');
    },
  };
  system.spawn('slow', slow).tell({ type: 'work' });
  await time.settle();
  const stopping = system.stop().then(() => journal.push('stopped'));
  await time.settle();
  t.deepEqual(journal, ['begin']);
  finish?.();
  await stopping;
  t.deepEqual(journal, ['begin', 'end', 'freed', 'stopped']);
});

test('an asker is told at once when the actor crashes on its question or stops before it', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter);
  await t.throwsAsync(
    ref.ask(() => ({ type: 'fail' })),
    { message: /crashed/ },
  );
  const waiting = ref.ask(read);
  await system.stop();
  await t.throwsAsync(waiting, { message: /stopped/ });
});

test('crash records of an earlier process are shown again', async (t) => {
  const kept: CrashRecord[] = [];
  const crashStore = {
    load: () => [...kept],
    append: (record: CrashRecord) => {
      kept.push(record);
      return Promise.resolve();
    },
  };
  const { system: first, time } = fixture({ crashStore });
  first.spawn('counter', counter).tell({ type: 'fail' });
  await time.settle();
  await first.stop();
  const second = fixture({ crashStore }).system;
  t.like(second.crashes(), [{ address: 'counter', error: 'told to fail' }]);
  await second.stop();
});
