import test, { type ExecutionContext } from 'ava';
import { GrpcFailure } from '../../../grpc/index.ts';
import type { ContainerRuntime, ContainerSpec } from '../runtime.ts';
import { FakeCri } from './cri-server.fixture.ts';
import { plainSecurity } from '../plain-security.fixture.ts';

/** What CRI-O answers in other words than containerd: nothing here may depend on containerd's. */
const hex = 'ab'.repeat(32);
const digest = `quay.io/shop/web@sha256:${'cd'.repeat(32)}`;

async function crio(
  t: ExecutionContext,
  more: FakeCri['more'] = {},
): Promise<{ readonly cri: FakeCri; readonly runtime: ContainerRuntime }> {
  const cri = new FakeCri();
  cri.version = { runtimeName: 'cri-o', runtimeVersion: '1.33.0' };
  cri.shownConfig = { sandboxImage: 'registry.k8s.io/pause:3.10' };
  cri.images = [{ id: hex, repoTags: ['quay.io/shop/web:1'], repoDigests: [digest], size: 5 }];
  cri.more = more;
  await cri.start();
  const runtime = cri.runtime();
  t.teardown(() => {
    runtime.close();
    cri.destroy();
  });
  return { cri, runtime };
}

const spec = (name: string, image: string): ContainerSpec => ({
  name,
  image,
  labels: { 'troupe.cluster': 'c', 'troupe.pod.uid': 'u' },
  environment: [],
  network: { type: 'own', hostname: 'h' },
  ipc: { mode: 'shareable' },
  pid: { mode: 'own' },
  mounts: [],
  resources: {},
  security: plainSecurity,
});

const imagesOf = async (runtime: ContainerRuntime): Promise<readonly string[]> =>
  (await runtime.summaries({ 'troupe.cluster': 'c' })).map(({ imageId }) => imageId);

test('a container names its image by the id that lists of images have, whatever the runtime calls it', async (t) => {
  const { cri, runtime } = await crio(t);
  await runtime.create(spec('web', hex));
  for (const [imageId, imageRef] of [
    [hex, digest],
    ['', digest],
    ['', 'quay.io/shop/web:1'],
    ['', hex],
  ] as const) {
    Object.assign(cri, { imageId, imageRef });
    t.deepEqual(await imagesOf(runtime), [hex], `${imageId} ${imageRef}`);
  }
  Object.assign(cri, { imageId: '', imageRef: 'quay.io/shop/gone@sha256:ee' });
  t.deepEqual(await imagesOf(runtime), ['quay.io/shop/gone@sha256:ee'], 'an image that is gone is what it was called');
  const asked = (): number => cri.asked.filter(({ method }) => method === 'ListImages').length;
  const before = asked();
  Object.assign(cri, { imageId: hex });
  await imagesOf(runtime);
  t.is(asked(), before, 'nobody asks for what is known');
  const [{ id } = { id: '' }] = await runtime.summaries({ 'troupe.cluster': 'c' });
  const looks = cri.asked.filter(({ method }) => method === 'ImageStatus').length;
  t.is((await runtime.inspect(id))?.imageId, hex);
  t.is(cri.asked.filter(({ method }) => method === 'ImageStatus').length, looks);
});

test('where control groups lie is what the runtime says of its driver', async (t) => {
  for (const [cgroupDriver, parent] of [
    ['CGROUPFS', '/troupe'],
    ['SYSTEMD', ''],
  ] as const) {
    const { cri, runtime } = await crio(t, { RuntimeConfig: () => ({ linux: { cgroupDriver } }) });
    await runtime.create(spec('box', 'registry.k8s.io/pause:3.10'));
    t.like(cri.last('RunPodSandbox'), { config: { linux: { cgroupParent: parent } } }, cgroupDriver);
  }
  const { cri, runtime } = await crio(t);
  await runtime.create(spec('box', 'registry.k8s.io/pause:3.10'));
  t.like(cri.last('RunPodSandbox'), { config: { linux: { cgroupParent: '' } } }, 'one that does not know the call');
});

test('where images lie is what the runtime says, in its configuration or by the call for it', async (t) => {
  const mountpoint = '/var/lib/containers/storage/overlay-images';
  const { runtime } = await crio(t, { ImageFsInfo: () => ({ imageFilesystems: [{ fsId: { mountpoint } }] }) });
  t.is((await runtime.facts()).storageFolder, mountpoint);
  t.is((await (await crio(t)).runtime.facts()).storageFolder, undefined);
});

test('a container that has ended has stopped, also where the runtime calls that a failure', async (t) => {
  const { cri, runtime } = await crio(t);
  const id = await runtime.create(spec('web', hex));
  await runtime.start(id);
  cri.before = (method) => {
    if (method !== 'StopContainer') return;
    const container = cri.containers.get(id);
    if (container !== undefined) container.state = 'CONTAINER_EXITED';
    throw new GrpcFailure(2, 'container is already stopped');
  };
  t.true(await runtime.stop(id, 1000));
});

test('the use of a container is told where the runtime leaves figures out', async (t) => {
  let stats: object = {};
  const { runtime } = await crio(t, { ContainerStats: () => ({ stats }) });
  const id = await runtime.create(spec('web', hex));
  t.deepEqual(await runtime.stats(id), { cpuNanoseconds: 0, memoryBytes: 0, memoryWorkingSetBytes: 0 });
  stats = { cpu: { usageCoreNanoSeconds: 7 }, memory: { workingSetBytes: 5 } };
  t.deepEqual(await runtime.stats(id), { cpuNanoseconds: 7, memoryBytes: 5, memoryWorkingSetBytes: 5 });
  t.is(await runtime.storageBytes(id), 0);
});
