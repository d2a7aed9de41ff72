import test from 'ava';
import { SimulatedTime } from '../../../platform/index.ts';
import type { ContainerSpec, RuntimeEvent } from '../runtime.ts';
import { simulatedRuntime } from './index.ts';
import { plainSecurity } from '../plain-security.fixture.ts';

const spec = (name: string): ContainerSpec => ({
  name,
  image: 'web:1',
  labels: { app: name },
  environment: [],
  network: { type: 'host' },
  ipc: { mode: 'host' },
  pid: { mode: 'host' },
  mounts: [],
  resources: {},
  security: { ...plainSecurity, seccomp: 'default' },
});

test('a program runs for the given time, and its end is an event for those who listen to its labels', async (t) => {
  const time = new SimulatedTime();
  const program = (): object => ({ runsMs: 500, exitCode: 3 });
  const runtime = simulatedRuntime({ clock: time, timers: time, images: ['web:1'], program });
  const events: RuntimeEvent[] = [];
  const feed = runtime.events({ app: 'one' }, (event) => {
    events.push(event);
  });
  const [one, two] = [await runtime.create(spec('one')), await runtime.create(spec('two'))];
  const start = time.now();
  await runtime.start(one);
  await runtime.start(two);
  await time.run(400);
  t.is((await runtime.inspect(one))?.state, 'running');
  await time.run(200);
  t.like(await runtime.inspect(one), { state: 'exited', exitCode: 3, startedAt: start, finishedAt: start + 500 });
  t.deepEqual(
    events.map(({ type }) => type),
    ['started', 'connected', 'exited'],
  );
  feed.close();
});

test('a program that ignores the stop signal lives until its grace period is over', async (t) => {
  const time = new SimulatedTime();
  const program = (): object => ({ ignoresStop: true });
  const runtime = simulatedRuntime({ clock: time, timers: time, images: ['web:1'], program });
  const id = await runtime.create(spec('stubborn'));
  await runtime.start(id);
  const stopped = runtime.stop(id, 2000);
  await time.run(1900);
  t.is((await runtime.inspect(id))?.state, 'running');
  await time.run(200);
  t.true(await stopped);
  t.like(await runtime.inspect(id), { state: 'exited', exitCode: 137 });
});

test('an image that the registry does not have cannot be pulled', async (t) => {
  const time = new SimulatedTime();
  const runtime = simulatedRuntime({ clock: time, timers: time, registry: ['web:1'] });
  t.like(await runtime.pull('web:1'), { references: ['web:1'] });
  await t.throwsAsync(runtime.pull('web:2'), { code: 'image-not-found' });
  await t.throwsAsync(runtime.create({ ...spec('x'), image: 'web:2' }), { code: 'image-not-found' });
});
