import test from 'ava';
import type { Container, Pod } from '../../api/index.ts';
import { containerHash } from '../container/index.ts';
import { stored } from '../objects.fixture.ts';
import { freshPod, type PodEffect, type PodInput, podStatus, type PodState, stepPod } from './index.ts';

const claiming = (): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
    spec: {
      containers: [{ name: 'main', image: 'web:1' }],
      restartPolicy: 'Never',
      resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }],
    },
    status: { phase: 'Running' },
  });

/** A pod with a claim whose only container runs. */
function running(): PodState {
  const inputs: readonly PodInput[] = [
    { type: 'tick' },
    { type: 'sandbox-created', id: 'box', addresses: ['10.244.0.2'] },
    { type: 'sandbox-started' },
    { type: 'volumes-ready' },
    { type: 'image-ready', container: 'main', id: 'i', user: '' },
    {
      type: 'container-created',
      container: 'main',
      id: 'c',
      hash: containerHash(claiming().spec.containers[0] as Container),
      sandboxId: 'box',
    },
    { type: 'container-started', container: 'main', id: 'c', startedAt: 1 },
  ];
  return inputs.reduce((state, input) => stepPod(state, input, 1).state, freshPod(claiming(), 1));
}

const ended: PodInput = {
  type: 'container-ended',
  container: 'main',
  end: { id: 'c', exitCode: 0, reason: 'Completed', finishedAt: 2 },
};
const statusOf = (state: PodState): Pod['status'] =>
  podStatus(state, { hostIps: ['192.0.2.2'], runtimeName: 'docker', now: 2 });
const has = (effects: readonly PodEffect[], type: PodEffect['type']): boolean =>
  effects.some((effect) => effect.type === type);

test('a pod is not over before its devices are given back', (t) => {
  const over = stepPod(running(), ended, 2);
  t.true(has(over.effects, 'release-devices'));
  t.is(statusOf(over.state).phase, 'Running');
  t.false(has(stepPod(over.state, { type: 'tick' }, 3).effects, 'release-devices'));
  t.is(statusOf(stepPod(over.state, { type: 'devices-released' }, 3).state).phase, 'Succeeded');
});

test('an evicted pod has failed once its devices are given back', (t) => {
  const evicted = stepPod(running(), { type: 'evict', reason: 'Evicted', message: 'full', graceMs: 0 }, 2);
  const over = stepPod(evicted.state, ended, 2);
  t.true(has(over.effects, 'clean-up'));
  t.like(statusOf(over.state), { phase: 'Running', reason: undefined });
  t.like(statusOf(stepPod(over.state, { type: 'cleaned-up' }, 3).state), { phase: 'Failed', reason: 'Evicted' });
});

test('a pod is told why its devices cannot be prepared, and tried again', (t) => {
  const begun = stepPod(freshPod(claiming(), 1), { type: 'tick' }, 1);
  const reason = 'FailedPrepareDynamicResources';
  const failed = stepPod(begun.state, { type: 'volumes-failed', message: 'no driver', reason }, 2);
  t.deepEqual(failed.effects, [{ type: 'event', event: { kind: 'Warning', reason, message: 'no driver' } }]);
  t.true(has(stepPod(failed.state, { type: 'tick' }, 60_000).effects, 'prepare-volumes'));
});
