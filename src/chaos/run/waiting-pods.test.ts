import test from 'ava';
import { whyWaiting } from './waiting-pods.ts';

const waits = (reason: string, message = ''): Parameters<typeof whyWaiting>[0][number] => ({
  status: { containerStatuses: [{ image: 'busybox:1', state: { waiting: { reason, message } } }] },
});

test('an image that nodes cannot have is told once, with what to do', (t) => {
  t.deepEqual(whyWaiting([waits('ErrImagePull', 'no such host'), waits('ErrImagePull', 'no such host')]), [
    'a container of busybox:1 waits: ErrImagePull: no such host (--image names one that the nodes have)',
  ]);
});

test('what keeps pods from nodes is told; what is starting or runs is not', (t) => {
  const message = '0/2 nodes are available: 2 Insufficient cpu.';
  const unplaced = { status: { conditions: [{ type: 'PodScheduled', status: 'False', message }] } };
  t.deepEqual(whyWaiting([unplaced, waits('ContainerCreating'), {}]), [`a pod finds no node: ${message}`]);
});
