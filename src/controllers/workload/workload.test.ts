import test from 'ava';
import {
  type ControllerRevision,
  type DaemonSet,
  type Pod,
  type PodTemplateSpec,
  resources,
  timeText,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { stored } from '../runtime/stored.fixture.ts';
import {
  availableAfterMs,
  isAvailable,
  OrphanPods,
  ownedRevisions,
  podFromTemplate,
  podsToDelete,
  pruneRevisions,
  rollingBounds,
  syncRevision,
  templateHash,
  templateOf,
} from './index.ts';

test('pods that are worth least go first', (t) => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  const pod = (
    name: string,
    parts: { readonly node?: string; readonly phase?: string; readonly ready?: boolean; readonly cost?: string },
  ): Pod =>
    stored<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        uid: name,
        creationTimestamp: timeText(now - 3_600_000),
        ...(parts.cost === undefined
          ? {}
          : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': parts.cost } }),
      },
      spec: { containers: [], ...(parts.node === undefined ? {} : { nodeName: parts.node }) },
      status: {
        phase: parts.phase ?? 'Running',
        conditions: [
          {
            type: 'Ready',
            status: parts.ready === false ? 'False' : 'True',
            lastTransitionTime: timeText(now - 60_000),
          },
        ],
      },
    });
  const pods = [
    pod('cheap', { node: 'a', cost: '-5' }),
    pod('crowded', { node: 'a' }),
    pod('alone', { node: 'b' }),
    pod('unready', { node: 'b', ready: false }),
    pod('pending', { node: 'b', phase: 'Pending' }),
    pod('unassigned', { phase: 'Pending' }),
  ];
  t.deepEqual(
    podsToDelete(pods, 5, { related: pods.slice(0, 3), now }).map((chosen) => chosen.metadata.name),
    ['unassigned', 'pending', 'unready', 'cheap', 'crowded'],
  );
});

test('a rollout may always move: with neither surge nor unavailability one pod may be unavailable', (t) => {
  t.deepEqual(rollingBounds({ maxSurge: '25%', maxUnavailable: '25%' }, 10), { maxSurge: 3, maxUnavailable: 2 });
  t.deepEqual(rollingBounds({ maxSurge: 0, maxUnavailable: '5%' }, 10), { maxSurge: 0, maxUnavailable: 1 });
  t.deepEqual(rollingBounds(undefined, 10), { maxSurge: 0, maxUnavailable: 1 });
});

test('surge is rounded up and unavailability down, and what is no number counts as none', (t) => {
  const rows: readonly (readonly [number | string | undefined, number | string | undefined, number, number])[] = [
    [3, 2, 3, 2],
    ['25%', '29%', 3, 2],
    ['0%', 1, 0, 1],
    ['many', 4, 0, 4],
    [2, 'many', 2, 0],
    [undefined, 7, 0, 7],
  ];
  for (const [surge, unavailable, maxSurge, maxUnavailable] of rows)
    t.deepEqual(rollingBounds({ maxSurge: surge, maxUnavailable: unavailable }, 10), { maxSurge, maxUnavailable });
});

const template = (image: string): PodTemplateSpec => ({
  metadata: { labels: { app: 'web' }, finalizers: ['held'] },
  spec: { containers: [stored<PodTemplateSpec['spec']['containers'][0]>({ name: 'c', image })] },
});

test('a template has one name for what it means, and another one for each collision', (t) => {
  const { spec, metadata } = template('i:1');
  t.is(templateHash({ spec, metadata }, undefined), templateHash({ metadata, spec, extra: undefined }, undefined));
  t.not(templateHash(template('i:1'), undefined), templateHash(template('i:2'), undefined));
  t.not(templateHash(template('i:1'), 1), templateHash(template('i:1'), 2));
});

const owner = stored<DaemonSet>({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'd', namespace: 'ns', uid: 'd' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: template('i:1'), revisionHistoryLimit: 1 },
});

test('a pod from a template belongs to its owner, and adds its identity to what the template says', (t) => {
  const named = podFromTemplate(owner, owner.spec.template, {
    name: 'd-0',
    labels: { index: '0' },
    finalizers: ['counted'],
  });
  t.like(named.metadata, {
    name: 'd-0',
    generateName: undefined,
    namespace: 'ns',
    labels: { app: 'web', index: '0' },
    finalizers: ['held', 'counted'],
  });
  t.is(named.metadata.ownerReferences?.[0]?.uid, 'd');
  t.is(podFromTemplate(owner, owner.spec.template).metadata.generateName, 'd-');
});

const pod = (name: string, readyAt: number | undefined, ownerUid?: string): Pod =>
  stored<Pod>({
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      ownerReferences: ownerUid === undefined ? [] : [{ uid: ownerUid, controller: true }],
    },
    spec: { containers: [] },
    status: {
      conditions:
        readyAt === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(readyAt) }],
    },
  });

test('a pod is available once it has been ready for long enough', (t) => {
  t.true(isAvailable(pod('p', 50_000), 0, 50_000));
  t.false(isAvailable(pod('p', 50_000), 10, 59_000));
  t.true(isAvailable(pod('p', 50_000), 10, 60_000));
  t.false(isAvailable(pod('p', undefined), 0, 60_000));
  t.is(availableAfterMs([pod('a', 50_000), pod('b', 45_000), pod('c', undefined)], 10, 50_000), 5_000);
  t.is(availableAfterMs([pod('a', 10_000)], 10, 50_000), undefined);
});

test('pods without a controller are known without reading all pods again', async (t) => {
  const cluster = new MemoryCluster();
  const orphans = new OrphanPods();
  const names = (): readonly string[] => orphans.list(cluster.view, 'ns').map(({ metadata }) => metadata.name);
  cluster.view.onChange((change: ObjectChange) => {
    orphans.note(change);
  });
  await cluster.make(resources.pods, { ...pod('early', undefined) } as never);
  t.deepEqual(names(), ['early']);
  await cluster.make(resources.pods, { ...pod('late', undefined) } as never);
  await cluster.make(resources.pods, { ...pod('owned', undefined, 'd') } as never);
  t.deepEqual(names(), ['early', 'late']);
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'early' });
  t.deepEqual(names(), ['late']);
  orphans.reset();
  t.deepEqual(names(), ['late']);
});

test('a template that comes back gets its revision with a new number; old ones beyond the limit go', async (t) => {
  const { ports, view } = new MemoryCluster();
  const style = { hashLabel: 'hash' };
  const sync = async (image: string): Promise<number> => {
    const set = { ...owner, spec: { ...owner.spec, template: template(image) } };
    const current = await syncRevision(set, await ownedRevisions(set, ports), { style, ports });
    return current.type === 'revision' ? current.revision.revision : 0;
  };
  t.deepEqual([await sync('i:1'), await sync('i:1'), await sync('i:2'), await sync('i:1')], [1, 1, 2, 3]);
  await sync('i:3');
  const all = (): readonly ControllerRevision[] => view.list<ControllerRevision>(resources.controllerRevisions, 'ns');
  const images = (): unknown =>
    all().map((revision) => [revision.revision, templateOf(revision)?.spec.containers[0]?.image]);
  t.deepEqual((images() as unknown[]).toSorted(), [
    [2, 'i:2'],
    [3, 'i:1'],
    [4, 'i:3'],
  ]);
  const revisions = await ownedRevisions(owner, ports);
  await pruneRevisions(owner, revisions, { inUse: ({ revision }) => revision === 4, ports });
  t.deepEqual((images() as unknown[]).toSorted(), [
    [3, 'i:1'],
    [4, 'i:3'],
  ]);
});

test('the data of a revision is the template as Kubernetes writes it, byte for byte', async (t) => {
  const { ports } = new MemoryCluster();
  const typed = {
    metadata: { creationTimestamp: null, labels: { zone: 'z', app: 'web' } },
    spec: {
      restartPolicy: 'Always',
      containers: [{ name: 'c', image: 'i', args: ['-c', 'a'], resources: {}, env: [{ name: 'E', value: '1' }] }],
    },
  };
  const set = { ...owner, spec: { ...owner.spec, template: stored<PodTemplateSpec>(typed) } };
  const made = await syncRevision(set, [], { style: { hashLabel: 'hash' }, ports });
  t.is(
    JSON.stringify(made.type === 'revision' && made.revision.data),
    '{"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"app":"web","zone":"z"}},' +
      '"spec":{"containers":[{"args":["-c","a"],"env":[{"name":"E","value":"1"}],"image":"i","name":"c",' +
      '"resources":{}}],"restartPolicy":"Always"}}}}',
  );
});
