import test from 'ava';
import { type Endpoints, type EndpointSlice, resources } from '../../api/index.ts';
import { endpointsController } from '../endpoints/controller.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { endpointSliceController } from './controller.ts';

const annotation = 'endpoints.kubernetes.io/last-change-trigger-time';
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] },
};
const pod = (i: number, ready: 'True' | 'False', since: string | undefined) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${i}`, namespace: 'ns', labels: { a: 'b' } },
  spec: { nodeName: 'n', containers: [] },
  status: {
    phase: 'Running',
    podIPs: [{ ip: `10.7.0.${i}` }],
    conditions: since === undefined ? [] : [{ type: 'Ready', status: ready, lastTransitionTime: since }],
  },
});
const at = (seconds: number): string => `2026-01-01T01:00:${String(seconds).padStart(2, '0')}Z`;

async function world() {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [endpointSliceController(), endpointsController()]);
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  const { metadata } = (await cluster.make(resources.services, service)) as unknown as EndpointSlice;
  const times = async (): Promise<readonly unknown[]> => {
    await harness.settle();
    const objects = [
      ...cluster.view.list<Endpoints>(resources.endpoints, 'ns'),
      ...cluster.view.list<EndpointSlice>(resources.endpointSlices, 'ns'),
    ];
    return objects.map((object) => object.metadata.annotations?.[annotation]);
  };
  const update = (given: ReturnType<typeof pod>): Promise<unknown> =>
    cluster.client.update({ ...resources.pods, namespace: 'ns', name: given.metadata.name }, given, {
      subresource: 'status',
    });
  return { cluster, times, update, made: metadata.creationTimestamp };
}

test('endpoints say when the oldest change began that they show newly', async (t) => {
  const { cluster, times, update, made } = await world();
  t.truthy(made);
  t.deepEqual(await times(), [made, made], 'the first ones began with the Service');
  await cluster.make(resources.pods, pod(1, 'True', at(10)));
  await cluster.make(resources.pods, pod(2, 'False', at(9)));
  t.deepEqual(await times(), [at(9), at(9)]);
  await update(pod(2, 'True', at(20)));
  t.deepEqual(await times(), [at(20), at(20)], 'a change that was shown before does not count');
  await update(pod(1, 'False', at(31)));
  await update(pod(2, 'False', at(30)));
  t.deepEqual(await times(), [at(30), at(30)]);
});

test('endpoints whose change has no known beginning say none, and are not written for that', async (t) => {
  const { cluster, times } = await world();
  await times();
  await cluster.make(resources.pods, pod(1, 'True', at(10)));
  await cluster.make(resources.pods, pod(2, 'True', undefined));
  t.deepEqual(await times(), [at(10), at(10)]);
  const versions = (): unknown =>
    cluster.view.list<EndpointSlice>(resources.endpointSlices, 'ns').map(({ metadata }) => metadata.resourceVersion);
  const before = versions();
  await cluster.client.patch(
    { ...resources.services, namespace: 'ns', name: 'web' },
    { type: 'merge', body: { metadata: { annotations: { any: 'thing' } } } },
  );
  t.deepEqual(await times(), [at(10), at(10)]);
  t.deepEqual(versions(), before);
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'p1' });
  t.deepEqual(await times(), [undefined, undefined]);
});

test('annotations that others made on endpoints stay', async (t) => {
  const { cluster, times } = await world();
  await times();
  for (const resource of [resources.endpoints, resources.endpointSlices])
    for (const { metadata } of cluster.view.list<EndpointSlice>(resource, 'ns'))
      await cluster.client.patch(
        { ...resource, namespace: 'ns', name: metadata.name },
        { type: 'merge', body: { metadata: { annotations: { own: 'note' } } } },
      );
  await cluster.make(resources.pods, pod(1, 'True', at(10)));
  t.deepEqual(await times(), [at(10), at(10)]);
  for (const resource of [resources.endpoints, resources.endpointSlices])
    for (const { metadata } of cluster.view.list<EndpointSlice>(resource, 'ns'))
      t.is(metadata.annotations?.['own'], 'note');
});
