import test from 'ava';
import type { JsonObject } from '../../api/index.ts';
import { startHarness, statusLine } from '../testing/harness.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, more: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...more },
});

test('finalizers hold an object until the last one goes', async (t) => {
  const h = await startHarness();
  await h.post(maps, { metadata: { name: 'x', finalizers: ['example.com/hold'] } });
  const marked = await h.remove(`${maps}/x`);
  t.is(marked.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  t.is(marked.metadata.deletionGracePeriodSeconds, 0);
  t.is(
    (await h.patch(`${maps}/x`, 'merge', { metadata: { deletionTimestamp: null, labels: { a: 'b' } } })).metadata
      .deletionTimestamp,
    marked.metadata.deletionTimestamp,
  );
  t.is(
    statusLine(await h.post(maps, { metadata: { name: 'x' } })),
    '409 AlreadyExists: object is being deleted: configmaps "x" already exists',
  );
  const more = await h.patch(`${maps}/x`, 'json', [
    { op: 'add', path: '/metadata/finalizers/-', value: 'example.com/new' },
  ]);
  t.is((more as unknown as { details: { causes: unknown[] } }).details.causes.length, 2);
  t.is((await h.patch(`${maps}/x`, 'merge', { metadata: { finalizers: null } })).metadata.finalizers, undefined);
  t.is(
    statusLine(await h.get(`${maps}/x`).catch((error: unknown) => error as JsonObject)).slice(0, 13),
    '404 NotFound:',
  );
});

test('preconditions guard a deletion', async (t) => {
  const h = await startHarness();
  const { metadata } = await h.post(maps, { metadata: { name: 'x' } });
  t.regex(
    statusLine(await h.remove(`${maps}/x`, { uid: 'other' })),
    new RegExp(
      '^409 Conflict: Operation cannot be fulfilled on ConfigMap "x": ' +
        'the UID in the precondition \\(other\\) does not match',
    ),
  );
  t.regex(
    statusLine(await h.remove(`${maps}/x`, { resourceVersion: '1' })),
    /the ResourceVersion in the precondition \(1\) does not match/,
  );
  t.is((await h.remove(`${maps}/x`, { uid: metadata.uid ?? '' })).metadata.name, 'x');
});

test('propagation policies become finalizers for the garbage collector', async (t) => {
  const h = await startHarness();
  for (const [name, propagation, expected] of [
    ['f', 'Foreground', ['foregroundDeletion']],
    ['o', 'Orphan', ['orphan']],
  ] as const) {
    await h.post(maps, { metadata: { name } });
    t.deepEqual((await h.remove(`${maps}/${name}`, { propagation })).metadata.finalizers, expected);
  }
});

test('a bound pod is deleted gracefully, an unbound one at once', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('bound', { nodeName: 'n' }));
  const marked = await h.remove(`${pods}/bound`);
  t.is(marked.metadata.deletionGracePeriodSeconds, 30);
  t.is(marked.metadata.deletionTimestamp, '2026-01-01T00:00:30Z');
  t.is((await h.remove(`${pods}/bound`, { gracePeriodSeconds: 5 })).metadata.deletionTimestamp, '2026-01-01T00:00:05Z');
  t.is((await h.remove(`${pods}/bound`, { gracePeriodSeconds: 60 })).metadata.deletionGracePeriodSeconds, 5);
  t.is((await h.remove(`${pods}/bound`, { gracePeriodSeconds: 0 })).metadata.deletionGracePeriodSeconds, 0);
  await h.post(pods, pod('free'));
  const watch = await h.watch(pods);
  await h.remove(`${pods}/free`);
  t.deepEqual(watch.seen(), ['ADDED free', 'MODIFIED free', 'DELETED free']);
});

test('a namespace ends when its finalizers are gone, and takes nothing new meanwhile', async (t) => {
  const h = await startHarness();
  await h.post('/api/v1/namespaces', { metadata: { name: 'n' } });
  const marked = await h.remove('/api/v1/namespaces/n');
  t.is((marked['status'] as JsonObject)['phase'], 'Terminating');
  const refused = await h.post('/api/v1/namespaces/n/configmaps', { metadata: { name: 'new' } });
  t.is(
    statusLine(refused),
    '403 Forbidden: configmaps "new" is forbidden: unable to create new content in namespace n because it ' +
      'is being terminated',
  );
  const current = await h.get('/api/v1/namespaces/n');
  await h.put('/api/v1/namespaces/n/finalize', { ...current, spec: { finalizers: [] } });
  t.deepEqual((await h.list('/api/v1/namespaces')).names, ['default']);
  t.is(
    statusLine(await h.remove('/api/v1/namespaces/default')),
    '403 Forbidden: namespaces "default" is forbidden: this namespace may not be deleted',
  );
});

test('a collection is deleted by selector', async (t) => {
  const h = await startHarness();
  for (const name of ['a', 'b', 'c'])
    await h.post(maps, { metadata: { name, labels: { l: name === 'c' ? '2' : '1' } } });
  const context = {
    user: { name: 'admin', groups: [] },
    dryRun: false,
    fieldManager: 'test',
    fieldValidation: 'Strict',
    warn: () => undefined,
  } as const;
  const deleted = await h.service.deleteCollection(h.target(maps), { labelSelector: 'l=1' }, {}, context);
  t.is(deleted.records.length, 2);
  t.deepEqual((await h.list(maps)).names, ['c']);
});

test('a job that is deleted without a policy keeps its pods, and the client is warned', async (t) => {
  const h = await startHarness();
  const jobs = '/apis/batch/v1/namespaces/default/jobs';
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
  for (const name of ['a', 'b']) await h.post(jobs, { metadata: { name }, spec: { template } });
  t.deepEqual((await h.remove(`${jobs}/a`)).metadata.finalizers, ['orphan']);
  t.regex(h.warnings.at(-1) ?? '', /^child pods are preserved by default/);
  const warnings = h.warnings.length;
  await h.remove(`${jobs}/b`, { propagation: 'Background' });
  t.is(h.warnings.length, warnings);
  t.deepEqual((await h.list(jobs)).names, ['a']);
});

test('a system priority class cannot be deleted by itself, there or not', async (t) => {
  const h = await startHarness();
  const refused =
    '403 Forbidden: priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system ' +
    'priority class and cannot be deleted';
  t.is(statusLine(await h.remove('/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical')), refused);
});

const workloads: readonly (readonly [kind: string, annotation: string, refused: string])[] = [
  [
    'Deployment',
    'deprecated.deployment.rollback.to',
    'failed to parse annotation[deprecated.deployment.rollback.to]=x as int64: strconv.ParseInt: parsing ' +
      '"x": invalid syntax',
  ],
  ['DaemonSet', 'deprecated.daemonset.template.generation', 'strconv.ParseInt: parsing "x": invalid syntax'],
];
for (const [kind, annotation, refused] of workloads) {
  test(`a ${kind} whose old number is none cannot be read`, async (t) => {
    const h = await startHarness();
    const path = `/apis/apps/v1/namespaces/default/${kind.toLowerCase()}s`;
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const body = (annotations: object): object => ({
      metadata: { name: 'x', annotations },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    });
    t.is(
      statusLine(await h.post(path, body({ [annotation]: 'x' }))),
      `400 BadRequest: ${kind} in version "v1" cannot be handled as a ${kind}: ${refused}`,
    );
    t.is((await h.post(path, body({ [annotation]: '3' }))).metadata.annotations?.[annotation], '3');
    t.regex(
      statusLine(await h.patch(`${path}/x`, 'merge', { metadata: { annotations: { [annotation]: 'x' } } })),
      /^422 Invalid: .*patch: Invalid value: .*invalid syntax$/,
    );
  });
}
