/** Docker's answers about containers and images as the port's facts. */
import type { ContainerFacts, ImageFacts, RuntimeFacts } from '../runtime.ts';
import type { DockerConnection } from './docker-connection.ts';

/** The parts of GET /containers/{id}/json that are read. */
export interface DockerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
  };
  readonly Config: {
    readonly Image: string;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly Tty: boolean;
  };
}

export interface DockerImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Size: number;
  /** RFC 3339 in one image's answer, seconds since 1970 in the list. */
  readonly Created?: string | number | undefined;
  readonly Config?:
    | { readonly User?: string; readonly Labels?: Readonly<Record<string, string>> | null }
    | null
    | undefined;
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
}

/** Docker writes year 1 for "never". */
function timeOf(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}

export function containerFacts(answer: DockerInspect): ContainerFacts {
  const { State: state } = answer;
  const startedAt = timeOf(state.StartedAt);
  const finishedAt = timeOf(state.FinishedAt);
  const stage = state.Running ? 'running' : state.Status === 'created' && state.Error === '' ? 'created' : 'exited';
  return {
    id: answer.Id,
    name: answer.Name.replace(/^\//, ''),
    labels: answer.Config.Labels ?? {},
    state: stage,
    image: answer.Config.Image,
    imageId: answer.Image,
    createdAt: timeOf(answer.Created) ?? 0,
    startedAt,
    finishedAt: stage === 'exited' ? finishedAt : undefined,
    ...(stage === 'exited' ? { exitCode: state.ExitCode } : {}),
    oomKilled: state.OOMKilled,
    error: state.Error === '' ? undefined : state.Error,
    processId: state.Pid,
  };
}

export function imageFacts(answer: DockerImage): ImageFacts {
  return {
    id: answer.Id,
    references: (answer.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
    digests: (answer.RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>')),
    sizeBytes: answer.Size,
    user: answer.Config?.User ?? '',
    labels: answer.Config?.Labels ?? answer.Labels ?? {},
    createdAt: typeof answer.Created === 'number' ? answer.Created * 1000 : (timeOf(answer.Created ?? '') ?? 0),
  };
}

export async function engineFacts(connection: DockerConnection): Promise<RuntimeFacts> {
  const info = await connection.call<{
    ServerVersion: string;
    OperatingSystem: string;
    KernelVersion: string;
    Architecture: string;
    NCPU: number;
    MemTotal: number;
    SecurityOptions?: readonly string[] | null;
    DockerRootDir?: string | undefined;
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
    appArmor: enforces(info.SecurityOptions, 'apparmor'),
    seLinux: enforces(info.SecurityOptions, 'selinux'),
    userNamespaces: enforces(info.SecurityOptions, 'userns'),
    storageFolder: info.DockerRootDir,
  };
}

/** Docker lists what it enforces, such as `name=seccomp,profile=builtin`. */
function enforces(options: readonly string[] | null | undefined, name: string): boolean {
  return (options ?? []).some((option) => option.split(',').includes(`name=${name}`));
}
