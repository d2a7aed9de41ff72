import test from 'ava';
import type { KubeObject } from '../../api/index.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

const namespace = '/api/v1/namespaces/default';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const causesOf = (status: KubeObject): string[] =>
  ((status['details'] as { causes?: { field: string }[] } | undefined)?.causes ?? []).map(({ field }) => field);

const pod = { containers: [{ name: 'c', image: 'i' }] };
const workload = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: pod } };

/** The kinds' metadata is checked as a change and as a whole, in this number. */
const kinds: readonly (readonly [path: string, kind: string, changes: number, wholes: number, spec?: object])[] = [
  [`${namespace}/configmaps`, 'ConfigMap', 1, 1],
  [`${namespace}/limitranges`, 'LimitRange', 0, 1],
  [`${namespace}/resourcequotas`, 'ResourceQuota', 1, 0],
  ['/apis/apps/v1/namespaces/default/deployments', 'Deployment', 1, 0, workload],
  ['/apis/apps/v1/namespaces/default/replicasets', 'ReplicaSet', 1, 1, workload],
  ['/apis/apps/v1/namespaces/default/daemonsets', 'DaemonSet', 1, 1, workload],
  ['/apis/batch/v1/namespaces/default/jobs', 'Job', 1, 1, { template: { spec: { ...pod, restartPolicy: 'Never' } } }],
  ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', 'PodDisruptionBudget', 0, 0],
  [`${namespace}/services`, 'Service', 1, 1, { clusterIP: 'None' }],
  [
    '/api/v1/persistentvolumes',
    'PersistentVolume',
    0,
    2,
    { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } },
  ],
  [
    `${namespace}/persistentvolumeclaims`,
    'PersistentVolumeClaim',
    1,
    2,
    { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  ],
];
for (const [path, kind, changes, wholes, spec] of kinds) {
  test(`what is wrong with the metadata of a changed ${kind} is said as often as it is checked`, async (t) => {
    const h = await startHarness();
    await h.post(path, { metadata: { name: 'x' }, ...(spec === undefined ? {} : { spec }) });
    // As a whole and as a change for every kind.
    t.is(
      causesOf(await h.patch(`${path}/x`, 'merge', { metadata: { labels: { 'a b': 'c' } } })).length,
      2 + changes + wholes,
    );
    // That a finalizer needs a domain is asked with the kind alone.
    t.deepEqual(
      causesOf(await h.patch(`${path}/x`, 'merge', { metadata: { finalizers: ['plain'] } })),
      Array(changes + wholes).fill('metadata.finalizers[0]'),
    );
  });
}

async function withWidgets(): Promise<Harness> {
  const h = await startHarness();
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  const made = await h.post(definitions, {
    metadata: { name: 'widgets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions },
  });
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2020-01-01T00:00:00Z',
    reason: 'x',
    message: 'x',
  }));
  await h.put(`${definitions}/widgets.example.com/status`, {
    ...made,
    status: { conditions, acceptedNames: names, storedVersions: ['v1'] },
  });
  return h;
}

test('a custom object may have finalizers without a domain, and is warned of each new one', async (t) => {
  const h = await withWidgets();
  const widgets = '/apis/example.com/v1/namespaces/default/widgets';
  const warning = (name: string): string =>
    `metadata.finalizers: "${name}": prefer a domain-qualified finalizer name including a path (/) to avoid ` +
    'accidental conflicts with other finalizer writers';
  const made = await h.post(widgets, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'x', finalizers: ['b.example.com', 'orphan', 'example.com/a'] },
  });
  t.deepEqual(made.metadata.finalizers, ['b.example.com', 'orphan', 'example.com/a']);
  t.deepEqual(h.warnings.splice(0), [warning('b.example.com')]);
  await h.patch(`${widgets}/x`, 'merge', { metadata: { finalizers: ['b.example.com', 'c', 'a'] } });
  t.deepEqual(h.warnings, [warning('a'), warning('c')]);
});

test('the name of a disruption budget is a segment of a path', async (t) => {
  const h = await startHarness();
  t.is(
    (
      await h.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
        metadata: { name: 'A_b', finalizers: ['plain'] },
        spec: {},
      })
    ).metadata.name,
    'A_b',
  );
});
