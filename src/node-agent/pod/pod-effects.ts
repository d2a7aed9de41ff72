/** Performs what a pod's step decided; results come back to the pod's actor as inputs. */
import { type Pod, qualityOfService, resources, StatusError } from '../../api/index.ts';
import type { ActorContext, ActorRef } from '../../actors/index.ts';
import { delay, errorMessage } from '../../base/index.ts';
import { pullCredentials } from '../images/index.ts';
import { hasLiveVolumes, type PreparedVolumes, refreshVolumes } from '../volumes/index.ts';
import { containerActor, type ContainerCommand } from './container-actor.ts';
import { type CreateRequest, podFacts } from './container-work.ts';
import { pipe } from './pipe.ts';
import { fieldPathOf } from './pod-event.ts';
import type { PodEffect, PodInput, PodMessage } from './pod-messages.ts';
import type { PodContext } from './pod-ports.ts';
import { allocatedPod, fixedSize, judgeResize } from './pod-resize.ts';
import type { ContainerRecord, PodState } from './pod-state.ts';
import { cleanUp, closeSandbox, openSandbox, prepareFolder, releaseDevices, removeAtEngine } from './sandbox-work.ts';
import type { StatusWriter } from './status-writer.ts';
import { takenPods } from './taken-pods.ts';

/** The parts of a pod's actor that are not values. */
export interface PodWork {
  readonly context: PodContext;
  readonly writer: StatusWriter;
  readonly containers: Map<string, ActorRef<ContainerCommand>>;
  readonly actor: ActorContext<PodMessage>;
  readonly over: () => void;
  volumes: PreparedVolumes;
  /** It is new here and has not run yet. */
  starting: boolean;
}

function tell(work: PodWork, input: PodInput): void {
  work.actor.self.tell(input);
}

/** Does a job beside the actor's mailbox; what it resolves with is the actor's next input. */
export function begin(work: PodWork, job: string, result: Promise<PodInput | undefined>): void {
  const { ports, uid } = work.context;
  pipe({ job, log: ports.log, about: { pod: uid }, tell: (input) => tell(work, input) }, result);
}

export function perform(work: PodWork, core: PodState, effect: PodEffect): void {
  const { context } = work;
  switch (effect.type) {
    case 'event':
      if (!core.gone) context.ports.event(core.pod, effect.event);
      return;
    case 'open-sandbox':
      begin(
        work,
        effect.type,
        openSandbox(context, core.pod, { attempt: effect.attempt, tell: (input) => tell(work, input) }),
      );
      return;
    case 'close-sandbox':
      begin(work, effect.type, closeSandbox(context, effect.id));
      return;
    case 'prepare-volumes':
      begin(work, effect.type, prepareVolumes(work, core.pod));
      return;
    case 'release-volumes':
      void context.ports.volumes.csi?.release(context.uid);
      return;
    case 'release-devices':
      begin(work, effect.type, releaseDevices(context, core.pod));
      return;
    case 'clean-up':
      begin(work, effect.type, cleanUp(context, core.pod));
      return;
    case 'remove-from-api':
      begin(work, effect.type, removeFromApi(work, core));
      return;
    case 'ask-resize':
      askForResize(work, core, effect.wanted);
      return;
    case 'remove-container':
      begin(work, effect.type, removeAtEngine(context, effect.id));
      return;
    default:
      performOnContainer(work, core, effect);
  }
}

async function prepareVolumes(work: PodWork, pod: Pod): Promise<PodInput> {
  const { input, volumes } = await prepareFolder(work.context, pod);
  work.volumes = volumes;
  return input;
}

function performOnContainer(
  work: PodWork,
  core: PodState,
  effect: Extract<PodEffect, { readonly container: string }>,
): void {
  const record = core.containers.get(effect.container);
  if (record === undefined) return;
  const worker = containerRef(work, core, effect.container);
  const addresses = podIps(work, core);
  const [podIp = ''] = addresses;
  switch (effect.type) {
    case 'ensure-image':
      begin(work, effect.type, ensureImage(work.context, core.pod, record));
      return;
    case 'create-container':
      worker.tell({ type: 'create', request: createRequest(work, core, { record, effect, addresses }) });
      return;
    case 'start-container':
      worker.tell({ type: 'start', container: record.spec, id: effect.id, podIp });
      return;
    case 'update-container':
      worker.tell({ type: 'update', pod: allocatedPod(core), container: record.spec, id: effect.id });
      return;
    case 'stop-container':
      worker.tell({
        type: 'stop',
        container: record.spec,
        id: effect.id,
        graceMs: effect.graceMs,
        preStop: effect.preStop,
        podIp,
      });
      return;
    case 'run-pre-stop':
      worker.tell({ ...effect, container: record.spec, podIp });
      return;
    case 'stop-probes':
      worker.tell({ type: 'stop-probes', except: effect.except });
      return;
    case 'start-probes':
      startProbes(work, core, effect.container);
  }
}

/** The node's word on a resize; what it allows is given at once, so that nobody else gets it. */
function askForResize(work: PodWork, core: PodState, wanted: string): void {
  const { ports, uid } = work.context;
  const offer = { ...ports.node, allocatable: ports.node.allocatable() };
  const verdict =
    ports.cpus?.isStatic === true && qualityOfService(core.pod.spec) === 'Guaranteed'
      ? fixedSize
      : judgeResize(core.pod, takenPods(ports, uid), offer);
  if (verdict.outcome === 'allowed') ports.node.allocations.give(core.pod);
  if (verdict.outcome === 'deferred')
    ports.node.allocations.whenRoom(uid, () => {
      tell(work, { type: 'room' });
    });
  ports.metrics.count('troupe_pod_resizes_total', { outcome: verdict.outcome });
  tell(work, { type: 'resize-judged', wanted, verdict });
}

interface Creation {
  readonly record: ContainerRecord;
  readonly effect: Extract<PodEffect, { readonly type: 'create-container' }>;
  readonly addresses: readonly string[];
}

function createRequest(work: PodWork, core: PodState, { record, effect, addresses }: Creation): CreateRequest {
  const target = record.spec.targetContainerName;
  return {
    facts: podFacts(work.context, allocatedPod(core), addresses),
    container: record.spec,
    attempt: effect.attempt,
    sandboxId: effect.sandboxId,
    sandboxAttempt: core.sandbox.attempt,
    image: record.image,
    volumes: work.volumes,
    processesOf: target === undefined ? undefined : core.containers.get(target)?.id,
  };
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

export function startProbes(work: PodWork, core: PodState, name: string): void {
  const record = core.containers.get(name);
  if (record?.id === undefined) return;
  const { startupProbe, readinessProbe, livenessProbe } = record.spec;
  if (startupProbe === undefined && readinessProbe === undefined && livenessProbe === undefined) return;
  containerRef(work, core, name).tell({
    type: 'start-probes',
    container: record.spec,
    id: record.id,
    podIp: podIps(work, core)[0] ?? '',
    startedAt: record.startedAt ?? core.seenAt,
    started: record.started,
    ready: record.ready,
  });
}

export function restartProbes(work: PodWork, core: PodState): void {
  for (const record of core.containers.values()) if (record.phase === 'running') startProbes(work, core, record.name);
}

const podIps = (work: PodWork, core: PodState): readonly string[] =>
  core.pod.spec.hostNetwork === true ? work.context.ports.network.hostIps : core.sandbox.addresses;

async function ensureImage({ ports }: PodContext, pod: Pod, record: ContainerRecord): Promise<PodInput> {
  const { name } = record;
  const fieldPath = fieldPathOf(record);
  const outcome = await ports.engine.images.ensure(record.spec, {
    credentials: (registry) => pullCredentials(ports.volumes.config, pod, registry),
    pulling: () => {
      ports.event(pod, {
        kind: 'Normal',
        reason: 'Pulling',
        message: `Pulling image "${record.spec.image}"`,
        fieldPath,
      });
    },
  });
  if (outcome.type === 'ready' && outcome.event !== undefined)
    ports.event(pod, { kind: 'Normal', reason: 'Pulled', message: outcome.event, fieldPath });
  return outcome.type === 'ready'
    ? { type: 'image-ready', container: name, id: outcome.image.id, user: outcome.image.user }
    : { type: 'image-failed', container: name, reason: outcome.reason, message: outcome.message };
}

const removalRetryMs = 1000;

async function removeFromApi(work: PodWork, core: PodState): Promise<PodInput> {
  const { ports, uid } = work.context;
  const { namespace = '', name = '' } = core.pod.metadata;
  await work.writer.flush();
  try {
    await ports.api.client.delete({ ...resources.pods, namespace, name }, { gracePeriodSeconds: 0, uid });
    return { type: 'removed-from-api' };
  } catch (error) {
    // Gone already, or another pod has its name by now.
    const shown = ports.api.view.get<Pod>(resources.pods, namespace, name)?.metadata.uid;
    if (error instanceof StatusError && (error.code === 404 || (error.code === 409 && shown !== uid)))
      return { type: 'removed-from-api' };
    ports.log.warn('failed to remove a pod that has ended from the API; retrying', {
      pod: `${namespace}/${name}`,
      error: errorMessage(error),
    });
    await delay(ports.timers, removalRetryMs);
    return { type: 'removal-failed' };
  }
}

/** How often projected volumes are compared with what they show. */
const refreshMs = 10_000;
/** After this, pods see what changed in the API. */
export const volumeRefreshMs = refreshMs + 2_000;

/** Begins to look after volumes that follow other objects. */
export function keepVolumesFresh(work: PodWork, pod: Pod): void {
  if (hasLiveVolumes(pod)) work.actor.tellSelfAfter(refreshMs, { type: 'refresh' });
}

export function refresh(work: PodWork, core: PodState): void {
  const { context } = work;
  if (core.ending?.cause === 'deleted' || core.cleanUp !== 'no') return;
  work.actor.tellSelfAfter(refreshMs, { type: 'refresh' });
  if (core.volumes.phase !== 'ready') return;
  begin(work, 'refresh', refreshProjected(context, core));
}

async function refreshProjected(context: PodContext, core: PodState): Promise<undefined> {
  const { ports, folder } = context;
  try {
    await refreshVolumes(ports.volumes, podFacts(context, allocatedPod(core), core.sandbox.addresses), folder);
  } catch (error) {
    ports.log.debug('failed to refresh projected volumes', { pod: context.uid, error: errorMessage(error) });
  }
}
