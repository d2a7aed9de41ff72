/** The runtime port on a Docker Engine. */
import type { Timers } from '../../../base/index.ts';
import { connectDocker, type DockerConnection } from './docker-connection.ts';
import { followDockerEvents } from './docker-events.ts';
import { containerFacts, type DockerImage, type DockerInspect, imageFacts } from './docker-facts.ts';
import { importSandboxImage, pullDockerImage } from './docker-images.ts';
import { dockerCreateBody } from './docker-spec.ts';
import { dockerOutput, dockerSession } from './docker-streams.ts';
import { labels as names } from '../labels.ts';
import {
  type ContainerFacts,
  type ContainerRuntime,
  type ContainerStats,
  type ExecSpec,
  type ImageFacts,
  type NetworkSpec,
  type ProcessSession,
  RuntimeError,
  type RuntimeFacts,
} from '../runtime.ts';
import { sandboxReference } from '../sandbox-image.ts';

interface DockerRuntimeOptions {
  readonly socketPath: string;
  readonly timers: Timers;
  /** A pull without progress for this long is given up; default 15 s. */
  readonly pullSilenceMs?: number | undefined;
  /** An image to hold the pods' namespaces instead of our own; its entry point must wait and reap. */
  readonly sandboxImage?: string | undefined;
}

interface DockerStats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } | undefined };
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> } | undefined;
}

/** The runtime port on a Docker engine (API 1.41 and later). */
export function dockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
  const connection = connectDocker(options.socketPath);
  const { timers } = options;
  return {
    ...containerCalls(connection),
    ...imageCalls(connection, options),
    ...processCalls(connection),
    forwardChain: 'DOCKER-USER',
    facts: () => engineFacts(connection),
    ensureNetwork: (spec) => ensureNetwork(connection, spec),
    removeNetwork: async (name) => {
      await ignoring('not-found', connection.call('DELETE', `/networks/${encodeURIComponent(name)}`));
    },
    events: (labels, listener) => followDockerEvents({ connection, timers, labels, listener }),
    close: () => {
      connection.close();
    },
  };
}

async function ignoring<T>(code: RuntimeError['code'], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === code) return undefined;
    throw error;
  }
}

async function engineFacts(connection: DockerConnection): Promise<RuntimeFacts> {
  const info = await connection.call<{
    ServerVersion: string;
    OperatingSystem: string;
    KernelVersion: string;
    Architecture: string;
    NCPU: number;
    MemTotal: number;
  }>('GET', '/info');
  return {
    name: 'docker',
    version: info.ServerVersion,
    operatingSystem: info.OperatingSystem,
    kernelVersion: info.KernelVersion,
    architecture:
      info.Architecture === 'x86_64' ? 'amd64' : info.Architecture === 'aarch64' ? 'arm64' : info.Architecture,
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
  };
}

async function ensureNetwork(connection: DockerConnection, spec: NetworkSpec): Promise<void> {
  const path = `/networks/${encodeURIComponent(spec.name)}`;
  const subnetOf = async (): Promise<string | undefined> => {
    const found = await ignoring(
      'not-found',
      connection.call<{ IPAM?: { Config?: readonly { Subnet?: string }[] } }>('GET', path),
    );
    return found === undefined ? undefined : (found.IPAM?.Config?.[0]?.Subnet ?? '');
  };
  const subnet = await subnetOf();
  if (subnet === spec.subnet) return;
  if (subnet !== undefined) {
    // Made for other settings: an empty one is recreated, one in use is not touched. The engine does not know of pods'
    // links.
    const inUse = (cause?: unknown): RuntimeError =>
      new RuntimeError(
        'conflict',
        `network ${spec.name} has the range ${subnet}, not ${spec.subnet}, and is in use; ` +
          'stop its pods or keep the range',
        cause,
      );
    if (await hasLinks(connection, spec)) throw inUse();
    try {
      await connection.call('DELETE', path);
    } catch (error) {
      throw inUse(error);
    }
  }
  // Two agents that start at once: the second one finds the name or the address range taken, which is what it wanted if
  // the network is there.
  try {
    await connection.call('POST', '/networks/create', {
      body: {
        Name: spec.name,
        Driver: 'bridge',
        CheckDuplicate: true,
        IPAM: { Config: [{ Subnet: spec.subnet, Gateway: spec.gateway }] },
        Options: {
          'com.docker.network.bridge.name': spec.bridge,
          'com.docker.network.bridge.enable_ip_masquerade': 'false',
          ...(spec.mtu === undefined ? {} : { 'com.docker.network.driver.mtu': String(spec.mtu) }),
        },
        Labels: spec.labels,
      },
    });
  } catch (error) {
    if ((await subnetOf()) === spec.subnet) return;
    const overlap = error instanceof RuntimeError && /overlaps/.test(error.message);
    throw overlap
      ? new RuntimeError(
          'conflict',
          `the pod range ${spec.subnet} overlaps another network of this machine ` +
            '(docker network ls; ip route): choose another one',
          error,
        )
      : error;
  }
}

async function hasLinks(connection: DockerConnection, spec: NetworkSpec): Promise<boolean> {
  const filters = JSON.stringify({
    status: ['running'],
    label: [`${names.cluster}=${spec.labels[names.cluster]}`, names.link],
  });
  return (await connection.call<readonly object[]>('GET', '/containers/json', { query: { filters } })).length > 0;
}

function containerCalls(
  connection: DockerConnection,
): Pick<ContainerRuntime, 'create' | 'start' | 'stop' | 'kill' | 'remove' | 'inspect' | 'list' | 'ids' | 'stats'> {
  const path = (id: string, call = ''): string => `/containers/${id}${call}`;
  const inspect = async (id: string): Promise<ContainerFacts | undefined> => {
    const answer = await ignoring('not-found', connection.call<DockerInspect>('GET', path(id, '/json')));
    return answer === undefined ? undefined : containerFacts(answer);
  };
  const ids = async (labels: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const filters = JSON.stringify({
      label: Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`)),
    });
    return (
      await connection.call<readonly { Id: string }[]>('GET', '/containers/json', { query: { all: true, filters } })
    ).map(({ Id }) => Id);
  };
  return {
    inspect,
    ids,
    create: async (spec) => {
      try {
        return (
          await connection.call<{ Id: string }>('POST', '/containers/create', {
            query: { name: spec.name },
            body: dockerCreateBody(spec),
          })
        ).Id;
      } catch (error) {
        if (error instanceof RuntimeError && error.code === 'not-found' && /no such image/i.test(error.message))
          throw new RuntimeError('image-not-found', error.message, error);
        throw error;
      }
    },
    start: async (id) => {
      try {
        await connection.call('POST', path(id, '/start'));
      } catch (error) {
        const failed = error as RuntimeError;
        throw failed.code === 'unreachable' ? failed : new RuntimeError('cannot-run', failed.message, failed);
      }
    },
    stop: async (id, graceMs) =>
      (await ignoring(
        'not-found',
        connection
          .call('POST', path(id, '/stop'), { query: { t: Math.max(0, Math.ceil(graceMs / 1000)) } })
          .then(() => true),
      )) ?? false,
    kill: async (id, signal) => {
      await ignoring(
        'conflict',
        ignoring('not-found', connection.call('POST', path(id, '/kill'), { query: { signal } })),
      );
    },
    remove: async (id) => {
      // A conflict means that a removal is already under way.
      await ignoring(
        'conflict',
        ignoring('not-found', connection.call('DELETE', path(id), { query: { force: true, v: true } })),
      );
    },
    list: async (labels) => {
      const facts = await Promise.all((await ids(labels)).map(inspect));
      return facts.filter((each) => each !== undefined);
    },
    stats: async (id) => {
      const answer = await ignoring(
        'not-found',
        connection.call<DockerStats>('GET', path(id, '/stats'), { query: { stream: false, 'one-shot': true } }),
      );
      return answer === undefined ? undefined : containerStats(answer);
    },
  };
}

function containerStats(answer: DockerStats): ContainerStats {
  const memory = answer.memory_stats ?? {};
  const usage = memory.usage ?? 0;
  const inactive = memory.stats?.['inactive_file'] ?? memory.stats?.['total_inactive_file'] ?? 0;
  return {
    cpuNanoseconds: answer.cpu_stats?.cpu_usage?.total_usage ?? 0,
    memoryBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - inactive),
  };
}

function imageCalls(
  connection: DockerConnection,
  options: DockerRuntimeOptions,
): Pick<ContainerRuntime, 'image' | 'images' | 'pull' | 'removeImage' | 'sandboxImage'> {
  const image = async (reference: string): Promise<ImageFacts | undefined> => {
    const answer = await ignoring('not-found', connection.call<DockerImage>('GET', `/images/${reference}/json`));
    return answer === undefined ? undefined : imageFacts(answer);
  };
  let sandbox: Promise<string> | undefined;
  const makeSandbox = async (): Promise<string> => {
    if (options.sandboxImage !== undefined) {
      if ((await image(options.sandboxImage)) === undefined)
        await pullDockerImage(connection, options.sandboxImage, {
          timers: options.timers,
          silenceMs: options.pullSilenceMs ?? 15_000,
        });
      return options.sandboxImage;
    }
    if ((await image(sandboxReference)) === undefined)
      await importSandboxImage(connection, (await engineFacts(connection)).architecture);
    return sandboxReference;
  };
  return {
    image,
    images: async () => (await connection.call<readonly DockerImage[]>('GET', '/images/json')).map(imageFacts),
    pull: async (reference, credentials) => {
      await pullDockerImage(connection, reference, {
        timers: options.timers,
        silenceMs: options.pullSilenceMs ?? 15_000,
        credentials,
      });
      const pulled = await image(reference);
      if (pulled === undefined) throw new RuntimeError('failed', `${reference} was pulled but is not present`);
      return pulled;
    },
    removeImage: async (id) => {
      await ignoring('not-found', connection.call('DELETE', `/images/${id}`, { query: { force: true } }));
      sandbox = undefined;
    },
    sandboxImage: () => {
      sandbox ??= makeSandbox().catch((error: unknown) => {
        sandbox = undefined;
        throw error;
      });
      return sandbox;
    },
  };
}

function processCalls(connection: DockerConnection): Pick<ContainerRuntime, 'logs' | 'exec' | 'attach'> {
  const terminalOf = async (id: string): Promise<boolean> =>
    (await connection.call<DockerInspect>('GET', `/containers/${id}/json`)).Config.Tty;
  return {
    logs: async (id, read) => {
      const terminal = await terminalOf(id);
      const query = {
        stdout: true,
        stderr: true,
        follow: read.follow,
        timestamps: read.timestamps,
        tail: read.tailLines,
        since: read.since === undefined ? undefined : (read.since / 1000).toFixed(9),
      };
      const source = await connection.stream('GET', `/containers/${id}/logs`, { query });
      const output = dockerOutput(source, terminal);
      return {
        [Symbol.asyncIterator]: () => output,
        close: () => {
          source.destroy();
        },
      };
    },
    exec: (id, spec) => startExec(connection, id, spec),
    attach: async (id, streams) => {
      const query = { stream: true, stdin: streams.stdin, stdout: streams.stdout, stderr: streams.stderr };
      const socket = await connection.hijack(`/containers/${id}/attach`, { query });
      return dockerSession(connection, socket, {
        terminal: streams.terminal,
        resizePath: `/containers/${id}/resize`,
        exitCode: async () => {
          const facts = await ignoring('not-found', connection.call<DockerInspect>('GET', `/containers/${id}/json`));
          return facts === undefined || facts.State.Running ? undefined : facts.State.ExitCode;
        },
      });
    },
  };
}

async function startExec(connection: DockerConnection, id: string, spec: ExecSpec): Promise<ProcessSession> {
  const created = await connection.call<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: {
      AttachStdin: spec.stdin,
      AttachStdout: spec.stdout,
      AttachStderr: spec.stderr,
      Tty: spec.terminal,
      Cmd: spec.command,
    },
  });
  const socket = await connection.hijack(`/exec/${created.Id}/start`, { body: { Detach: false, Tty: spec.terminal } });
  return dockerSession(connection, socket, {
    terminal: spec.terminal,
    resizePath: `/exec/${created.Id}/resize`,
    exitCode: async () =>
      (await connection.call<{ ExitCode: number | null }>('GET', `/exec/${created.Id}/json`)).ExitCode ?? undefined,
  });
}
