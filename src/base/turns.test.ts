import test from 'ava';
import { limits } from './limits.ts';
import { Turns } from './turns.ts';

/** Time in which nothing happens by itself. */
function handTime() {
  let now = 0;
  const due: { at: number; call: () => void }[] = [];
  const after = (ms: number, call: () => void) => {
    due.push({ at: now + ms, call });
    return { cancel: () => undefined };
  };
  return {
    clock: { now: () => now, monotonic: () => now },
    timers: { after, every: after },
    spend: (ms: number) => {
      now += ms;
    },
    /** One turn of the loop: the first timer, and all that follows from it. */
    async turn() {
      due.sort((left, right) => left.at - right.at);
      const next = due.shift();
      now = Math.max(now, next?.at ?? now);
      next?.call();
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
      return now;
    },
  };
}

const large = limits.turnBytesMax;

test('small steps never wait', (t) => {
  const turns = new Turns(handTime());
  for (let i = 0; i < 1000; i += 1) t.is(turns.take('a', limits.turnBytesMin - 1), undefined);
});

test('one turn of the loop has room for so many bytes, or for one step of any size', async (t) => {
  const time = handTime();
  const turns = new Turns(time);
  t.is(turns.take('a', large / 2), undefined);
  t.is(turns.take('a', large / 2), undefined);
  const third = turns.take('a', large * 50);
  t.true(third instanceof Promise);
  await time.turn();
  await third;
});

test('a turn has room for all small steps of some milliseconds, and then for those of others', async (t) => {
  const time = handTime();
  const turns = new Turns(time);
  const bytes = 4_000;
  for (let i = 0; i < 300; i += 1) t.is(turns.take('a', bytes), undefined, String(i));
  time.spend(limits.turnMs);
  const waiting = turns.take('a', bytes);
  t.true(waiting instanceof Promise, 'it lasted long enough');
  await time.turn();
  await waiting;
  t.is(turns.take('a', bytes), undefined);
});

test('small steps go on beside a large one that waits, which comes in the next turn', async (t) => {
  const time = handTime();
  const turns = new Turns(time);
  void turns.take('a', large);
  const waiting = turns.take('a', large);
  t.true(waiting instanceof Promise);
  for (let i = 0; i < 300; i += 1) t.is(turns.take('b', 4_000), undefined);
  await time.turn();
  await waiting;
});

test('no rest follows a turn of small steps, however long it took', async (t) => {
  const time = handTime();
  const turns = new Turns(time);
  const bytes = large / 2 + 1;
  void turns.take('a', bytes);
  time.spend(40);
  const waiting = turns.take('a', bytes);
  t.true(waiting instanceof Promise);
  t.is(await time.turn(), 40);
  await waiting;
});

test('users take turns, however many steps one of them has', async (t) => {
  const time = handTime();
  const turns = new Turns(time);
  void turns.take('first', large);
  const order: string[] = [];
  const ask = (user: string): void => void turns.take(user, large)?.then(() => order.push(user));
  for (let i = 0; i < 100; i += 1) ask('crowd');
  ask('one');
  ask('other');
  for (let i = 0; i < 4; i += 1) await time.turn();
  t.deepEqual(order, ['crowd', 'one', 'other', 'crowd']);
  for (let i = 0; i < 200; i += 1) await time.turn();
  t.is(order.length, 102);
});

test('after a long turn the loop is left to others for half as long', async (t) => {
  const time = handTime();
  const turns = new Turns(time);
  void turns.take('a', large);
  const second = turns.take('a', large);
  time.spend(40);
  t.is(await time.turn(), 40);
  t.is(await time.turn(), 60);
  await second;
});
