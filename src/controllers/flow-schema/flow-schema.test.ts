import test from 'ava';
import { type FlowSchema, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { flowSchemaController } from './controller.ts';
import { planStatus } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

test('a flow schema dangles until its priority level is made', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [flowSchemaController()]);
  const dangling = (): unknown =>
    (cluster.view.get<FlowSchema>(resources.flowSchemas, undefined, 'f')?.status?.conditions ?? []).map(
      ({ status }) => status,
    );
  await cluster.make(resources.flowSchemas, {
    apiVersion: '',
    kind: 'FlowSchema',
    metadata: { name: 'f' },
    spec: { priorityLevelConfiguration: { name: 'p' } },
  });
  await harness.settle();
  t.deepEqual(dangling(), ['True']);
  await cluster.make(resources.priorityLevelConfigurations, {
    apiVersion: '',
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'p' },
    spec: {},
  });
  await harness.settle();
  t.deepEqual(dangling(), ['False']);
});

test('the condition names the level, is written once, and not while the schema goes', (t) => {
  const schema = stored<FlowSchema>({
    apiVersion: '',
    kind: 'FlowSchema',
    metadata: { name: 'f', uid: 'f' },
    spec: { priorityLevelConfiguration: { name: 'p' } },
  });
  const written = planStatus(schema, false, 0);
  t.deepEqual(written?.conditions, [
    {
      type: 'Dangling',
      status: 'True',
      reason: 'NotFound',
      message: 'This FlowSchema references the PriorityLevelConfiguration object named "p" but there is no such object',
      lastTransitionTime: '1970-01-01T00:00:00Z',
    },
  ]);
  const known = stored<FlowSchema>({ ...schema, status: { conditions: written?.conditions ?? [] } });
  t.is(planStatus(known, false, 9_000), undefined);
  t.like(planStatus(known, true, 9_000)?.conditions?.[0], {
    status: 'False',
    reason: 'Found',
    message: 'This FlowSchema references the PriorityLevelConfiguration object named "p" and it exists',
    lastTransitionTime: '1970-01-01T00:00:09Z',
  });
  t.is(planStatus({ ...schema, metadata: { ...schema.metadata, deletionTimestamp: 'now' } }, false, 0), undefined);
});
