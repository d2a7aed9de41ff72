/** CRI's answers about containers, sandboxes and images as the port's facts. */
import { arch, cpus, release, totalmem } from 'node:os';
import { readFile } from 'node:fs/promises';
import {
  type ContainerFacts,
  type ContainerSummary,
  type ImageFacts,
  RuntimeError,
  type RuntimeFacts,
} from '../runtime.ts';
import type { CriConnection } from './cri-connection.ts';
import {
  type CriContainer,
  type CriImage,
  jsonFields,
  type ListedContainer,
  type RuntimeStatus,
  type RuntimeVersion,
  type SandboxStatus,
  type Verbose,
} from './cri-messages.ts';
import { own } from './cri-spec.ts';

const states: Readonly<Record<string, ContainerFacts['state']>> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  SANDBOX_READY: 'running',
};

/** A state that the runtime itself does not know is one of a container that must be removed. */
export const stateOf = (state: string): ContainerFacts['state'] => states[state] ?? 'exited';

/** 0: not yet. */
const msOf = (nanoseconds: number): number | undefined =>
  nanoseconds > 0 ? Math.floor(nanoseconds / 1_000_000) : undefined;

/** The number of a container's first process; an answer without one is 0. */
export function processOf(info: Readonly<Record<string, string>>): number {
  const { pid } = jsonFields(info['info']);
  return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : 0;
}

/** Labels without the adapter's own. */
export function portLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const mine: ReadonlySet<string> = new Set(Object.values(own));
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !mine.has(key)));
}

export function containerFacts({ info }: Verbose<CriContainer>, status: CriContainer): ContainerFacts {
  const state = stateOf(status.state);
  const ended = state === 'exited';
  return {
    id: status.id,
    name: status.labels[own.name] ?? '',
    labels: portLabels(status.labels),
    state,
    image: status.image?.image ?? '',
    imageId: status.imageId === '' ? status.imageRef : status.imageId,
    createdAt: msOf(status.createdAt) ?? 0,
    startedAt: msOf(status.startedAt),
    finishedAt: ended ? msOf(status.finishedAt) : undefined,
    exitCode: ended ? status.exitCode : undefined,
    oomKilled: status.reason === 'OOMKilled',
    error: status.reason === 'StartError' ? status.message : undefined,
    processId: state === 'running' ? processOf(info) : 0,
  };
}

export function sandboxFacts(answer: Verbose<SandboxStatus>, status: SandboxStatus, image: string): ContainerFacts {
  const state = stateOf(status.state);
  return {
    id: status.id,
    name: status.labels[own.name] ?? '',
    labels: portLabels(status.labels),
    state,
    image,
    imageId: image,
    createdAt: msOf(status.createdAt) ?? 0,
    startedAt: msOf(status.createdAt),
    // CRI keeps neither when nor how a sandbox ended: its program is only ever killed.
    exitCode: state === 'exited' ? 137 : undefined,
    oomKilled: false,
    processId: state === 'running' ? processOf(answer.info) : 0,
  };
}

/** A digest of its configuration, with the algorithm (containerd) or without (CRI-O). */
export const isImageId = (text: string): boolean => /^(sha256:.*|[0-9a-f]{64})$/.test(text);

export function summaryOf(listed: ListedContainer): ContainerSummary {
  return {
    id: listed.id,
    labels: portLabels(listed.labels),
    state: stateOf(listed.state),
    imageId: listed.imageId === '' ? listed.imageRef : listed.imageId,
  };
}

/** `info`: of a verbose answer, if there was one. */
export function imageFacts(image: CriImage, info: Readonly<Record<string, string>> = {}): ImageFacts {
  const { imageSpec } = jsonFields(info['info']) as {
    readonly imageSpec?: {
      readonly created?: string | undefined;
      readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null | undefined } | undefined;
    };
  };
  const createdAt = Date.parse(imageSpec?.created ?? '');
  return {
    id: image.id,
    references: image.repoTags,
    digests: image.repoDigests,
    sizeBytes: image.size,
    user: image.uid === undefined ? image.username : String(image.uid),
    labels: imageSpec?.config?.Labels ?? {},
    createdAt: Number.isNaN(createdAt) || createdAt < 0 ? 0 : createdAt,
  };
}

/** What the adapter reads of the runtime's own configuration, where it shows it. */
export interface EngineSettings {
  /** Undefined: the runtime does not say. */
  readonly sandboxImage: string | undefined;
  readonly cniConfigFolder: string;
  readonly cniProgramFolder: string;
  /** A cgroup's place is its path; otherwise systemd makes it, in a slice. */
  readonly plainCgroups: boolean;
  /** Undefined: the runtime does not say. */
  readonly storageFolder: string | undefined;
  readonly seLinux: boolean;
  readonly appArmor: boolean;
  /** It asks the kernel for badness scores below its own. */
  readonly lowersBadness: boolean;
  /** Finds devices by their CDI names; an engine that shows no configuration is taken at its word. */
  readonly takesCdi: boolean;
}

interface ShownConfig {
  readonly sandboxImage?: string | undefined;
  readonly enableSelinux?: boolean | undefined;
  readonly enableCDI?: boolean | undefined;
  readonly disableApparmor?: boolean | undefined;
  readonly systemdCgroup?: boolean | undefined;
  readonly containerdRootDir?: string | undefined;
  readonly restrictOOMScoreAdj?: boolean | undefined;
  readonly cni?:
    | {
        readonly confDir?: string | undefined;
        readonly binDir?: string | undefined;
        readonly binDirs?: readonly string[] | undefined;
      }
    | undefined;
  readonly containerd?:
    | {
        readonly defaultRuntimeName?: string | undefined;
        readonly runtimes?:
          | Readonly<Record<string, { readonly options?: { readonly SystemdCgroup?: boolean } | null }>>
          | undefined;
      }
    | undefined;
}

/** containerd shows its configuration in a verbose status; CRI-O shows none. */
export function engineSettings({ info }: RuntimeStatus): EngineSettings {
  const config = jsonFields(info['config']) as ShownConfig;
  const { containerd } = config;
  const runtime = containerd?.runtimes?.[containerd.defaultRuntimeName ?? ''];
  return {
    sandboxImage: config.sandboxImage === '' ? undefined : config.sandboxImage,
    cniConfigFolder: config.cni?.confDir ?? '/etc/cni/net.d',
    cniProgramFolder: config.cni?.binDir ?? config.cni?.binDirs?.[0] ?? '/opt/cni/bin',
    plainCgroups: runtime !== undefined && runtime.options?.SystemdCgroup !== true && config.systemdCgroup !== true,
    storageFolder: config.containerdRootDir,
    seLinux: config.enableSelinux === true,
    appArmor: containerd !== undefined && config.disableApparmor !== true,
    lowersBadness: config.restrictOOMScoreAdj === false,
    takesCdi: containerd === undefined || config.enableCDI === true,
  };
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64' };

/** Where its images lie, by the call for it; undefined: it does not say. */
async function imageFolder(connection: CriConnection): Promise<string | undefined> {
  interface Answer {
    readonly imageFilesystems: readonly { readonly fsId?: { readonly mountpoint: string } | undefined }[];
  }
  const answer = await known(connection.image<Answer>('ImageFsInfo'));
  const folder = answer?.imageFilesystems[0]?.fsId?.mountpoint ?? '';
  return folder === '' ? undefined : folder;
}

/** The answer to a call that not every runtime knows; undefined: this one fails it. */
async function known<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'unreachable') throw error;
    return undefined;
  }
}

/** Its settings, with the driver of control groups that it names: its configuration may show another one's, or none. */
export async function askSettings(connection: CriConnection): Promise<EngineSettings> {
  interface Answer {
    readonly linux?: { readonly cgroupDriver: string } | undefined;
  }
  const [status, config] = await Promise.all([
    connection.runtime<RuntimeStatus>('Status', { verbose: true }),
    known(connection.runtime<Answer>('RuntimeConfig')),
  ]);
  const settings = engineSettings(status);
  const driver = config?.linux?.cgroupDriver;
  return driver === undefined ? settings : { ...settings, plainCgroups: driver === 'CGROUPFS' };
}

/** CRI tells of the runtime alone; the machine is this one. */
export async function engineFacts(connection: CriConnection): Promise<RuntimeFacts> {
  const [version, status, release_, appArmor] = await Promise.all([
    connection.runtime<RuntimeVersion>('Version'),
    connection.runtime<RuntimeStatus>('Status', { verbose: true }),
    readFile('/etc/os-release', 'utf8').catch(() => ''),
    readFile('/sys/module/apparmor/parameters/enabled', 'utf8').catch(() => 'N'),
  ]);
  const settings = engineSettings(status);
  return {
    name: version.runtimeName,
    version: version.runtimeVersion,
    operatingSystem: /^PRETTY_NAME="?([^"\n]*)/m.exec(release_)?.[1] ?? 'Linux',
    kernelVersion: release(),
    architecture: architectures[arch()] ?? arch(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    appArmor: settings.appArmor && appArmor.startsWith('Y'),
    seLinux: settings.seLinux,
    userNamespaces: false,
    handlers: status.runtimeHandlers.map(({ name, features }) => ({
      name,
      userNamespaces: features?.userNamespaces === true,
      recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts === true,
    })),
    storageFolder: settings.storageFolder ?? (await imageFolder(connection)),
  };
}
