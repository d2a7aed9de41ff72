/** Creating and starting one container on the engine. */
import {
  type Container,
  type EphemeralContainer,
  type Pod,
  resources,
  type RuntimeClass,
  type Service,
  StatusError,
} from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import {
  cgroupResources,
  ConfigError,
  type ConfigSources,
  ConfinementError,
  type ContainerAttempt,
  containerHash,
  containerPlan,
  environmentOf,
  localhostSeccompProfile,
  type PodFacts,
  referencedConfig,
} from '../container/index.ts';
import { retryWhileUnreachable } from '../retry.ts';
import { ClaimSetupError } from '../device-claims/index.ts';
import type { DeviceGrant } from '../devices/index.ts';
import {
  type ContainerDevice,
  type ContainerFacts,
  type ContainerMount,
  type ContainerSpec,
  labels,
  RuntimeError,
} from '../runtime/index.ts';
import {
  type ConfigData,
  containerDevices,
  containerMounts,
  type PreparedVolumes,
  VolumeSetupError,
} from '../volumes/index.ts';
import { endOf } from './pod-adoption.ts';
import type { PodInput } from './pod-messages.ts';
import type { PodContext } from './pod-ports.ts';
import type { ContainerEnd } from './pod-state.ts';

/** The downward facts of a pod on this node. */
export function podFacts(context: PodContext, pod: Pod, addresses: readonly string[]): PodFacts {
  const { ports } = context;
  return {
    pod,
    podIps: pod.spec.hostNetwork === true ? ports.network.hostIps : addresses,
    hostIps: ports.network.hostIps,
    allocatable: ports.node.allocatable(),
  };
}

/** What the pod's RuntimeClass names; undefined: the engine's default. Rejects when there is no such class. */
export async function engineRuntimeOf({ ports }: PodContext, { spec }: Pod): Promise<string | undefined> {
  const name = spec.runtimeClassName ?? '';
  if (name === '') return undefined;
  const { handler } = await ports.api.client.get<RuntimeClass>({ ...resources.runtimeClasses, name });
  return handler;
}

export interface CreateRequest extends ContainerAttempt {
  readonly container: EphemeralContainer;
  readonly volumes: PreparedVolumes;
}

/** Creates a container; the result is an input of the pod. Never rejects. */
export async function createContainer(context: PodContext, request: CreateRequest): Promise<PodInput> {
  const { ports, folder } = context;
  const { container, facts } = request;
  try {
    const { targetContainerName: target = '' } = container;
    if (target !== '' && request.processesOf === undefined)
      throw new ConfigError(`unable to find target container ${target}`);
    const sources = await readSources(context, container, facts.pod.metadata.namespace ?? '');
    const environment = environmentOf(facts, container, {
      services: ports.api.view.list<Service>(resources.services),
      sources,
    });
    const terminationLog = `${folder}/containers/${container.name}/${request.attempt}`;
    await ports.volumes.files.write(terminationLog, '', 0o666);
    const mounts = await containerMounts(ports.volumes.files, {
      container,
      volumes: request.volumes,
      environment,
      folder,
      terminationLog,
    });
    const profile = localhostSeccompProfile(facts.pod, container);
    const seccompProfile = profile === undefined ? undefined : await ports.node.seccompProfile(profile);
    const granted = await grantedParts(context, facts.pod, container);
    const cpus = await ports.cpus?.grant(facts.pod, container);
    const spec = containerPlan({
      ...request,
      identity: ports.node.identity,
      // What the container says itself goes before what its devices bring.
      environment: new Map([...granted.environment, ...environment]),
      mounts: [...mounts, ...granted.mounts],
      devices: [...containerDevices(container, request.volumes), ...granted.devices],
      cdiDevices: granted.left.length === 0 ? undefined : granted.left,
      terminationLog,
      machine: ports.node.limits,
      confinement: ports.node.confinement,
      seccompProfile,
      userRange: ports.node.users.heldBy(context.uid),
      engineRuntime: await engineRuntimeOf(context, facts.pod),
      cpus,
    });
    const id = await createOrReplace(context, spec, urgency.containerCreate);
    if (cpus !== undefined) ports.cpus?.made(id, cpus);
    return {
      type: 'container-created',
      container: container.name,
      id,
      hash: containerHash(container),
      sandboxId: request.sandboxId,
    };
  } catch (error) {
    if (error instanceof ConfinementError)
      ports.metrics.count('troupe_refused_containers_total', { reason: error.module });
    const config = [ConfigError, VolumeSetupError, ClaimSetupError, StatusError].some((kind) => error instanceof kind);
    return {
      type: 'container-create-failed',
      container: container.name,
      reason: config ? 'CreateContainerConfigError' : 'CreateContainerError',
      message: errorMessage(error),
    };
  }
}

interface GrantedParts {
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly mounts: readonly ContainerMount[];
  readonly devices: readonly ContainerDevice[];
}

/** What comes with a container's devices, by plug-ins and by claims, as the engine takes it. */
async function grantedParts(
  { ports }: PodContext,
  pod: Pod,
  container: Container,
): Promise<GrantedParts & { readonly left: readonly string[] }> {
  const grant = await ports.devices?.grant(pod, container);
  const claimed = ports.claims?.grant(pod, container) ?? [];
  const names = [...(grant?.cdiDevices ?? []).map(({ name }) => name), ...claimed];
  const plain = pluginParts(grant);
  if (names.length === 0) return { ...plain, left: [] };
  const edits = await ports.node.cdi.edits(names);
  return {
    environment: [...plain.environment, ...edits.environment],
    mounts: [...plain.mounts, ...edits.mounts],
    devices: [...plain.devices, ...edits.devices],
    left: edits.left,
  };
}

function pluginParts(grant: DeviceGrant | undefined): GrantedParts {
  if (grant === undefined) return { environment: [], mounts: [], devices: [] };
  return {
    environment: Object.entries(grant.envs),
    mounts: grant.mounts.map(({ hostPath: source, containerPath: target, readOnly }) => ({ source, target, readOnly })),
    devices: grant.devices.map(({ hostPath: source, containerPath: target, permissions }) => ({
      source,
      target,
      readOnly: !permissions.includes('w'),
    })),
  };
}

/**
 * A pod that is nearly up goes before one that is just beginning: of many pods the first is ready soonest, the last no
 * later.
 */
export const urgency = { sandbox: 0, containerCreate: 1, containerStart: 2 } as const;

/** Creates; a container that an earlier try left under the same name is removed first. */
export async function createOrReplace(context: PodContext, spec: ContainerSpec, urgent: number): Promise<string> {
  const { runtime, starts } = context.ports.engine;
  try {
    return await starts.run(() => runtime.create(spec), urgent);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'conflict') throw error;
    await runtime.remove(spec.name);
    return starts.run(() => runtime.create(spec), urgent);
  }
}

async function readSources(context: PodContext, container: Container, namespace: string): Promise<ConfigSources> {
  const { config } = context.ports.volumes;
  const { configMaps, secrets } = referencedConfig(container);
  if (configMaps.length + secrets.length === 0) return { configMaps: new Map(), secrets: new Map() };
  const read = (
    names: readonly string[],
    get: (namespace: string, name: string) => Promise<ConfigData | undefined>,
  ): Promise<[string, Record<string, string> | undefined][]> =>
    Promise.all(names.map(async (name) => [name, texts(await get(namespace, name))]));
  return {
    configMaps: new Map(await read(configMaps, config.configMapTexts)),
    secrets: new Map(await read(secrets, config.secret)),
  };
}

function texts(data: ConfigData | undefined): Record<string, string> | undefined {
  return data === undefined
    ? undefined
    : Object.fromEntries(Object.entries(data).map(([key, bytes]) => [key, Buffer.from(bytes).toString('utf8')]));
}

/** Starts a container and answers how it stands afterwards; waits while the engine is away. */
export async function startContainer(
  context: PodContext,
  container: Container,
  id: string,
): Promise<readonly PodInput[]> {
  const { engine, clock, timers, cpus } = context.ports;
  const { runtime, starts } = engine;
  try {
    await retryWhileUnreachable(timers, () => starts.run(() => runtime.start(id), urgency.containerStart));
  } catch (error) {
    const facts = await runtime.inspect(id).catch(() => undefined);
    const end: ContainerEnd = {
      id,
      exitCode: facts?.exitCode ?? 128,
      reason: 'ContainerCannotRun',
      message: errorMessage(error),
      finishedAt: clock.now(),
    };
    return [{ type: 'container-start-failed', container: container.name, end }];
  }
  cpus?.started(id, context.uid, container.name);
  const facts = await retryWhileUnreachable(timers, () => runtime.inspect(id));
  if (facts === undefined) return [{ type: 'container-lost', container: container.name, id }];
  const started: PodInput = {
    type: 'container-started',
    container: container.name,
    id,
    startedAt: facts.startedAt ?? clock.now(),
  };
  return facts.state === 'exited' ? [started, await endInput(context, container, facts)] : [started];
}

/** Gives a running container the resources of its spec. Never rejects. */
export async function updateContainer(
  { ports }: PodContext,
  { pod, container, id }: { readonly pod: Pod; readonly container: Container; readonly id: string },
): Promise<PodInput> {
  const about = { type: 'container-updated', container: container.name, id } as const;
  try {
    await ports.engine.runtime.update(id, cgroupResources(pod, container, ports.node.limits));
    return { ...about, applied: container.resources ?? {} };
  } catch (error) {
    return { ...about, error: errorMessage(error) };
  }
}

/** The input that tells of an ended container, with its termination message. */
export async function endInput(
  context: PodContext,
  container: Container | undefined,
  facts: ContainerFacts,
): Promise<PodInput> {
  const message = await terminationMessage(context, container, facts).catch(() => undefined);
  return {
    type: 'container-ended',
    container: facts.labels[labels.container] ?? container?.name ?? '',
    end: endOf(facts, message),
  };
}

const messageBytesMax = 4096;
const fallbackLines = 80;
const fallbackBytesMax = 2048;

/**
 * What the container wrote to its termination log; with FallbackToLogsOnError the end of its log when that is empty.
 */
export async function terminationMessage(
  context: PodContext,
  container: Container | undefined,
  facts: ContainerFacts,
): Promise<string | undefined> {
  const path = facts.labels[labels.terminationLog];
  const written = path === undefined ? undefined : await context.ports.volumes.files.readTail(path, messageBytesMax);
  if (written !== undefined && written !== '') return written;
  if (container?.terminationMessagePolicy !== 'FallbackToLogsOnError' || facts.exitCode === 0) return undefined;
  const parts: Uint8Array[] = [];
  for await (const { data } of await context.ports.engine.runtime.logs(facts.id, {
    follow: false,
    timestamps: false,
    tailLines: fallbackLines,
  }))
    parts.push(data);
  const end = Buffer.concat(parts).subarray(-fallbackBytesMax);
  return end.length === 0 ? undefined : end.toString('utf8');
}
