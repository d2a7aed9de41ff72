/** The containers of a Docker Engine: from creation to removal. */
import { stat } from 'node:fs/promises';
import {
  type ContainerFacts,
  type ContainerResources,
  type ContainerCalls,
  type ContainerSpec,
  type ContainerStats,
  type ContainerSummary,
  RuntimeError,
} from '../runtime.ts';
import { type DockerConnection, ignoring } from './docker-connection.ts';
import { containerFacts, type DockerInspect } from './docker-facts.ts';
import type { LogLimits } from '../log-limits.ts';
import { dockerCreateBody } from './docker-spec.ts';

type Labels = Readonly<Record<string, string>>;

/** The parts of GET /containers/json that are read. */
interface DockerListed {
  readonly Id: string;
  readonly ImageID: string;
  readonly State: string;
  readonly Labels: Labels | null;
}

interface DockerStats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } | undefined };
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> } | undefined;
}

/** How containers are made. */
export interface MakeOptions {
  readonly logs: LogLimits;
  /** See dockerCreateBody. */
  readonly utsOf?: ((spec: ContainerSpec) => string | undefined) | undefined;
}

export function containerCalls(connection: DockerConnection, options: MakeOptions): ContainerCalls {
  return {
    inspect: (id) => inspect(connection, id),
    summaries: (labels) => summaries(connection, labels),
    list: async (labels) => {
      const found = await Promise.all((await listed(connection, labels)).map(({ Id }) => inspect(connection, Id)));
      return found.filter((each) => each !== undefined);
    },
    create: (spec) => create(connection, spec, options),
    start: async (id) => {
      try {
        await connection.call('POST', path(id, '/start'));
      } catch (error) {
        const failed = error as RuntimeError;
        throw failed.code === 'unreachable' ? failed : new RuntimeError('cannot-run', failed.message, failed);
      }
    },
    stop: async (id, graceMs) => {
      const query = { t: Math.max(0, Math.ceil(graceMs / 1000)) };
      const stopped = connection.call('POST', path(id, '/stop'), { query }).then(() => true);
      return (await ignoring('not-found', stopped)) ?? false;
    },
    kill: (id, signal) => unlessGone(connection.call('POST', path(id, '/kill'), { query: { signal } })),
    update: (id, resources) => update(connection, id, resources),
    remove: (id) => unlessGone(connection.call('DELETE', path(id), { query: { force: true, v: true } })),
    stats: async (id) => {
      const query = { stream: false, 'one-shot': true };
      const answer = await ignoring('not-found', connection.call<DockerStats>('GET', path(id, '/stats'), { query }));
      return answer === undefined ? undefined : containerStats(answer);
    },
    storageBytes: (id) => storageBytes(connection, id),
  };
}

interface DockerSizes {
  readonly SizeRw?: number | undefined;
  readonly LogPath?: string | undefined;
}

async function storageBytes(connection: DockerConnection, id: string): Promise<number | undefined> {
  const query = { size: true };
  const answer = await ignoring('not-found', connection.call<DockerSizes>('GET', path(id, '/json'), { query }));
  if (answer === undefined) return undefined;
  const { SizeRw = 0, LogPath = '' } = answer;
  // An engine on another machine keeps its logs there.
  const log = LogPath === '' ? undefined : await stat(LogPath).catch(() => undefined);
  return SizeRw + (log?.size ?? 0);
}

const path = (id: string, call = ''): string => `/containers/${id}${call}`;

/** A conflict means that the container is not running, or that its removal is already under way. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  await ignoring('conflict', ignoring('not-found', call));
}

async function create(
  connection: DockerConnection,
  spec: ContainerSpec,
  { logs, utsOf }: MakeOptions,
): Promise<string> {
  const request = { query: { name: spec.name }, body: dockerCreateBody(spec, logs, utsOf?.(spec)) };
  try {
    return (await connection.call<{ Id: string }>('POST', '/containers/create', request)).Id;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'not-found' && /no such image/i.test(error.message))
      throw new RuntimeError('image-not-found', error.message, error);
    throw error;
  }
}

/** Only what a resize changes: the engine takes a limit of processes that is absent for one that goes. */
async function update(connection: DockerConnection, id: string, resources: ContainerResources): Promise<void> {
  const { cpus, cpuShares, cpuPeriodUs, cpuQuotaUs, memoryBytes } = resources;
  const body = {
    CpusetCpus: cpus,
    CpuShares: cpuShares,
    CpuPeriod: cpuPeriodUs,
    CpuQuota: cpuQuotaUs,
    Memory: memoryBytes,
    MemorySwap: memoryBytes,
  };
  await connection.call('POST', path(id, '/update'), { body });
}

async function inspect(connection: DockerConnection, id: string): Promise<ContainerFacts | undefined> {
  const answer = await ignoring('not-found', connection.call<DockerInspect>('GET', path(id, '/json')));
  return answer === undefined ? undefined : containerFacts(answer);
}

function listed(connection: DockerConnection, labels: Labels): Promise<readonly DockerListed[]> {
  const filters = JSON.stringify({
    label: Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`)),
  });
  return connection.call<readonly DockerListed[]>('GET', '/containers/json', { query: { all: true, filters } });
}

async function summaries(connection: DockerConnection, labels: Labels): Promise<readonly ContainerSummary[]> {
  const found = await Promise.all((await listed(connection, labels)).map((each) => summary(connection, each)));
  return found.filter((each) => each !== undefined);
}

const alive = new Set(['running', 'paused', 'restarting']);

async function summary(connection: DockerConnection, listed: DockerListed): Promise<ContainerSummary | undefined> {
  const { Id: id, ImageID: imageId, State: stage, Labels: labels } = listed;
  // In the list a container whose start failed looks like one that was not started yet.
  if (stage === 'created') return inspect(connection, id);
  return { id, imageId, labels: labels ?? {}, state: alive.has(stage) ? 'running' : 'exited' };
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
