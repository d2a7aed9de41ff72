/** The container engine as a port. */

/**
 * What a container is made of. Everything Kubernetes-specific is resolved before: paths, variables, users and limits
 * are final.
 */
export interface ContainerSpec {
  readonly name: string;
  /** A reference or an image id; it must be present. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Replaces the image's entry point; its default arguments are then ignored. */
  readonly entrypoint?: readonly string[] | undefined;
  readonly arguments?: readonly string[] | undefined;
  /** `NAME=value`. */
  readonly environment: readonly string[];
  readonly workingFolder?: string | undefined;
  /** `uid`, `uid:gid` or a name of the image's user table. */
  readonly user?: string | undefined;
  readonly terminal?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  readonly stdinOnce?: boolean | undefined;
  readonly network: ContainerNetwork;
  /** `shareable`: others may join; a container id: join it. */
  readonly ipc: { readonly mode: 'shareable' | 'host' | 'private' } | { readonly container: string };
  readonly pid: { readonly mode: 'own' | 'host' } | { readonly container: string };
  readonly mounts: readonly ContainerMount[];
  /** Devices of the machine: of block volumes, and of device plug-ins. */
  readonly devices?: readonly ContainerDevice[] | undefined;
  /** Devices by their CDI names, which the engine is to find by itself. */
  readonly cdiDevices?: readonly string[] | undefined;
  readonly resources: ContainerResources;
  readonly security: ContainerSecurity;
  /** Kernel parameters of the container's namespaces. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /** What it is told to end by: `SIGUSR1`, `SIGRTMIN+3`; absent: what its image says, or SIGTERM. */
  readonly stopSignal?: string | undefined;
  /** The container's users are these of the machine, as its sandbox's are; absent: the same ones as the engine's. */
  readonly userRange?: UserRange | undefined;
  /** The engine's name of what runs the container (runc, runsc …); absent: its default. */
  readonly engineRuntime?: string | undefined;
  /**
   * Containers of one group may share the process by which the engine watches over them; its first one outlives the
   * others.
   */
  readonly group?: string | undefined;
}

/** Ids of the machine, for users and for groups, that stand for those of a container from 0 on. */
export interface UserRange {
  readonly firstId: number;
  readonly length: number;
}

/**
 * `own`: a network with nothing but its loopback, into which others may put links; `container`: joins that container's
 * network.
 */
export type ContainerNetwork =
  | { readonly type: 'own'; readonly hostname: string }
  | { readonly type: 'container'; readonly id: string }
  | { readonly type: 'host' };

export interface ContainerMount {
  /** A path of the machine, or what `image` says. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** What is mounted below it is read-only as well, or the container does not run. */
  readonly recursiveReadOnly?: true | undefined;
  readonly propagation?: 'private' | 'rslave' | 'rshared' | undefined;
  /** The source is the id of an image that is present, whose files are shown. */
  readonly image?: true | undefined;
}

/** A device of the machine at `source`, which the container finds at `target`. */
export interface ContainerDevice {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ContainerResources {
  readonly cpuShares?: number | undefined;
  /** The processors that it may run on, as the kernel lists them: `0-1,4`; absent: all. */
  readonly cpus?: string | undefined;
  /** Of `cpuPeriodUs`. */
  readonly cpuQuotaUs?: number | undefined;
  readonly cpuPeriodUs?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly oomScoreAdjustment?: number | undefined;
  readonly shmBytes?: number | undefined;
  /** Processes and threads; absent: no limit. */
  readonly processesMax?: number | undefined;
}

export interface ContainerSecurity {
  readonly privileged: boolean;
  readonly readOnlyRoot: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly supplementalGroups: readonly string[];
  readonly noNewPrivileges: boolean;
  /** `unconfined`, `default` or the JSON text of a profile. */
  readonly seccomp: string;
  /** The parts of /proc that are hidden from containers are shown. */
  readonly unmaskedProc?: true | undefined;
  /** `unconfined` or the name of a loaded profile; absent: what the engine gives by itself. */
  readonly appArmor?: string | undefined;
  /** The parts of the label that replace the engine's. */
  readonly seLinux?: SeLinuxLabel | undefined;
}

interface SeLinuxLabel {
  readonly user?: string | undefined;
  readonly role?: string | undefined;
  readonly type?: string | undefined;
  readonly level?: string | undefined;
}

/** The part of a container's facts that a list of them tells. */
export interface ContainerSummary {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `exited`: also a container whose start failed. */
  readonly state: 'created' | 'running' | 'exited';
  readonly imageId: string;
}

/** A container as the runtime knows it. Times are wall-clock ms. */
export interface ContainerFacts extends ContainerSummary {
  readonly name: string;
  /** The reference it was made from. */
  readonly image: string;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly oomKilled: boolean;
  /** Why a start failed. */
  readonly error?: string | undefined;
  /** The first process, in the machine's numbering; 0 when not running. */
  readonly processId: number;
}

export interface ImageFacts {
  readonly id: string;
  readonly references: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The user the image asks for; '' is root. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

export interface RegistryCredentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly serverAddress?: string | undefined;
  readonly identityToken?: string | undefined;
}

export interface NetworkSpec {
  readonly name: string;
  readonly bridge: string;
  /** The range of IPv4 and the bridge's address in it; undefined: any of the engine's, which nobody uses. */
  readonly subnet: string | undefined;
  readonly gateway: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly mtu?: number | undefined;
}

export interface RuntimeFacts {
  /** The engine's: `docker`, `containerd` and the like. */
  readonly name: string;
  readonly version: string;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** The engine enforces them. */
  readonly appArmor: boolean;
  readonly seLinux: boolean;
  /** All containers have users of their own, out of one range (Docker's userns-remap). */
  readonly userNamespaces: boolean;
  /** What a CRI runtime says of each of its handlers; '' is the default one. Absent: the engine knows none. */
  readonly handlers?: readonly RuntimeHandler[] | undefined;
  /** Where images and writable layers lie on the machine; absent: unknown, or not on its disk. */
  readonly storageFolder?: string | undefined;
}

/** A way to run containers, which a RuntimeClass names. */
export interface RuntimeHandler {
  readonly name: string;
  /** It gives a pod the range of users that its specification says, and maps the owners of what is mounted. */
  readonly userNamespaces: boolean;
  readonly recursiveReadOnlyMounts: boolean;
}

export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

export interface ReadLogs {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number | undefined;
  /** Wall-clock ms. */
  readonly since?: number | undefined;
}

export interface ExecSpec {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly terminal: boolean;
}

/** A log being read. `close` ends the loop over it, also while it waits for more. */
export interface LogOutput extends AsyncIterable<OutputChunk> {
  close(): void;
}

/**
 * A process with its streams. Leaving the loop over `output` or calling `close` lets go of the streams, not of the
 * process.
 */
export interface ProcessSession {
  readonly output: AsyncIterable<OutputChunk>;
  write(data: Uint8Array): Promise<void>;
  endInput(): void;
  resize(width: number, height: number): Promise<void>;
  /** After the output has ended. For an attached container undefined while it runs on. */
  exitCode(): Promise<number | undefined>;
  close(): void;
}

export interface ContainerStats {
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  readonly memoryWorkingSetBytes: number;
}

/**
 * What happens to containers with this runtime's labels, in order. `connected` comes first and after each loss: look at
 * everything again.
 */
export type RuntimeEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected' }
  | {
      readonly type: 'started' | 'exited' | 'removed' | 'out-of-memory';
      readonly id: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly exitCode?: number | undefined;
    };

/**
 * The container engine of one machine. Its adapters are the folders beside this file, the simulated one in memory and
 * virtual time; one suite holds for all. Every failure is a RuntimeError. Calls on different containers may run at
 * once.
 */
export interface ContainerRuntime {
  /**
   * The iptables chain that the engine leaves to others in front of its own rules for forwarded packets. Absent: it
   * filters nothing.
   */
  readonly forwardChain?: string | undefined;
  facts(): Promise<RuntimeFacts>;
  /** Undefined when absent. */
  image(reference: string): Promise<ImageFacts | undefined>;
  images(): Promise<readonly ImageFacts[]>;
  /** Rejects with `image-not-found`, `registry-unreachable`, `unauthorized`. */
  pull(reference: string, credentials?: RegistryCredentials): Promise<ImageFacts>;
  removeImage(id: string): Promise<void>;
  /** Makes the sandbox image if it is absent; answers its reference. */
  sandboxImage(): Promise<string>;
  /** To be called when the image turned out to be gone: the next `sandboxImage` makes it again. */
  forgetSandboxImage(): void;
  /** Makes the network if it is absent. Rejects with `conflict` where another cluster's pods use one of its name. */
  ensureNetwork(spec: NetworkSpec): Promise<void>;
  /** Removes the network if it has these labels. False: there is one that has others. */
  removeNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<boolean>;
  /** Answers the id. A name that is taken: `conflict`. */
  create(spec: ContainerSpec): Promise<string>;
  start(id: string): Promise<void>;
  /**
   * Sends the stop signal, and SIGKILL after `graceMs`; resolves when the container has ended. False: there is no such
   * container.
   */
  stop(id: string, graceMs: number): Promise<boolean>;
  kill(id: string, signal: string): Promise<void>;
  /** Gives a container other shares, quota, processors and memory while it runs. What is absent stays as it is. */
  update(id: string, resources: ContainerResources): Promise<void>;
  /**
   * Also when it runs. Removing what is gone is a success. What has ended in a sandbox keeps its log when that is
   * removed; the sandbox is then dead, or gone, and goes with the last of it.
   */
  remove(id: string): Promise<void>;
  /** Undefined when it is gone. */
  inspect(id: string): Promise<ContainerFacts | undefined>;
  /**
   * All containers with these labels, whatever their state. An empty value asks only that the label is there. Costs a
   * look at each of them.
   */
  list(labels: Readonly<Record<string, string>>): Promise<readonly ContainerFacts[]>;
  /** What `list` answers, in short: one call, whatever their number. */
  summaries(labels: Readonly<Record<string, string>>): Promise<readonly ContainerSummary[]>;
  logs(id: string, options: ReadLogs): Promise<LogOutput>;
  exec(id: string, spec: ExecSpec): Promise<ProcessSession>;
  /** Rejects when the container does not run. */
  attach(
    id: string,
    streams: {
      readonly stdin: boolean;
      readonly stdout: boolean;
      readonly stderr: boolean;
      readonly terminal: boolean;
    },
  ): Promise<ProcessSession>;
  stats(id: string): Promise<ContainerStats | undefined>;
  /** What its writable layer and its log take on the disk; undefined when it is absent. Costs a walk of the layer. */
  storageBytes(id: string): Promise<number | undefined>;
  /** Until `close`; after a loss it connects again by itself. */
  events(labels: Readonly<Record<string, string>>, listener: (event: RuntimeEvent) => void): { close(): void };
  close(): void;
}

/** The calls about containers, from creation to removal. */
export type ContainerCalls = Pick<
  ContainerRuntime,
  | 'create'
  | 'start'
  | 'stop'
  | 'kill'
  | 'update'
  | 'remove'
  | 'inspect'
  | 'list'
  | 'summaries'
  | 'stats'
  | 'storageBytes'
>;

export type RuntimeErrorCode =
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'image-not-found'
  | 'registry-unreachable'
  | 'unauthorized'
  | 'cannot-run'
  | 'unreachable'
  | 'failed';

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: RuntimeErrorCode;
  constructor(code: RuntimeErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return this.code === 'unreachable' || this.code === 'registry-unreachable' || this.code === 'failed';
  }
}
