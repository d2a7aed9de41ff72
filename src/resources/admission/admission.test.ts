import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { startHarness, statusLine } from '../testing/harness.ts';

const pods = '/api/v1/namespaces/default/pods';
const specOf = (object: KubeObject): JsonObject => object.spec as JsonObject;
const pod = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

test('a pod gets its service account with a token, tolerations and a priority', async (t) => {
  const h = await startHarness();
  const spec = specOf(await h.post(pods, pod('p')));
  t.is(spec['serviceAccountName'], 'default');
  const [volume] = spec['volumes'] as JsonObject[];
  t.regex(String(volume?.['name']), /^kube-api-access-/);
  t.like((spec['containers'] as JsonObject[])[0], {
    volumeMounts: [
      { name: volume?.['name'], readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
  });
  t.deepEqual(
    (spec['tolerations'] as JsonObject[]).map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
    [
      ['node.kubernetes.io/not-ready', 300],
      ['node.kubernetes.io/unreachable', 300],
    ],
  );
  t.is(spec['priority'], 0);
  t.is(spec['preemptionPolicy'], 'PreemptLowerPriority');
});

test('what a pod names must exist', async (t) => {
  const h = await startHarness();
  const refused = async (spec: object): Promise<string> => statusLine(await h.post(pods, pod('x', spec)));
  t.is(
    await refused({ serviceAccountName: 'none' }),
    '403 Forbidden: pods "x" is forbidden: error looking up service account default/none: serviceaccount ' +
      '"none" not found',
  );
  t.is(
    await refused({ priorityClassName: 'none' }),
    '403 Forbidden: pods "x" is forbidden: no PriorityClass with name none was found',
  );
  t.is(
    await refused({ runtimeClassName: 'none' }),
    '403 Forbidden: pods "x" is forbidden: pod rejected: RuntimeClass "none" not found',
  );
  t.is(
    await refused({ priority: 5 }),
    '403 Forbidden: pods "x" is forbidden: the integer value of priority (5) must not be provided in pod ' +
      'spec; priority admission controller computed 0 from the given PriorityClass name',
  );
});

test('limit ranges fill in defaults and keep bounds', async (t) => {
  const h = await startHarness();
  const limits = [
    {
      type: 'Container',
      max: { cpu: '1' },
      min: { cpu: '50m' },
      default: { cpu: '500m' },
      defaultRequest: { cpu: '100m' },
    },
  ];
  await h.post('/api/v1/namespaces/default/limitranges', { metadata: { name: 'l' }, spec: { limits } });
  const made = await h.post(pods, pod('p'));
  t.like((specOf(made)['containers'] as JsonObject[])[0], {
    resources: { limits: { cpu: '500m' }, requests: { cpu: '100m' } },
  });
  t.is(
    made.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
  );
  const large = await h.post(
    pods,
    pod('e', { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '2' } } }] }),
  );
  t.is(
    statusLine(large),
    '403 Forbidden: pods "e" is forbidden: [maximum cpu usage per Container is 1, but limit is 2]'
      .replace('[', '')
      .replace(']', ''),
  );
  const resized = (cpu: string): Promise<KubeObject> =>
    h.patch(`${pods}/p/resize`, 'strategic', { spec: { containers: [{ name: 'c', resources: { limits: { cpu } } }] } });
  t.is(
    statusLine(await resized('2')),
    '403 Forbidden: pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  );
  t.like((specOf(await resized('1'))['containers'] as JsonObject[])[0], {
    resources: { limits: { cpu: '1' }, requests: { cpu: '100m' } },
  });
});

test('a claim grows when it is bound and its class lets it', async (t) => {
  const h = await startHarness();
  const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
  const storageClass = (name: string, allowVolumeExpansion: boolean): Promise<KubeObject> =>
    h.post('/apis/storage.k8s.io/v1/storageclasses', { metadata: { name }, provisioner: 'a/b', allowVolumeExpansion });
  await storageClass('grows', true);
  await storageClass('stays', false);
  const claim = async (name: string, storageClassName: string): Promise<void> => {
    await h.post(claims, {
      metadata: { name },
      spec: {
        storageClassName,
        volumeName: 'v',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    });
    await h.patch(`${claims}/${name}/status`, 'merge', { status: { phase: 'Bound', capacity: { storage: '1Gi' } } });
  };
  const grown = (name: string): Promise<KubeObject> =>
    h.patch(`${claims}/${name}`, 'merge', { spec: { resources: { requests: { storage: '2Gi' } } } });
  for (const name of ['grows', 'stays', 'none']) await claim(name, name);
  t.is((await grown('grows')).kind, 'PersistentVolumeClaim');
  for (const name of ['stays', 'none']) {
    t.is(
      statusLine(await grown(name)),
      `403 Forbidden: persistentvolumeclaims "${name}" is forbidden: only dynamically provisioned pvc can ` +
        'be resized and the storageclass that provisions the pvc must support resize',
    );
  }
});

test('a node writes only what is its own', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('mine', { nodeName: 'n1' }));
  await h.post(pods, pod('other', { nodeName: 'n2' }));
  const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
  t.is((await h.patch(`${pods}/mine/status`, 'merge', { status: { phase: 'Running' } }, { user })).kind, 'Pod');
  t.is(
    statusLine(await h.patch(`${pods}/other/status`, 'merge', { status: { phase: 'Running' } }, { user })),
    '403 Forbidden: pods "other" is forbidden: node "n1" can only update pod status for pods with ' +
      'spec.nodeName set to itself',
  );
  t.is(
    statusLine(await h.post('/api/v1/nodes', { metadata: { name: 'n2' } }, { user })),
    '403 Forbidden: nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
  );
});

test('the first pod of a namespace waits for the default service account, and for no other', async (t) => {
  const h = await startHarness();
  await h.post('/api/v1/namespaces', { metadata: { name: 'new' } });
  const waiting = h.post('/api/v1/namespaces/new/pods', pod('p'));
  await h.timers.pass(300);
  await h.post('/api/v1/namespaces/new/serviceaccounts', { metadata: { name: 'default' } });
  await h.timers.pass(300);
  t.is((await waiting).kind, 'Pod');
  t.regex(
    statusLine(await h.post('/api/v1/namespaces/new/pods', pod('q', { serviceAccountName: 'other' }))),
    /^403 Forbidden: .*serviceaccount "other" not found$/,
  );
  await h.remove('/api/v1/namespaces/new/serviceaccounts/default');
  const refused = h.post('/api/v1/namespaces/new/pods', pod('r'));
  for (let step = 0; step < 10; step++) await h.timers.pass(200);
  t.regex(statusLine(await refused), /^403 Forbidden: .*serviceaccount "default" not found$/);
});
