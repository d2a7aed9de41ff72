/** The state of a pod that an earlier agent started, out of what the engine has of it. */
import type { ContainerStatus, Pod } from '../../api/index.ts';
import { attemptOf, type ContainerFacts, labels, listedAddresses } from '../runtime/index.ts';
import { type ContainerEnd, type ContainerRecord, freshPod, type PodState, withContainer } from './pod-state.ts';

/** How an ended container is described, with the kubelet's reasons. */
export function endOf(facts: ContainerFacts, message?: string): ContainerEnd {
  const exitCode = facts.exitCode ?? 137;
  const cannotRun = facts.error !== undefined && facts.startedAt === undefined;
  const reason = facts.oomKilled
    ? 'OOMKilled'
    : cannotRun
      ? 'ContainerCannotRun'
      : exitCode === 0
        ? 'Completed'
        : 'Error';
  const text = message ?? (cannotRun ? facts.error : undefined);
  return {
    id: facts.id,
    exitCode,
    reason,
    finishedAt: facts.finishedAt ?? facts.createdAt,
    startedAt: facts.startedAt,
    message: text === '' ? undefined : text,
  };
}

/**
 * The state of a pod whose containers were found on the engine when the agent started. Nothing is restarted for it, and
 * readiness stays as it was last written until a probe says otherwise.
 */
export function adoptPod(
  pod: Pod,
  found: readonly ContainerFacts[],
  options: { readonly now: number; readonly messageOf: (facts: ContainerFacts) => string | undefined },
): PodState {
  let state = freshPod(pod, options.now);
  const byAttempt = [...found].sort(
    (one, other) => attemptOf(one) - attemptOf(other) || one.createdAt - other.createdAt,
  );
  for (const facts of byAttempt) {
    if (facts.labels[labels.role] === 'sandbox') state = withSandbox(state, facts);
    else
      state = withContainer(state, facts.labels[labels.container] ?? '', (record) =>
        adoptContainer(pod, record, { facts, messageOf: options.messageOf }),
      );
  }
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    const { reason = '', message = '' } = pod.status ?? {};
    state = {
      ...state,
      ending: { cause: 'finished', graceMs: 0, since: options.now },
      failure: reason === '' ? undefined : { reason, message },
    };
  }
  return restoreAttempts(state);
}

function withSandbox(state: PodState, facts: ContainerFacts): PodState {
  const { state: stage, id } = facts;
  return {
    ...state,
    sandbox: {
      phase: stage === 'running' ? 'ready' : 'failed',
      id,
      addresses: listedAddresses(facts.labels),
      attempt: attemptOf(facts) + (stage === 'running' ? 0 : 1),
      retries: 0,
    },
  };
}

function adoptContainer(
  pod: Pod,
  record: ContainerRecord,
  found: { readonly facts: ContainerFacts; readonly messageOf: (facts: ContainerFacts) => string | undefined },
): ContainerRecord {
  const { facts, messageOf } = found;
  const { end, ...before } = record;
  const shown = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find(
    ({ name }) => name === record.name,
  );
  const wasShown = shown?.containerID?.endsWith(facts.id) === true;
  const base: ContainerRecord = {
    ...before,
    id: facts.id,
    attempt: attemptOf(facts),
    hash: facts.labels[labels.specHash] ?? '',
    image: { phase: 'present', id: facts.imageId, user: '' },
    last: end ?? record.last,
    startedAt: facts.startedAt ?? record.startedAt,
    applied: (wasShown ? shown?.resources : undefined) ?? record.spec.resources ?? {},
  };
  if (facts.state === 'created') return { ...base, phase: 'created' };
  if (facts.state === 'exited') return { ...base, phase: 'exited', end: endOf(facts, messageOf(facts)) };
  const started = record.spec.startupProbe === undefined || (wasShown && shown.started === true);
  return {
    ...base,
    phase: 'running',
    hookDone: true,
    started,
    ready: started && (record.spec.readinessProbe === undefined || (wasShown && shown.ready)),
  };
}

/** Containers that are gone from the engine keep the count that the status shows. */
function restoreAttempts(state: PodState): PodState {
  let next = state;
  const shown = [...(state.pod.status?.initContainerStatuses ?? []), ...(state.pod.status?.containerStatuses ?? [])];
  for (const status of shown) {
    const record = next.containers.get(status.name);
    if (record === undefined || record.id !== undefined) continue;
    next = withContainer(next, status.name, (each) => lostContainer(each, status));
  }
  return next;
}

function lostContainer(record: ContainerRecord, status: ContainerStatus): ContainerRecord {
  const ended = status.state?.terminated;
  if (ended === undefined)
    return { ...record, attempt: status.containerID === undefined ? status.restartCount : status.restartCount + 1 };
  const id = (ended.containerID ?? '').replace(/^\w+:\/\//, '');
  return {
    ...record,
    phase: 'exited',
    attempt: status.restartCount,
    id,
    end: {
      id,
      exitCode: ended.exitCode,
      reason: ended.reason ?? 'Error',
      finishedAt: typeof ended.finishedAt === 'string' ? Date.parse(ended.finishedAt) : 0,
    },
  };
}
