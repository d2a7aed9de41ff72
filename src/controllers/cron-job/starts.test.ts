import test from 'ava';
import { type CronJob, type Job, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { cronJobController } from './controller.ts';

const at = (text: string): number => Date.parse(text);

function cronWorld(): {
  cluster: MemoryCluster;
  harness: Harness;
  jobs: () => readonly Job[];
  status: () => CronJob['status'] | undefined;
  make: (spec: object) => Promise<unknown>;
} {
  const cluster = new MemoryCluster();
  return {
    cluster,
    harness: new Harness(cluster, [cronJobController()]),
    jobs: () => cluster.view.list<Job>(resources.jobs, 'ns'),
    status: () => cluster.view.get<CronJob>(resources.cronJobs, 'ns', 'c')?.status,
    make: async (spec) =>
      cluster.make(resources.cronJobs, {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'c', namespace: 'ns' },
        spec: {
          schedule: '* * * * *',
          concurrencyPolicy: 'Allow',
          jobTemplate: { spec: { template: {} } },
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          ...spec,
        },
      }),
  };
}

test('a cron job starts a job each minute, named after the minute', async (t) => {
  const { harness, jobs, status, make } = cronWorld();
  await make({});
  await harness.settle();
  await harness.advance(61_000);
  t.deepEqual(
    jobs().map((job) => job.metadata.name),
    [`c-${String(at('2026-01-01T00:01:00Z') / 60_000)}`],
  );
  t.is(status()?.lastScheduleTime, '2026-01-01T00:01:00Z');
  t.is(status()?.active?.length, 1);
  await harness.advance(60_000);
  t.is(jobs().length, 2);
});

test('with Forbid a running job keeps the next from starting; with Replace it is replaced', async (t) => {
  for (const [policy, count] of [
    ['Forbid', 1],
    ['Replace', 1],
  ] as const) {
    const { harness, jobs, make } = cronWorld();
    await make({ concurrencyPolicy: policy });
    await harness.settle();
    await harness.advance(61_000);
    const [first] = jobs();
    await harness.advance(60_000);
    t.is(jobs().length, count);
    t.is(jobs()[0]?.metadata.name === first?.metadata.name, policy === 'Forbid');
  }
});

test('a finished job leaves the active ones, and old ones are deleted', async (t) => {
  const { cluster, harness, jobs, status, make } = cronWorld();
  await make({});
  await harness.settle();
  for (let i = 0; i < 3; i++) {
    await harness.advance(61_000);
    for (const job of jobs())
      await cluster.client.update(
        { ...resources.jobs, namespace: 'ns', name: job.metadata.name },
        {
          ...job,
          status: {
            startTime: '2026-01-01T00:01:00Z',
            completionTime: '2026-01-01T00:01:30Z',
            conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, status: 'True' })),
          },
        },
        { subresource: 'status' },
      );
    await harness.settle();
  }
  t.is(jobs().length, 1);
  t.is(status()?.active, undefined);
  t.is(status()?.lastSuccessfulTime, '2026-01-01T00:01:30Z');
});

test('a suspended cron job starts nothing', async (t) => {
  const { harness, jobs, make } = cronWorld();
  await make({ suspend: true });
  await harness.settle();
  await harness.advance(180_000);
  t.deepEqual(jobs(), []);
});
