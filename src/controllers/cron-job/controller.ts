/** Starts Jobs by the schedules of CronJobs. */
import { controllerOf, type CronJob, type CronJobStatus, type Job, resources } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  isControlledBy,
  isNamespaceTerminating,
  isNotFound,
  isOf,
  isRefusal,
  keyOf,
  type ReconcileResult,
  refOf,
  performAll,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import { finishedCondition } from '../job/outcome.ts';
import { isActive, nextWait, type Plan, planCronJob, startedStatus } from './reconcile.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

const refusedRetryMs = 5_000;

/** Starts Jobs by the clock. */
export function cronJobController(): Controller {
  const schedules = new Map<string, string>();
  return {
    name: 'cronjob-controller',
    resource: resources.cronJobs,
    watches: [resources.cronJobs, resources.jobs],
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, schedules),
  };
}

function keysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, resources.cronJobs)) return [keyOf(change.object)];
  if (!isOf(change, resources.jobs)) return [];
  const controller =
    controllerOf(change.object) ?? (change.previous === undefined ? undefined : controllerOf(change.previous));
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

async function reconcile(
  key: string,
  ports: ControllerPorts,
  schedules: Map<string, string>,
): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const stored = ports.view.get<CronJob>(resources.cronJobs, namespace, name);
  if (stored === undefined) {
    schedules.delete(key);
    return undefined;
  }
  const schedule = scheduleOf(stored);
  if (schedule !== undefined && isRescheduled(key, stored, schedules))
    return waitOf(nextWait({ cronJob: stored, now: ports.clock.now() }, schedule));
  const jobs = ports.view
    .ownedBy<Job>(resources.jobs, stored.metadata.uid)
    .filter((job) => isControlledBy(job, stored));
  const cronJob = await latest(stored, jobs, ports);
  if (cronJob === undefined) return undefined;
  const plan = planCronJob({ cronJob, jobs, schedule, now: ports.clock.now() });
  await Promise.allSettled(plan.remove.map((job) => remove(cronJob, job, ports)));
  for (const note of plan.notes) ports.event(cronJob, note.type, note.reason, note.message);
  await performAll(plan.replace.map((job) => remove(cronJob, job, ports)));
  const started = await start(cronJob, plan, ports);
  const refused = started === 'refused';
  await report(cronJob, refused ? plan.status : (started ?? plan.status), ports);
  return waitOf(refused ? refusedRetryMs : plan.requeueAfterMs);
}

function waitOf(requeueAfterMs: number | undefined): ReconcileResult | undefined {
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
}

/** Whether the CronJob got another schedule: what that had made due before is not made up for. */
function isRescheduled(key: string, { metadata, spec }: CronJob, schedules: Map<string, string>): boolean {
  const before = schedules.get(key);
  const now = JSON.stringify([metadata.uid, spec.schedule, spec.timeZone]);
  schedules.set(key, now);
  return before !== undefined && before !== now && before.startsWith(JSON.stringify([metadata.uid]).slice(0, -1));
}

/** The CronJob as the API has it, if there is a Job that the one at hand does not know of; undefined: it is gone. */
async function latest(cronJob: CronJob, jobs: readonly Job[], ports: ControllerPorts): Promise<CronJob | undefined> {
  if (jobs.every((job) => isActive(cronJob.status, job) || finishedCondition(job) !== undefined)) return cronJob;
  try {
    return await ports.client.get<CronJob>(refOf(resources.cronJobs, cronJob));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function remove(cronJob: CronJob, job: Job, ports: ControllerPorts): Promise<void> {
  try {
    await deleteObject(ports, resources.jobs, job, 'Background');
  } catch (error) {
    ports.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${errorMessage(error)}`);
    throw error;
  }
  ports.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
}

async function start(
  cronJob: CronJob,
  plan: Plan,
  ports: ControllerPorts,
): Promise<CronJobStatus | 'refused' | undefined> {
  if (plan.start === undefined) return undefined;
  const namespace = cronJob.metadata.namespace ?? '';
  const { job, scheduledAt } = plan.start;
  try {
    const made = await ports.client.create<Job>({ ...resources.jobs, namespace }, job);
    ports.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${made.name}`);
    return startedStatus(plan.status, made.object, scheduledAt);
  } catch (error) {
    if (isAlreadyExists(error)) return startedBefore(cronJob, plan, ports);
    if (isNamespaceTerminating(error)) return undefined;
    ports.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${errorMessage(error)}`);
    if (!isRefusal(error)) throw error;
    return 'refused';
  }
}

/** The status if the Job that is due was made without being noted. */
async function startedBefore(cronJob: CronJob, plan: Plan, ports: ControllerPorts): Promise<CronJobStatus | undefined> {
  if (plan.start === undefined) return undefined;
  const { job, scheduledAt } = plan.start;
  const made = await ports.client.get<Job>(refOf(resources.jobs, job as Job));
  return isControlledBy(made, cronJob) && !isActive(plan.status, made)
    ? startedStatus(plan.status, made, scheduledAt)
    : undefined;
}

async function report(cronJob: CronJob, status: CronJobStatus, ports: ControllerPorts): Promise<void> {
  if (stableText(status) !== stableText(cronJob.status ?? {}))
    await writeStatus(ports, resources.cronJobs, cronJob, status);
}
