import test from 'ava';
import { findCondition, type Pod, resources, timeText } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { staleDisruptionController } from './stale-disruption.ts';

test('a pod that was to be disrupted, and is there after two minutes, is a target no more', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [staleDisruptionController()]);
  const conditions = [
    { type: 'Ready', status: 'True' },
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastTransitionTime: timeText(cluster.now),
    },
  ];
  for (const [name, phase] of [
    ['runs', 'Running'],
    ['over', 'Failed'],
  ])
    await cluster.make(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'ns' },
      spec: { containers: [] },
      status: { phase, conditions },
    });
  const target = (name: string): unknown =>
    findCondition(cluster.view.get<Pod>(resources.pods, 'ns', name)?.status.conditions, 'DisruptionTarget');
  await harness.settle();
  await harness.advance(119_000);
  t.like(target('runs'), { status: 'True' });
  await harness.advance(2_000);
  t.like(target('runs'), { status: 'False', reason: null, message: null, lastTransitionTime: timeText(cluster.now) });
  t.like(target('over'), { status: 'True' });
});
