import test from 'ava';
import { type Timers, WakeLoop } from './index.ts';

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

interface World {
  readonly loop: WakeLoop;
  /** What waits for its time, in ms. */
  readonly waiting: { readonly ms: number; readonly call: () => void }[];
  readonly failures: unknown[];
  /** How often the work began, and how many go on. */
  begun: number;
  running: number;
  /** Ends the work that goes on. */
  end: (error?: Error) => void;
}

function start(): World {
  const waiting: World['waiting'] = [];
  const after: Timers['after'] = (ms, call) => {
    waiting.push({ ms, call });
    return { cancel: () => undefined };
  };
  const failures: unknown[] = [];
  const world: World = {
    waiting,
    failures,
    begun: 0,
    running: 0,
    end: () => undefined,
    loop: new WakeLoop({
      timers: { after, every: after },
      retryMs: 1_000,
      failed: (error) => failures.push(error),
      work: () => {
        world.begun += 1;
        world.running += 1;
        return new Promise((resolve, reject) => {
          world.end = (error) => {
            world.running -= 1;
            if (error === undefined) resolve();
            else reject(error);
          };
        });
      },
    }),
  };
  return world;
}

test('wake-ups during the work are one more round, and none is lost as it ends', async (t) => {
  const world = start();
  world.loop.wake();
  world.loop.wake();
  world.loop.wake();
  t.deepEqual([world.begun, world.running], [1, 1]);
  world.end();
  await settled();
  t.deepEqual([world.begun, world.running], [2, 1]);
  world.end();
  await settled();
  t.deepEqual([world.begun, world.running], [2, 0]);
  for (let wait = 0; wait < 8; wait += 1) {
    world.loop.wake();
    await settled();
    const before = world.begun;
    world.end();
    for (let i = 0; i < wait; i += 1) await Promise.resolve();
    world.loop.wake();
    await settled();
    t.true(world.begun > before, `after ${wait} microtasks`);
    world.end();
    await settled();
  }
});

test('work that failed is done again after a while', async (t) => {
  const world = start();
  world.loop.wake();
  world.end(new Error('no'));
  await settled();
  t.deepEqual([world.failures.length, world.begun], [1, 1]);
  t.deepEqual(
    world.waiting.map(({ ms }) => ms),
    [1_000],
  );
  world.waiting[0]?.call();
  await settled();
  t.is(world.begun, 2);
});

test('nothing begins after the end', async (t) => {
  const world = start();
  world.loop.wake();
  world.loop.wake();
  world.loop.close();
  world.end();
  await settled();
  world.loop.wake();
  await settled();
  t.deepEqual([world.begun, world.running], [1, 0]);
});
