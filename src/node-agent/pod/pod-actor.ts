import { StatusError } from '../../api/index.ts';
import type { ActorContext, ActorRef, Behaviour } from '../../actors/index.ts';
import { delay, errorMessage, type Timer } from '../../base/index.ts';
import { pullCredentials } from '../images/index.ts';
import { type Pod, resources } from '../kube/index.ts';
import { retryWhileUnreachable } from '../retry.ts';
import { type ContainerFacts, labels, type RuntimeEvent } from '../runtime/index.ts';
import { hasProjectedVolumes, type PreparedVolumes, refreshVolumes } from '../volumes/index.ts';
import { containerActor, type ContainerCommand } from './container-actor.ts';
import { endInput, podFacts, terminationMessage } from './container-work.ts';
import { adoptPod } from './pod-adoption.ts';
import type { Refusal } from './pod-admission.ts';
import { isOver } from './pod-ending.ts';
import type { PodEffect, PodInput } from './pod-messages.ts';
import { stepPod } from './pod-plan.ts';
import type { PodContext, PodPorts } from './pod-ports.ts';
import { freshPod, isAlive, type PodState } from './pod-state.ts';
import { isUnderWay, podStatus } from './pod-status.ts';
import { cleanUp, closeSandbox, connectSandbox, openSandbox, prepareFolder, removeAtEngine } from './sandbox-work.ts';
import { StatusWriter } from './status-writer.ts';

/** What a pod's actor is told: the step's inputs, and what the engine says of its containers. */
export type PodMessage =
  | PodInput
  | { readonly type: 'engine-event'; readonly event: Extract<RuntimeEvent, { readonly id: string }> }
  /** Everything that the engine has of this pod, after its events were lost for a while. */
  | { readonly type: 'engine-state'; readonly found: readonly ContainerFacts[] }
  | { readonly type: 'refresh' };

/** How often projected volumes are compared with what they show. */
const refreshMs = 10_000;

/** Most pods run sooner than this after a step on the way, and are written once. */
const progressPauseMs = 200;

interface PodActorState {
  readonly core: PodState;
  readonly timer?: Timer;
}

/** The parts of a pod's actor that are not values. */
interface PodWork {
  readonly context: PodContext;
  readonly writer: StatusWriter;
  readonly containers: Map<string, ActorRef<ContainerCommand>>;
  readonly actor: ActorContext<PodMessage>;
  readonly over: () => void;
  volumes: PreparedVolumes;
  /** It is new here and has not run yet. */
  starting: boolean;
}

export interface PodActorOptions {
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
export function podActor(options: PodActorOptions): Behaviour<PodActorState & { readonly work: PodWork }, PodMessage> {
  const { ports, pod } = options;
  const uid = pod.metadata.uid ?? '';
  const context: PodContext = { ports, uid, folder: `${ports.podsFolder}/${uid}` };
  let starts = 0;
  return {
    initialState: async (actor) => {
      starts += 1;
      const work: PodWork = {
        context,
        writer: new StatusWriter(ports),
        containers: new Map(),
        actor,
        over: options.over,
        volumes: new Map(),
        starting: starts === 1 && options.found === undefined,
      };
      const newest = ports.view.get<Pod>(resources.pods, pod.metadata.namespace, pod.metadata.name ?? '');
      const current = newest?.metadata.uid === uid ? newest : pod;
      /* After a crash the engine is asked what is there: the first start was told by the agent. */
      const found =
        starts === 1
          ? options.found
          : await retryWhileUnreachable(ports.timers, () =>
              ports.runtime.list({ [labels.cluster]: ports.identity.cluster, [labels.podUid]: uid }),
            );
      const core = found === undefined ? freshPod(current, ports.clock.now()) : await adopt(context, current, found);
      if (found !== undefined) restartProbes(work, core);
      if (hasProjectedVolumes(pod)) actor.tellSelfAfter(refreshMs, { type: 'refresh' });
      if (options.refusal !== undefined && starts === 1)
        return advance(work, { core }, { type: 'evict', ...options.refusal });
      return advance(
        work,
        { core },
        newest === undefined && starts > 1 ? { type: 'pod-gone' } : { type: 'pod-changed', pod: current },
      );
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

async function adopt(context: PodContext, pod: Pod, found: readonly ContainerFacts[]): Promise<PodState> {
  const specs = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
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
    const address = facts.labels[labels.address];
    if (address !== undefined) context.ports.addresses.reserve(context.uid, address);
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
    await connectSandbox(context, facts);
    return facts;
  } catch (error) {
    context.ports.log.warn('a sandbox that was found has no way onto the bridge; it is made anew', {
      sandbox: facts.id,
      error: errorMessage(error),
    });
    return { ...facts, state: 'exited' };
  }
}

function advance(work: PodWork, state: PodActorState, input: PodInput): PodActorState & { readonly work: PodWork } {
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
  return { core: step.state, work, ...(timer === undefined ? {} : { timer }) };
}

function showStatus(work: PodWork, core: PodState, input: PodInput): void {
  if (core.gone || input.type === 'removed-from-api') {
    work.writer.stop();
    return;
  }
  const { ports } = work.context;
  const status = podStatus(core, { hostIp: ports.hostIp, runtimeName: ports.runtimeName, now: ports.clock.now() });
  work.writer.offer(core.pod, status, isUnderWay(status) ? progressPauseMs : 0);
  if (!work.starting || status.phase === 'Pending') return;
  work.starting = false;
  if (status.phase === 'Running')
    ports.metrics.observe('troupe_pod_start_seconds', (ports.clock.now() - core.seenAt) / 1000);
}

function containerRef(work: PodWork, core: PodState, name: string): ActorRef<ContainerCommand> {
  const known = work.containers.get(name);
  if (known !== undefined) return known;
  const made = work.actor.spawn(
    `container-${name}`,
    containerActor({
      context: work.context,
      tell: (input) => {
        work.actor.self.tell(input);
      },
      event: (event) => {
        work.context.ports.event(core.pod, event);
      },
    }),
  );
  work.containers.set(name, made);
  return made;
}

function startProbes(work: PodWork, core: PodState, name: string): void {
  const record = core.containers.get(name);
  if (record?.id === undefined) return;
  const { startupProbe, readinessProbe, livenessProbe } = record.spec;
  if (startupProbe === undefined && readinessProbe === undefined && livenessProbe === undefined) return;
  containerRef(work, core, name).tell({
    type: 'start-probes',
    container: record.spec,
    id: record.id,
    podIp: podIp(work, core),
    startedAt: record.startedAt ?? core.seenAt,
    started: record.started,
    ready: record.ready,
  });
}

function restartProbes(work: PodWork, core: PodState): void {
  for (const record of core.containers.values()) if (record.phase === 'running') startProbes(work, core, record.name);
}

const podIp = (work: PodWork, core: PodState): string =>
  core.pod.spec.hostNetwork === true ? work.context.ports.hostIp : core.sandbox.address;

function perform(work: PodWork, core: PodState, effect: PodEffect): void {
  const { context } = work;
  const tell = (input: PodInput): void => {
    work.actor.self.tell(input);
  };
  switch (effect.type) {
    case 'event':
      if (!core.gone) context.ports.event(core.pod, effect.event);
      return;
    case 'open-sandbox':
      void openSandbox(context, core.pod, { attempt: effect.attempt, tell });
      return;
    case 'close-sandbox':
      void closeSandbox(context, effect.id).then(tell);
      return;
    case 'prepare-volumes':
      void prepareFolder(context, core.pod).then(({ input, volumes }) => {
        work.volumes = volumes;
        tell(input);
      });
      return;
    case 'clean-up':
      void cleanUp(context).then(tell);
      return;
    case 'remove-from-api':
      void removeFromApi(work, core).then(tell);
      return;
    case 'remove-container':
      void removeAtEngine(context, effect.id).catch((error: unknown) => {
        context.ports.log.warn('an old container could not be removed', { id: effect.id, error: errorMessage(error) });
      });
      return;
    default:
      performOnContainer(work, core, effect);
  }
}

function performOnContainer(
  work: PodWork,
  core: PodState,
  effect: Extract<PodEffect, { readonly container: string }>,
): void {
  const record = core.containers.get(effect.container);
  if (record === undefined) return;
  const { context } = work;
  const worker = containerRef(work, core, effect.container);
  const address = podIp(work, core);
  switch (effect.type) {
    case 'ensure-image':
      void ensureImage(work, core, effect.container);
      return;
    case 'create-container': {
      const target =
        record.spec.targetContainerName === undefined
          ? undefined
          : core.containers.get(record.spec.targetContainerName)?.id;
      const request = {
        facts: podFacts(context, core.pod, address),
        container: record.spec,
        attempt: effect.attempt,
        sandboxId: effect.sandboxId,
        sandboxAttempt: core.sandbox.attempt,
        image: record.image,
        volumes: work.volumes,
        ...(target === undefined ? {} : { processesOf: target }),
      };
      worker.tell({ type: 'create', request });
      return;
    }
    case 'start-container':
      worker.tell({ type: 'start', container: record.spec, id: effect.id, podIp: address });
      return;
    case 'stop-container':
      worker.tell({
        type: 'stop',
        container: record.spec,
        id: effect.id,
        graceMs: effect.graceMs,
        preStop: effect.preStop,
        podIp: address,
      });
      return;
    case 'stop-probes':
      worker.tell({ type: 'stop-probes' });
      return;
    case 'start-probes':
      startProbes(work, core, effect.container);
  }
}

async function ensureImage(work: PodWork, core: PodState, name: string): Promise<void> {
  const { ports } = work.context;
  const record = core.containers.get(name);
  if (record === undefined) return;
  const list =
    record.role === 'app' ? 'containers' : record.role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  const fieldPath = `spec.${list}{${name}}`;
  const outcome = await ports.images.ensure(record.spec, {
    credentials: (registry) => pullCredentials(ports.volumes.config, core.pod, registry),
    pulling: () => {
      ports.event(core.pod, {
        kind: 'Normal',
        reason: 'Pulling',
        message: `Pulling image "${record.spec.image}"`,
        fieldPath,
      });
    },
  });
  if (outcome.type === 'ready' && outcome.event !== undefined)
    ports.event(core.pod, { kind: 'Normal', reason: 'Pulled', message: outcome.event, fieldPath });
  work.actor.self.tell(
    outcome.type === 'ready'
      ? { type: 'image-ready', container: name, id: outcome.image.id, user: outcome.image.user }
      : { type: 'image-failed', container: name, reason: outcome.reason, message: outcome.message },
  );
}

const removalRetryMs = 1000;

async function removeFromApi(work: PodWork, core: PodState): Promise<PodInput> {
  const { ports, uid } = work.context;
  const { namespace = '', name = '' } = core.pod.metadata;
  await work.writer.flush();
  try {
    await ports.client.delete({ ...resources.pods, namespace, name }, { gracePeriodSeconds: 0, uid });
    return { type: 'removed-from-api' };
  } catch (error) {
    /* Gone already, or another pod has its name by now. */
    const shown = ports.view.get<Pod>(resources.pods, namespace, name)?.metadata.uid;
    if (error instanceof StatusError && (error.code === 404 || (error.code === 409 && shown !== uid)))
      return { type: 'removed-from-api' };
    ports.log.warn('a pod that has ended could not be removed from the API yet', {
      pod: `${namespace}/${name}`,
      error: errorMessage(error),
    });
    await delay(ports.timers, removalRetryMs);
    return { type: 'removal-failed' };
  }
}

function engineEvent(work: PodWork, core: PodState, event: Extract<RuntimeEvent, { readonly id: string }>): void {
  if (event.type !== 'exited' && event.type !== 'removed') return;
  if (event.labels[labels.role] === 'sandbox') {
    work.actor.self.tell({ type: 'sandbox-ended', id: event.id });
    return;
  }
  const name = event.labels[labels.container] ?? '';
  const record = core.containers.get(name);
  if (record?.id !== event.id || !isAlive(record)) return;
  if (event.type === 'removed') {
    work.actor.self.tell({ type: 'container-lost', container: name, id: event.id });
    return;
  }
  void tellEnd(work, core, event.id);
}

async function tellEnd(work: PodWork, core: PodState, id: string): Promise<void> {
  const { context } = work;
  try {
    const facts = await retryWhileUnreachable(context.ports.timers, () => context.ports.runtime.inspect(id));
    const name = [...core.containers.values()].find((record) => record.id === id)?.name ?? '';
    if (facts === undefined) work.actor.self.tell({ type: 'container-lost', container: name, id });
    else if (facts.state === 'exited')
      work.actor.self.tell(await endInput(context, core.containers.get(name)?.spec, facts));
  } catch (error) {
    context.ports.log.warn('an ended container could not be looked at', { id, error: errorMessage(error) });
  }
}

function engineState(work: PodWork, core: PodState, found: readonly ContainerFacts[]): void {
  const byId = new Map(found.map((facts) => [facts.id, facts]));
  const { sandbox } = core;
  if (sandbox.phase === 'ready' && sandbox.id !== undefined && byId.get(sandbox.id)?.state !== 'running')
    work.actor.self.tell({ type: 'sandbox-ended', id: sandbox.id });
  for (const record of core.containers.values()) {
    if (record.phase !== 'running' || record.id === undefined) continue;
    const facts = byId.get(record.id);
    if (facts === undefined) work.actor.self.tell({ type: 'container-lost', container: record.name, id: record.id });
    else if (facts.state !== 'running') void tellEnd(work, core, record.id);
  }
}

function refresh(work: PodWork, core: PodState): void {
  const { context } = work;
  if (core.ending?.cause === 'deleted') return;
  work.actor.tellSelfAfter(refreshMs, { type: 'refresh' });
  if (core.volumes.phase !== 'ready') return;
  void refreshVolumes(context.ports.volumes, podFacts(context, core.pod, core.sandbox.address), context.folder).catch(
    (error: unknown) => {
      context.ports.log.debug('projected volumes could not be refreshed', {
        pod: context.uid,
        error: errorMessage(error),
      });
    },
  );
}
