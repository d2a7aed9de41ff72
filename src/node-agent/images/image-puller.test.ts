import test from 'ava';
import { type ContainerRuntime, type ImageFacts, simulatedRuntime } from '../runtime/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { imagePuller } from './index.ts';

const request = { credentials: () => Promise.resolve(undefined), pulling: () => undefined };

test('wishes for one image at one time share the look for it; a later wish looks again', async (t) => {
  const time = new SimulatedTime();
  const engine = simulatedRuntime({ clock: time, timers: time, images: ['web:1'] });
  const waiting: ((image: ImageFacts | undefined) => void)[] = [];
  const runtime: ContainerRuntime = {
    ...engine,
    image: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
  };
  const puller = imagePuller({ runtime, clock: time });
  const wish = (): ReturnType<typeof puller.ensure> => puller.ensure({ image: 'web:1' }, request);

  const both = Promise.all([wish(), wish()]);
  t.is(waiting.length, 1);
  waiting.shift()?.(await engine.image('web:1'));
  t.deepEqual(
    (await both).map(({ type }) => type),
    ['ready', 'ready'],
  );

  const later = wish();
  t.is(waiting.length, 1);
  waiting.shift()?.(undefined);
  t.like(await later, {
    type: 'ready',
    event: 'Successfully pulled image "web:1" in 0ms (0ms including waiting). Image size: 1000000 bytes.',
  });
});
