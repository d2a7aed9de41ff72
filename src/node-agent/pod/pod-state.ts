/** Everything that the agent remembers of one pod. */
import type { BackOff } from '../container/index.ts';
import {
  allContainers,
  type Container,
  type EphemeralContainer,
  type Pod,
  type ResourceRequirements,
} from '../../api/index.ts';
import { podAsAllocated, withResources } from './pod-allocation.ts';

/**
 * How a container takes part: `init` runs to its end before the next; `sidecar` is an init container that keeps
 * running.
 */
type ContainerRole = 'init' | 'sidecar' | 'app' | 'ephemeral';

/**
 * Where a container stands. `waiting`: the next attempt is not made yet. `exited`: the attempt has ended; the restart
 * policy decides what follows.
 */
type ContainerPhase = 'waiting' | 'creating' | 'created' | 'starting' | 'running' | 'exited';

export interface ContainerEnd {
  readonly id: string;
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt: number;
}

interface ImageState {
  readonly phase: 'unknown' | 'working' | 'present' | 'failed';
  readonly id: string;
  readonly user: string;
  /** The kubelet's reason of the last failure, and when it happened. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly failedAt?: number | undefined;
  readonly backOff?: BackOff | undefined;
  /** The failure is shown as ImagePullBackOff by now. */
  readonly backingOff?: boolean | undefined;
}

/** One container of the pod, in all its attempts. */
export interface ContainerRecord {
  readonly name: string;
  readonly role: ContainerRole;
  /** An ephemeral container has all fields of a container. Its resources are those that the node has given it. */
  readonly spec: EphemeralContainer;
  readonly phase: ContainerPhase;
  /** Restarts so far; names the current or the next attempt. */
  readonly attempt: number;
  readonly image: ImageState;
  readonly id?: string | undefined;
  readonly hash?: string | undefined;
  /** The sandbox it was made to join. */
  readonly sandboxId?: string | undefined;
  readonly startedAt?: number | undefined;
  /** The end of the current attempt. */
  readonly end?: ContainerEnd | undefined;
  /** The end of the attempt before. */
  readonly last?: ContainerEnd | undefined;
  /** Why it waits, beyond the ordinary. */
  readonly waiting?: { readonly reason: string; readonly message?: string } | undefined;
  /** After a failed create or start; wall-clock ms. */
  readonly retryAt?: number | undefined;
  readonly retries: number;
  readonly backOff?: BackOff | undefined;
  /** An event says that the next attempt waits. */
  readonly backingOff?: boolean | undefined;
  /** The resources that the engine runs this attempt with. */
  readonly applied?: ResourceRequirements | undefined;
  /** The engine is giving it others. */
  readonly updating?: true | undefined;
  readonly updateFailed?: { readonly message: string; readonly retries: number; readonly retryAt: number } | undefined;
  /** It is started again whatever the restart policy says. */
  readonly restartWanted?: true | undefined;
  /** It knows that the pod ends: its preStop hook has begun. It waits for its turn to stop. */
  readonly toldOfEnd?: true | undefined;
  /** A stop is under way. */
  readonly stopping?: { readonly deadline: number } | undefined;
  readonly hookDone: boolean;
  /** The startup probe passed, or there is none. */
  readonly started: boolean;
  /** The readiness probe's verdict; true without one once started. */
  readonly ready: boolean;
}

interface SandboxState {
  readonly phase: 'none' | 'opening' | 'created' | 'ready' | 'closing' | 'failed';
  readonly id?: string | undefined;
  /** One for each family; none before they are given out. */
  readonly addresses: readonly string[];
  readonly attempt: number;
  readonly retryAt?: number | undefined;
  readonly retries: number;
}

interface VolumesState {
  readonly phase: 'none' | 'preparing' | 'ready' | 'failed' | 'released';
  /** The volumes that were to be set up: what its containers used then. */
  readonly used?: string | undefined;
  readonly retryAt?: number | undefined;
  readonly retries: number;
}

/** Why the pod's containers are being stopped for good. */
interface Ending {
  readonly cause: 'deleted' | 'finished' | 'failed';
  readonly graceMs: number;
  readonly since: number;
}

/** Why the pod as a whole failed. */
interface Failure {
  readonly reason: string;
  readonly message: string;
  /** The node ended it for reasons of its own. */
  readonly disrupted?: true | undefined;
  /** The node never took it. */
  readonly refused?: true | undefined;
}

/** A resize that the node has not allowed (yet). */
interface PendingResize {
  readonly outcome: 'asked' | 'deferred' | 'infeasible';
  /** The wish that this is about, as a text to compare. */
  readonly wanted: string;
  readonly message: string;
  /** When a deferred one asks again; wall-clock ms. */
  readonly retryAt: number;
}

/** Everything the agent knows of one pod. A value: steps make new ones. */
export interface PodState {
  readonly pod: Pod;
  /** It has gone from the API: nothing is written any more. */
  readonly gone: boolean;
  readonly seenAt: number;
  readonly sandbox: SandboxState;
  readonly volumes: VolumesState;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
  readonly ending?: Ending | undefined;
  /** The pod as a whole failed (deadline, eviction, refusal). */
  readonly failure?: Failure | undefined;
  readonly resize?: PendingResize | undefined;
  /** Whether the devices of its claims are given back. */
  readonly devices: 'held' | 'releasing' | 'released';
  readonly cleanUp: 'no' | 'running' | 'done';
  readonly removal: 'no' | 'running' | 'done';
}

const freshImage: ImageState = { phase: 'unknown', id: '', user: '' };

function freshContainer(name: string, role: ContainerRole, spec: Container): ContainerRecord {
  return {
    name,
    role,
    spec,
    phase: 'waiting',
    attempt: 0,
    image: freshImage,
    retries: 0,
    hookDone: false,
    started: false,
    ready: false,
  };
}

function roleOf(pod: Pod, name: string): ContainerRole {
  const init = pod.spec.initContainers?.find((each) => each.name === name);
  if (init !== undefined) return init.restartPolicy === 'Always' ? 'sidecar' : 'init';
  return pod.spec.ephemeralContainers?.some((each) => each.name === name) === true ? 'ephemeral' : 'app';
}

/** The state of a pod that the agent meets for the first time. */
export function freshPod(pod: Pod, now: number): PodState {
  const state = withSpec(
    {
      pod,
      gone: false,
      seenAt: now,
      containers: new Map(),
      devices: (pod.spec.resourceClaims?.length ?? 0) > 0 ? 'held' : 'released',
      cleanUp: 'no',
      removal: 'no',
      sandbox: { phase: 'none', addresses: [], attempt: 0, retries: 0 },
      volumes: { phase: 'none', retries: 0 },
    },
    podAsAllocated(pod),
  );
  return { ...state, pod };
}

/**
 * The newest version of the pod: its containers' specs are taken over but for their resources, which the node must
 * give; new (ephemeral) containers are added.
 */
export function withSpec(state: PodState, pod: Pod): PodState {
  const containers = new Map<string, ContainerRecord>();
  for (const spec of allContainers(pod)) {
    const known = state.containers.get(spec.name);
    containers.set(
      spec.name,
      known === undefined
        ? freshContainer(spec.name, roleOf(pod, spec.name), spec)
        : {
            ...known,
            spec: withResources(spec, known.spec.resources),
            image: spec.image !== known.spec.image && known.image.phase === 'failed' ? freshImage : known.image,
          },
    );
  }
  return { ...state, pod, containers };
}

/** A change of one container. */
export function withContainer(
  state: PodState,
  name: string,
  change: (record: ContainerRecord) => ContainerRecord,
): PodState {
  const record = state.containers.get(name);
  if (record === undefined) return state;
  const containers = new Map(state.containers);
  containers.set(name, change(record));
  return { ...state, containers };
}

/** The next attempt, from the start. */
export function nextAttempt(record: ContainerRecord): ContainerRecord {
  const {
    id: _id,
    hash: _hash,
    sandboxId: _sandboxId,
    startedAt: _startedAt,
    end,
    waiting: _waiting,
    retryAt: _retryAt,
    toldOfEnd: _toldOfEnd,
    stopping: _stopping,
    backingOff: _backingOff,
    applied: _applied,
    updating: _updating,
    updateFailed: _updateFailed,
    restartWanted: _restartWanted,
    ...rest
  } = record;
  const { backOff, ...image } = record.image;
  return {
    ...rest,
    phase: 'waiting',
    attempt: record.attempt + 1,
    retries: 0,
    hookDone: false,
    started: false,
    ready: false,
    image: { phase: 'unknown', id: image.id, user: image.user, backOff },
    last: end ?? record.last,
  };
}

/** The same attempt, to be made again. */
export function unmade(record: ContainerRecord): ContainerRecord {
  const { id: _id, hash: _hash, sandboxId: _sandboxId, ...rest } = record;
  return { ...rest, phase: 'waiting' };
}

/** Whether the engine may hold a live process of it. */
export const isAlive = (record: ContainerRecord): boolean =>
  record.phase === 'creating' || record.phase === 'starting' || record.phase === 'running';

/** Whether an ended container is started again (the pod's restart policy, or a sidecar's own). */
export function restarts(pod: Pod, record: ContainerRecord): boolean {
  if (record.role === 'sidecar' || record.restartWanted === true) return true;
  if (record.role === 'ephemeral') return false;
  const policy = pod.spec.restartPolicy ?? 'Always';
  const failed = record.end?.exitCode !== 0;
  if (record.role === 'init') return failed && policy !== 'Never';
  return policy === 'Always' || (policy === 'OnFailure' && failed);
}
