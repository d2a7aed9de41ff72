import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import type { Controller, ControllerPorts, ReconcileResult } from '../controller.ts';
import { isAlreadyExists, isNamespaceTerminating, isRefusal } from '../failures.ts';
import type { Job } from '../job/job.ts';
import { isOf, keyOf, resources, splitKey } from '../objects.ts';
import { controllerOf, isControlledBy } from '../ownership.ts';
import { stableText } from '../template-hash.ts';
import { deleteObject, settle, writeStatus } from '../writes.ts';
import { type CronJob, type CronJobStatus, planCronJob, type Plan, startedStatus } from './reconcile.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

const refusedRetryMs = 5_000;

/** Starts Jobs by the clock. */
export function cronJobController(): Controller {
  return { name: 'cronjob-controller', resource: resources.cronJobs, wakes, reconcile };
}

function wakes(change: ObjectChange): readonly string[] {
  if (isOf(change, resources.cronJobs)) return [keyOf(change.object)];
  if (!isOf(change, resources.jobs)) return [];
  const controller = controllerOf(change.object) ?? (change.previous === undefined ? undefined : controllerOf(change.previous));
  return controller?.kind === 'CronJob' ? [`${change.object.metadata.namespace ?? ''}/${controller.name}`] : [];
}

function scheduleOf(cronJob: CronJob): Schedule | undefined {
  try {
    return parseSchedule(cronJob.spec.schedule, cronJob.spec.timeZone);
  } catch {
    // Validation lets nothing in that makes no sense; an old object may still hold it, and its Event says so.
    return undefined;
  }
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const cronJob = ports.view.get<CronJob>(resources.cronJobs, namespace, name);
  if (cronJob === undefined) return undefined;
  const jobs = ports.view.ownedBy<Job>(resources.jobs, cronJob.metadata.uid).filter((job) => isControlledBy(job, cronJob));
  const plan = planCronJob({ cronJob, jobs, schedule: scheduleOf(cronJob), now: ports.clock.now() });
  for (const note of plan.notes) ports.event(cronJob, note.type, note.reason, note.message);
  await settle(plan.remove.map(async (job) => {
    await deleteObject(ports, resources.jobs, job, 'Background');
    ports.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  }));
  const started = await start(cronJob, plan, ports);
  if (started === 'refused') return { requeueAfterMs: refusedRetryMs };
  await report(cronJob, started ?? plan.status, ports);
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
}

async function start(cronJob: CronJob, plan: Plan, ports: ControllerPorts): Promise<CronJobStatus | 'refused' | undefined> {
  if (plan.start === undefined) return undefined;
  const namespace = cronJob.metadata.namespace ?? '';
  try {
    const job = await ports.client.create<Job>({ ...resources.jobs, namespace }, plan.start.job);
    ports.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    const { name, uid, resourceVersion } = job.metadata;
    const reference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    return startedStatus(plan.status, reference, plan.start.scheduledAt);
  } catch (error) {
    if (isAlreadyExists(error) || isNamespaceTerminating(error)) return undefined;
    ports.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${errorMessage(error)}`);
    if (!isRefusal(error)) throw error;
    return 'refused';
  }
}

async function report(cronJob: CronJob, status: CronJobStatus, ports: ControllerPorts): Promise<void> {
  if (stableText(status) !== stableText(cronJob.status ?? {})) await writeStatus(ports, resources.cronJobs, cronJob, status);
}
