/** The step of a pod: what is done next. The heart of the agent, and pure. */
import { podGraceSeconds } from '../../api/index.ts';
import { containerHash, raiseBackOff } from '../container/index.ts';
import { usedVolumes } from '../volumes/index.ts';
import type { Draft } from './draft.ts';
import { planEnding } from './pod-ending.ts';
import { containerEvent } from './pod-event.ts';
import { absorb } from './pod-input.ts';
import type { PodInput, PodStep } from './pod-messages.ts';
import { planContainerResize, planResize } from './pod-resize.ts';
import {
  type ContainerRecord,
  isAlive,
  nextAttempt,
  type PodState,
  restarts,
  unmade,
  withContainer,
} from './pod-state.ts';

const deadlineMessage = 'Pod was active on the node longer than the specified deadline';

/**
 * One step of a pod: takes the input in, then decides everything that can be done now.
 *
 *   sandbox ─┐
 *   volumes ─┼─> create ─> start ─> hook ─> probes        init containers one after the other, then all others at once
 *   image  ──┘
 *
 * Pure. An effect that was asked for is marked in the state and is not asked for again before its result is known.
 */
export function stepPod(state: PodState, input: PodInput, now: number): PodStep<PodState> {
  const absorbed = absorb(state, input, now);
  const draft: Draft = { state: absorbed.state, effects: [...absorbed.effects], wakeAt: Number.POSITIVE_INFINITY };
  planDeadline(draft, now);
  if (draft.state.ending === undefined) planRunning(draft, now);
  if (draft.state.ending === undefined) planFinish(draft, now);
  if (draft.state.ending !== undefined) planEnding(draft, now);
  return {
    state: draft.state,
    effects: draft.effects,
    ...(Number.isFinite(draft.wakeAt) ? { wakeAt: draft.wakeAt } : {}),
  };
}

function wakeAt(draft: Draft, at: number): void {
  draft.wakeAt = Math.min(draft.wakeAt, at);
}

function planDeadline(draft: Draft, now: number): void {
  const { state } = draft;
  const seconds = state.pod.spec.activeDeadlineSeconds;
  if (seconds === undefined || state.ending !== undefined) return;
  const startTime = state.pod.status?.startTime;
  const deadline = (startTime === undefined ? state.seenAt : Date.parse(startTime)) + seconds * 1000;
  if (now < deadline) {
    wakeAt(draft, deadline);
    return;
  }
  const evicted = absorb(state, { type: 'evict', reason: 'DeadlineExceeded', message: deadlineMessage }, now);
  draft.state = evicted.state;
  draft.effects.push(...evicted.effects);
}

function planRunning(draft: Draft, now: number): void {
  planResize(draft, now);
  planVolumes(draft, now);
  if (planLostSandbox(draft, now)) return;
  planSandbox(draft, now);
  const records = [...draft.state.containers.values()];
  // They wait for nobody: one may be there to see why the others do not come up.
  for (const record of records) if (record.role === 'ephemeral') planContainer(draft, record, now);
  const blocked = planInits(draft, records, now);
  if (blocked) return;
  for (const record of records) if (record.role === 'app') planContainer(draft, record, now);
}

/** Init containers run in order; true while one of them holds the others back. */
function planInits(draft: Draft, records: readonly ContainerRecord[], now: number): boolean {
  const appsHaveRun = records.some((each) => each.role === 'app' && each.id !== undefined);
  for (const record of records) {
    if (record.role === 'sidecar') {
      planContainer(draft, record, now);
      if (!record.started && !appsHaveRun) return true;
    } else if (record.role === 'init' && !appsHaveRun) {
      if (record.phase === 'exited' && record.end?.exitCode === 0) continue;
      planContainer(draft, record, now);
      return true;
    }
  }
  return false;
}

function planVolumes(draft: Draft, now: number): void {
  const { volumes } = draft.state;
  if (volumes.phase === 'failed' && volumes.retryAt !== undefined && now < volumes.retryAt) {
    wakeAt(draft, volumes.retryAt);
    return;
  }
  const used = usedVolumes(draft.state.pod)
    .map(({ name }) => name)
    .join(' ');
  // A container that was added later may use more.
  const isDue = volumes.phase === 'none' || volumes.phase === 'failed' || volumes.used !== used;
  if (!isDue || volumes.phase === 'preparing' || volumes.phase === 'released') return;
  draft.state = { ...draft.state, volumes: { phase: 'preparing', retries: volumes.retries, used } };
  draft.effects.push({ type: 'prepare-volumes' });
}

/**
 * A sandbox that ended takes the pod's network with it: its containers stop, then all of it starts again. True while
 * that goes on.
 */
function planLostSandbox(draft: Draft, now: number): boolean {
  const { sandbox } = draft.state;
  if (sandbox.phase !== 'failed' || sandbox.id === undefined) return sandbox.phase === 'closing';
  const living = [...draft.state.containers.values()].filter(isAlive);
  for (const record of living) {
    if (record.phase !== 'running' || record.id === undefined || record.stopping !== undefined) continue;
    draft.state = withContainer(draft.state, record.name, (each) => ({ ...each, stopping: { deadline: now } }));
    draft.effects.push(
      { type: 'stop-probes', container: record.name },
      { type: 'stop-container', container: record.name, id: record.id, graceMs: 0, preStop: false },
    );
  }
  if (living.length > 0) return true;
  draft.state = { ...draft.state, sandbox: { ...sandbox, phase: 'closing' } };
  draft.effects.push({ type: 'close-sandbox', id: sandbox.id });
  for (const record of draft.state.containers.values()) {
    if (record.phase === 'created') draft.state = withContainer(draft.state, record.name, unmade);
    else if (rerunsWithSandbox(draft.state, record)) restartNow(draft, record);
  }
  return true;
}

/** Init containers and whatever would be restarted anyway run again in a new sandbox. */
function rerunsWithSandbox(state: PodState, record: ContainerRecord): boolean {
  return record.phase === 'exited' && (record.role === 'init' || restarts(state.pod, record));
}

function planSandbox(draft: Draft, now: number): void {
  const { sandbox } = draft.state;
  if (sandbox.phase !== 'none' && sandbox.phase !== 'failed') return;
  if (sandbox.retryAt !== undefined && now < sandbox.retryAt) {
    wakeAt(draft, sandbox.retryAt);
    return;
  }
  const { retryAt: _retryAt, ...rest } = sandbox;
  draft.state = { ...draft.state, sandbox: { ...rest, phase: 'opening' } };
  draft.effects.push({ type: 'open-sandbox', attempt: sandbox.attempt });
}

function planContainer(draft: Draft, record: ContainerRecord, now: number): void {
  if (record.phase === 'waiting') planCreate(draft, record, now);
  else if (record.phase === 'created') planStart(draft, record);
  else if (record.phase === 'running') planRunningContainer(draft, record, now);
  else if (record.phase === 'exited') planRestart(draft, record, now);
}

function planCreate(draft: Draft, record: ContainerRecord, now: number): void {
  if (record.image.phase !== 'present') {
    planImage(draft, record, now);
    return;
  }
  if (record.retryAt !== undefined && now < record.retryAt) {
    wakeAt(draft, record.retryAt);
    return;
  }
  const { sandbox, volumes } = draft.state;
  if (
    (sandbox.phase !== 'created' && sandbox.phase !== 'ready') ||
    sandbox.id === undefined ||
    volumes.phase !== 'ready'
  )
    return;
  draft.state = withContainer(draft.state, record.name, (each) => ({
    ...each,
    phase: 'creating',
    applied: each.spec.resources ?? {},
  }));
  draft.effects.push({
    type: 'create-container',
    container: record.name,
    attempt: record.attempt,
    sandboxId: sandbox.id,
  });
}

/** How long a failed pull is shown as such before it is shown as backing off. */
const pullErrorShownMs = 1000;

function planImage(draft: Draft, record: ContainerRecord, now: number): void {
  const { image } = record;
  if (image.phase === 'working') return;
  if (image.phase === 'failed' && image.failedAt !== undefined && image.backOff !== undefined) {
    const retryAt = image.failedAt + image.backOff.delayMs;
    if (now < retryAt) {
      wakeAt(draft, retryAt);
      if (image.reason === 'ErrImagePull') planImageBackOff(draft, record, now);
      return;
    }
  }
  draft.state = withContainer(draft.state, record.name, (each) => ({
    ...each,
    image: { ...each.image, phase: 'working' },
  }));
  draft.effects.push({ type: 'ensure-image', container: record.name });
}

function planImageBackOff(draft: Draft, record: ContainerRecord, now: number): void {
  const { image } = record;
  if (image.backingOff === true) return;
  const showAt = (image.failedAt ?? now) + pullErrorShownMs;
  if (now < showAt) {
    wakeAt(draft, showAt);
    return;
  }
  const text = `Back-off pulling image "${record.spec.image}"`;
  draft.state = withContainer(draft.state, record.name, (each) => ({
    ...each,
    image: { ...each.image, backingOff: true },
    waiting: { reason: 'ImagePullBackOff', message: `${text}: ${image.reason}: ${image.message}` },
  }));
  draft.effects.push(
    containerEvent(record, 'Normal', 'BackOff', text),
    containerEvent(record, 'Warning', 'Failed', 'Error: ImagePullBackOff'),
  );
}

function planStart(draft: Draft, record: ContainerRecord): void {
  const { sandbox } = draft.state;
  if (sandbox.phase !== 'ready' || record.id === undefined || awaitsHook(draft.state, record)) return;
  // Made for a sandbox that is gone by now (its creation was under way): it is recreated.
  if (record.sandboxId !== undefined && record.sandboxId !== sandbox.id) {
    draft.state = withContainer(draft.state, record.name, unmade);
    return;
  }
  draft.state = withContainer(draft.state, record.name, (each) => ({ ...each, phase: 'starting' }));
  draft.effects.push({ type: 'start-container', container: record.name, id: record.id });
}

/**
 * Whether an earlier container of the pod is still to come through its postStart hook, as in a kubelet, which starts
 * them one after the other: a proxy's hook can so hold back what needs the proxy. One that failed holds nobody.
 */
function awaitsHook(state: PodState, record: ContainerRecord): boolean {
  if (record.role !== 'app') return false;
  const records = [...state.containers.values()];
  return records
    .slice(0, records.indexOf(record))
    .some((each) => each.role === 'app' && each.spec.lifecycle?.postStart !== undefined && isComingUp(each));
}

function isComingUp({ phase, image, retryAt, hookDone, stopping }: ContainerRecord): boolean {
  if (stopping !== undefined || phase === 'exited') return false;
  if (phase === 'running') return !hookDone;
  return phase !== 'waiting' || (image.phase !== 'failed' && retryAt === undefined);
}

/**
 * A running container whose spec changed (its image) is stopped; the restart makes the new one. An init container runs
 * to its end.
 */
function planRunningContainer(draft: Draft, record: ContainerRecord, now: number): void {
  if (
    record.stopping !== undefined ||
    record.id === undefined ||
    record.hash === undefined ||
    record.role === 'init' ||
    record.hash === containerHash(record.spec)
  ) {
    planContainerResize(draft, record, now);
    return;
  }
  const graceMs = podGraceSeconds(draft.state.pod) * 1000;
  draft.state = withContainer(draft.state, record.name, (each) => ({
    ...each,
    stopping: { deadline: now + graceMs },
  }));
  draft.effects.push(
    containerEvent(record, 'Normal', 'Killing', `Container ${record.name} definition changed, will be restarted`),
    { type: 'stop-probes', container: record.name, except: 'readiness' },
    { type: 'stop-container', container: record.name, id: record.id, graceMs, preStop: true },
  );
}

function planRestart(draft: Draft, record: ContainerRecord, now: number): void {
  if (record.end === undefined || (!restarts(draft.state.pod, record) && !changedSpec(record))) return;
  // What failed before says nothing of another image.
  const backOff = changedSpec(record) ? undefined : record.backOff;
  const until = backOff === undefined ? 0 : record.end.finishedAt + backOff.delayMs;
  if (backOff === undefined || now >= until || now - backOff.raisedAt > 2 * backOff.delayMs + longQuietMs) {
    restartNow(draft, { ...record, backOff }, now);
    return;
  }
  wakeAt(draft, until);
  if (record.backingOff === true) return;
  const { name, namespace, uid } = draft.state.pod.metadata;
  const place = `pod ${name}_${namespace}(${uid})`;
  draft.state = withContainer(draft.state, record.name, (each) => ({
    ...each,
    backingOff: true,
    waiting: {
      reason: 'CrashLoopBackOff',
      message:
        `back-off ${backOffText(backOff.delayMs)} restarting failed ` +
        `container=${record.name} pod=${name}_${namespace}(${uid})`,
    },
  }));
  draft.effects.push(
    containerEvent(record, 'Warning', 'BackOff', `Back-off restarting failed container ${record.name} in ${place}`),
  );
}

/** A container that ran this long starts over without a wait. */
const longQuietMs = 600_000;
const backOffText = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};
const changedSpec = (record: ContainerRecord): boolean =>
  record.role !== 'ephemeral' && record.hash !== undefined && record.hash !== containerHash(record.spec);

function restartNow(draft: Draft, record: ContainerRecord, now?: number): void {
  const raised = now === undefined ? record.backOff : raiseBackOff(now, record.backOff);
  const next = { ...nextAttempt(record), backOff: raised };
  draft.state = withContainer(draft.state, record.name, () => next);
  // Only one earlier attempt keeps its logs.
  if (record.last !== undefined) draft.effects.push({ type: 'remove-container', id: record.last.id });
  if (now !== undefined) planContainer(draft, next, now);
}

/** All containers have ended and none starts again: the pod is over. */
function planFinish(draft: Draft, now: number): void {
  const records = [...draft.state.containers.values()];
  const dead = (record: ContainerRecord): boolean => record.phase === 'exited' && !restarts(draft.state.pod, record);
  const failedInit = records.some((record) => record.role === 'init' && dead(record) && record.end?.exitCode !== 0);
  const apps = records.filter(({ role }) => role === 'app');
  if (!failedInit && !apps.every(dead)) return;
  const graceMs = podGraceSeconds(draft.state.pod) * 1000;
  draft.state = { ...draft.state, ending: { cause: 'finished', graceMs, since: now } };
}
