/** One pod's actor: messages go through the pure step, and what it decides is performed beside the mailbox. */
import type { ActorContext, Behaviour } from '../../actors/index.ts';
import { errorMessage, type Timer } from '../../base/index.ts';
import { nonEphemeralContainers, type Pod, resources } from '../../api/index.ts';
import { retryWhileUnreachable } from '../retry.ts';
import { clusterLabels, type ContainerFacts, labels } from '../runtime/index.ts';
import { terminationMessage } from './container-work.ts';
import { engineEvent, engineState } from './engine-news.ts';
import { adoptPod } from './pod-adoption.ts';
import type { Refusal } from './pod-admission.ts';
import { keepVolumesFresh, perform, type PodWork, refresh, restartProbes, startProbes } from './pod-effects.ts';
import { isOver } from './pod-ending.ts';
import type { PodInput, PodMessage } from './pod-messages.ts';
import { stepPod } from './pod-plan.ts';
import type { PodContext, PodPorts } from './pod-ports.ts';
import { freshPod, isAlive, type PodState } from './pod-state.ts';
import { isUnderWay, podStatus } from './pod-status.ts';
import { connectSandbox, reserveSandbox } from './sandbox-work.ts';
import { StatusWriter } from './status-writer.ts';

/** Most pods run sooner than this after a step on the way, and are written once. */
const progressPauseMs = 1000;

interface PodActorState {
  readonly core: PodState;
  readonly timer?: Timer | undefined;
}

type WorkingPod = PodActorState & { readonly work: PodWork };

interface PodActorOptions {
  readonly ports: PodPorts;
  readonly pod: Pod;
  /** What the engine had of it when the agent started; undefined for a pod that is new. */
  readonly found: readonly ContainerFacts[] | undefined;
  /** Why the node will not run it. */
  readonly refusal?: Refusal | undefined;
  /** Called when nothing of the pod is left. */
  readonly over: () => void;
}

/** One pod: messages go through the pure step, its effects are performed here, their results come back as messages. */
export function podActor(options: PodActorOptions): Behaviour<WorkingPod, PodMessage> {
  const { ports, pod } = options;
  const uid = pod.metadata.uid ?? '';
  const context: PodContext = { ports, uid, folder: `${ports.node.podsFolder}/${uid}` };
  let starts = 0;
  return {
    initialState: (actor) => {
      starts += 1;
      return startPod(options, { context, actor, isFirst: starts === 1 });
    },
    receive: (state, message) => {
      if (message.type === 'engine-event') {
        engineEvent(state.work, state.core, message.event);
        return state;
      }
      if (message.type === 'engine-state') {
        engineState(state.work, state.core, message.found);
        return state;
      }
      if (message.type === 'refresh') {
        refresh(state.work, state.core);
        return state;
      }
      return advance(state.work, state, message);
    },
    afterStop: (state) => {
      state.timer?.cancel();
      state.work.writer.stop();
    },
  };
}

interface PodStart {
  readonly context: PodContext;
  readonly actor: ActorContext<PodMessage>;
  /** It is not a restart after a crash. */
  readonly isFirst: boolean;
}

async function startPod(options: PodActorOptions, { context, actor, isFirst }: PodStart): Promise<WorkingPod> {
  const { ports, pod, refusal } = options;
  const { uid } = context;
  const work: PodWork = {
    context,
    writer: new StatusWriter(ports),
    containers: new Map(),
    actor,
    over: options.over,
    volumes: new Map(),
    starting: isFirst && options.found === undefined,
  };
  const newest = ports.api.view.get<Pod>(resources.pods, pod.metadata.namespace, pod.metadata.name ?? '');
  const current = newest?.metadata.uid === uid ? newest : pod;
  // After a crash the engine lists what is there; at the first start the agent passes it on.
  const found = isFirst
    ? options.found
    : await retryWhileUnreachable(ports.timers, () =>
        ports.engine.runtime.list({ ...clusterLabels(ports.node.identity), [labels.podUid]: uid }),
      );
  const core = found === undefined ? freshPod(current, ports.clock.now()) : await adopt(context, current, found);
  if (found !== undefined) restartProbes(work, core);
  keepVolumesFresh(work, pod);
  if (refusal !== undefined && isFirst) return advance(work, { core }, { type: 'evict', ...refusal, refused: true });
  return advance(
    work,
    { core },
    newest === undefined && !isFirst ? { type: 'pod-gone' } : { type: 'pod-changed', pod: current },
  );
}

async function adopt(context: PodContext, pod: Pod, found: readonly ContainerFacts[]): Promise<PodState> {
  const specs = nonEphemeralContainers(pod);
  const messages = new Map<string, string | undefined>();
  for (const facts of found) {
    if (facts.labels[labels.role] === 'container' && facts.state === 'exited')
      messages.set(
        facts.id,
        await terminationMessage(
          context,
          specs.find(({ name }) => name === facts.labels[labels.container]),
          facts,
        ).catch(() => undefined),
      );
    reserveSandbox(context.ports, context.uid, facts.labels);
  }
  return adoptPod(pod, await Promise.all(found.map((facts) => linked(context, facts))), {
    now: context.ports.clock.now(),
    messageOf: (facts) => messages.get(facts.id),
  });
}

/** A sandbox may have been left without its link; one that cannot have it counts as ended, so that another is made. */
async function linked(context: PodContext, facts: ContainerFacts): Promise<ContainerFacts> {
  if (facts.labels[labels.role] !== 'sandbox' || facts.state !== 'running') return facts;
  try {
    await connectSandbox(context.ports.network.links, facts);
    return facts;
  } catch (error) {
    context.ports.log.warn('failed to link an adopted sandbox to the bridge; making another', {
      sandbox: facts.id,
      error: errorMessage(error),
    });
    return { ...facts, state: 'exited' };
  }
}

function advance(work: PodWork, state: PodActorState, input: PodInput): WorkingPod {
  const { ports } = work.context;
  const now = ports.clock.now();
  state.timer?.cancel();
  const step = stepPod(state.core, input, now);
  for (const effect of step.effects) perform(work, step.state, effect);
  for (const record of step.state.containers.values()) {
    const before = state.core.containers.get(record.name);
    const begins =
      record.phase === 'running' &&
      record.hookDone &&
      (before?.phase !== 'running' || !before.hookDone || (!before.started && record.started));
    if (begins && record.stopping === undefined) startProbes(work, step.state, record.name);
  }
  showStatus(work, step.state, input);
  if (isOver(step.state)) work.over();
  const timer =
    step.wakeAt === undefined ? undefined : work.actor.tellSelfAfter(Math.max(0, step.wakeAt - now), { type: 'tick' });
  return { core: step.state, work, timer };
}

function showStatus(work: PodWork, core: PodState, input: PodInput): void {
  if (core.gone || input.type === 'removed-from-api') {
    work.writer.stop();
    return;
  }
  const { ports } = work.context;
  const status = podStatus(core, {
    hostIps: ports.network.hostIps,
    runtimeName: ports.engine.name,
    now: ports.clock.now(),
  });
  const ended = status.phase === 'Succeeded' || status.phase === 'Failed';
  if (ended && ![...core.containers.values()].some(isAlive)) ports.node.allocations.release(work.context.uid);
  work.writer.offer(core.pod, status, isUnderWay(status) ? progressPauseMs : 0);
  if (!work.starting || status.phase === 'Pending') return;
  work.starting = false;
  if (status.phase === 'Running')
    ports.metrics.observe('troupe_pod_start_seconds', (ports.clock.now() - core.seenAt) / 1000);
}
