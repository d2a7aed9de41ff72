/** Takes one input into a pod's state. */
import { shortRetryMs } from '../container/index.ts';
import { podGraceSeconds, type Pod } from '../../api/index.ts';
import { containerChange, type ContainerInput } from './container-input.ts';
import { podEvent } from './pod-event.ts';
import type { PodEffect, PodInput } from './pod-messages.ts';
import { resizeJudged, roomAgain } from './pod-resize.ts';
import { type PodState, unmade, withContainer, withSpec } from './pod-state.ts';

/** A state and what follows from an input at once (events, mostly); the plan comes after. */
interface Absorbed {
  readonly state: PodState;
  readonly effects: readonly PodEffect[];
}

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
      return only({ ...closed(state), cleanUp: 'done', devices: 'released' });
    case 'devices-released':
      return only({ ...state, devices: 'released' });
    case 'removed-from-api':
      return only({ ...state, removal: 'done', gone: true });
    case 'removal-failed':
      return only({ ...state, removal: 'no' });
    case 'resize-judged':
      return resizeJudged(state, input, now);
    case 'room':
      return only(roomAgain(state, now));
    case 'tick':
      return only(state);
    case 'volumes-ready':
      return only({ ...state, volumes: { phase: 'ready', retries: 0, used: state.volumes.used } });
    case 'volumes-failed':
      return volumesFailed(state, input, now);
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
  const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? podGraceSeconds(pod)) * 1000;
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

function evicted(state: PodState, input: Extract<PodInput, { readonly type: 'evict' }>, now: number): Absorbed {
  if (state.ending !== undefined) return only(hurried(state, input.graceMs, now));
  const graceMs = input.graceMs ?? podGraceSeconds(state.pod) * 1000;
  return {
    state: {
      ...state,
      failure: { reason: input.reason, message: input.message, disrupted: input.disrupted, refused: input.refused },
      ending: { cause: 'failed', graceMs, since: now },
    },
    effects: [podEvent(input.reason === 'DeadlineExceeded' ? 'Normal' : 'Warning', input.reason, input.message)],
  };
}

/** A pod that ends already gets no more time than the node has. */
function hurried(state: PodState, graceMs: number | undefined, now: number): PodState {
  const { ending } = state;
  if (ending?.cause !== 'deleted' || graceMs === undefined) return state;
  return { ...state, ending: { ...ending, graceMs: Math.min(ending.graceMs, now - ending.since + graceMs) } };
}

function volumesFailed(
  state: PodState,
  { message, reason = 'FailedMount' }: Extract<PodInput, { readonly type: 'volumes-failed' }>,
  now: number,
): Absorbed {
  const { retries } = state.volumes;
  return {
    state: { ...state, volumes: { phase: 'failed', retries: retries + 1, retryAt: now + shortRetryMs(retries) } },
    effects: [podEvent('Warning', reason, message)],
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
      return only({ ...state, sandbox: { ...sandbox, phase: 'created', id: input.id, addresses: input.addresses } });
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
                addresses: sandbox.addresses,
                attempt: sandbox.attempt + 1,
                retries: sandbox.retries + 1,
                retryAt: now + shortRetryMs(sandbox.retries),
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

function containerInput(state: PodState, input: ContainerInput, now: number): Absorbed {
  const record = state.containers.get(input.container);
  if (record === undefined) return only(state);
  const [next, effects] = containerChange(record, input, {
    now,
    graceMs: podGraceSeconds(state.pod) * 1000,
  });
  return { state: withContainer(state, input.container, () => next), effects };
}
