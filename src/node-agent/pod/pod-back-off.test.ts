import test from 'ava';
import { container, Play, pod } from './pod-play.fixture.ts';

test('the first restart comes at once, the next ones back off, and an event says so', (t) => {
  const play = new Play(pod());
  play.run('main');
  play.now += 1000;
  t.deepEqual(play.end('main', 1), ['stop-probes main', 'ensure-image main']);
  play.start('main');
  play.now += 1000;
  t.deepEqual(play.end('main', 1), [
    'stop-probes main',
    'BackOff: Back-off restarting failed container main in pod web_shop(u1)',
  ]);
  t.like(play.status().containerStatuses?.[0], {
    restartCount: 1,
    ready: false,
    state: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: 'back-off 10s restarting failed container=main pod=web_shop(u1)',
      },
    },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  });
  t.is(play.status().phase, 'Running');
  t.is(play.wakeAt, play.now + 10_000);
  t.deepEqual(play.after(10_000), ['remove-container main-0', 'ensure-image main']);
});

test('another image is tried at once, and waits as if nothing had failed before', (t) => {
  const play = new Play(pod());
  play.run('main');
  const fail = (): string[] => {
    play.start('main');
    play.now += 1000;
    return play.end('main', 1);
  };
  play.end('main', 1);
  fail();
  play.after(10_000);
  fail();
  t.is(play.wakeAt, play.now + 20_000);
  t.deepEqual(play.tell({ type: 'pod-changed', pod: pod({ containers: [container('main', { image: 'web:2' })] }) }), [
    'remove-container main-1',
    'ensure-image main',
  ]);
  fail();
  t.is(play.wakeAt, play.now + 10_000);
});

test('a pull that failed is shown as such, then as backing off, and tried again', (t) => {
  const play = new Play(pod());
  play.tell({ type: 'tick' });
  t.deepEqual(play.tell({ type: 'image-failed', container: 'main', reason: 'ErrImagePull', message: 'no route' }), [
    'Failed: Failed to pull image "web:1": no route',
    'Failed: Error: ErrImagePull',
  ]);
  t.is(play.status().containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImagePull');
  t.deepEqual(play.after(1000), ['BackOff: Back-off pulling image "web:1"', 'Failed: Error: ImagePullBackOff']);
  t.deepEqual(play.status().containerStatuses?.[0]?.state?.waiting, {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "web:1": ErrImagePull: no route',
  });
  t.deepEqual(play.after(9000), ['ensure-image main']);
});

test('another image than the one that could not be pulled is pulled at once', (t) => {
  const play = new Play(pod());
  play.tell({ type: 'tick' });
  play.tell({ type: 'image-failed', container: 'main', reason: 'ErrImagePull', message: 'no route' });
  play.after(1000);
  const changed = pod({ containers: [container('main', { image: 'web:2' })] });
  t.deepEqual(play.tell({ type: 'pod-changed', pod: changed }), ['ensure-image main']);
  play.tell({ type: 'image-failed', container: 'main', reason: 'ErrImagePull', message: 'no route' });
  play.after(1000);
  t.deepEqual(play.after(9000), ['ensure-image main']);
});
