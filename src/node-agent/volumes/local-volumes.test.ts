import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { memoryApi, type MemoryApi } from '../api.fixture.ts';
import { resources } from '../../api/index.ts';
import { reclaimLocalVolumes } from './index.ts';
import { simulatedVolumeFiles, type SimulatedVolumeFiles } from './simulated-volume-files.ts';

const folder = '/volumes/one';
const finalizer = 'troupe.dev/local-path';

interface Agent {
  readonly api: MemoryApi;
  readonly files: SimulatedVolumeFiles;
  readonly time: SimulatedTime;
}

function start(t: ExecutionContext, files = simulatedVolumeFiles()): Agent {
  const api = memoryApi();
  const time = new SimulatedTime();
  const reclaiming = reclaimLocalVolumes(
    { view: api.view, client: api.client, files, timers: time, log: silentLogger },
    { node: 'one', folder },
  );
  t.teardown(() => {
    reclaiming.close();
  });
  return { api, files, time };
}

interface Given {
  readonly policy?: string;
  readonly node?: string;
  readonly path?: string;
  readonly finalizers?: readonly string[];
}

/** A volume that is being deleted; `v` is its name, and there is a file in its folder. */
async function deleteVolume(
  { api, files }: Agent,
  { policy = 'Delete', node = 'one', path = `${folder}/v`, finalizers = [finalizer] }: Given = {},
): Promise<void> {
  await files.write(`${folder}/v/file`, 'data', 0o600);
  api.put(resources.persistentVolumes, {
    metadata: {
      name: 'v',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers,
      labels: { 'troupe.dev/node': node },
      annotations: { 'pv.kubernetes.io/provisioned-by': finalizer },
    },
    spec: { local: { path }, persistentVolumeReclaimPolicy: policy },
  });
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const holders = ({ api }: Agent): unknown =>
  api.get<{ metadata: { finalizers?: unknown } }>(resources.persistentVolumes, undefined, 'v')?.metadata.finalizers;

test('the data of a deleted volume is removed, then the volume is let go', async (t) => {
  const agent = start(t);
  await deleteVolume(agent);
  t.deepEqual([...agent.files.texts.keys()], []);
  t.falsy(holders(agent));
});

test('data that is to be retained stays', async (t) => {
  const agent = start(t);
  await deleteVolume(agent, { policy: 'Retain' });
  t.is(agent.files.texts.size, 1);
  t.falsy(holders(agent));
});

const untouched: readonly { readonly title: string; readonly given: Given }[] = [
  { title: 'that is still in use', given: { finalizers: ['kubernetes.io/pv-protection', finalizer] } },
  { title: 'of another node', given: { node: 'two' } },
  { title: 'whose path leads elsewhere', given: { path: '/etc' } },
];
for (const { title, given } of untouched) {
  test(`a volume ${title} is left alone`, async (t) => {
    const agent = start(t);
    await deleteVolume(agent, given);
    t.is(agent.files.texts.size, 1);
    t.deepEqual(holders(agent), given.finalizers ?? [finalizer]);
  });
}

test('a folder that cannot be removed yet is tried again, and the volume stays until then', async (t) => {
  const files = simulatedVolumeFiles();
  let refusals = 1;
  const agent = start(t, {
    ...files,
    remove: (path) => (refusals-- > 0 ? Promise.reject(new Error('device or resource busy')) : files.remove(path)),
  });
  await deleteVolume(agent);
  t.deepEqual(holders(agent), [finalizer]);
  agent.time.advance(5_000);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  t.falsy(holders(agent));
  t.is(files.texts.size, 0);
});
