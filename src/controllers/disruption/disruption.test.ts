import test from 'ava';
import {
  allResources,
  type GroupResource,
  type Pod,
  type PodDisruptionBudget,
  resources,
  type StoredObject,
} from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { disruptionController } from './controller.ts';
import { planBudget } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

test('a budget allows what is healthy beyond its minimum', (t) => {
  const pod = (name: string, ready: string): Pod =>
    stored<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, uid: name },
      spec: { containers: [] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
    });
  const budget = (spec: object): StoredObject =>
    stored<StoredObject>({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', uid: 'b', generation: 1 },
      spec,
    });
  const pods = [pod('a', 'True'), pod('b', 'True'), pod('c', 'False')];
  const allowed = (spec: object, count = 0): number =>
    planBudget({ budget: budget(spec) as never, pods, wanted: { type: 'known', count, unmanaged: [] }, now: 0 }).status
      .disruptionsAllowed;
  t.is(allowed({}), 0);
  t.is(allowed({ minAvailable: 1 }), 1);
  t.is(allowed({ minAvailable: 2 }), 0);
  t.is(allowed({ maxUnavailable: 1 }, 3), 0);
  t.is(allowed({ maxUnavailable: '50%' }, 3), 1);
  t.is(allowed({ minAvailable: '50%' }, 3), 0);
});

test('a relative budget counts each controller once, leaves bare pods out, and says why it cannot know', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [disruptionController(allResources)]);
  const status = (): PodDisruptionBudget['status'] | undefined =>
    cluster.view.get<PodDisruptionBudget>(resources.podDisruptionBudgets, 'ns', 'b')?.status;
  const owner = (object: StoredObject): object => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    uid: object.metadata.uid,
    controller: true,
  });
  const make = async (resource: GroupResource, kind: string, metadata: object, spec: object): Promise<StoredObject> =>
    cluster.make(resource, {
      apiVersion: resource.group === '' ? 'v1' : `${resource.group}/v1`,
      kind,
      metadata: { namespace: 'ns', ...metadata },
      spec,
    });
  const pod = async (name: string, ownerReferences: readonly object[]): Promise<StoredObject> =>
    make(resources.pods, 'Pod', { name, labels: { app: 'web' }, ownerReferences }, { containers: [] });
  const deployment = await make(resources.deployments, 'Deployment', { name: 'web' }, { replicas: 4 });
  const set = await make(
    resources.replicaSets,
    'ReplicaSet',
    { name: 'web-1', ownerReferences: [owner(deployment)] },
    { replicas: 3 },
  );
  for (const name of ['a', 'b']) await pod(name, [owner(set)]);
  await pod('bare', []);
  await make(
    resources.podDisruptionBudgets,
    'PodDisruptionBudget',
    { name: 'b' },
    { maxUnavailable: '50%', selector: { matchLabels: { app: 'web' } } },
  );
  await harness.settle();
  t.like(status(), { expectedPods: 4, desiredHealthy: 2 });
  t.true(
    cluster.events.some(
      (event) =>
        event.reason === 'UnmanagedPods' &&
        event.message.startsWith(
          'Pods selected by this PodDisruptionBudget (selector: app=web) were found to be unmanaged.',
        ),
    ),
  );
  const daemons = await make(resources.daemonSets, 'DaemonSet', { name: 'd' }, {});
  await pod('d', [owner(daemons)]);
  await harness.settle();
  t.like(status()?.conditions?.[0], {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message: 'daemonsets.apps does not implement the scale subresource',
  });
  t.true(
    cluster.events.some(
      (event) =>
        event.message ===
        'Failed to calculate the number of expected pods: daemonsets.apps does not implement the scale subresource',
    ),
  );
});

const pod = (name: string, parts: { readonly ready?: boolean; readonly deletionTimestamp?: string } = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, ...(parts.deletionTimestamp === undefined ? {} : { deletionTimestamp: 'now' }) },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: parts.ready === false ? 'False' : 'True' }] },
  });
const budgetOf = (minAvailable: number, disruptedPods: Readonly<Record<string, string>> = {}): PodDisruptionBudget =>
  stored<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', uid: 'b' },
    spec: { minAvailable },
    status: { disruptedPods, disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  });
const now = Date.parse('2026-01-01T00:10:00Z');
const none = { type: 'known', count: 0, unmanaged: [] } as const;

test('an eviction under way counts until its pod is being deleted or two minutes have passed', (t) => {
  const evicted = '2026-01-01T00:09:30Z';
  const plan = (disrupted: Readonly<Record<string, string>>, pods: readonly Pod[]): ReturnType<typeof planBudget> =>
    planBudget({ budget: budgetOf(1, disrupted), pods, wanted: none, now });
  const pods = [pod('a'), pod('b'), pod('c')];
  const waiting = plan({ a: evicted }, pods);
  t.like(waiting.status, { disruptedPods: { a: evicted }, currentHealthy: 2, disruptionsAllowed: 1 });
  t.is(waiting.requeueAfterMs, 90_000);
  const rows = [
    { title: 'too long ago', plan: plan({ a: '2026-01-01T00:07:00Z' }, pods), healthy: 3 },
    { title: 'gone', plan: plan({ x: evicted }, pods), healthy: 3 },
    { title: 'deleted', plan: plan({ a: evicted }, [pod('a', { deletionTimestamp: 'now' }), pod('b')]), healthy: 1 },
  ];
  for (const row of rows) {
    t.is(row.plan.status.disruptedPods, undefined, row.title);
    t.is(row.plan.status.currentHealthy, row.healthy, row.title);
    t.is(row.plan.requeueAfterMs, undefined, row.title);
  }
});

test('a budget without pods says so, and allows nothing', (t) => {
  const plan = planBudget({ budget: budgetOf(1), pods: [], wanted: none, now });
  t.deepEqual(plan.notes, [{ type: 'Normal', reason: 'NoPods', message: 'No matching pods found' }]);
  t.like(plan.status, { disruptionsAllowed: 0, expectedPods: 0, desiredHealthy: 1 });
});
