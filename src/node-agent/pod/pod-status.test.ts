import test from 'ava';
import { container, Play, pod, ready } from './pod-play.fixture.ts';

test('a container that is stopped to be started again is ready until it has ended', (t) => {
  const changed = pod({ containers: [container('main', { image: 'web:2' })] });
  const resized = pod({
    containers: [
      container('main', {
        resources: { limits: { cpu: '2' } },
        resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
      }),
    ],
  });
  const sized = pod({
    containers: [container('main', { ...resized.spec.containers[0], resources: { limits: { cpu: '1' } } })],
  });
  const cases = {
    alive: (play: Play) => play.tell({ type: 'probe-failed', container: 'main', id: 'main-0', probe: 'liveness' }),
    image: (play: Play) => play.tell({ type: 'pod-changed', pod: changed }),
    resize: (play: Play) => {
      play.tell({ type: 'pod-changed', pod: resized });
      const wanted = play.state.resize?.wanted ?? '';
      return play.tell({ type: 'resize-judged', wanted, verdict: { outcome: 'allowed' } });
    },
  };
  for (const [name, stop] of Object.entries(cases)) {
    const play = new Play(name === 'resize' ? sized : pod());
    play.run('main');
    t.true(stop(play).includes('stop-container main'), name);
    t.like(
      play.effects.find(({ type }) => type === 'stop-probes'),
      { except: 'readiness' },
      name,
    );
    t.like(play.status().containerStatuses?.[0], { ready: true, started: true }, name);
    t.is(ready(play), 'True', name);
    play.tell({ type: 'probe-changed', container: 'main', id: 'main-0', probe: 'readiness', passed: false });
    t.is(ready(play), 'False', name);
  }
});

test('the containers of a pod share the room for what they say at their end', (t) => {
  const said = 'é'.repeat(2048);
  const lengths = (count: number): number[] => {
    const names = Array.from({ length: count }, (_, i) => `c${i}`);
    const play = new Play(pod({ restartPolicy: 'Never', containers: names.map((name) => container(name)) }));
    play.run(...names);
    for (const name of names)
      play.tell({
        type: 'container-ended',
        container: name,
        end: { id: `${name}-0`, exitCode: 1, reason: 'Error', finishedAt: play.now, message: said },
      });
    const messages = (play.status().containerStatuses ?? []).map(({ state }) => state?.terminated?.message ?? '');
    for (const message of messages) t.true(said.startsWith(message));
    return messages.map((message) => Buffer.byteLength(message));
  };
  t.deepEqual(lengths(3), [4096, 4096, 4096]);
  t.deepEqual(lengths(4), [3072, 3072, 3072, 3072]);
  t.deepEqual(new Set(lengths(7)), new Set([1754]), 'no character is cut in two');
});
