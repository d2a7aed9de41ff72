import test from 'ava';
import {
  type ControllerRevision,
  type DaemonSet,
  type Pod,
  resources,
  StatusError,
  timeText,
} from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { daemonSetController } from './controller.ts';
import { targetOf } from './daemon-set.ts';

const template = (image: string, spec: object = {}): object => ({
  metadata: { labels: { app: 'd' } },
  spec: { containers: [{ name: 'c', image }], ...spec },
});

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
  set(): DaemonSet | undefined;
  pods(): readonly Pod[];
  change(spec: object): Promise<void>;
  ready(pod: Pod | undefined): Promise<void>;
  readyAll(): Promise<void>;
}

async function world(spec: Record<string, unknown> = {}): Promise<World> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [daemonSetController()]);
  for (const [name, parts] of [
    ['a', {}],
    ['b', {}],
    ['tainted', { taints: [{ key: 'k', effect: 'NoSchedule' }] }],
    ['cordoned', { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }],
  ] as const) {
    await cluster.make(resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { name } },
      spec: parts,
    });
  }
  await cluster.make(resources.daemonSets, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'd', namespace: 'ns' },
    spec: {
      selector: { matchLabels: { app: 'd' } },
      template: template('d:1'),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      ...spec,
    },
  });
  await harness.settle();
  const w: World = {
    cluster,
    harness,
    set: () => cluster.view.get<DaemonSet>(resources.daemonSets, 'ns', 'd'),
    pods: () => cluster.view.list<Pod>(resources.pods, 'ns'),
    change: async (changed) => {
      await cluster.client.patch(
        { ...resources.daemonSets, namespace: 'ns', name: 'd' },
        { type: 'merge', body: { spec: changed } },
      );
      await harness.settle();
    },
    ready: async (pod) => {
      await cluster.client.update(
        { ...resources.pods, namespace: 'ns', name: pod?.metadata.name ?? '' },
        {
          ...pod,
          status: {
            phase: 'Running',
            conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(cluster.now) }],
          },
        },
        { subresource: 'status' },
      );
      await harness.settle();
    },
    readyAll: async () => {
      for (
        let next = w.pods().find((pod) => pod.status === undefined);
        next !== undefined;
        next = w.pods().find((pod) => pod.status === undefined)
      )
        await w.ready(next);
    },
  };
  return w;
}

test('every node that suits gets one daemon, cordoned ones too', async (t) => {
  const w = await world();
  t.deepEqual(w.pods().map(targetOf).sort(), ['a', 'b', 'cordoned']);
  await w.readyAll();
  t.deepEqual(w.set()?.status, {
    currentNumberScheduled: 3,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 3,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
  });
});

test('a node that no longer suits loses its daemon, and one that suits now gets one', async (t) => {
  const w = await world({ template: template('d:1', { nodeSelector: { name: 'a' } }) });
  t.deepEqual(w.pods().map(targetOf), ['a']);
  await w.cluster.client.patch(
    { ...resources.nodes, name: 'b' },
    { type: 'merge', body: { metadata: { labels: { name: 'a' } } } },
  );
  await w.cluster.client.patch(
    { ...resources.nodes, name: 'a' },
    { type: 'merge', body: { metadata: { labels: { name: 'z' } } } },
  );
  await w.harness.settle();
  t.deepEqual(w.pods().map(targetOf), ['b']);
});

test('a rolling update has one node at a time without its daemon', async (t) => {
  const w = await world();
  await w.readyAll();
  let fewest = 3;
  w.cluster.view.onChange(() => {
    fewest = Math.min(fewest, w.pods().filter((pod) => pod.status !== undefined).length);
  });
  await w.change({ template: template('d:2') });
  await w.readyAll();
  t.deepEqual([...new Set(w.pods().map((pod) => pod.spec.containers[0]?.image))], ['d:2']);
  t.is(fewest, 2);
  t.deepEqual(
    w.cluster.view
      .list<ControllerRevision>(resources.controllerRevisions, 'ns')
      .map((revision) => revision.revision)
      .sort(),
    [1, 2],
  );
});

test('with a surge the new daemon is there before the old one goes', async (t) => {
  const w = await world({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  });
  await w.readyAll();
  let fewest = 3;
  w.cluster.view.onChange(() => {
    fewest = Math.min(fewest, w.pods().filter((pod) => pod.status !== undefined).length);
  });
  await w.change({ template: template('d:2') });
  await w.readyAll();
  t.deepEqual(
    w.pods().map((pod) => pod.spec.containers[0]?.image),
    ['d:2', 'd:2', 'd:2'],
  );
  t.is(fewest, 3);
});

test('with a surge an old daemon that is no longer ready goes once there is a new one', async (t) => {
  const w = await world({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  });
  await w.readyAll();
  await w.change({ template: template('d:2') });
  const target = w
    .pods()
    .filter((pod) => pod.spec.containers[0]?.image === 'd:2')
    .map(targetOf)[0];
  const old = w.pods().find((pod) => pod.spec.containers[0]?.image !== 'd:2' && targetOf(pod) === target);
  await w.cluster.client.update(
    { ...resources.pods, namespace: 'ns', name: old?.metadata.name ?? '' },
    { ...old, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } },
    { subresource: 'status' },
  );
  await w.harness.settle();
  t.deepEqual(
    w
      .pods()
      .filter((pod) => targetOf(pod) === target)
      .map((pod) => pod.spec.containers[0]?.image),
    ['d:2'],
  );
});

test('a failed daemon is replaced; one that fails again waits', async (t) => {
  const w = await world();
  await w.readyAll();
  const fail = async (): Promise<void> => {
    const pod = w.pods().find((one) => targetOf(one) === 'a');
    await w.cluster.client.update(
      { ...resources.pods, namespace: 'ns', name: pod?.metadata.name ?? '' },
      { ...pod, status: { phase: 'Failed' } },
      { subresource: 'status' },
    );
    await w.harness.settle();
  };
  await fail();
  t.is(w.pods().filter((pod) => pod.status?.phase === 'Failed').length, 0);
  t.true(w.cluster.events.some((event) => event.reason === 'FailedDaemonPod'));
  await fail();
  t.is(w.pods().filter((pod) => pod.status?.phase === 'Failed').length, 1);
  await w.harness.advance(2_000);
  t.is(w.pods().filter((pod) => pod.status?.phase === 'Failed').length, 0);
});

test('an update replaces a daemon that serves nobody, whatever the bound', async (t) => {
  const w = await world();
  await w.change({ template: template('d:2') });
  t.deepEqual(
    w.pods().map((pod) => pod.spec.containers[0]?.image),
    ['d:2', 'd:2', 'd:2'],
  );
});

test('a set whose pods may not be deleted says so, and tries again later', async (t) => {
  const w = await world();
  w.cluster.onWrite = (verb, ref) => {
    if (verb === 'delete' && ref.resource === 'pods') throw new StatusError('Forbidden', 'a hook forbids it');
  };
  await w.change({ template: template('d:1', { nodeSelector: { name: 'a' } }) });
  t.true(
    w.cluster.events.some(
      ({ reason, message }) => reason === 'FailedDelete' && message === 'Error deleting: a hook forbids it',
    ),
  );
  t.is(w.set()?.status?.desiredNumberScheduled, 1);
  w.cluster.onWrite = () => undefined;
  await w.harness.advance(6_000);
  t.deepEqual(w.pods().map(targetOf), ['a']);
});
