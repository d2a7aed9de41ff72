import test from 'ava';
import { container, Play, pod } from './pod-play.fixture.ts';

test('an init container does not run again for another image, and shows the one that it ran with', (t) => {
  const spec = (image: string): object => ({ initContainers: [container('prepare', { image })] });
  const play = new Play(pod(spec('web:1')));
  const change = (image: string): string[] =>
    play.tell({ type: 'pod-changed', pod: { ...pod(spec(image)), status: play.status() } });
  const shown = (): string | undefined => play.status().initContainerStatuses?.[0]?.image;
  play.run('prepare');
  t.deepEqual(change('web:2'), [], 'while it runs');
  t.is(shown(), 'web:1');
  play.end('prepare', 0);
  play.start('main');
  t.deepEqual(change('web:3'), [], 'when it has ended');
  t.is(shown(), 'web:1');
});

test('a container shows the image that it runs until it runs another', (t) => {
  const spec = (image: string): object => ({ containers: [container('main', { image })] });
  const play = new Play(pod(spec('web:1')));
  play.run('main');
  const words = play.tell({ type: 'pod-changed', pod: { ...pod(spec('web:2')), status: play.status() } });
  t.true(words.includes('stop-container main'));
  t.is(play.status().containerStatuses?.[0]?.image, 'web:1');
  play.end('main', 0);
  play.start('main');
  t.is(play.status().containerStatuses?.[0]?.image, 'web:2');
});
