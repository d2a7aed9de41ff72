/** The status that is shown of a pod, out of its state. */
import {
  type Container,
  type ContainerState,
  type ContainerStateTerminated,
  type ContainerStatus,
  isConditionTrue,
  type Pod,
  podAddresses,
  type PodCondition,
  type PodStatus,
  qualityOfService,
  timeText,
  type VolumeMountStatus,
} from '../../api/index.ts';
import { containerHash } from '../container/index.ts';
import { endedStatuses } from './ended-status.ts';
import { resizeConditions, resizeConditionTypes, resourcesStatus } from './pod-resize.ts';
import { type ContainerEnd, type ContainerRecord, isAlive, type PodState, restarts } from './pod-state.ts';

/** The reason of pods that the node ends to save itself, or that use more than they may. */
export const evictedReason = 'Evicted';

/** What a status needs besides the pod's own state. */
interface StatusFacts {
  /** The node's addresses, one for each family. */
  readonly hostIps: readonly string[];
  /** `docker`: the scheme of container ids. */
  readonly runtimeName: string;
  readonly now: number;
}

/**
 * The whole status, made from the state; times of transitions are kept from the status shown before. Conditions
 * that others own are carried over. Pure; follows the kubelet's generateAPIPodStatus.
 */
export function podStatus(state: PodState, facts: StatusFacts): PodStatus {
  const { pod, sandbox } = state;
  const old = pod.status ?? {};
  if (wasNeverTaken(state)) return refusedStatus(state, old);
  const list = (roles: readonly string[]): ContainerStatus[] =>
    [...state.containers.values()]
      .filter(({ role }) => roles.includes(role))
      .map((record) => containerStatus(state, record, facts));
  const made = { inits: list(['init', 'sidecar']), apps: list(['app']) };
  const ephemeral = list(['ephemeral']);
  const phase = shownPhase(state, phaseOf(state, made.inits, made.apps));
  const { inits, apps } = isOver(state, phase) ? endedStatuses(made.inits, made.apps, initialized(state)) : made;
  const given = pod.spec.hostNetwork === true ? facts.hostIps : sandbox.addresses;
  const addresses = given.length === 0 ? podAddresses({ status: old }) : given;
  const known = sandbox.phase === 'ready' || old.podIP !== undefined || phase === 'Running';
  return {
    phase,
    conditions: conditions(state, { phase, inits, apps, old, now: facts.now }),
    reason: failureOf(state)?.reason,
    message: failureOf(state)?.message,
    hostIP: facts.hostIps[0],
    hostIPs: listed(facts.hostIps),
    ...(addresses.length === 0 || !known ? {} : { podIP: addresses[0], podIPs: listed(addresses) }),
    startTime: old.startTime ?? timeText(state.seenAt),
    ...(inits.length === 0 ? {} : { initContainerStatuses: [...inits] }),
    containerStatuses: [...apps],
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    qosClass: old.qosClass ?? qualityOfService(pod.spec),
  };
}

/** It failed before anything of it was looked at: no container has a state, and no condition one of the node's. */
const wasNeverTaken = ({ pod: { status }, failure, containers }: PodState): boolean =>
  failure?.refused ??
  (status?.phase === 'Failed' &&
    status.containerStatuses === undefined &&
    [...containers.values()].every(({ id }) => id === undefined));

const refusedStatus = ({ pod, failure, seenAt }: PodState, old: PodStatus): PodStatus => ({
  ...old,
  phase: 'Failed',
  reason: failure?.reason ?? old.reason,
  message: failure === undefined ? old.message : `Pod was rejected: ${failure.message}`,
  startTime: old.startTime ?? timeText(seenAt),
  qosClass: old.qosClass ?? qualityOfService(pod.spec),
});

/**
 * A pod is not over while something of it runs, be it a sidecar that is being stopped, or while it holds devices:
 * whoever counts on what it has goes by its phase, and the devices' driver must have them back first.
 */
function shownPhase(
  { pod, containers, devices }: PodState,
  phase: NonNullable<PodStatus['phase']>,
): NonNullable<PodStatus['phase']> {
  const isOverNow = phase === 'Succeeded' || phase === 'Failed';
  const shown = pod.status?.phase ?? 'Pending';
  const holds = devices !== 'released' || [...containers.values()].some(isAlive);
  return isOverNow && holds ? shown : phase;
}

/**
 * Why the pod as a whole failed. It has not while something of it may still run: who makes another in its place waits
 * for that.
 */
function failureOf({ failure, containers, devices }: PodState): PodState['failure'] {
  return devices !== 'released' || [...containers.values()].some(isAlive) ? undefined : failure;
}

const listed = (addresses: readonly string[]): { readonly ip: string }[] => addresses.map((ip) => ({ ip }));

/** The pod ends, for whatever cause, and nothing of it runs any more. */
function isOver(state: PodState, phase: string): boolean {
  return (
    state.ending !== undefined &&
    (phase === 'Succeeded' || phase === 'Failed') &&
    ![...state.containers.values()].some(isAlive)
  );
}

const ordinaryWaits: ReadonlySet<string | undefined> = new Set(['ContainerCreating', 'PodInitializing']);

/** The pod is on its way to its first start and nothing went wrong: nobody acts on how far it is. */
export function isUnderWay({ phase, initContainerStatuses = [], containerStatuses = [] }: PodStatus): boolean {
  return (
    phase === 'Pending' &&
    [...initContainerStatuses, ...containerStatuses].every(({ state }) => ordinaryWaits.has(state?.waiting?.reason))
  );
}

function containerStatus(state: PodState, record: ContainerRecord, facts: StatusFacts): ContainerStatus {
  const scheme = `${facts.runtimeName}://`;
  const shown: EndsShown = { scheme, messageBytesMax: messageRoom(state.pod) };
  const current = stateOf(state, record, shown);
  const last = lastOf(record, current);
  const before = record.phase !== 'running' && record.phase !== 'exited';
  const id = before ? record.last?.id : record.id;
  const started = record.phase === 'running' && record.started;
  return {
    name: record.name,
    state: current,
    lastState: last === undefined ? {} : { terminated: terminated(last, shown) },
    ready:
      record.role === 'init'
        ? current.terminated?.exitCode === 0
        : record.phase === 'running' && record.ready && record.role !== 'ephemeral',
    restartCount: before && record.last !== undefined ? record.attempt - 1 : record.attempt,
    image: imageOf(state, record),
    imageID: record.image.id,
    ...(id === undefined ? {} : { containerID: `${scheme}${id}` }),
    ...(record.role === 'ephemeral' ? {} : { started }),
    ...resourcesStatus(record),
    volumeMounts: volumeMounts(record.spec),
    stopSignal: record.spec.lifecycle?.stopSignal,
  };
}

/** The image that the container was made of, which its spec may no longer name. */
function imageOf({ pod: { status } }: PodState, { name, id, hash, spec }: ContainerRecord): string {
  const { image = '' } = spec;
  if (id === undefined || hash === undefined || hash === containerHash(spec)) return image;
  const shown = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
    (each) => each.name === name,
  );
  return shown?.containerID?.endsWith(id) === true ? shown.image : image;
}

/**
 * How each volume is mounted, as the kubelet shows it: only what had to be read-only with all that is mounted below it
 * is said to be so.
 */
function volumeMounts({ volumeMounts: mounts = [] }: Container): readonly VolumeMountStatus[] | undefined {
  if (mounts.length === 0) return undefined;
  return mounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
    name,
    mountPath,
    readOnly,
    recursiveReadOnly: readOnly !== true ? undefined : recursiveReadOnly === 'Enabled' ? 'Enabled' : 'Disabled',
  }));
}

interface EndsShown {
  readonly scheme: string;
  readonly messageBytesMax: number;
}

/** The kubelet's MaxPodTerminationMessageLogLength, which the containers of a pod share. */
const messagesBytesMax = 12_288;

const messageRoom = ({ spec: { containers, initContainers = [] } }: Pod): number =>
  Math.floor(messagesBytesMax / (containers.length + initContainers.length));

/** The beginning of a text, with no character cut in two. */
const firstBytes = (text: string, bytesMax: number): string =>
  text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(bytesMax)).read);

function terminated(end: ContainerEnd, { scheme, messageBytesMax }: EndsShown): ContainerStateTerminated {
  return {
    exitCode: end.exitCode,
    reason: end.reason,
    ...(end.message === undefined ? {} : { message: firstBytes(end.message, messageBytesMax) }),
    startedAt: end.startedAt === undefined ? null : timeText(end.startedAt),
    finishedAt: timeText(end.finishedAt),
    ...(end.id === '' ? {} : { containerID: `${scheme}${end.id}` }),
  };
}

function stateOf(state: PodState, record: ContainerRecord, shown: EndsShown): ContainerState {
  if (record.phase === 'running') return { running: { startedAt: timeText(record.startedAt ?? state.seenAt) } };
  // What waits to be started again will not be, once the pod ends.
  const isFinal = state.ending !== undefined;
  if (record.phase === 'exited' && record.end !== undefined && (record.waiting === undefined || isFinal))
    return { terminated: terminated(record.end, shown) };
  if (record.waiting !== undefined && !(isFinal && record.last !== undefined))
    return {
      waiting: {
        reason: record.waiting.reason,
        ...(record.waiting.message === undefined ? {} : { message: record.waiting.message }),
      },
    };
  // A restart is shown by its last end until the new attempt runs.
  if (record.last !== undefined) return { terminated: terminated(record.last, shown) };
  return {
    waiting: {
      reason:
        record.role === 'init' || record.role === 'sidecar' || !initialized(state)
          ? 'PodInitializing'
          : 'ContainerCreating',
    },
  };
}

/** The end that came before what `state` shows. */
function lastOf(record: ContainerRecord, shown: ContainerState): ContainerEnd | undefined {
  if (record.phase === 'exited') return shown.waiting === undefined ? record.last : record.end;
  return shown.terminated !== undefined ? undefined : record.last;
}

function initDone(record: ContainerRecord): boolean {
  if (record.role === 'sidecar') return record.started;
  return record.role !== 'init' || (record.phase === 'exited' && record.end?.exitCode === 0);
}

/** All init containers have done their part, or an app container ran already. */
function initialized(state: PodState): boolean {
  const records = [...state.containers.values()];
  return records.every(initDone) || records.some((record) => record.role === 'app' && record.id !== undefined);
}

function phaseOf(
  state: PodState,
  inits: readonly ContainerStatus[],
  apps: readonly ContainerStatus[],
): NonNullable<PodStatus['phase']> {
  const shown = state.pod.status?.phase;
  if (shown === 'Succeeded' || shown === 'Failed') return shown;
  if (failureOf(state) !== undefined) return 'Failed';
  const records = [...state.containers.values()];
  const failedInit = records.some(
    (record) =>
      record.role === 'init' && record.phase === 'exited' && record.end?.exitCode !== 0 && !restarts(state.pod, record),
  );
  const quiet = [...inits, ...apps].every((each) => each.state?.running === undefined);
  if (failedInit) return quiet ? 'Failed' : 'Pending';
  if (state.ending?.cause === 'deleted' && quiet && state.cleanUp !== 'no')
    return apps.every((each) => each.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  if (!initialized(state)) return 'Pending';
  return appPhase(state, apps);
}

function appPhase(state: PodState, apps: readonly ContainerStatus[]): NonNullable<PodStatus['phase']> {
  const running = apps.some((each) => each.state?.running !== undefined);
  const waiting = apps.some((each) => each.state?.waiting !== undefined && each.lastState?.terminated === undefined);
  if (waiting) return 'Pending';
  if (running) return 'Running';
  const policy = state.pod.spec.restartPolicy ?? 'Always';
  const allGood = apps.every((each) => each.state?.terminated?.exitCode === 0);
  if (policy === 'Always') return 'Running';
  if (allGood) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

interface ConditionInput {
  readonly phase: string;
  readonly inits: readonly ContainerStatus[];
  readonly apps: readonly ContainerStatus[];
  readonly old: PodStatus;
  readonly now: number;
}

type Verdict = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

function conditions(state: PodState, input: ConditionInput): PodCondition[] {
  const old = input.old.conditions ?? [];
  const containers = containersReady(state, input);
  const own: Verdict[] = [
    { type: 'PodReadyToStartContainers', status: canStartContainers(state, old) ? 'True' : 'False' },
    initializedCondition(state, input),
    readyCondition(state, containers, old),
    containers,
    { type: 'PodScheduled', status: 'True' },
    ...(isOver(state, input.phase) ? [] : resizeConditions(state)),
  ];
  const failure = failureOf(state);
  if (failure?.disrupted === true)
    own.push({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: failure.message });
  const names = new Set([...own.map(({ type }) => type), ...resizeConditionTypes]);
  const kept = own.map((verdict) =>
    withTimes(
      verdict,
      old.find(({ type }) => type === verdict.type),
      input.now,
    ),
  );
  return [...kept, ...old.filter(({ type }) => !names.has(type))];
}

/** A kubelet makes the sandbox when the volumes are there; here both are made at once. Later looks change nothing. */
function canStartContainers({ sandbox, volumes }: PodState, old: readonly PodCondition[]): boolean {
  return sandbox.phase === 'ready' && (volumes.phase === 'ready' || isConditionTrue(old, 'PodReadyToStartContainers'));
}

function withTimes(verdict: Verdict, before: PodCondition | undefined, now: number): PodCondition {
  const lastTransitionTime =
    before?.status === verdict.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : timeText(now);
  return {
    type: verdict.type,
    status: verdict.status,
    lastProbeTime: null,
    lastTransitionTime,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}

function initializedCondition(state: PodState, input: ConditionInput): Verdict {
  if (input.phase === 'Succeeded') return { type: 'Initialized', status: 'True', reason: 'PodCompleted' };
  if (initialized(state)) return { type: 'Initialized', status: 'True' };
  const names = [...state.containers.values()].filter((record) => !initDone(record)).map(({ name }) => name);
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names.join(' ')}]`,
  };
}

function containersReady(state: PodState, input: ConditionInput): Verdict {
  if (input.phase === 'Succeeded') return { type: 'ContainersReady', status: 'False', reason: 'PodCompleted' };
  if (input.phase === 'Failed') return { type: 'ContainersReady', status: 'False', reason: 'PodFailed' };
  const sidecars = input.inits.filter(({ name }) => state.containers.get(name)?.role === 'sidecar');
  const unready = [...sidecars, ...input.apps].filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { type: 'ContainersReady', status: 'True' };
  return {
    type: 'ContainersReady',
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
}

function readyCondition(state: PodState, containers: Verdict, old: readonly PodCondition[]): Verdict {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' };
  const gates = state.pod.spec.readinessGates ?? [];
  const missing = gates.flatMap(({ conditionType }) => {
    const found = old.find(({ type }) => type === conditionType);
    if (found === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return found.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`];
  });
  if (missing.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') };
}
