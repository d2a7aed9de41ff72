import test from 'ava';
import { type Job, type Pod, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { jobController } from './controller.ts';
import { trackingFinalizer } from './job.ts';
import { trackingFinalizerController } from './tracking-finalizer.ts';

const podsOf = (cluster: MemoryCluster): readonly Pod[] => cluster.view.list<Pod>(resources.pods, 'ns');
const tracked = (cluster: MemoryCluster): readonly string[] =>
  podsOf(cluster)
    .filter((pod) => pod.metadata.finalizers?.includes(trackingFinalizer))
    .map(({ metadata }) => metadata.name);

const job = (name: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: 'ns' },
  spec: {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    selector: { matchLabels: { j: name } },
    template: {
      metadata: { labels: { j: name } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
    },
  },
});

async function world(): Promise<{ readonly cluster: MemoryCluster; readonly harness: Harness }> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [jobController(), trackingFinalizerController()]);
  await cluster.make(resources.jobs, job('j'));
  await harness.settle();
  return { cluster, harness };
}

test('a pod whose labels changed is released without its finalizer, and its Job makes another', async (t) => {
  const { cluster, harness } = await world();
  const [pod] = podsOf(cluster);
  t.deepEqual(tracked(cluster), [pod?.metadata.name]);
  const ref = { ...resources.pods, namespace: 'ns', name: pod?.metadata.name ?? '' };
  await cluster.client.patch(ref, { type: 'merge', body: { metadata: { labels: { j: 'other' } } } });
  await harness.settle();
  t.is(podsOf(cluster).find(({ metadata }) => metadata.name === ref.name)?.metadata.ownerReferences, undefined);
  t.false(tracked(cluster).includes(ref.name));
  t.is(podsOf(cluster).length, 2);
  const [owner] = cluster.view.list<Job>(resources.jobs, 'ns');
  t.is(owner?.status?.active, 1);
});

test('orphans and pods of a Job that is gone lose the finalizer; a pod of another owner keeps it', async (t) => {
  const { cluster, harness } = await world();
  const pod = (name: string, ownerReferences: readonly object[]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', finalizers: ['a.io/b', trackingFinalizer], ownerReferences },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'former', controller: true };
  await cluster.make(resources.pods, pod('orphan', []));
  await cluster.make(resources.pods, pod('of-a-former', [reference]));
  await cluster.make(resources.pods, pod('foreign', [{ ...reference, apiVersion: 'example.com/v1' }]));
  await harness.settle();
  const own = podsOf(cluster).find(({ metadata }) => metadata.name.startsWith('j-'))?.metadata.name;
  t.deepEqual(tracked(cluster), ['foreign', own]);
  t.deepEqual(podsOf(cluster).find(({ metadata }) => metadata.name === 'orphan')?.metadata.finalizers, ['a.io/b']);
});

test('pods lose the finalizer when their Job is deleted at once', async (t) => {
  const { cluster, harness } = await world();
  await cluster.client.delete({ ...resources.jobs, namespace: 'ns', name: 'j' });
  await harness.settle();
  t.deepEqual(tracked(cluster), []);
});

test('a pod that no longer matches does not hold a Job that is being deleted', async (t) => {
  const { cluster, harness } = await world();
  const name = podsOf(cluster)[0]?.metadata.name ?? '';
  await cluster.client.delete({ ...resources.jobs, namespace: 'ns', name: 'j' }, { propagation: 'Foreground' });
  const body = { metadata: { labels: { j: 'other' } } };
  await cluster.client.patch({ ...resources.pods, namespace: 'ns', name }, { type: 'merge', body });
  await harness.settle();
  t.truthy(cluster.view.get<Job>(resources.jobs, 'ns', 'j')?.metadata.deletionTimestamp);
  t.deepEqual(tracked(cluster), []);
});

test('an orphan that a Job adopts is tracked', async (t) => {
  const { cluster, harness } = await world();
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'orphan', namespace: 'ns', labels: { j: 'j', 'batch.kubernetes.io/job-name': 'j' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const adopted: (readonly string[])[] = [];
  cluster.view.onChange((change) => {
    if (change.object.metadata.name === 'orphan' && change.type === 'put')
      adopted.push(change.object.metadata.finalizers ?? []);
  });
  await harness.settle();
  t.deepEqual(adopted[0], [trackingFinalizer]);
});

test('what was left while nobody looked is found at the start', async (t) => {
  const cluster = new MemoryCluster();
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'orphan', namespace: 'ns', finalizers: [trackingFinalizer] },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  t.deepEqual(trackingFinalizerController().initialKeys?.(cluster.ports), ['ns/orphan']);
});
