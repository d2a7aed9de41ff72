import test from 'ava';
import { type CronJob, type Job, resources, StatusError, timeText } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { cronJobController } from './controller.ts';
import { jobName } from './reconcile.ts';
import { zonedText } from './schedule.ts';

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
  readonly jobs: () => readonly Job[];
  readonly cronJob: () => CronJob;
  readonly change: (spec: object) => Promise<unknown>;
  readonly notes: (reason: string) => readonly string[];
}

async function worldWith(
  spec: object,
  prepare: (cluster: MemoryCluster, uid: string) => Promise<unknown> = async () => undefined,
): Promise<World> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [cronJobController()]);
  const ref = { ...resources.cronJobs, namespace: 'ns', name: 'c' };
  await cluster.make(resources.cronJobs, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c', namespace: 'ns' },
    spec: { schedule: '* * * * *', concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: {} } }, ...spec },
  });
  await prepare(cluster, cluster.view.get<CronJob>(resources.cronJobs, 'ns', 'c')?.metadata.uid ?? '');
  await harness.settle();
  return {
    cluster,
    harness,
    jobs: () => cluster.view.list<Job>(resources.jobs, 'ns'),
    cronJob: () => cluster.view.get<CronJob>(resources.cronJobs, 'ns', 'c') as CronJob,
    change: async (changed) => cluster.client.patch(ref, { type: 'merge', body: { spec: changed } }),
    notes: (reason) => cluster.events.filter((event) => event.reason === reason).map(({ message }) => message),
  };
}

const completed = (time: string): object => ({
  startTime: time,
  completionTime: time,
  conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, status: 'True' })),
});

async function finish(cluster: MemoryCluster, job: Job): Promise<void> {
  await cluster.client.update(
    { ...resources.jobs, namespace: 'ns', name: job.metadata.name },
    { ...job, status: completed(timeText(cluster.now)) },
    { subresource: 'status' },
  );
}

test('a period counts from one start to the next, not from the end of a job', async (t) => {
  const { cluster, harness, jobs, cronJob } = await worldWith({ schedule: '@every 5m' });
  await harness.advance(301_000);
  t.is(cronJob().status?.lastScheduleTime, '2026-01-01T00:05:00Z');
  await harness.advance(120_000);
  for (const job of jobs()) await finish(cluster, job);
  await harness.settle();
  await harness.advance(181_000);
  t.is(cronJob().status?.lastScheduleTime, '2026-01-01T00:10:00Z');
});

test('another schedule does not make up for what it had made due before', async (t) => {
  const { harness, jobs, change } = await worldWith({ schedule: '0 0 1 1 *' });
  await harness.advance(330_000);
  await change({ schedule: '* * * * *' });
  await harness.settle();
  t.deepEqual(jobs(), []);
  await harness.advance(31_000);
  t.is(jobs().length, 1);
});

test('a job that was made but not noted is noted, and one that is not known is told of', async (t) => {
  const at = Date.parse('2026-01-01T00:01:00Z');
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'c', controller: true };
  const { harness, jobs, cronJob, notes } = await worldWith({ concurrencyPolicy: 'Forbid' }, async (cluster, uid) =>
    cluster.make(resources.jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: `c-${String(at / 60_000)}`, namespace: 'ns', ownerReferences: [{ ...owner, uid }] },
      spec: {},
    }),
  );
  t.deepEqual(notes('UnexpectedJob').slice(0, 1), [
    `Saw a job that the controller did not create or forgot: c-${String(at / 60_000)}`,
  ]);
  await harness.advance(61_000);
  t.is(jobs().length, 1);
  t.deepEqual(
    cronJob().status?.active?.map(({ name }) => name),
    [jobName(cronJob(), at)],
  );
  t.is(cronJob().status?.lastScheduleTime, '2026-01-01T00:01:00Z');
});

test('a job that cannot be deleted is told of and does not keep the next from starting', async (t) => {
  const { cluster, harness, jobs, notes } = await worldWith({ successfulJobsHistoryLimit: 0 });
  cluster.onWrite = (verb) => {
    if (verb === 'delete') throw new StatusError('Forbidden', 'no');
  };
  await harness.advance(61_000);
  for (const job of jobs()) await finish(cluster, job);
  await harness.settle();
  await harness.advance(60_000);
  t.is(notes('FailedDelete')[0], 'Deleted job: no');
  t.is(jobs().length, 2);
});

test('a schedule that never comes, or came too long ago, is told of', async (t) => {
  const never = await worldWith({ schedule: '59 23 31 2 *' });
  t.deepEqual(never.notes('InvalidSchedule'), [
    'invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
  ]);
  const late = await worldWith({ schedule: '@every 1m', startingDeadlineSeconds: 0 });
  late.cluster.now += 61_000;
  await late.change({ suspend: false });
  await late.harness.settle();
  t.deepEqual(late.jobs(), []);
  const zoned = await worldWith({ schedule: 'TZ=UTC * * * * *' });
  t.is(zoned.notes('UnsupportedSchedule').length, 1);
});

test('a job says for when it was scheduled, in the zone of the schedule', async (t) => {
  const { harness, jobs } = await worldWith({ timeZone: 'Europe/Berlin' });
  await harness.advance(61_000);
  t.is(
    jobs()[0]?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'],
    '2026-01-01T01:01:00+01:00',
  );
  t.is(zonedText(0, 'UTC'), '1970-01-01T00:00:00Z');
  t.is(zonedText(Date.parse('2026-07-01T00:00:00Z'), 'America/St_Johns'), '2026-06-30T21:30:00-02:30');
});
