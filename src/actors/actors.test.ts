import test from 'ava';
import { silentLogger, silentMetrics, type Timer } from '../base/index.ts';
import { type ActorSystem, AskError, type Behaviour, createActorSystem, createRegion } from './index.ts';

/** Time that moves only when told; actors' turns run on the event loop in between. */
class ManualTime {
  ms = 0;
  #timers: { at: number; call: () => void; everyMs?: number }[] = [];
  readonly clock = { now: (): number => this.ms, monotonic: (): number => this.ms };
  readonly timers = {
    after: (delayMs: number, call: () => void): Timer => this.#add({ at: this.ms + delayMs, call }),
    every: (periodMs: number, call: () => void): Timer => this.#add({ at: this.ms + periodMs, call, everyMs: periodMs }),
  };
  #add(timer: { at: number; call: () => void; everyMs?: number }): Timer {
    this.#timers.push(timer);
    return { cancel: () => { this.#timers = this.#timers.filter((other) => other !== timer); } };
  }
  async advance(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.ms = Math.max(this.ms, next.at);
      if (next.everyMs === undefined) this.#timers = this.#timers.filter((other) => other !== next);
      else next.at += next.everyMs;
      next.call();
    }
    this.ms = end;
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => { setImmediate(resolve); });
}

function fixture(): { time: ManualTime; system: ActorSystem } {
  const time = new ManualTime();
  return { time, system: createActorSystem({ name: 'test', clock: time.clock, timers: time.timers, log: silentLogger, metrics: silentMetrics }) };
}

type Count = { readonly type: 'add'; readonly by: number } | { readonly type: 'read'; readonly reply: (total: number) => void } | { readonly type: 'fail' };
const counter: Behaviour<number, Count> = {
  initialState: () => 0,
  receive: (total, message) => {
    if (message.type === 'fail') throw new Error('told to fail');
    if (message.type === 'read') message.reply(total);
    return message.type === 'add' ? total + message.by : total;
  },
};
const read = (reply: (total: number) => void): Count => ({ type: 'read', reply });

test('an actor handles its messages in order and answers asks', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter);
  for (let i = 1; i <= 200; i++) t.true(ref.tell({ type: 'add', by: i }));
  t.is(await ref.ask(read), 20_100);
  await system.stop();
  t.false(ref.tell({ type: 'add', by: 1 }), 'a stopped actor takes nothing and says so');
});

test('a crash restarts the actor with a fresh state, keeps its mailbox and leaves a record', async (t) => {
  const { system, time } = fixture();
  const ref = system.spawn('counter', counter);
  ref.tell({ type: 'add', by: 5 });
  ref.tell({ type: 'fail' });
  ref.tell({ type: 'add', by: 7 });
  await time.advance(1_000);
  t.is(await ref.ask(read), 7);
  const node = system.tree().children[0];
  t.is(node?.restarts, 1);
  t.like(node?.lastCrash, { address: 'counter', messageType: 'fail', error: 'told to fail', count: 1 });
  await system.stop();
});

test('restarts wait longer each time, and a spent budget escalates to the root', async (t) => {
  const { system, time } = fixture();
  const failures: string[] = [];
  system.onFailure((record) => failures.push(record.address));
  const ref = system.spawn('counter', counter, { restart: { restartsMax: 3, backoffMs: 100, backoffMsMax: 10_000, withinMs: 60_000 } });
  for (let i = 0; i < 4; i++) ref.tell({ type: 'fail' });
  await time.advance(99);
  t.is(system.tree().children[0]?.state, 'backoff');
  await time.advance(100 + 200 + 400);
  t.deepEqual(failures, ['counter']);
  t.deepEqual(system.tree().children, []);
  await system.stop();
});

test('a resumed actor keeps its state', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter, { onCrash: () => 'resume' });
  ref.tell({ type: 'add', by: 5 });
  ref.tell({ type: 'fail' });
  t.is(await ref.ask(read), 5);
  await system.stop();
});

test('stopping the system waits until actors have freed what they hold', async (t) => {
  const { system } = fixture();
  let freed = false;
  const ref = system.spawn('holder', { ...counter, afterStop: async () => { await settle(); freed = true; } });
  await ref.ask(read);
  await system.stop();
  t.true(freed);
});

test('a full mailbox refuses, or drops the oldest where told to', async (t) => {
  const { system } = fixture();
  const strict = system.spawn('strict', counter, { mailboxMessagesMax: 2 });
  t.deepEqual([1, 2, 3].map((by) => strict.tell({ type: 'add', by })), [true, true, false]);
  await t.throwsAsync(strict.ask(read), { instanceOf: AskError, message: /mailbox-full/ });
  const lossy = system.spawn('lossy', counter, { mailboxMessagesMax: 2, overflow: 'drop-oldest' });
  t.deepEqual([1, 2, 3].map((by) => lossy.tell({ type: 'add', by })), [true, true, true]);
  await settle();
  t.is(await lossy.ask(read), 5);
  await system.stop();
});

test('waiting messages with one key are one', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter, { coalesceKey: (message) => (message.type === 'add' ? String(message.by) : undefined) });
  for (const by of [1, 1, 2, 1]) ref.tell({ type: 'add', by });
  t.is(await ref.ask(read), 3);
  await system.stop();
});

test('an ask without an answer ends at its deadline', async (t) => {
  const { system, time } = fixture();
  const ref = system.spawn('mute', { initialState: () => null, receive: (state: null) => state });
  const asked = t.throwsAsync(ref.ask(() => ({ type: 'anything' }), { deadlineMs: 500 }), { instanceOf: AskError, message: /timeout/ });
  await time.advance(501);
  await asked;
  await system.stop();
});

test('a region makes actors by key, passivates idle ones and isolates a failing one', async (t) => {
  const { system, time } = fixture();
  const region = createRegion<number, Count>(system, { kind: 'pods', shards: 4, behaviour: () => counter, idleMs: 1_000, spawn: { restart: { restartsMax: 1, backoffMs: 10 } } });
  region.tell('default/a', { type: 'add', by: 1 });
  region.tell('default/b', { type: 'fail' });
  region.tell('default/b', { type: 'fail' });
  await time.advance(100);
  t.is(await region.ask('default/a', read), 1);
  t.is(region.resident, 1, 'the failing actor spent its budget and rests; its sibling works on');
  await time.advance(2_000);
  t.is(region.resident, 0, 'an idle actor leaves memory');
  t.is(await region.ask('default/a', read), 0, 'and comes back fresh when asked');
  await system.stop();
});

test('an operator restarts an actor by its address: its state is fresh, what waits is kept, its budget untouched', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter, { restart: { restartsMax: 1 } });
  ref.tell({ type: 'add', by: 5 });
  t.is(await ref.ask(read), 5);
  for (let i = 0; i < 3; i++) t.true(system.restart('counter'));
  ref.tell({ type: 'add', by: 2 });
  t.is(await ref.ask(read), 2);
  t.like(system.tree().children[0], { state: 'running', restarts: 1 });
  t.false(system.restart('nobody'));
});

test('an operator restart ends the rest of an actor that crashed', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter, { restart: { backoffMs: 60_000, backoffMsMax: 60_000 } });
  ref.tell({ type: 'fail' });
  await settle();
  t.like(system.tree().children[0], { state: 'backoff', restarts: 1 });
  system.restart('counter');
  t.is(await ref.ask(read), 0);
});

test('restarting a shard restarts its actors in place, and their keys work on', async (t) => {
  const { system } = fixture();
  const region = createRegion(system, { kind: 'count', shards: 1, behaviour: () => counter });
  region.tell('default/a', { type: 'add', by: 1 });
  t.is(await region.ask('default/a', read), 1);
  t.true(system.restart('count'));
  t.is(await region.ask('default/a', read), 0);
  t.true(system.restart('count/0/default/a'));
  t.is(await region.ask('default/a', read), 0);
  t.is(system.tree().children[0]?.children[0]?.children[0]?.restarts, 2);
});
