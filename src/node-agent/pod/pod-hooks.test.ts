import test from 'ava';
import { containerHash } from '../container/index.ts';
import { container, Play, pod, ready } from './pod-play.fixture.ts';

const hooked = { lifecycle: { postStart: { exec: { command: ['wait'] } } } };
const done = (name: string): { readonly type: 'hook-done'; readonly container: string; readonly id: string } => ({
  type: 'hook-done',
  container: name,
  id: `${name}-0`,
});

const createMain = (play: Play): string[] =>
  play.tell(
    { type: 'image-ready', container: 'main', id: 'sha256:1', user: '' },
    {
      type: 'container-created',
      container: 'main',
      id: 'main-0',
      sandboxId: 'box',
      hash: containerHash(container('main')),
    },
  );

test('a container is ready when its postStart hook is done, and not before', (t) => {
  const play = new Play(pod({ containers: [container('main', hooked)] }));
  play.run('main');
  t.is(ready(play), 'False');
  t.like(play.status().containerStatuses?.[0], { ready: false, started: false });
  play.tell(done('main'));
  t.is(ready(play), 'True');
  t.like(play.status().containerStatuses?.[0], { ready: true, started: true });
});

test('a container starts after the postStart hooks of those before it', (t) => {
  const play = new Play(pod({ containers: [container('proxy', hooked), container('main')] }));
  play.run('proxy');
  t.deepEqual(createMain(play), ['create-container main', 'Created: Created container: main']);
  t.is(play.status().phase, 'Pending');
  t.deepEqual(play.tell(done('proxy')), ['start-container main']);
});

test('a container does not wait for one whose hook failed, or that cannot be had', (t) => {
  const containers = [container('proxy', hooked), container('main')];
  const failed = new Play(pod({ containers }));
  failed.run('proxy');
  createMain(failed);
  const words = failed.tell({ type: 'hook-failed', container: 'proxy', id: 'proxy-0', message: 'no' });
  t.deepEqual(words.slice(-2), ['stop-container proxy', 'start-container main']);

  const missing = new Play(pod({ containers }));
  missing.run();
  missing.tell({ type: 'image-failed', container: 'proxy', reason: 'ErrImagePull', message: 'no such image' });
  t.true(missing.start('main').includes('start-container main'));
});

test('what comes after a sidecar waits for its postStart hook', (t) => {
  const initContainers = [container('proxy', { ...hooked, restartPolicy: 'Always' }), container('prepare')];
  const play = new Play(pod({ initContainers }));
  play.run('proxy');
  t.is(play.state.containers.get('prepare')?.image.phase, 'unknown');
  t.deepEqual(play.tell(done('proxy')), ['ensure-image prepare']);
});

test('a hook that is done when its container has ended makes nothing ready', (t) => {
  const play = new Play(pod({ containers: [container('main', hooked)], restartPolicy: 'Never' }));
  play.run('main');
  play.end('main', 1);
  play.tell(done('main'));
  t.like(play.status().containerStatuses?.[0], { ready: false, started: false });
});

test('preStop hooks of sidecars begin with the end of the pod, and nobody asks whether they live', (t) => {
  const preStop = { exec: { command: ['drain'] } };
  const livenessProbe = { exec: { command: ['live'] } };
  const spec = {
    initContainers: [
      container('proxy', { restartPolicy: 'Always', lifecycle: { preStop }, livenessProbe }),
      container('plain', { restartPolicy: 'Always' }),
    ],
  };
  const play = new Play(pod(spec));
  play.run('proxy', 'plain', 'main');
  const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 };
  t.deepEqual(play.tell({ type: 'pod-changed', pod: pod(spec, deletion) }), [
    'Killing: Stopping container main',
    'stop-probes main',
    'stop-container main',
    'stop-probes proxy',
    'run-pre-stop proxy',
  ]);
  t.deepEqual(play.after(5_000), [], 'once');
  t.deepEqual(play.end('main', 0), [
    'stop-probes main',
    'Killing: Stopping container plain',
    'stop-probes plain',
    'stop-container plain',
  ]);
  const words = play.end('plain', 0);
  t.true(words.includes('stop-container proxy'));
});
