import test from 'ava';
import type { JsonObject } from '../../api/index.ts';
import { startHarness } from '../testing/harness.ts';

/** Fields of features that a cluster may have on; those of claims are in devices.test.ts. */
const pods = '/api/v1/namespaces/default/pods';
const lifecycles = [{ stopSignal: 'SIGUSR1' }, { stopSignal: 'SIGINT', preStop: { sleep: { seconds: 1 } } }];
const spec = {
  os: { name: 'linux' },
  containers: lifecycles.map((lifecycle, index) => ({ name: `c${index}`, image: 'i', lifecycle })),
};
const pod = { metadata: { name: 'p' }, spec };
const job = { metadata: { name: 'j' }, spec: { template: { spec: { ...spec, restartPolicy: 'Never' } } } };
const status = { status: { containerStatuses: [{ name: 'c0', image: 'i', imageID: 'x', stopSignal: 'SIGUSR1' }] } };
const volumes = [
  { name: 'models', image: { reference: 'm' } },
  { name: 'scratch', emptyDir: {} },
];
const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
const mounting = { metadata: { name: 'm' }, spec: { volumes, containers: [{ name: 'c', image: 'i', volumeMounts }] } };
const lifecyclesOf = (object: JsonObject): unknown =>
  (object['spec'] as { containers: readonly JsonObject[] }).containers.map(({ lifecycle }) => lifecycle);

test('containers say what they are stopped with where the cluster has that on', async (t) => {
  const h = await startHarness({ settings: { features: ['ContainerStopSignals'] } });
  t.deepEqual(lifecyclesOf(await h.post(pods, pod)), lifecycles);
  t.like(await h.patch(`${pods}/p/status`, 'merge', status), status);
});

test('elsewhere it goes with what hangs on it, in pods, templates and statuses', async (t) => {
  const h = await startHarness();
  t.deepEqual(lifecyclesOf(await h.post(pods, pod)), [undefined, { preStop: { sleep: { seconds: 1 } } }]);
  const made = await h.post('/apis/batch/v1/namespaces/default/jobs', job);
  t.false(JSON.stringify(made).includes('stopSignal'));
  t.false(JSON.stringify(await h.patch(`${pods}/p/status`, 'merge', status)).includes('stopSignal'));
});

test('pods mount images where the cluster has that on, and elsewhere the mounts go with their volumes', async (t) => {
  const on = await startHarness({ settings: { features: ['ImageVolume'] } });
  const [image, scratch] = volumes;
  const always = { ...image, image: { reference: 'm', pullPolicy: 'Always' } };
  t.like((await on.post(pods, mounting)).spec, { volumes: [always, scratch], containers: [{ volumeMounts }] });
  const off = await startHarness();
  const [, last] = volumeMounts;
  t.like((await off.post(pods, mounting)).spec, { volumes: [scratch], containers: [{ volumeMounts: [last] }] });
});
