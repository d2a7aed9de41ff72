/** The containers of a CRI runtime, and sandboxes as containers: from creation to removal. */
import { stat } from 'node:fs/promises';
import { delay, type Timers } from '../../../base/index.ts';
import { removeUntilGone } from '../removal.ts';
import {
  type ContainerFacts,
  type ContainerCalls,
  type ContainerSpec,
  type ContainerStats,
  type ContainerSummary,
  RuntimeError,
} from '../runtime.ts';
import { actionMs, type CriConnection, ignoring } from './cri-connection.ts';
import { containerFacts, engineSettings, isImageId, portLabels, processOf, stateOf, summaryOf } from './cri-facts.ts';
import type {
  CriContainer,
  CriStats,
  ListedContainer,
  RuntimeStatus,
  RuntimeVersion,
  Verbose,
} from './cri-messages.ts';
import { carries, hasImage, type Sandboxes, selectorOf } from './cri-sandboxes.ts';
import { containerConfig, linuxResources, own } from './cri-spec.ts';
import { removeLog } from './log-rotation.ts';
import { signalAndWait } from './stop-signals.ts';
import { cgroupParent, forgetLimit, hasUnifiedCgroups, limitBeforeStart } from './process-limits.ts';

/** A runtime that finds a shim gone sees its container's end within so long. */
const shimEndMs = 200;

type Labels = Readonly<Record<string, string>>;

interface ContainerPorts {
  readonly timers: Timers;
  readonly sandboxes: Sandboxes;
  /** The reference that makes a specification one of a sandbox. */
  readonly sandboxImage: () => Promise<string>;
  /** The image's id by what a container's status names. */
  readonly imageId: (reference: string) => Promise<string>;
  /** The ids of all images, by their tags and digests. */
  readonly imageIds: () => Promise<ReadonlyMap<string, string>>;
  /** The path of a file with the profile's text. */
  readonly seccompFile: (profile: string) => Promise<string>;
}

const gone = (id: string): RuntimeError => new RuntimeError('not-found', `No such container: ${id}`);

/**
 * A container's status; undefined when there is none with this id. `verbose`: with its process, for which the runtime
 * also writes down the whole specification.
 */
export function statusOf(
  connection: CriConnection,
  id: string,
  verbose = false,
): Promise<Verbose<CriContainer> | undefined> {
  const request = { containerId: id, verbose };
  return ignoring('not-found', connection.runtime<Verbose<CriContainer>>('ContainerStatus', request));
}

export async function listContainers(connection: CriConnection, labels: Labels): Promise<readonly ListedContainer[]> {
  const filter = { labelSelector: selectorOf(labels) };
  const answer = await connection.runtime<{ readonly containers: readonly ListedContainer[] }>('ListContainers', {
    filter,
  });
  return answer.containers.filter((each) => carries(each.labels, labels));
}

export function containerCalls(connection: CriConnection, ports: ContainerPorts): ContainerCalls {
  const inspect = async (id: string): Promise<ContainerFacts | undefined> =>
    (ports.sandboxes.made(id) ? undefined : await inspectContainer(connection, ports, id)) ??
    (await ports.sandboxes.inspect(id));
  const summaries = (labels: Labels): Promise<readonly ContainerSummary[]> => summarize(connection, ports, labels);
  return {
    inspect,
    summaries,
    list: async (labels) => {
      const found = await Promise.all((await summaries(labels)).map(({ id }) => inspect(id)));
      return found.filter((each) => each !== undefined);
    },
    create: async (spec) => {
      if (spec.image === (await ports.sandboxImage())) return (await ports.sandboxes.run(spec, false)).id;
      return create(connection, ports, spec);
    },
    start: (id) => start(connection, ports, id),
    stop: (id, graceMs) => stop(connection, ports, { id, graceMs }),
    kill: async (id, signal) => {
      const facts = await inspect(id);
      if (facts?.state !== 'running') return;
      if (signal === 'SIGKILL' || facts.processId === 0) await stop(connection, ports, { id, graceMs: 0 });
      // CRI sends no other signals; the process is one of this machine.
      else process.kill(facts.processId, signal as NodeJS.Signals);
    },
    update: async (id, resources) => {
      const request = { containerId: id, linux: linuxResources(resources) };
      try {
        await connection.runtime('UpdateContainerResources', request, { deadlineMs: actionMs });
      } catch (error) {
        throw (error as RuntimeError).code === 'not-found' ? gone(id) : error;
      }
    },
    remove: (id) => remove(connection, ports, id),
    stats: async (id) => statsOf(await containerStats(connection, id)),
    storageBytes: async (id) => {
      const found = await statusOf(connection, id);
      if (found?.status === undefined) return undefined;
      const [stats, log] = await Promise.all([
        containerStats(connection, id),
        stat(found.status.logPath).catch(() => undefined),
      ]);
      return (stats?.writableLayer?.usedBytes ?? 0) + (log?.size ?? 0);
    },
  };
}

async function inspectContainer(
  connection: CriConnection,
  { imageId }: ContainerPorts,
  id: string,
): Promise<ContainerFacts | undefined> {
  const answer = await statusOf(connection, id, true);
  if (answer?.status === undefined) return undefined;
  const facts = containerFacts(answer, answer.status);
  return isImageId(facts.imageId) ? facts : { ...facts, imageId: await imageId(facts.imageId) };
}

/** A sandbox that was made for one container is no container to others, unless its own is gone. */
async function summarize(
  connection: CriConnection,
  { sandboxes, sandboxImage, imageIds }: ContainerPorts,
  labels: Labels,
): Promise<readonly ContainerSummary[]> {
  const [containers, boxes, image] = await Promise.all([
    listContainers(connection, labels),
    sandboxes.list(labels),
    sandboxImage(),
  ]);
  const named = containers.map(summaryOf);
  const ids = named.every(({ imageId }) => isImageId(imageId)) ? new Map<string, string>() : await imageIds();
  const used = new Set(containers.map(({ podSandboxId }) => podSandboxId));
  const shown = boxes.filter(({ id, labels: theirs }) => theirs[own.private] !== 'true' || !used.has(id));
  return [
    ...named.map((each) => ({ ...each, imageId: ids.get(each.imageId) ?? each.imageId })),
    ...shown.map((box) => ({
      id: box.id,
      labels: portLabels(box.labels),
      state: stateOf(box.state),
      imageId: image,
    })),
  ];
}

/** The sandbox whose namespaces a container joins; undefined: it wants its own. */
async function sandboxOf({ sandboxes }: ContainerPorts, spec: ContainerSpec): Promise<string | undefined> {
  if (spec.network.type === 'container') return spec.network.id;
  if ('container' in spec.ipc) return spec.ipc.container;
  return spec.network.type === 'host' && spec.group !== undefined ? sandboxes.ofGroup(spec.group) : undefined;
}

/** An engine without CDI would leave the devices out without a word. */
async function checkCdi(connection: CriConnection): Promise<void> {
  const status = await connection.runtime<RuntimeStatus>('Status', { verbose: true });
  if (!engineSettings(status).takesCdi)
    throw new RuntimeError('invalid', 'the container engine does not take CDI devices; enable_cdi turns that on');
}

/** The first versions that know them. Another runtime is taken by its word. */
const imageMountsSince: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  containerd: [2, 1],
  'cri-o': [1, 31],
};

/** An earlier one would pass over the field that it does not know. */
async function checkImageMounts(connection: CriConnection): Promise<void> {
  const { runtimeName, runtimeVersion } = await connection.runtime<RuntimeVersion>('Version');
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(runtimeVersion) ?? [];
  const [sinceMajor, sinceMinor] = imageMountsSince[runtimeName] ?? [0, 0];
  if (Number(major) > sinceMajor || (Number(major) === sinceMajor && Number(minor) >= sinceMinor)) return;
  const since = `${runtimeName} ${sinceMajor}.${sinceMinor}`;
  throw new RuntimeError('invalid', `volumes of images need ${since} or later; this node has ${runtimeVersion}`);
}

async function create(connection: CriConnection, ports: ContainerPorts, spec: ContainerSpec): Promise<string> {
  const { sandboxes } = ports;
  if (spec.cdiDevices !== undefined) await checkCdi(connection);
  if (spec.mounts.some(({ image }) => image === true)) await checkImageMounts(connection);
  const joined = await sandboxOf(ports, spec);
  if (joined === undefined && (await listContainers(connection, { [own.name]: spec.name })).length > 0)
    throw new RuntimeError('conflict', `the container name ${spec.name} is taken`);
  const made = joined === undefined ? await sandboxes.run(spec, true) : undefined;
  const sandboxId = joined ?? made?.id ?? '';
  try {
    const sandbox = made?.config ?? (await sandboxes.config(sandboxId));
    if (sandbox === undefined) throw gone(sandboxId);
    const { seccomp } = spec.security;
    const config = containerConfig(spec, {
      sandboxId,
      sandbox,
      seccompFile: seccomp.startsWith('{') ? await ports.seccompFile(seccomp) : undefined,
      unified: hasUnifiedCgroups(),
    });
    const request = { podSandboxId: sandboxId, config, sandboxConfig: sandbox };
    const answer = await connection.runtime<{ readonly containerId: string }>('CreateContainer', request, {
      deadlineMs: actionMs,
    });
    const { processesMax } = spec.resources;
    if (processesMax !== undefined && sandbox.linux.cgroupParent === cgroupParent)
      await limitBeforeStart(answer.containerId, processesMax);
    return answer.containerId;
  } catch (error) {
    if (made !== undefined) await sandboxes.remove(made.id).catch(() => undefined);
    throw await reasonOf(connection, spec, error);
  }
}

/** Runtimes say in texts of their own what is missing and which name is taken; what is there tells whether it is so. */
async function reasonOf(connection: CriConnection, spec: ContainerSpec, error: unknown): Promise<unknown> {
  if (error instanceof RuntimeError && !(await hasImage(connection, spec.image).catch(() => true)))
    return new RuntimeError('image-not-found', `No such image: ${spec.image}`, error);
  if (!(error instanceof RuntimeError) || error.code !== 'failed') return error;
  const holders = await listContainers(connection, { [own.name]: spec.name }).catch(() => []);
  return holders.length > 0 ? new RuntimeError('conflict', error.message, error) : error;
}

async function start(connection: CriConnection, ports: ContainerPorts, id: string): Promise<void> {
  // A sandbox runs from its creation on.
  if (ports.sandboxes.made(id)) return;
  try {
    await connection.runtime('StartContainer', { containerId: id }, { deadlineMs: actionMs });
  } catch (error) {
    const failed = error as RuntimeError;
    if (failed.code === 'unreachable') throw failed;
    const facts = (await inspectContainer(connection, ports, id)) ?? (await ports.sandboxes.inspect(id));
    // One of an earlier agent's, or a container that is started twice.
    if (facts?.state === 'running') return;
    throw new RuntimeError('cannot-run', failed.message, failed);
  }
}

async function stop(
  connection: CriConnection,
  { sandboxes, timers }: ContainerPorts,
  { id, graceMs }: { readonly id: string; readonly graceMs: number },
): Promise<boolean> {
  const found = await statusOf(connection, id);
  if (found === undefined) {
    if ((await sandboxes.inspect(id)) === undefined) return false;
    await sandboxes.stop(id);
    return true;
  }
  const signal = found.status?.labels[own.stopSignal];
  if (signal !== undefined) {
    const running = await statusOf(connection, id, true);
    await signalAndWait(timers, processOf(running?.info ?? {}), { signal, graceMs });
  }
  // What it had to end in is over by now.
  const timeout = signal === undefined ? Math.max(0, Math.ceil(graceMs / 1000)) : 0;
  const attempt = (): Promise<object | undefined> =>
    ignoring(
      'not-found',
      connection.runtime('StopContainer', { containerId: id, timeout }, { deadlineMs: graceMs + actionMs }),
    );
  try {
    return (await attempt()) !== undefined;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'unreachable') throw error;
    // It ended by itself meanwhile, and its shim with it: the runtime knows in a moment.
    await delay(timers, shimEndMs);
    const after = (await statusOf(connection, id))?.status;
    if (after !== undefined && stateOf(after.state) === 'exited') return true;
    return (await attempt()) !== undefined;
  }
}

/** `id`: or the name that an earlier try gave. */
async function remove(connection: CriConnection, ports: ContainerPorts, id: string): Promise<void> {
  const { sandboxes } = ports;
  if (!/^[0-9a-f]{64}$/.test(id)) {
    const named = { [own.name]: id };
    const found = [...(await listContainers(connection, named)), ...(await sandboxes.list(named))];
    for (const each of found) await remove(connection, ports, each.id);
    return;
  }
  const isGone = async (): Promise<boolean> =>
    (await statusOf(connection, id)) === undefined && (await sandboxes.inspect(id)) === undefined;
  await removeUntilGone(ports.timers, () => removeById(connection, ports, id), isGone);
}

/** The containers of a sandbox, whatever their state. */
async function containersIn(connection: CriConnection, sandboxId: string): Promise<readonly ListedContainer[]> {
  const filter = { podSandboxId: sandboxId };
  const answer = await connection.runtime<{ readonly containers: readonly ListedContainer[] }>('ListContainers', {
    filter,
  });
  return answer.containers;
}

/**
 * A runtime removes containers and their logs with their sandbox. So one with containers that have ended is only
 * stopped, and goes with the last of them.
 */
async function removeSandbox(connection: CriConnection, ports: ContainerPorts, id: string): Promise<void> {
  await ports.sandboxes.stop(id);
  const left = await containersIn(connection, id);
  if (left.some(({ state }) => stateOf(state) === 'exited')) {
    const unstarted = left.filter(({ state }) => stateOf(state) !== 'exited');
    await Promise.all(unstarted.map((each) => remove(connection, ports, each.id)));
  } else await ports.sandboxes.remove(id);
}

/** A container is gone: so is its sandbox, if that was its own, or was removed before and waited for the last one. */
async function removeEmptied(connection: CriConnection, { sandboxes }: ContainerPorts, id: string): Promise<void> {
  const config = await sandboxes.config(id);
  if (config === undefined) return;
  const isEmptied = async (): Promise<boolean> =>
    (await containersIn(connection, id)).length === 0 && (await sandboxes.inspect(id))?.state === 'exited';
  if (config.labels[own.private] === 'true' || (await isEmptied())) await sandboxes.remove(id);
}

async function removeById(connection: CriConnection, ports: ContainerPorts, id: string): Promise<void> {
  const status = ports.sandboxes.made(id) ? undefined : (await statusOf(connection, id))?.status;
  if (status === undefined) {
    await removeSandbox(connection, ports, id);
    return;
  }
  const [listed] = (
    await connection.runtime<{ readonly containers: readonly ListedContainer[] }>('ListContainers', { filter: { id } })
  ).containers;
  await ignoring('not-found', connection.runtime('RemoveContainer', { containerId: id }, { deadlineMs: actionMs }));
  await forgetLimit(id);
  // The log and those that rotation left.
  if (status.logPath !== '') await removeLog(status.logPath);
  if (listed !== undefined) await removeEmptied(connection, ports, listed.podSandboxId);
}

/** Undefined when it does not run, or is gone. */
async function containerStats(connection: CriConnection, id: string): Promise<CriStats | undefined> {
  try {
    const answer = await connection.runtime<{ readonly stats?: CriStats | undefined }>('ContainerStats', {
      containerId: id,
    });
    return answer.stats;
  } catch (error) {
    const { code } = error as RuntimeError;
    if (code === 'not-found') return undefined;
    const status = (await statusOf(connection, id))?.status;
    if (code !== 'unreachable' && status?.state !== 'CONTAINER_RUNNING') return undefined;
    throw error;
  }
}

function statsOf(stats: CriStats | undefined): ContainerStats | undefined {
  if (stats === undefined) return undefined;
  const { cpu, memory } = stats;
  return {
    cpuNanoseconds: cpu?.usageCoreNanoSeconds ?? 0,
    memoryBytes: memory?.usageBytes ?? memory?.workingSetBytes ?? 0,
    memoryWorkingSetBytes: memory?.workingSetBytes ?? 0,
  };
}
