import test from 'ava';
import { resources, StatusError } from '../../api/index.ts';
import { type ActorSystem, createActorSystem } from '../../actors/index.ts';
import { type Revision, silentLogger, silentMetrics, type Timers } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { Controller } from './controller.ts';
import type { Ownership } from './fenced-ports.ts';
import { keyOf } from './keys.ts';
import { runController } from './runner.ts';
import { MemoryCluster } from './memory-cluster.fixture.ts';

function fixture(): { time: SimulatedTime; system: ActorSystem; cluster: MemoryCluster } {
  // Turns of the event loop in which a chain of actors comes to rest.
  const time = new SimulatedTime(0, 20);
  return {
    time,
    cluster: new MemoryCluster(),
    system: createActorSystem({
      name: 'test',
      clock: time,
      timers: time,
      log: silentLogger,
      metrics: silentMetrics,
      encodeSends: true,
    }),
  };
}

const map = (name: string): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns' },
});

function recording(reconcile: (key: string, seen: readonly string[]) => ReturnType<Controller['reconcile']>): {
  seen: string[];
  controller: Controller;
} {
  const seen: string[] = [];
  return {
    seen,
    controller: {
      name: 'test-controller',
      resource: resources.configMaps,
      keysFor: (change) => [keyOf(change.object)],
      reconcile: (key) => {
        seen.push(key);
        return reconcile(key, seen);
      },
    },
  };
}

test('existing objects are looked at once, changed ones again', async (t) => {
  const { time, system, cluster } = fixture();
  for (const name of ['a', 'b']) await cluster.make(resources.configMaps, map(name));
  const { seen, controller } = recording(() => Promise.resolve(undefined));
  runController(controller, cluster.ports, { system, clock: time, timers: time });
  await time.run(1);
  t.deepEqual(seen.sort(), ['ns/a', 'ns/b']);
  await cluster.make(resources.configMaps, map('c'));
  await time.run(1);
  t.is(seen.at(-1), 'ns/c');
});

test('a thousand objects are woken in batches, each once', async (t) => {
  const { time, system, cluster } = fixture();
  for (let i = 0; i < 200; i++) await cluster.make(resources.configMaps, map(`m${String(i)}`));
  const { seen, controller } = recording(() => Promise.resolve(undefined));
  runController(controller, cluster.ports, { system, clock: time, timers: time });
  await time.run(1);
  t.true(seen.length < 200);
  await time.run(1_000);
  t.is(new Set(seen).size, 200);
  t.is(seen.length, 200);
});

test('a busy process, whose timers come late, looks at what is there more slowly', async (t) => {
  const { time, system, cluster } = fixture();
  for (let i = 0; i < 200; i++) await cluster.make(resources.configMaps, map(`m${String(i)}`));
  const { seen, controller } = recording(() => Promise.resolve(undefined));
  const late: Timers = {
    after: (delayMs, call) => time.after(delayMs + 40, call),
    every: (periodMs, call) => time.every(periodMs, call),
  };
  runController(controller, cluster.ports, { system, clock: time, timers: late });
  await time.run(100);
  t.is(
    seen.length,
    128,
    'the second pause is as long as the first was late: 64 at once, 64 after 50 ms, the next after 130',
  );
  await time.run(1_000);
  t.is(seen.length, 200);
});

test('a requeue comes after its time, and a conflict is tried again at once', async (t) => {
  const { time, system, cluster } = fixture();
  const { seen, controller } = recording((_key, all) => {
    if (all.length === 1) return Promise.reject(new StatusError('Conflict', 'newer'));
    return Promise.resolve(all.length === 2 ? { requeueAfterMs: 90_000 } : undefined);
  });
  await cluster.make(resources.configMaps, map('a'));
  runController(controller, cluster.ports, { system, clock: time, timers: time });
  await time.run(10);
  t.is(seen.length, 2);
  await time.run(80_000);
  t.is(seen.length, 2);
  await time.run(20_000);
  t.is(seen.length, 3);
});

test('changes during the rest after a long look lead to one look at its end, a planned one too', async (t) => {
  const { time, system, cluster } = fixture();
  const { seen, controller } = recording(() => Promise.resolve({ restMs: 1_000, requeueAfterMs: 100 }));
  await cluster.make(resources.configMaps, map('a'));
  const running = runController(controller, cluster.ports, { system, clock: time, timers: time });
  await time.run(10);
  t.is(seen.length, 1);
  for (let i = 0; i < 9; i++) {
    running.wake('ns/a');
    await time.run(100);
  }
  t.is(seen.length, 1);
  await time.run(200);
  t.is(seen.length, 2);
  running.stop();
  running.resume();
  await time.run(10);
  t.is(seen.length, 3, 'another start looks at once');
});

test('a crash restarts the actor with back-off, and it reconciles again by itself', async (t) => {
  const { time, system, cluster } = fixture();
  const { seen, controller } = recording((_key, all) =>
    all.length < 4 ? Promise.reject(new Error('broken')) : Promise.resolve(undefined),
  );
  await cluster.make(resources.configMaps, map('a'));
  runController(controller, cluster.ports, { system, clock: time, timers: time });
  await time.run(10);
  t.is(seen.length, 1);
  await time.run(10_000);
  t.is(seen.length, 4);
});

test('after a stop nothing is looked at, after a resume everything once', async (t) => {
  const { time, system, cluster } = fixture();
  const { seen, controller } = recording(() => Promise.resolve({ requeueAfterMs: 1_000 }));
  await cluster.make(resources.configMaps, map('a'));
  const running = runController(controller, cluster.ports, { system, clock: time, timers: time });
  await time.run(10);
  running.stop();
  await cluster.make(resources.configMaps, map('b'));
  await time.run(5_000);
  t.deepEqual(seen, ['ns/a']);
  running.resume();
  await time.run(10);
  t.deepEqual(seen.slice(1).sort(), ['ns/a', 'ns/b']);
});

test('actors of keys that went to another member leave at once, one at work when it is done', async (t) => {
  const { time, system, cluster } = fixture();
  for (const name of ['idle', 'failing', 'working']) await cluster.make(resources.configMaps, map(name));
  let finish = (): void => undefined;
  const { seen, controller } = recording((key) => {
    if (key === 'ns/failing') return Promise.reject(new Error('broken'));
    if (key === 'ns/idle') return Promise.resolve(undefined);
    return new Promise((done) => {
      finish = () => {
        done(undefined);
      };
    });
  });
  let owned = true;
  const listeners: ((gained: ReadonlySet<number>) => void)[] = [];
  const ownership: Ownership = {
    grant: (shard) => (owned ? { shard, epoch: 1, fence: { key: 'shard', revision: 1 as Revision } } : undefined),
    onChange: (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
    clientOf: () => cluster.client,
  };
  runController(controller, cluster.ports, { system, clock: time, timers: time, buckets: 1, ownership });
  await time.run(10);
  const actors = (): readonly string[] =>
    system
      .tree()
      .children.flatMap(({ children }) => children.flatMap((bucket) => bucket.children.map(({ name }) => name)));
  t.deepEqual([...actors()].sort(), ['ns/failing', 'ns/idle', 'ns/working']);
  owned = false;
  for (const listener of listeners) listener(new Set());
  t.deepEqual(actors(), ['ns/working']);
  finish();
  await time.run(10);
  t.deepEqual(actors(), []);
  const before = seen.length;
  await time.run(60_000);
  t.is(seen.length, before, 'and none comes back by itself');
});
