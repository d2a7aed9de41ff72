import test from 'ava';
import { type Job, type Pod, resources, StatusError, timeText } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { jobController, ttlAfterFinishedController } from './controller.ts';
import { indexesText, indexOf, noFailures, parseIndexes, podOf } from './job.ts';

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
  job(): Job | undefined;
  pods(): readonly Pod[];
  active(): readonly Pod[];
  end(pod: Pod | undefined, phase: 'Succeeded' | 'Failed', status?: object): Promise<void>;
}

async function world(spec: Record<string, unknown>): Promise<World> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [jobController(), ttlAfterFinishedController()]);
  await cluster.make(resources.jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'ns' },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { j: '1' } },
      template: {
        metadata: { labels: { j: '1' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
      },
      ...spec,
    },
  });
  await harness.settle();
  const pods = (): readonly Pod[] => cluster.view.list<Pod>(resources.pods, 'ns');
  return {
    cluster,
    harness,
    pods,
    job: () => cluster.view.get<Job>(resources.jobs, 'ns', 'j'),
    active: () => pods().filter((pod) => pod.status?.phase === undefined),
    end: async (pod, phase, status = {}) => {
      await cluster.client.update(
        { ...resources.pods, namespace: 'ns', name: pod?.metadata.name ?? '' },
        { ...pod, status: { phase, ...status } },
        { subresource: 'status' },
      );
      await harness.settle();
    },
  };
}

const conditionsOf = (w: World): readonly string[] =>
  (w.job()?.status?.conditions ?? [])
    .map((condition) => `${condition.type}=${condition.status} ${condition.reason ?? ''}`)
    .sort();

test('an indexed job gives each index a pod, counts its end once, and suspends without a failure', async (t) => {
  const w = await world({ completions: 3, parallelism: 2, completionMode: 'Indexed' });
  t.deepEqual(w.pods().map(indexOf), [0, 1]);
  const [first] = w.pods();
  t.is(first?.spec.hostname, 'j-0');
  t.is(first?.metadata.generateName, 'j-0-');
  t.deepEqual(first?.metadata.finalizers, ['batch.kubernetes.io/job-tracking']);
  t.deepEqual(w.job()?.status, {
    startTime: timeText(w.cluster.now),
    active: 2,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
  });
  await w.end(first, 'Succeeded');
  t.deepEqual(w.active().map(indexOf), [1, 2]);
  t.is(w.job()?.status?.completedIndexes, '0');
  t.is(w.job()?.status?.succeeded, 1);
  t.is(w.pods().find((pod) => pod.status?.phase === 'Succeeded')?.metadata.finalizers, undefined);
  await w.cluster.client.patch(
    { ...resources.jobs, namespace: 'ns', name: 'j' },
    { type: 'merge', body: { spec: { suspend: true } } },
  );
  await w.harness.settle();
  t.is(w.pods().length, 1);
  t.deepEqual(conditionsOf(w), ['Suspended=True JobSuspended']);
  t.is(w.job()?.status?.failed, undefined);
  t.is(w.job()?.status?.active, undefined);
  await w.cluster.client.patch(
    { ...resources.jobs, namespace: 'ns', name: 'j' },
    { type: 'merge', body: { spec: { suspend: false } } },
  );
  await w.harness.settle();
  for (const pod of w.active()) await w.end(pod, 'Succeeded');
  t.deepEqual(conditionsOf(w), [
    'Complete=True CompletionsReached',
    'SuccessCriteriaMet=True CompletionsReached',
    'Suspended=False JobResumed',
  ]);
  t.is(w.job()?.status?.completedIndexes, '0-2');
  t.deepEqual(
    w.cluster.events.filter(({ reason }) => ['Suspended', 'Resumed'].includes(reason)).map(({ message }) => message),
    ['Job suspended', 'Job resumed'],
  );
  t.truthy(w.job()?.status?.completionTime);
});

test('failures pause longer and longer, and beyond the limit the job fails', async (t) => {
  const w = await world({ backoffLimit: 1 });
  await w.end(w.active()[0], 'Failed');
  t.is(w.active().length, 0);
  await w.harness.advance(11_000);
  t.is(w.active().length, 1);
  await w.end(w.active()[0], 'Failed');
  t.deepEqual(conditionsOf(w), ['Failed=True BackoffLimitExceeded', 'FailureTarget=True BackoffLimitExceeded']);
  t.is(w.job()?.status?.failed, 2);
  t.true(
    w.cluster.events.some(
      (event) =>
        event.reason === 'BackoffLimitExceeded' && event.message === 'Job has reached the specified backoff limit',
    ),
  );
});

test('a deadline ends the job and its pods', async (t) => {
  const w = await world({ activeDeadlineSeconds: 5 });
  await w.harness.advance(5_000);
  t.is(w.pods().length, 0);
  t.true(conditionsOf(w).includes('Failed=True DeadlineExceeded'));
});

test('a job whose pods may not be deleted says so, and tries again later', async (t) => {
  const w = await world({});
  w.cluster.onWrite = (verb, ref) => {
    if (verb === 'delete' && ref.resource === 'pods') throw new StatusError('Forbidden', 'a hook forbids it');
  };
  await w.cluster.client.patch(
    { ...resources.jobs, namespace: 'ns', name: 'j' },
    { type: 'merge', body: { spec: { suspend: true } } },
  );
  await w.harness.settle();
  t.true(
    w.cluster.events.some(
      ({ reason, message }) => reason === 'FailedDelete' && message === 'Error deleting: a hook forbids it',
    ),
  );
  w.cluster.onWrite = () => undefined;
  await w.harness.advance(6_000);
  t.is(w.pods().length, 0);
});

test('a failure policy can end the job, or not count a failure', async (t) => {
  const rules = [
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  ];
  const w = await world({ backoffLimit: 0, podFailurePolicy: { rules } });
  await w.end(w.active()[0], 'Failed', { conditions: [{ type: 'DisruptionTarget', status: 'True' }] });
  t.is(w.job()?.status?.failed, undefined);
  await w.harness.advance(20_000);
  await w.end(w.active()[0], 'Failed', { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 42 } } }] });
  const failed = w.job()?.status?.conditions?.find((condition) => condition.type === 'Failed');
  t.is(failed?.reason, 'PodFailurePolicy');
  t.regex(
    failed?.message ?? '',
    /^Container c for pod ns\/j-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
  );
});

test('a success policy ends the job early', async (t) => {
  const w = await world({
    completions: 3,
    parallelism: 3,
    completionMode: 'Indexed',
    successPolicy: { rules: [{ succeededIndexes: '1-2', succeededCount: 1 }] },
  });
  await w.end(w.active()[2], 'Succeeded');
  t.deepEqual(conditionsOf(w), ['Complete=True SuccessPolicy', 'SuccessCriteriaMet=True SuccessPolicy']);
  t.is(w.active().length, 0);
  t.like(
    w.job()?.status,
    { succeeded: 1, failed: 2, terminating: 0, uncountedTerminatedPods: {} },
    'the others failed',
  );
});

test('failures by index fail only that index, until the job has nothing else to do', async (t) => {
  const w = await world({
    completions: 2,
    parallelism: 2,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 0,
    backoffLimit: 100,
  });
  await w.end(w.active()[0], 'Failed');
  t.is(w.job()?.status?.failedIndexes, '0');
  await w.end(w.active()[0], 'Succeeded');
  t.deepEqual(conditionsOf(w), ['Failed=True FailedIndexes', 'FailureTarget=True FailedIndexes']);
});

test('a suspended job keeps its start time until it is resumed', async (t) => {
  const w = await world({});
  const started = w.job()?.status?.startTime;
  await w.harness.advance(5_000);
  await w.cluster.client.patch(
    { ...resources.jobs, namespace: 'ns', name: 'j' },
    { type: 'merge', body: { spec: { suspend: true } } },
  );
  await w.harness.settle();
  t.is(w.job()?.status?.startTime, started);
  await w.cluster.client.patch(
    { ...resources.jobs, namespace: 'ns', name: 'j' },
    { type: 'merge', body: { spec: { suspend: false } } },
  );
  await w.harness.settle();
  t.is(w.job()?.status?.startTime, timeText(w.cluster.now));
});

test('a deleted pod counts as a failure, after which the job pauses and counts no pod as active', async (t) => {
  const w = await world({ completions: 4, parallelism: 2 });
  await w.cluster.client.delete({ ...resources.pods, namespace: 'ns', name: w.pods()[0]?.metadata.name ?? '' });
  await w.harness.settle();
  t.is(w.pods().length, 1);
  t.like(w.job()?.status, { failed: 1, active: undefined });
  await w.harness.advance(11_000);
  t.is(w.pods().length, 2);
  t.like(w.job()?.status, { failed: 1, active: 2 });
});

test('a job that pauses after a failure has no more ready pods than active ones', async (t) => {
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  for (const backoffLimitPerIndex of [undefined, 1]) {
    const w = await world({ completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex });
    const [one, other] = w.pods();
    const at = { ...resources.pods, namespace: 'ns', name: one?.metadata.name ?? '' };
    await w.cluster.client.update(at, { ...one, status: ready }, { subresource: 'status' });
    await w.end(other, 'Failed');
    t.like(w.job()?.status, { active: 1, ready: 1 });
  }
});

test('with a limit by index a failed pod is held until its index was tried again after a pause', async (t) => {
  const w = await world({
    completions: 2,
    parallelism: 2,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 1,
    backoffLimit: 100,
  });
  await w.end(w.active()[0], 'Failed');
  t.deepEqual(w.active().map(indexOf), [1]);
  t.like(w.job()?.status, { failed: undefined, failedIndexes: '' });
  await w.harness.advance(11_000);
  t.deepEqual(
    w
      .active()
      .map(
        (pod) =>
          `${String(indexOf(pod))} after ` +
          `${pod.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'] ?? ''}`,
      )
      .sort(),
    ['0 after 1', '1 after 0'],
  );
  t.like(w.job()?.status, { failed: 1, failedIndexes: '' });
  await w.end(
    w.active().find((pod) => indexOf(pod) === 0),
    'Failed',
  );
  t.like(w.job()?.status, { failed: 2, failedIndexes: '0' });
});

test('with a limit by index ignored failures do not count towards it, but make the pauses longer', async (t) => {
  const w = await world({
    completions: 1,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 1,
    backoffLimit: 0,
    podFailurePolicy: {
      rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
    },
  });
  const disrupted = { conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
  await w.end(w.active()[0], 'Failed', disrupted);
  await w.harness.advance(11_000);
  await w.end(w.active()[0], 'Failed', disrupted);
  await w.harness.advance(11_000);
  t.is(w.active().length, 0, 'the second pause is longer');
  await w.harness.advance(10_000);
  t.like(w.active()[0]?.metadata.annotations, {
    'batch.kubernetes.io/job-index-failure-count': '0',
    'batch.kubernetes.io/job-index-ignored-failure-count': '2',
  });
  t.deepEqual(conditionsOf(w), []);
});

test('pods of an index show it in their names, even where the name of the job is long', (t) => {
  const prefixOf = (name: string, index: number): string | undefined =>
    podOf(
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name, namespace: 'ns', uid: 'u' },
        spec: { template: { spec: { containers: [] } } },
      } as unknown as Job,
      index,
      noFailures,
    ).metadata.generateName;
  t.is(prefixOf('short', 7), 'short-7-');
  // The API server keeps 58 characters, and five of its own follow.
  const long = 'j'.repeat(60);
  t.is(prefixOf(long, 7), `${'j'.repeat(55)}-7-`);
  t.is(prefixOf(long, 123), `${'j'.repeat(53)}-123-`);
});

test('a finished job is deleted after its time to live', async (t) => {
  const w = await world({ ttlSecondsAfterFinished: 10 });
  await w.end(w.active()[0], 'Succeeded');
  await w.harness.advance(9_000);
  t.is(w.job()?.metadata.deletionTimestamp, undefined);
  await w.harness.advance(2_000);
  t.truthy(w.job()?.metadata.deletionTimestamp);
});

test('indexes are read and written in ranges', (t) => {
  t.is(indexesText(parseIndexes('0-2,4,6,7')), '0-2,4,6,7');
  t.is(indexesText(new Set()), '');
});
