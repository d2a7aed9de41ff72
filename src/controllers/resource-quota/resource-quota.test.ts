import test from 'ava';
import { type GroupResource, type ResourceQuota, resources, type StoredObject } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { resourceQuotaController } from './controller.ts';
import { mayFree, planStatus } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const quota = stored<ResourceQuota>({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'ns', uid: 'q' },
  spec: { hard: { pods: '3' } },
});

test('limits and use are written when one of them differs', (t) => {
  const first = planStatus(quota, { pods: '1' });
  t.deepEqual(first, { hard: { pods: '3' }, used: { pods: '1' } });
  t.is(planStatus({ ...quota, status: { hard: { pods: '3' }, used: { pods: '1' } } }, { pods: '1' }), undefined);
  t.deepEqual(planStatus({ ...quota, spec: { hard: { pods: '9' } }, status: first ?? {} }, { pods: '1' }), {
    hard: { pods: '9' },
    used: { pods: '1' },
  });
});

const object = (phase?: string): StoredObject =>
  stored<StoredObject>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'o', namespace: 'ns', uid: 'o' },
    ...(phase === undefined ? {} : { status: { phase } }),
  });
const resized = (cpu: string): StoredObject =>
  stored({
    ...object(),
    status: { phase: 'Running', containerStatuses: [{ name: 'c', resources: { requests: { cpu } } }] },
  });
const changes: readonly {
  readonly title: string;
  readonly resource: GroupResource;
  readonly type?: ObjectChange['type'];
  readonly before?: StoredObject;
  readonly after?: StoredObject;
  readonly frees: boolean;
}[] = [
  { title: 'a deletion', resource: resources.configMaps, type: 'delete', frees: true },
  { title: 'a change of a ConfigMap', resource: resources.configMaps, frees: false },
  { title: 'a change of a Service', resource: resources.services, frees: true },
  { title: 'a change of a claim', resource: resources.persistentVolumeClaims, frees: true },
  {
    title: 'the end of a pod',
    resource: resources.pods,
    before: object('Running'),
    after: object('Failed'),
    frees: true,
  },
  {
    title: 'a pod that its node resized',
    resource: resources.pods,
    before: resized('2'),
    after: resized('1'),
    frees: true,
  },
  {
    title: 'a sign of life of a pod',
    resource: resources.pods,
    before: object('Running'),
    after: object('Running'),
    frees: false,
  },
];
for (const { title, resource, type = 'put', before = object(), after = object(), frees } of changes)
  test(`${title} ${frees ? 'makes' : 'does not make'} quotas count again`, (t) => {
    t.is(mayFree({ type, resource, object: after, previous: before }), frees);
  });

test('a quota counts what its own namespace frees', async (t) => {
  const cluster = new MemoryCluster();
  const usage = (_quota: ResourceQuota, namespace: string): { pods: string } => ({
    pods: String(cluster.view.list(resources.pods, namespace).length),
  });
  const harness = new Harness(cluster, [resourceQuotaController(usage)]);
  const used = (): unknown => cluster.view.get<ResourceQuota>(resources.resourceQuotas, 'ns', 'q')?.status?.used;
  await cluster.make(resources.pods, { metadata: { name: 'p', namespace: 'ns' } });
  await cluster.make(resources.resourceQuotas, {
    metadata: { name: 'q', namespace: 'ns' },
    spec: { hard: { pods: '3' } },
  });
  await harness.settle();
  t.deepEqual(used(), { pods: '1' });
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'p' });
  await harness.settle();
  t.deepEqual(used(), { pods: '0' });
});
