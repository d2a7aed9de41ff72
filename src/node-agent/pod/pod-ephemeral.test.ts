import test from 'ava';
import { container, Play, pod } from './pod-play.fixture.ts';

test('an ephemeral container does not wait for init containers, be it to find out why they do not end', (t) => {
  const spec = { initContainers: [container('stuck')] };
  const play = new Play(pod(spec));
  play.run('stuck');
  const looked = pod({ ...spec, ephemeralContainers: [container('look')] });
  t.deepEqual(play.tell({ type: 'pod-changed', pod: looked }), ['ensure-image look']);
  play.start('look');
  t.truthy(play.status().ephemeralContainerStatuses?.[0]?.state?.running);
  t.is(play.status().phase, 'Pending');
  t.is(play.status().containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
  t.true(play.end('stuck', 0).includes('ensure-image main'));
});
