/** Takes one input into a pod's state. */
import { raiseBackOff } from '../container/index.ts';
import type { Pod } from '../../api/index.ts';
import { containerEvent, podEvent } from './pod-event.ts';
import type { PodEffect, PodInput } from './pod-messages.ts';
import { type ContainerRecord, isAlive, type PodState, unmade, withContainer, withSpec } from './pod-state.ts';

/** A state and what follows from an input at once (events, mostly); the plan comes after. */
interface Absorbed {
  readonly state: PodState;
  readonly effects: readonly PodEffect[];
}

const firstRetryMs = 250;
const longestRetryMs = 10_000;

/** A short wait that doubles: for things that are soon there (a ConfigMap that is created next). */
const retryAfter = (retries: number): number => Math.min(longestRetryMs, firstRetryMs * 2 ** retries);

const only = (state: PodState): Absorbed => ({ state, effects: [] });

/** Takes one input into the state. Pure. */
export function absorb(state: PodState, input: PodInput, now: number): Absorbed {
  switch (input.type) {
    case 'pod-changed':
      return only(podChanged(state, input.pod, now));
    case 'pod-gone':
      return only(podGone(state, now));
    case 'evict':
      return evicted(state, input, now);
    case 'cleaned-up':
      return only({ ...closed(state), cleanUp: 'done' });
    case 'removed-from-api':
      return only({ ...state, removal: 'done', gone: true });
    case 'removal-failed':
      return only({ ...state, removal: 'no' });
    case 'tick':
      return only(state);
    case 'volumes-ready':
      return only({ ...state, volumes: { phase: 'ready', retries: 0 } });
    case 'volumes-failed':
      return volumesFailed(state, input.message, now);
    case 'sandbox-created':
    case 'sandbox-started':
    case 'sandbox-failed':
    case 'sandbox-ended':
    case 'sandbox-closed':
      return sandboxInput(state, input, now);
    default:
      return containerInput(state, input, now);
  }
}

function podChanged(state: PodState, pod: Pod, now: number): PodState {
  const next = withSpec(state, pod);
  if (pod.metadata.deletionTimestamp === undefined || pod.metadata.deletionTimestamp === null) return next;
  const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  if (next.ending?.cause === 'deleted' && next.ending.graceMs <= graceMs) return next;
  return {
    ...next,
    ending: { cause: 'deleted', graceMs, since: next.ending?.cause === 'deleted' ? next.ending.since : now },
  };
}

/** A pod that is deleted without grace still gets a moment to stop. */
const goneGraceMs = 1000;

function podGone(state: PodState, now: number): PodState {
  return {
    ...state,
    gone: true,
    removal: 'done',
    ending: {
      cause: 'deleted',
      graceMs: Math.min(state.ending?.graceMs ?? goneGraceMs, goneGraceMs),
      since: state.ending?.since ?? now,
    },
  };
}

function evicted(state: PodState, input: { readonly reason: string; readonly message: string }, now: number): Absorbed {
  if (state.ending !== undefined) return only(state);
  const graceMs = (state.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  return {
    state: {
      ...state,
      failure: { reason: input.reason, message: input.message },
      ending: { cause: 'failed', graceMs, since: now },
    },
    effects: [podEvent(input.reason === 'DeadlineExceeded' ? 'Normal' : 'Warning', input.reason, input.message)],
  };
}

function volumesFailed(state: PodState, message: string, now: number): Absorbed {
  const { retries } = state.volumes;
  return {
    state: { ...state, volumes: { phase: 'failed', retries: retries + 1, retryAt: now + retryAfter(retries) } },
    effects: [podEvent('Warning', 'FailedMount', message)],
  };
}

function sandboxInput(
  state: PodState,
  input: Extract<PodInput, { readonly type: `sandbox-${string}` }>,
  now: number,
): Absorbed {
  const { sandbox } = state;
  switch (input.type) {
    case 'sandbox-created':
      return only({ ...state, sandbox: { ...sandbox, phase: 'created', id: input.id, address: input.address } });
    case 'sandbox-started':
      return only(
        sandbox.phase === 'created' || sandbox.phase === 'opening'
          ? { ...state, sandbox: { ...sandbox, phase: 'ready', retries: 0 } }
          : state,
      );
    case 'sandbox-failed':
      return sandbox.phase !== 'opening' && sandbox.phase !== 'created'
        ? only(state)
        : {
            state: {
              ...withoutCreated(state),
              sandbox: {
                phase: 'failed',
                address: sandbox.address,
                attempt: sandbox.attempt + 1,
                retries: sandbox.retries + 1,
                retryAt: now + retryAfter(sandbox.retries),
              },
            },
            effects: [podEvent('Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${input.message}`)],
          };
    case 'sandbox-ended':
      // While it is being started, its start reports the outcome.
      if (sandbox.id !== input.id || sandbox.phase !== 'ready') return only(state);
      return {
        state: { ...state, sandbox: { ...sandbox, phase: 'failed', attempt: sandbox.attempt + 1 } },
        effects:
          state.ending === undefined
            ? [podEvent('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')]
            : [],
      };
    case 'sandbox-closed':
      return only(sandbox.phase === 'closing' ? closed(state) : state);
  }
}

function closed(state: PodState): PodState {
  const { id: _id, ...rest } = state.sandbox;
  return { ...state, sandbox: { ...rest, phase: 'none' } };
}

/** Containers that were made for a sandbox that never started are made again, as the same attempt. */
function withoutCreated(state: PodState): PodState {
  let next = state;
  for (const record of state.containers.values())
    if (record.phase === 'created') next = withContainer(next, record.name, unmade);
  return next;
}

type ContainerInput = Extract<PodInput, { readonly container: string }>;

function containerInput(state: PodState, input: ContainerInput, now: number): Absorbed {
  const record = state.containers.get(input.container);
  if (record === undefined) return only(state);
  const [next, effects] = containerChange(record, input, {
    now,
    graceMs: (state.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000,
  });
  return { state: withContainer(state, input.container, () => next), effects };
}

function containerChange(
  record: ContainerRecord,
  input: ContainerInput,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): readonly [ContainerRecord, readonly PodEffect[]] {
  // News of an earlier attempt come too late.
  if ('id' in input && input.type !== 'image-ready' && input.type !== 'container-created' && input.id !== record.id)
    return [record, []];
  switch (input.type) {
    case 'image-ready':
      return [{ ...withoutWaiting(record), image: { phase: 'present', id: input.id, user: input.user } }, []];
    case 'image-failed':
      return imageFailed(record, input, now);
    case 'container-created':
      return [
        { ...record, phase: 'created', sandboxId: input.sandboxId, id: input.id, hash: input.hash, retries: 0 },
        [containerEvent(record, 'Normal', 'Created', `Created container: ${record.name}`)],
      ];
    case 'container-create-failed':
      return createFailed(record, input, now);
    case 'container-started':
      return started(record, input);
    case 'container-start-failed':
      return startFailed(record, input, now);
    case 'hook-done':
      return [{ ...record, hookDone: true }, []];
    case 'hook-failed': {
      const [stopped, effects] = stopForRestart({ ...record, hookDone: true }, graceMs, now);
      return [
        stopped,
        [
          containerEvent(record, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${input.message}`),
          containerEvent(record, 'Normal', 'Killing', 'FailedPostStartHook'),
          ...effects,
        ],
      ];
    }
    case 'container-ended':
      return [
        ended(record, input.end),
        record.id === input.end.id && isAlive(record) ? [{ type: 'stop-probes', container: record.name }] : [],
      ];
    case 'container-lost':
      return [ended(record, lostEnd(record, now)), [{ type: 'stop-probes', container: record.name }]];
    case 'probe-changed':
      return [
        input.probe === 'startup'
          ? {
              ...record,
              started: input.passed,
              ready: input.passed && (record.ready || record.spec.readinessProbe === undefined),
            }
          : { ...record, ready: input.passed },
        [],
      ];
    case 'probe-failed': {
      const [stopped, effects] = stopForRestart(record, input.graceMs ?? graceMs, now);
      return [
        stopped,
        effects.length === 0
          ? []
          : [
              containerEvent(
                record,
                'Normal',
                'Killing',
                `Container ${record.name} failed ${input.probe} probe, will be restarted`,
              ),
              ...effects,
            ],
      ];
    }
  }
}

function withoutWaiting(record: ContainerRecord): ContainerRecord {
  const { waiting: _waiting, ...rest } = record;
  return rest;
}

/** Stops a container that is to be started again, if it is not being stopped yet. */
function stopForRestart(
  record: ContainerRecord,
  graceMs: number,
  now: number,
): readonly [ContainerRecord, readonly PodEffect[]] {
  if (record.stopping !== undefined || record.id === undefined) return [record, []];
  return [
    { ...record, stopping: { deadline: now + graceMs }, ready: false },
    [
      { type: 'stop-probes', container: record.name },
      { type: 'stop-container', container: record.name, id: record.id, graceMs, preStop: true },
    ],
  ];
}

function imageFailed(
  record: ContainerRecord,
  input: { readonly reason: string; readonly message: string },
  now: number,
): readonly [ContainerRecord, readonly PodEffect[]] {
  const image = {
    ...record.image,
    phase: 'failed' as const,
    reason: input.reason,
    message: input.message,
    failedAt: now,
    backOff: raiseBackOff(now, record.image.backOff),
    backingOff: false,
  };
  const events =
    input.reason === 'InvalidImageName'
      ? [
          containerEvent(record, 'Warning', 'InspectFailed', input.message),
          containerEvent(record, 'Warning', 'Failed', 'Error: InvalidImageName'),
        ]
      : input.reason === 'ErrImageNeverPull'
        ? [
            containerEvent(record, 'Warning', 'ErrImageNeverPull', input.message),
            containerEvent(record, 'Warning', 'Failed', 'Error: ErrImageNeverPull'),
          ]
        : [
            containerEvent(
              record,
              'Warning',
              'Failed',
              `Failed to pull image "${record.spec.image}": ${input.message}`,
            ),
            containerEvent(record, 'Warning', 'Failed', `Error: ${input.reason}`),
          ];
  return [{ ...record, image, waiting: { reason: input.reason, message: input.message } }, events];
}

function createFailed(
  record: ContainerRecord,
  input: { readonly reason: string; readonly message: string },
  now: number,
): readonly [ContainerRecord, readonly PodEffect[]] {
  return [
    {
      ...record,
      phase: 'waiting',
      retries: record.retries + 1,
      retryAt: now + retryAfter(record.retries),
      waiting: { reason: input.reason, message: input.message },
    },
    [containerEvent(record, 'Warning', 'Failed', `Error: ${input.message}`)],
  ];
}

function started(
  record: ContainerRecord,
  input: { readonly id: string; readonly startedAt: number },
): readonly [ContainerRecord, readonly PodEffect[]] {
  if (record.phase === 'exited') return [record, []];
  const { waiting: _waiting, ...rest } = record;
  const startup = record.spec.startupProbe === undefined;
  const next: ContainerRecord = {
    ...rest,
    phase: 'running',
    startedAt: input.startedAt,
    hookDone: record.spec.lifecycle?.postStart === undefined,
    started: startup,
    ready: startup && record.spec.readinessProbe === undefined,
  };
  const effects: PodEffect[] = [containerEvent(record, 'Normal', 'Started', `Started container ${record.name}`)];
  return [next, effects];
}

function startFailed(
  record: ContainerRecord,
  input: Extract<PodInput, { readonly type: 'container-start-failed' }>,
  now: number,
): readonly [ContainerRecord, readonly PodEffect[]] {
  const { end } = input;
  return [
    { ...ended(record, end), retryAt: now },
    [containerEvent(record, 'Warning', 'Failed', `Error: ${end.message ?? end.reason}`)],
  ];
}

function ended(record: ContainerRecord, end: NonNullable<ContainerRecord['end']>): ContainerRecord {
  if (record.phase === 'exited' || (record.id !== undefined && record.id !== end.id)) return record;
  const { stopping: _stopping, waiting: _waiting, ...rest } = record;
  return { ...rest, phase: 'exited', end, started: false, ready: false };
}

function lostEnd(record: ContainerRecord, now: number): NonNullable<ContainerRecord['end']> {
  return {
    id: record.id ?? '',
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    finishedAt: now,
    startedAt: record.startedAt,
  };
}
