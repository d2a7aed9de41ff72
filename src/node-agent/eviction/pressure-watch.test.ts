import test from 'ava';
import { type Node, type Pod, resources } from '../../api/index.ts';
import { pass, world, type World } from '../agent.fixture.ts';

const mebi = 2 ** 20;
const gibi = 2 ** 30;
const condition = (w: World, type: string): object | undefined =>
  w.api.get<Node>(resources.nodes, undefined, 'node-1')?.status?.conditions?.find((each) => each.type === type);
const memoryHungry = (w: World, bytes: Readonly<Record<string, number>>): void => {
  w.runtime.stats = (id) => {
    const owner = w.api
      .list<Pod>(resources.pods)
      .find(({ status }) => status?.containerStatuses?.some(({ containerID }) => containerID?.endsWith(id)));
    const used = bytes[owner?.metadata.name ?? ''] ?? 0;
    return Promise.resolve({ cpuNanoseconds: 0, memoryBytes: used, memoryWorkingSetBytes: used });
  };
};
const asking = (memory: string, more: object = {}): object => ({
  ...more,
  containers: [{ name: 'main', image: 'web:1', resources: { requests: { memory } } }],
});

test('a node that is short of memory says so, refuses BestEffort pods, and ends one pod at a time', async (t) => {
  const w = await world(t);
  await w.pod('greedy', asking('10Mi'));
  await w.pod('other');
  await w.pod('modest', asking('300Mi'));
  memoryHungry(w, { greedy: 500 * mebi, other: 100 * mebi, modest: 200 * mebi });
  w.room.set('memory.available', { available: 50 * mebi, capacity: 32 * gibi });
  await pass(w.time, 10_100);
  t.like(condition(w, 'MemoryPressure'), { status: 'True', reason: 'KubeletHasInsufficientMemory' });
  t.true(w.events().includes('NodeHasInsufficientMemory'));
  t.true(w.events().includes('EvictionThresholdMet'));
  t.is(w.status('other')?.phase, 'Running', 'one at a time');
  w.room.delete('memory.available');
  await pass(w.time, 3000);
  t.like(w.status('greedy'), {
    phase: 'Failed',
    reason: 'Evicted',
    message:
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
      'Container main was using 500Mi, request is 10Mi, has larger consumption of memory. ',
  });
  t.like(
    w.status('greedy')?.conditions?.find(({ type }) => type === 'DisruptionTarget'),
    { status: 'True', reason: 'TerminationByKubelet' },
  );
  await w.pod('late');
  t.like(w.status('late'), {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
  });
  t.is(
    w.status('late')?.conditions?.find(({ type }) => type === 'DisruptionTarget'),
    undefined,
  );
  await w.pod('sized', asking('10Mi'));
  await w.pod('tolerant', {
    tolerations: [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' }],
  });
  await pass(w.time, 1000);
  for (const name of ['other', 'modest', 'sized', 'tolerant']) t.is(w.status(name)?.phase, 'Running', name);
  await pass(w.time, 320_000);
  t.like(condition(w, 'MemoryPressure'), { status: 'False', reason: 'KubeletHasSufficientMemory' });
  t.true(w.events().includes('NodeHasSufficientMemory'));
});

test('an evicted pod leaves nothing on the node, and stays in the API', async (t) => {
  const w = await world(t);
  await w.pod('big', { volumes: [{ name: 'data', emptyDir: {} }] });
  await pass(w.time, 1000);
  const uid = w.api.get<Pod>(resources.pods, 'shop', 'big')?.metadata.uid ?? '';
  t.true((await w.machine.files.list('/state/pods')).includes(uid));
  w.room.set('nodefs.available', { available: 1, capacity: 100 });
  await pass(w.time, 15_000);
  t.like(w.status('big'), { phase: 'Failed', reason: 'Evicted' });
  t.like(condition(w, 'DiskPressure'), { status: 'True', reason: 'KubeletHasDiskPressure' });
  t.false((await w.machine.files.list('/state/pods')).includes(uid));
  t.deepEqual(await w.runtime.summaries({}), []);
  await w.pod('next', asking('10Mi', { priority: 1000 }));
  t.like(w.status('next'), { phase: 'Failed', reason: 'Evicted' }, 'disk pressure refuses every pod');
});

test('unused images go before a pod does', async (t) => {
  const w = await world(t, { images: ['web:1', 'old:1'] });
  await w.pod('web');
  await pass(w.time, 300_000 + 121_000);
  const room = { available: 1, capacity: 100 };
  w.room.set('nodefs.available', room);
  const { removeImage } = w.runtime;
  w.runtime.removeImage = async (id) => {
    await removeImage(id);
    w.room.delete('nodefs.available');
  };
  await pass(w.time, 15_000);
  const left = (await w.runtime.images()).flatMap(({ references }) => references);
  t.true(left.includes('web:1'));
  t.false(left.includes('old:1'));
  t.is(w.status('web')?.phase, 'Running');
});

test('containers that have ended go before a pod does, but not their status', async (t) => {
  const w = await world(t, {
    program: ({ name }) => (name.includes('-done-') ? { exitCode: 0, runsMs: 10 } : undefined),
  });
  await w.pod('done', { restartPolicy: 'Never' });
  await w.pod('web');
  await pass(w.time, 3000);
  t.is(w.status('done')?.phase, 'Succeeded');
  const names = async (): Promise<readonly string[]> => (await w.runtime.list({})).map(({ name }) => name);
  t.true((await names()).some((name) => name.includes('-done-')));
  w.room.set('nodefs.available', { available: 1, capacity: 100 });
  const { remove } = w.runtime;
  w.runtime.remove = async (id) => {
    await remove(id);
    w.room.delete('nodefs.available');
  };
  await pass(w.time, 12_000);
  t.false((await names()).some((name) => name.includes('-done-')));
  t.is(w.status('web')?.phase, 'Running');
  t.like(w.status('done'), { phase: 'Succeeded', containerStatuses: [{ state: { terminated: { exitCode: 0 } } }] });
});

test("the system's own pods are taken and kept, whatever the node is short of", async (t) => {
  const w = await world(t);
  await w.pod('system', { priority: 2_000_001_000 });
  w.room.set('memory.available', { available: 1, capacity: gibi });
  await pass(w.time, 25_000);
  await w.pod('second', { priority: 2_000_000_000 });
  await pass(w.time, 15_000);
  t.is(w.status('system')?.phase, 'Running');
  t.is(w.status('second')?.phase, 'Running');
});

test('a soft threshold gives the pod time to stop, up to the most that the node grants', async (t) => {
  const grace = { 'memory.available': '15s' };
  const w = await world(
    t,
    {},
    {
      evictionHard: {},
      evictionSoft: { 'memory.available': '1Gi' },
      evictionSoftGracePeriod: grace,
      evictionMaxPodGracePeriod: 20,
    },
  );
  await w.pod('slow');
  w.room.set('memory.available', { available: 1, capacity: 32 * gibi });
  await pass(w.time, 20_100);
  t.is(w.status('slow')?.phase, 'Running', 'its grace period is not over');
  const stops: number[] = [];
  const { stop } = w.runtime;
  w.runtime.stop = (id, graceMs) => {
    stops.push(graceMs);
    return stop(id, graceMs);
  };
  await pass(w.time, 12_000);
  t.is(w.status('slow')?.phase, 'Failed');
  t.deepEqual(stops, [20_000]);
});

test('a pod that is being deleted gets no more time than the node has', async (t) => {
  const w = await world(t);
  await w.pod('stubborn');
  const stops: number[] = [];
  w.runtime.stop = (_id, graceMs) => {
    stops.push(graceMs);
    return new Promise(() => undefined);
  };
  const pod = w.api.get<Pod>(resources.pods, 'shop', 'stubborn');
  w.api.put(resources.pods, {
    ...pod,
    metadata: { ...pod?.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 600 },
  });
  await pass(w.time, 1000);
  w.room.set('memory.available', { available: 1, capacity: gibi });
  await pass(w.time, 11_000);
  t.deepEqual(stops, [600_000, 2000], 'the least that any container gets');
});
