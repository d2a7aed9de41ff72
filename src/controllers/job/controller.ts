/** Runs the pods of Jobs to their end, and deletes finished Jobs after their time. */
import { controllerOf, type Job, labelSelectorMatches, parseTime, type Pod, resources } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  controllerKeys,
  type ControllerPorts,
  deleteObject,
  isNamespaceTerminating,
  isOf,
  isRefusal,
  keyOf,
  type ReconcileResult,
  performAll,
  slowStart,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import { OrphanPods, ownedPods, removePod } from '../workload/index.ts';
import { isTracked, noFailures, podOf, trackingFinalizer } from './job.ts';
import { finishedCondition } from './outcome.ts';
import { PodEnds } from './pod-ends.ts';
import { type Plan, planJob } from './reconcile.ts';
import { untrack } from './tracking-finalizer.ts';

const refusedRetryMs = 5_000;
const ownManager = 'kubernetes.io/job-controller';

interface Memory {
  readonly orphans: OrphanPods;
  readonly ends: PodEnds;
}

/** Runs a Job's pods until enough have succeeded or too many have failed. */
export function jobController(): Controller {
  const memory: Memory = { orphans: new OrphanPods(), ends: new PodEnds() };
  return {
    name: 'job-controller',
    resource: resources.jobs,
    watches: [resources.jobs, resources.pods],
    reset: () => {
      memory.orphans.reset();
      memory.ends.reset();
    },
    keysFor: (change, ports) => {
      memory.orphans.note(change);
      if (isOf(change, resources.jobs) && change.type === 'delete') memory.ends.forget(change.object as Job);
      return keysFor(change, ports);
    },
    reconcile: (key, ports) => reconcile(key, ports, memory),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.jobs)) return [keyOf(change.object)];
  if (!isOf(change, resources.pods)) return [];
  const keys = controllerKeys(change, 'Job');
  if (
    change.type === 'put' &&
    keys.size === 0 &&
    controllerOf(change.object) === undefined &&
    change.object.metadata.labels?.['batch.kubernetes.io/job-name'] !== undefined
  ) {
    for (const job of ports.view.list<Job>(resources.jobs, change.object.metadata.namespace))
      if (labelSelectorMatches(job.spec.selector, change.object.metadata.labels)) keys.add(keyOf(job));
  }
  return [...keys];
}

async function reconcile(key: string, ports: ControllerPorts, memory: Memory): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const job = ports.view.get<Job>(resources.jobs, namespace, name);
  if (job === undefined) return undefined;
  if (job.spec.managedBy !== undefined && job.spec.managedBy !== ownManager) return undefined;
  if (job.metadata.deletionTimestamp !== undefined) {
    // Also those that do not match any more: nobody releases them now, and the deletion may wait for their end.
    const { uid } = job.metadata;
    const held = ports.view.ownedBy<Pod>(resources.pods, uid).filter((pod) => controllerOf(pod)?.uid === uid);
    await performAll(held.filter(isTracked).map((pod) => untrack(pod, ports)));
    return undefined;
  }
  const { selector } = job.spec;
  const pods = await ownedPods(
    job,
    {
      selector: selector ?? {},
      orphans: memory.orphans,
      // Without a selector it adopts none.
      adopts: (pod) => labelSelectorMatches(selector, pod.metadata.labels),
      finalizer: trackingFinalizer,
    },
    ports,
  );
  const plan = planJob({ job, pods, failures: memory.ends.note(job, pods), now: ports.clock.now() });
  if (stableText(plan.status) !== stableText(job.status ?? {}))
    await writeStatus(ports, resources.jobs, job, plan.status);
  for (const note of plan.notes) ports.event(job, note.type, note.reason, note.message);
  await performAll(plan.release.map((pod) => untrack(pod, ports)));
  const removed = await removePods(job, plan, ports);
  const refused = (await createPods(job, plan, ports)) || !removed;
  const requeueAfterMs = refused ? refusedRetryMs : plan.requeueAfterMs;
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs: Math.max(requeueAfterMs, 1) };
}

/** False when the API refused to delete one. */
async function removePods(job: Job, { remove, end = [] }: Plan, ports: ControllerPorts): Promise<boolean> {
  let done = true;
  const removeOne = async (pod: Pod): Promise<void> => {
    if (!(await removePod(job, pod, ports))) done = false;
  };
  // Pods of which the job has no need are let go first: their end is no failure.
  await performAll(remove.filter(isTracked).map((pod) => untrack(pod, ports)));
  await performAll([...remove, ...end].map(removeOne));
  return done;
}

async function createPods(job: Job, plan: Plan, ports: ControllerPorts): Promise<boolean> {
  const { failure } = await slowStart(plan.create.length, async (position) => {
    const wanted = plan.create[position];
    const pod = await ports.client.create<Pod>(
      { ...resources.pods, namespace: job.metadata.namespace ?? '' },
      podOf(job, wanted?.index, wanted?.failures ?? noFailures),
    );
    ports.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.name}`);
  });
  if (failure === undefined || isNamespaceTerminating(failure)) return false;
  ports.event(job, 'Warning', 'FailedCreate', `Error creating: ${errorMessage(failure)}`);
  if (!isRefusal(failure)) throw failure;
  return true;
}

/** Deletes finished Jobs after their `ttlSecondsAfterFinished`. */
export function ttlAfterFinishedController(): Controller {
  return {
    name: 'ttl-after-finished-controller',
    resource: resources.jobs,
    watches: [resources.jobs],
    keysFor: (change) =>
      isOf(change, resources.jobs) &&
      change.type === 'put' &&
      (change.object as Job).spec.ttlSecondsAfterFinished !== undefined
        ? [keyOf(change.object)]
        : [],
    reconcile: async (key, ports) => {
      const { namespace, name } = splitKey(key);
      const job = ports.view.get<Job>(resources.jobs, namespace, name);
      const ttl = job?.spec.ttlSecondsAfterFinished;
      if (job === undefined || ttl === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
      const finished = parseTime(finishedCondition(job)?.lastTransitionTime);
      if (finished === undefined) return undefined;
      const waitMs = finished + ttl * 1000 - ports.clock.now();
      if (waitMs > 0) return { requeueAfterMs: waitMs };
      await deleteObject(ports, resources.jobs, job, 'Foreground');
      return undefined;
    },
  };
}
