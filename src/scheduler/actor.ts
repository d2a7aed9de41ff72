/** The actor that drives the scheduling engine and writes what it decides. */
import type { ActorContext, ActorRef, ActorSystem, Behaviour } from '../actors/index.ts';
import {
  type Clock,
  errorMessage,
  type Logger,
  type Metrics,
  noTraces,
  type Random,
  type Timer,
  type Trace,
  type TraceScope,
} from '../base/index.ts';
import { findCondition, type Pod, resources, sameResource, StatusError, timeText } from '../api/index.ts';
import { actOn, type ObjectChange, type ResourceClient, type ResourceView } from '../resources/index.ts';
import { bindDevices, giveBack } from './bind-devices.ts';
import { bindVolumes } from './bind-volumes.ts';
import { type Outcome, SchedulingEngine } from './engine.ts';
import type { Preemption } from './preemption.ts';
import type { WaitingPod } from './queue.ts';

interface SchedulerPorts {
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope;
  /** Writes an Event of the source `default-scheduler`; never fails the caller. */
  event(object: unknown, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

interface SchedulerOptions {
  /** Pods with this `spec.schedulerName` are scheduled; default `default-scheduler`. */
  readonly schedulerName?: string;
  /** Whether this member schedules when the actor starts; default: it does. */
  readonly active?: () => boolean;
}

type SchedulerMessage =
  | { readonly type: 'run' }
  /** Another member schedules now: forget everything. `resume` rebuilds it from the view. */
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Bindings were written (or not); sent to itself. */
  | { readonly type: 'bound'; readonly failed: readonly WaitingPod[] }
  /** The volumes of one pod came (or not), and its binding was written (or not); sent to itself. */
  | { readonly type: 'volumes-bound'; readonly uid: string; readonly failed: readonly WaitingPod[] };

/** The collections that decisions depend on. */
const watched = [
  resources.pods,
  resources.nodes,
  resources.namespaces,
  resources.persistentVolumeClaims,
  resources.persistentVolumes,
  resources.storageClasses,
  resources.csiNodes,
  resources.csiDrivers,
  resources.csiStorageCapacities,
  resources.resourceClaims,
  resources.resourceSlices,
  resources.deviceClasses,
];

/** What drivers publish and what administrators make of it. */
const deviceKinds: ReadonlySet<string> = new Set([resources.resourceSlices.resource, resources.deviceClasses.resource]);

type Binding = Outcome & { readonly type: 'bind' };

/** How long one turn decides before others get theirs, in ms. */
const turnMs = 10;
/** Pods bound in one batch, and batches under way at most; the decisions wait then. */
const batchMax = 256;
const batchesMax = 4;

interface State {
  readonly engine: SchedulingEngine;
  /** Objects that changed since the last turn: they are read again, each once. */
  readonly changed: Map<string, ObjectChange>;
  /** Of pods without a node: the request that made or changed them last, by `namespace/name`. */
  readonly traces: Map<string, Trace>;
  readonly unsubscribe: () => void;
  binding: number;
  look: Timer | undefined;
  /** Nothing that it began counts any more. */
  left: boolean;
}

function leave(state: State | undefined): void {
  if (state === undefined) return;
  state.left = true;
  state.unsubscribe();
  state.look?.cancel();
}

/** Starts the scheduler as one actor. Its state is rebuilt from the view at each (re)start. */
export function startScheduler(
  system: ActorSystem,
  ports: SchedulerPorts,
  options: SchedulerOptions = {},
): ActorRef<SchedulerMessage> {
  const schedulerName = options.schedulerName ?? 'default-scheduler';
  // Undefined while another member schedules.
  const behaviour: Behaviour<State | undefined, SchedulerMessage> = {
    initialState: (context) => (options.active?.() === false ? undefined : begin(context, ports, schedulerName)),
    receive: (state, message, context) => {
      if (message.type === 'pause') {
        leave(state);
        return undefined;
      }
      if (message.type === 'resume') return state ?? begin(context, ports, schedulerName);
      if (state === undefined) return undefined;
      if (message.type === 'bound' || message.type === 'volumes-bound') {
        if (message.type === 'bound') state.binding = Math.max(0, state.binding - 1);
        else settleDevices(state, message.uid, ports.clock.now());
        for (const waiting of message.failed) state.engine.bindingFailed(waiting, ports.clock.now());
      }
      turn(state, context, ports);
      return state;
    },
    afterStop: leave,
  };
  return system.spawn('scheduler', behaviour, {
    coalesceKey: (message) => (message.type === 'run' ? 'run' : undefined),
  });
}

async function begin(
  context: ActorContext<SchedulerMessage>,
  ports: SchedulerPorts,
  schedulerName: string,
): Promise<State> {
  await ports.view.synced();
  const changed = new Map<string, ObjectChange>();
  const traces = new Map<string, Trace>();
  const unsubscribe = ports.view.onChange((change) => {
    changed.set(keyOf(change), change);
    actOn(change, () => {
      noteTrace(traces, change, ports.traces?.current());
      context.self.tell({ type: 'run' });
    });
  }, watched);
  const engine = new SchedulingEngine(ports.view, schedulerName);
  await loadAll(engine, context, ports);
  context.self.tell({ type: 'run' });
  return { engine, changed, traces, unsubscribe, binding: 0, look: undefined, left: false };
}

function noteTrace(
  traces: Map<string, Trace>,
  { resource, object, type }: ObjectChange,
  trace: Trace | undefined,
): void {
  if (!sameResource(resource, resources.pods)) return;
  const key = `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
  const waits = type === 'put' && (object as Pod).spec.nodeName === undefined;
  if (!waits) traces.delete(key);
  else if (trace !== undefined) traces.set(key, trace);
}

/** Others have their turn now and then: a large cluster takes seconds. */
async function loadAll(
  engine: SchedulingEngine,
  context: ActorContext<SchedulerMessage>,
  ports: SchedulerPorts,
): Promise<void> {
  let end = ports.clock.monotonic() + turnMs;
  for (const _ of engine.load(ports.clock.now())) {
    if (ports.clock.monotonic() < end) continue;
    await new Promise<void>((resolve) => {
      context.timers.after(0, resolve);
    });
    end = ports.clock.monotonic() + turnMs;
  }
}

function keyOf({ resource, object }: ObjectChange): string {
  return `${resource.resource}/${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
}

function takeOver(state: State, now: number): void {
  for (const change of state.changed.values()) {
    const { namespace = '', name = '' } = change.object.metadata;
    if (change.resource.resource === resources.pods.resource) state.engine.syncPod(namespace, name, now);
    else if (change.resource.resource === resources.nodes.resource) state.engine.syncNode(name, now);
    else if (change.resource.resource === resources.resourceClaims.resource)
      state.engine.syncDeviceClaim(namespace, name, now);
    else if (deviceKinds.has(change.resource.resource)) state.engine.devicesChanged(now);
    else state.engine.otherChanged(change.resource.resource, now);
  }
  state.changed.clear();
}

/** What was written by now is taken over first: a device is at no moment nobody's that is somebody's. */
function settleDevices(state: State, uid: string, now: number): void {
  takeOver(state, now);
  state.engine.devicesSettled(uid, now);
}

/** One turn: take over what changed, decide for a while, write the bindings of all decided pods together. */
function turn(state: State, context: ActorContext<SchedulerMessage>, ports: SchedulerPorts): void {
  const { engine } = state;
  const now = ports.clock.now();
  takeOver(state, now);
  state.look?.cancel();
  engine.queue.flush(now);
  const bindings: Binding[] = [];
  const end = ports.clock.monotonic() + turnMs;
  while (state.binding < batchesMax && bindings.length < batchMax) {
    const outcome = engine.next(now, ports.random.fraction());
    if (outcome === undefined) break;
    if (outcome.type === 'bind' && (outcome.claims.length > 0 || outcome.devices.length > 0))
      bindAfterClaims(outcome, { state, context, ports });
    else if (outcome.type === 'bind') bindings.push(outcome);
    else if (engine.cluster.order.length === 0)
      ports.event(outcome.waiting.info.pod, 'Warning', 'FailedScheduling', outcome.message);
    else void reportUnschedulable(outcome, ports);
    if (ports.clock.monotonic() >= end) break;
  }
  if (bindings.length > 0) {
    state.binding += 1;
    void bindAll(bindings, { ports, traces: state.traces, actor: context.address }).then((failed) =>
      context.self.tell({ type: 'bound', failed }),
    );
  }
  if (engine.queue.ready > 0 && state.binding < batchesMax) {
    context.self.tell({ type: 'run' });
    return;
  }
  // Only now: while pods were ready it was not asked when the pauses of others end.
  const waitMs = engine.queue.flush(now);
  if (waitMs !== undefined && waitMs > 0) state.look = context.tellSelfAfter(waitMs, { type: 'run' });
}

interface Turn {
  readonly state: State;
  readonly context: ActorContext<SchedulerMessage>;
  readonly ports: SchedulerPorts;
}

/** A pod whose volumes are to be made, or that gets devices, waits for them by itself: no other pod does. */
function bindAfterClaims(binding: Binding, { state, context, ports }: Turn): void {
  const { waiting, node: name } = binding;
  const node = state.engine.cluster.nodes.get(name);
  if (node === undefined) return;
  const { pod } = waiting.info;
  const isCurrent = (): boolean => !state.left;
  const volumes = { pod, node, claims: binding.claims, isCurrent };
  void prepareClaims(binding, { ...ports, timers: context.timers }, volumes).then(async (problem) => {
    if (state.left) return;
    if (problem !== undefined) ports.event(pod, 'Warning', 'FailedScheduling', problem);
    const bound = problem === undefined && (await bind(binding, ports));
    if (!bound) await returnDevices(binding, ports);
    context.self.tell({ type: 'volumes-bound', uid: waiting.info.uid, failed: bound ? [] : [waiting] });
  });
}

/** Volumes, then devices. Resolves with why the pod cannot have them. */
async function prepareClaims(
  { waiting, claims, devices }: Binding,
  ports: SchedulerPorts & Pick<Parameters<typeof bindVolumes>[0], 'timers'>,
  volumes: Parameters<typeof bindVolumes>[1],
): Promise<string | undefined> {
  const running = (plugin: string, problem: string | undefined): string | undefined =>
    problem === undefined ? undefined : `running PreBind plugin "${plugin}": ${problem}`;
  const told = (error: unknown): string => errorMessage(error);
  const ofVolumes = claims.length === 0 ? undefined : await bindVolumes(ports, volumes).catch(told);
  if (ofVolumes !== undefined || !volumes.isCurrent()) return running('VolumeBinding', ofVolumes);
  return running('DynamicResources', await bindDevices(ports, waiting.info.pod, devices).catch(told));
}

async function returnDevices({ waiting, devices }: Binding, ports: SchedulerPorts): Promise<void> {
  const released = devices.map(({ claim }) => claim);
  try {
    await giveBack(ports, waiting.info.pod, released);
  } catch (error) {
    // The pod has them still, and is tried again with them.
    ports.log.debug('devices of a pod that was not bound could not be given back', {
      pod: waiting.info.key,
      error: errorMessage(error),
    });
  }
}

/** Writes all bindings at once; answers the pods whose binding was not written. */
async function bindAll(
  bindings: readonly Binding[],
  {
    ports,
    traces,
    actor,
  }: { readonly ports: SchedulerPorts; readonly traces: ReadonlyMap<string, Trace>; readonly actor: string },
): Promise<readonly WaitingPod[]> {
  const failed: WaitingPod[] = [];
  const { step } = ports.traces ?? noTraces;
  await Promise.all(
    bindings.map(async (binding) => {
      const { namespace, pod } = binding.waiting.info;
      const parent = traces.get(`${namespace}/${pod.metadata.name}`);
      const write = (): Promise<boolean> => bind(binding, ports);
      const bound = await (parent === undefined
        ? write()
        : step({ parent, what: `bind to ${binding.node}`, actor }, write));
      if (!bound) failed.push(binding.waiting);
    }),
  );
  return failed;
}

/** False when the binding was not written. */
async function bind({ waiting, node }: Binding, ports: SchedulerPorts): Promise<boolean> {
  const { pod, namespace, uid } = waiting.info;
  const { name } = pod.metadata;
  try {
    await ports.client.create(
      { ...resources.pods, namespace, name },
      { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { kind: 'Node', name: node } },
      { subresource: 'binding' },
    );
    ports.metrics.count('troupe_scheduler_pods_bound_total');
    ports.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
    return true;
  } catch (error) {
    const gone = error instanceof StatusError && error.code === 404;
    if (!gone) ports.event(pod, 'Warning', 'FailedScheduling', `binding rejected: ${errorMessage(error)}`);
    return false;
  }
}

/**
 * Says on the pod why it has no node, and makes room for it where that is possible. Not called while the cluster has no
 * node at all: that is no fact about a pod, and writing it on each would only get in the way of who makes them; the
 * event tells it.
 */
async function reportUnschedulable(
  outcome: Outcome & { readonly type: 'unschedulable' },
  ports: SchedulerPorts,
): Promise<void> {
  const { waiting, message, preemption, release } = outcome;
  const { pod } = waiting.info;
  if (outcome.waits !== true) ports.event(pod, 'Warning', 'FailedScheduling', message);
  try {
    if (release.length > 0) await giveBack(ports, pod, release);
    if (preemption !== undefined) await evictVictims(waiting, preemption, ports);
    const isNominated = (pod.status.nominatedNodeName ?? '') !== '';
    const nominatedNodeName = outcome.nominatedNode === null && !isNominated ? undefined : outcome.nominatedNode;
    await writeCondition(pod, message, { ports, nominatedNodeName });
  } catch (error) {
    // The pod is gone or changed: its next version is looked at anyway.
    ports.log.debug('a pod could not be told why it has no node', {
      pod: waiting.info.key,
      error: errorMessage(error),
    });
  }
}

async function writeCondition(
  pod: Pod,
  message: string,
  options: { readonly ports: SchedulerPorts; readonly nominatedNodeName: string | null | undefined },
): Promise<void> {
  const { ports, nominatedNodeName } = options;
  const current = findCondition(pod.status.conditions, 'PodScheduled');
  const same = current?.status === 'False' && current.reason === 'Unschedulable' && current.message === message;
  if (same && nominatedNodeName === undefined) return;
  const times = current?.status === 'False' ? {} : { lastTransitionTime: timeText(ports.clock.now()) };
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastProbeTime: null,
    ...times,
  };
  const { name, namespace = '', uid } = pod.metadata;
  const conditions = [condition];
  const status = nominatedNodeName === undefined ? { conditions } : { conditions, nominatedNodeName };
  await ports.client.patch(
    { ...resources.pods, namespace, name },
    { type: 'strategic', body: { metadata: { uid }, status } },
    { subresource: 'status' },
  );
}

async function evictVictims(waiting: WaitingPod, preemption: Preemption, ports: SchedulerPorts): Promise<void> {
  const now = timeText(ports.clock.now());
  await Promise.all(
    preemption.victims.map(async (victim) => {
      const { name, namespace = '', uid, deletionTimestamp } = victim.pod.metadata;
      if (deletionTimestamp !== undefined) return;
      const ref = { ...resources.pods, namespace, name };
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
        lastTransitionTime: now,
      };
      await ports.client.patch(
        ref,
        { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } },
        { subresource: 'status' },
      );
      await ports.client.delete(ref, { uid });
      ports.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${waiting.info.uid} on node ${preemption.node}`);
    }),
  );
}
