import test from 'ava';
import { AskError, createRegion, bucketOf } from './index.ts';
import { type Count, counter, fixture, read } from './testing/actor-fixture.ts';

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
  await time.run(1_000);
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
  const ref = system.spawn('counter', counter, {
    restart: { restartsMax: 3, backoffMs: 100, backoffMsMax: 10_000, withinMs: 60_000 },
  });
  for (let i = 0; i < 4; i++) ref.tell({ type: 'fail' });
  await time.run(99);
  t.is(system.tree().children[0]?.state, 'backoff');
  await time.run(100 + 200 + 400);
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
  const { system, time } = fixture();
  let freed = false;
  const ref = system.spawn('holder', {
    ...counter,
    afterStop: async () => {
      await time.settle();
      freed = true;
    },
  });
  await ref.ask(read);
  await system.stop();
  t.true(freed);
});

test('a full mailbox refuses, or drops the oldest where told to', async (t) => {
  const { system, time } = fixture();
  const strict = system.spawn('strict', counter, { mailboxMessagesMax: 2 });
  t.deepEqual(
    [1, 2, 3].map((by) => strict.tell({ type: 'add', by })),
    [true, true, false],
  );
  await t.throwsAsync(strict.ask(read), { instanceOf: AskError, message: /mailbox-full/ });
  const lossy = system.spawn('lossy', counter, { mailboxMessagesMax: 2, overflow: 'drop-oldest' });
  t.deepEqual(
    [1, 2, 3].map((by) => lossy.tell({ type: 'add', by })),
    [true, true, true],
  );
  await time.settle();
  t.is(await lossy.ask(read), 5);
  await system.stop();
});

test('waiting messages with one key are one', async (t) => {
  const { system } = fixture();
  const ref = system.spawn('counter', counter, {
    coalesceKey: (message) => (message.type === 'add' ? String(message.by) : undefined),
  });
  for (const by of [1, 1, 2, 1]) ref.tell({ type: 'add', by });
  t.is(await ref.ask(read), 3);
  await system.stop();
});

test('an ask without an answer ends at its deadline', async (t) => {
  const { system, time } = fixture();
  const ref = system.spawn('mute', { initialState: () => null, receive: (state: null) => state });
  const asked = t.throwsAsync(
    ref.ask(() => ({ type: 'anything' }), { deadlineMs: 500 }),
    { instanceOf: AskError, message: /timeout/ },
  );
  await time.run(501);
  await asked;
  await system.stop();
});

test('a region makes actors by key, passivates idle ones and isolates a failing one', async (t) => {
  const { system, time } = fixture();
  const region = createRegion<number, Count>(system, {
    kind: 'pods',
    buckets: 4,
    behaviour: () => counter,
    idleMs: 1_000,
    spawn: { restart: { restartsMax: 1, backoffMs: 10 } },
  });
  region.tell('default/a', { type: 'add', by: 1 });
  region.tell('default/b', { type: 'fail' });
  region.tell('default/b', { type: 'fail' });
  await time.run(100);
  t.is(await region.ask('default/a', read), 1);
  t.is(
    system.find(`pods/${bucketOf('default/b', 4)}/default/b`)?.state,
    'parked',
    'the failing actor spent its budget; its sibling works on',
  );
  await time.run(2_000);
  t.is(region.resident, 1, 'an idle actor leaves memory; a parked one stays in sight');
  t.is(await region.ask('default/a', read), 0, 'and comes back fresh when asked');
  await system.stop();
});

test('idle actors leave memory at once when their region disperses, and others stay', async (t) => {
  const { system, time } = fixture();
  const region = createRegion<number, Count>(system, { kind: 'pods', buckets: 4, behaviour: () => counter });
  for (const key of ['default/a', 'default/b']) region.tell(key, { type: 'add', by: 1 });
  await time.run(10);
  region.tell('default/c', { type: 'add', by: 1 });
  region.disperse();
  t.is(region.resident, 1);
  t.is(await region.ask('default/c', read), 1, 'what waits is handled');
  await system.stop();
});

test('an operator restarts an actor by its address: fresh state, the same mailbox, the whole budget', async (t) => {
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
  const { system, time } = fixture();
  const ref = system.spawn('counter', counter, { restart: { backoffMs: 60_000, backoffMsMax: 60_000 } });
  ref.tell({ type: 'fail' });
  await time.settle();
  t.like(system.tree().children[0], { state: 'backoff', restarts: 1 });
  system.restart('counter');
  t.is(await ref.ask(read), 0);
});

test('restarting a shard restarts its actors in place, and their keys work on', async (t) => {
  const { system } = fixture();
  const region = createRegion(system, { kind: 'count', buckets: 1, behaviour: () => counter });
  region.tell('default/a', { type: 'add', by: 1 });
  t.is(await region.ask('default/a', read), 1);
  t.true(system.restart('count'));
  t.is(await region.ask('default/a', read), 0);
  t.true(system.restart('count/0/default/a'));
  t.is(await region.ask('default/a', read), 0);
  t.is(system.tree().children[0]?.children[0]?.children[0]?.restarts, 2);
});

test('an actor that is stalled keeps its messages until the time is over, or an operator ends it', async (t) => {
  const { system, time } = fixture();
  const ref = system.spawn('counter', counter);
  const other = system.spawn('other', counter);
  t.is(system.disturb('counter', { how: 'stall', forMs: 1_000 }), 0);
  for (const each of [ref, other]) each.tell({ type: 'add', by: 2 });
  await time.run(900);
  t.like(system.find('counter'), { mailbox: 1, handled: 0 });
  t.is(await other.ask(read), 2, 'the others work on');
  await time.run(200);
  t.is(await ref.ask(read), 2);
  t.is(system.disturb('counter', { how: 'stall', forMs: 3_600_000 }), 0);
  ref.tell({ type: 'add', by: 3 });
  await time.run(10_000);
  t.is(system.disturb('counter', { how: 'stall', forMs: 0 }), 1);
  t.is(await ref.ask(read), 5);
  system.disturb('counter', { how: 'stall', forMs: 3_600_000 });
  ref.tell({ type: 'add', by: 1 });
  await time.run(60_000);
  t.is(await ref.ask(read), 6, 'nobody has to undo it');
  t.is(system.disturb('nobody', { how: 'stall', forMs: 1 }), undefined);
  await system.stop();
});

test('messages from others come twice to an actor for which they are doubled; a shard means its actors', async (t) => {
  const { system, time } = fixture();
  const region = createRegion(system, { kind: 'count', buckets: 1, behaviour: () => counter });
  region.tell('default/a', { type: 'add', by: 1 });
  await time.run(10);
  t.is(system.disturb('count', { how: 'duplicate', forMs: 1_000 }), 0);
  region.tell('default/a', { type: 'add', by: 4 });
  t.is(await region.ask('default/a', read), 9);
  await time.run(1_000);
  region.tell('default/a', { type: 'add', by: 1 });
  t.is(await region.ask('default/a', read), 10);
  await system.stop();
});
