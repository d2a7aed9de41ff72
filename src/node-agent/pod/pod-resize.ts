/** In-place resize (KEP-1287): what a pod asks for, whether the node allows it, and how its containers get there. */
import {
  type Container,
  nonEphemeralContainers,
  parseQuantity,
  type Pod,
  podGraceSeconds,
  podResources,
  quantityMilli,
  quantityUnits,
  resourceAmounts,
  type ResourceRequirements,
} from '../../api/index.ts';
import { shortRetryMs } from '../container/index.ts';
import type { Draft } from './draft.ts';
import { isResizable, podWithResources } from './pod-allocation.ts';
import { admissionProblem, type NodeOffer } from './pod-admission.ts';
import { containerEvent, podEvent } from './pod-event.ts';
import type { PodEffect, ResizeVerdict } from './pod-messages.ts';
import { type ContainerRecord, type PodState, withContainer } from './pod-state.ts';

/** Whether the node can give a pod what it asks for now. `others`: its other pods with what they have. Pure. */
export function judgeResize(pod: Pod, others: readonly Pod[], offer: NodeOffer): ResizeVerdict {
  const [wanted, capacities] = [podResources(pod.spec, 'requests'), resourceAmounts(offer.allocatable)];
  for (const resource of ['memory', 'cpu']) {
    const count = resource === 'cpu' ? quantityMilli : quantityUnits;
    const [asked, capacity] = [wanted.get(resource), capacities.get(resource)];
    if (asked === undefined || capacity === undefined || count(asked) <= count(capacity)) continue;
    const amounts = `requested: ${count(asked)}, capacity: ${count(capacity)}`;
    return { outcome: 'infeasible', message: `Node didn't have enough capacity: ${resource}, ${amounts}` };
  }
  const problem = admissionProblem(pod, others, offer);
  return problem === undefined ? { outcome: 'allowed' } : { outcome: 'deferred', message: problem.message };
}

/** Of pods that may have processors to themselves, as with a kubelet. */
export const fixedSize: ResizeVerdict = {
  outcome: 'infeasible',
  message: 'Guaranteed pods are not resized where the CPU manager policy is static',
};

/** The pod as its node runs it: with the resources that it was given, which may not be those of its spec. */
export function allocatedPod({ pod, containers }: PodState): Pod {
  return podWithResources(pod, ({ name, resources }) => containers.get(name)?.spec.resources ?? resources);
}

const sizes = ['cpu', 'memory'] as const;

/** Which of a container's sizes differ. An amount written in another way is the same. */
function changedSizes(
  one: ResourceRequirements | undefined,
  other: ResourceRequirements | undefined,
): readonly string[] {
  const nanos = (amount: string | undefined): bigint | undefined =>
    amount === undefined ? undefined : parseQuantity(amount).nanos;
  return sizes.filter((size) =>
    (['requests', 'limits'] as const).some((side) => nanos(one?.[side]?.[size]) !== nanos(other?.[side]?.[size])),
  );
}

/** The containers whose wanted resources the node has not given yet. */
function ungiven({ pod, containers }: PodState): readonly Container[] {
  return nonEphemeralContainers(pod).filter(
    (container) =>
      isResizable(pod, container) &&
      changedSizes(container.resources, containers.get(container.name)?.spec.resources).length > 0,
  );
}

/** What the node has not given yet; '': nothing. Equal texts are the same wish. */
function wish(state: PodState): string {
  const wanted = ungiven(state);
  return wanted.length === 0 ? '' : JSON.stringify(wanted.map(({ name, resources }) => [name, resources]));
}

/** Asks the node for what the pod wants beyond what it has, and again while it is deferred. */
export function planResize(draft: Draft, now: number): void {
  const wanted = wish(draft.state);
  const { resize } = draft.state;
  if (wanted === '') {
    if (resize !== undefined) draft.state = { ...draft.state, resize: undefined };
    return;
  }
  if (resize?.wanted === wanted) {
    if (resize.outcome !== 'deferred') return;
    if (now < resize.retryAt) {
      draft.wakeAt = Math.min(draft.wakeAt, resize.retryAt);
      return;
    }
  }
  draft.state = { ...draft.state, resize: { outcome: 'asked', wanted, retryAt: 0, message: resize?.message ?? '' } };
  draft.effects.push({ type: 'ask-resize', wanted });
}

/** Nothing tells when the node's own capacity grows. */
const deferredRetryMs = 60_000;

/** Takes the node's verdict in: an allowed resize is what the containers' specs say from now on. */
export function resizeJudged(
  state: PodState,
  { wanted, verdict }: { readonly wanted: string; readonly verdict: ResizeVerdict },
  now: number,
): { readonly state: PodState; readonly effects: readonly PodEffect[] } {
  if (state.resize?.wanted !== wanted) return { state, effects: [] };
  if (verdict.outcome === 'allowed') return { state: { ...given(state), resize: undefined }, effects: [] };
  const { outcome, message } = verdict;
  const reason = outcome === 'deferred' ? 'ResizeDeferred' : 'ResizeInfeasible';
  return {
    state: { ...state, resize: { outcome, wanted, message, retryAt: now + deferredRetryMs } },
    effects: state.resize.message === message ? [] : [podEvent('Warning', reason, message)],
  };
}

/** Whoever waits in a back-off starts at once: with other resources it may do better. */
function given(state: PodState): PodState {
  let next = state;
  for (const { name, resources } of ungiven(state))
    next = withContainer(next, name, (record) => ({
      ...record,
      spec: { ...record.spec, resources },
      backOff: undefined,
    }));
  return next;
}

/** Something became free on the node: who was deferred asks again. */
export function roomAgain(state: PodState, now: number): PodState {
  return state.resize?.outcome === 'deferred' ? { ...state, resize: { ...state.resize, retryAt: now } } : state;
}

/** The sizes in which a running container differs from what it was given. */
function resizesLeft(record: ContainerRecord): readonly string[] {
  return record.phase === 'running' && record.applied !== undefined
    ? changedSizes(record.spec.resources, record.applied)
    : [];
}

/** Brings a running container to its size: while it runs, or by a restart where its policy says so. */
export function planContainerResize(draft: Draft, record: ContainerRecord, now: number): void {
  const left = resizesLeft(record);
  if (left.length === 0 || record.stopping !== undefined || record.id === undefined || record.updating === true) return;
  const { resizePolicy = [] } = record.spec;
  if (resizePolicy.some((each) => left.includes(each.resourceName) && each.restartPolicy === 'RestartContainer')) {
    planRestartForResize(draft, record, now);
    return;
  }
  if (record.updateFailed !== undefined && now < record.updateFailed.retryAt) {
    draft.wakeAt = Math.min(draft.wakeAt, record.updateFailed.retryAt);
    return;
  }
  draft.state = withContainer(draft.state, record.name, (each) => ({ ...each, updating: true }));
  draft.effects.push({ type: 'update-container', container: record.name, id: record.id });
}

function planRestartForResize(draft: Draft, record: ContainerRecord, now: number): void {
  const graceMs = podGraceSeconds(draft.state.pod) * 1000;
  draft.state = withContainer(draft.state, record.name, (each) => ({
    ...each,
    stopping: { deadline: now + graceMs },
    restartWanted: true,
  }));
  draft.effects.push(
    containerEvent(record, 'Normal', 'Killing', `Container ${record.name} resize requires restart`),
    { type: 'stop-probes', container: record.name, except: 'readiness' },
    { type: 'stop-container', container: record.name, id: record.id ?? '', graceMs, preStop: true },
  );
}

/** The engine has updated a container, or could not. */
export function containerUpdated(
  record: ContainerRecord,
  result: { readonly applied?: ResourceRequirements | undefined; readonly error?: string | undefined },
  now: number,
): ContainerRecord {
  const { applied, error } = result;
  if (error === undefined) return { ...record, updating: undefined, updateFailed: undefined, applied: applied ?? {} };
  const retries = (record.updateFailed?.retries ?? 0) + 1;
  return {
    ...record,
    updating: undefined,
    updateFailed: { message: error, retries, retryAt: now + shortRetryMs(retries) },
  };
}

interface ResizeCondition {
  readonly type: 'PodResizePending' | 'PodResizeInProgress';
  readonly status: 'True';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** Conditions that stand on a pod only while a resize waits, or is under way. */
export const resizeConditionTypes: readonly string[] = ['PodResizePending', 'PodResizeInProgress'];

/** The conditions of a pod that is being resized. */
export function resizeConditions({ resize, containers }: PodState): readonly ResizeCondition[] {
  const conditions: ResizeCondition[] = [];
  if (resize?.outcome === 'deferred' || resize?.outcome === 'infeasible') {
    const reason = resize.outcome === 'deferred' ? 'Deferred' : 'Infeasible';
    conditions.push({ type: 'PodResizePending', status: 'True', reason, message: resize.message });
  }
  const left = [...containers.values()].filter((record) => resizesLeft(record).length > 0);
  if (left.length === 0) return conditions;
  const failed = left.flatMap(({ name, updateFailed }) =>
    updateFailed === undefined ? [] : [`container ${name}: ${updateFailed.message}`],
  );
  if (failed.length === 0) conditions.push({ type: 'PodResizeInProgress', status: 'True' });
  else conditions.push({ type: 'PodResizeInProgress', status: 'True', reason: 'Error', message: failed.join('; ') });
  return conditions;
}

/** What a container of the status says of its resources; nothing before it was made for the first time. */
export function resourcesStatus(record: ContainerRecord): {
  readonly allocatedResources?: Readonly<Record<string, string>> | undefined;
  readonly resources?: ResourceRequirements | undefined;
} {
  if (record.id === undefined && record.last === undefined) return {};
  const resources: ResourceRequirements = record.spec.resources ?? {};
  const actual = record.phase === 'running' ? (record.applied ?? resources) : resources;
  return { allocatedResources: resources.requests, resources: actual };
}
