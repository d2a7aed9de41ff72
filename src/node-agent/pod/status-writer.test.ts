import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { type Pod, type PodStatus, resources, StatusError } from '../../api/index.ts';
import { StatusWriter } from './status-writer.ts';

const ready: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } as PodStatus;

test('a condition that another writer changed is put right, after a pause', async (t) => {
  const api = memoryApi();
  const time = new SimulatedTime();
  const writer = new StatusWriter({ api, clock: time, timers: time, log: silentLogger });
  const pod = (): Pod => api.get<Pod>(resources.pods, 'default', 'web') as Pod;
  api.put(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: {},
    status: {},
  });
  writer.offer(pod(), ready);
  await writer.flush();
  t.is(pod().status?.conditions?.[0]?.status, 'True');

  await api.client.patch(
    { ...resources.pods, namespace: 'default', name: 'web' },
    { type: 'strategic', body: { status: { conditions: [{ type: 'Ready', status: 'False' }] } } },
    { subresource: 'status' },
  );
  const patches = api.patches();
  writer.offer(pod(), ready);
  await writer.flush();
  t.is(api.patches(), patches, 'not at once: two who disagree would race');
  await time.run(2_100);
  await writer.flush();
  t.is(pod().status?.conditions?.[0]?.status, 'True');
  writer.offer(pod(), ready);
  await writer.flush();
  t.is(api.patches(), patches + 1, 'and only once');
});

test('a status that is offered in the very moment when the one before it is written is not forgotten', async (t) => {
  const waits = [0, 1, 2, 3, 4, 5, 6];
  for (const ticks of waits) {
    const api = memoryApi();
    const time = new SimulatedTime();
    const pod = (): Pod => api.get<Pod>(resources.pods, 'default', 'web') as Pod;
    api.put(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default' },
      spec: {},
      status: {},
    });
    let offered = false;
    const client: typeof api.client = {
      ...api.client,
      patch: async <T>(...call: Parameters<typeof api.client.patch>) => {
        const written = await api.client.patch<T>(...call);
        if (!offered) {
          offered = true;
          void (async (): Promise<void> => {
            for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
            writer.offer(pod(), ready);
          })();
        }
        return written;
      },
    };
    const writer = new StatusWriter({ api: { ...api, client }, clock: time, timers: time, log: silentLogger });
    writer.offer(pod(), { phase: 'Pending' } as PodStatus);
    await writer.flush();
    await Promise.resolve();
    await writer.flush();
    t.is(pod().status?.phase, 'Running', `offered ${ticks} microtasks after the write`);
  }
});

test('what can wait is written once, with what follows it; what cannot wait takes it along', async (t) => {
  const api = memoryApi();
  const time = new SimulatedTime();
  const writer = new StatusWriter({ api, clock: time, timers: time, log: silentLogger });
  const pod = (): Pod => api.get<Pod>(resources.pods, 'default', 'web') as Pod;
  api.put(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: {},
    status: {},
  });
  writer.offer(pod(), { phase: 'Pending' } as PodStatus, 200);
  await time.run(150);
  writer.offer(pod(), { phase: 'Pending', podIP: '10.0.0.1' } as PodStatus, 200);
  t.is(api.patches(), 0);
  await time.run(60);
  t.is(api.patches(), 1);
  t.is(pod().status?.podIP, '10.0.0.1');

  writer.offer(pod(), { phase: 'Pending', podIP: '10.0.0.2' } as PodStatus, 200);
  writer.offer(pod(), ready);
  await writer.flush();
  t.is(pod().status?.phase, 'Running');
  await time.run(1000);
  t.is(api.patches(), 2);

  writer.offer(pod(), { phase: 'Pending' } as PodStatus, 200);
  await writer.flush();
  t.is(api.patches(), 3, 'a flush does not wait');
});

/** A writer whose writes are refused. */
function refused(error: StatusError): {
  readonly writer: StatusWriter;
  readonly time: SimulatedTime;
  readonly api: ReturnType<typeof memoryApi>;
  readonly pod: Pod;
  tries(): number;
} {
  const api = memoryApi();
  const time = new SimulatedTime();
  let tries = 0;
  const client: typeof api.client = {
    ...api.client,
    patch: () => {
      tries += 1;
      return Promise.reject(error);
    },
  };
  const metadata = { name: 'web', namespace: 'default', uid: 'one' };
  const pod = api.put(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec: {}, status: {} }) as Pod;
  const ports = { api: { client, view: api.view }, clock: time, timers: time, log: silentLogger };
  return { writer: new StatusWriter(ports), time, api, pod, tries: () => tries };
}

test('a writer that is stopped while it waits for another try ends, and the process goes on', async (t) => {
  const { writer, time, pod, tries } = refused(new StatusError('InternalError', 'not now'));
  writer.offer(pod, ready);
  await time.run(100);
  t.is(tries(), 1);
  writer.stop();
  await time.run(2_000);
  await writer.flush();
  t.is(tries(), 1);
});

test('a refusal ends the writer when another pod has the name by now, perhaps on another node', async (t) => {
  const { writer, time, api, pod, tries } = refused(new StatusError('Forbidden', 'its nodeName is not yours'));
  writer.offer(pod, ready);
  await time.run(600);
  t.is(tries(), 2, 'a right may come back');
  api.remove(resources.pods, 'default', 'web');
  await time.run(5_000);
  t.is(tries(), 3);
  await writer.flush();
});

test('statuses that are refused come back spread out, later each time, and soon again once one is taken', async (t) => {
  const time = new SimulatedTime();
  const pauses: number[][] = [];
  let refuses = true;
  const writers = Array.from({ length: 40 }, (_, i) => {
    const api = memoryApi();
    const name = `web-${i}`;
    api.put(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', uid: name },
      spec: {},
      status: {},
    });
    const pod = (): Pod => api.get<Pod>(resources.pods, 'default', name) as Pod;
    const [own, tries]: [number[], number[]] = [[], []];
    pauses.push(own);
    const client: typeof api.client = {
      ...api.client,
      patch: async <T>(...call: Parameters<typeof api.client.patch>) => {
        const before = tries.at(-1);
        if (before !== undefined) own.push(time.monotonic() - before);
        tries.push(time.monotonic());
        if (refuses) throw new StatusError('TooManyRequests', 'too many requests');
        return await api.client.patch<T>(...call);
      },
    };
    const writer = new StatusWriter({ api: { ...api, client }, clock: time, timers: time, log: silentLogger });
    writer.offer(pod(), ready);
    return { writer, pod, tries, own };
  });
  await time.run(16_000);
  for (const own of pauses) {
    t.true(
      own.length >= 3 && own.every((ms, i) => ms >= 250 * Math.min(2 ** i, 16) && ms <= 500 * Math.min(2 ** i, 16)),
    );
  }
  t.true(new Set(pauses.map(([first]) => first)).size > 30, 'no crowd comes back');
  refuses = false;
  await time.run(9_000);
  for (const { writer } of writers) await writer.flush();
  refuses = true;
  for (const { writer, pod, own } of writers) {
    own.length = 0;
    writer.offer(pod(), { ...ready, phase: 'Failed' });
  }
  await time.run(2_500);
  t.true(pauses.every((own) => own.length >= 2 && (own[1] ?? 0) <= 1_000));
  for (const { writer } of writers) writer.stop();
});
