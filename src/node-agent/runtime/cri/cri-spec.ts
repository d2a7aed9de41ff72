/** A container specification as CRI takes it. Pure: nothing is decided here. */
import { labels as names } from '../labels.ts';
import type { ContainerResources, ContainerSecurity, ContainerSpec } from '../runtime.ts';
import type { IdMapping, NamespaceOptions, SandboxMetadata, SandboxStatus, UserNamespace } from './cri-messages.ts';

type Texts = Readonly<Record<string, string>>;

/** The adapter's own labels: what the port knows and CRI has no field for. */
export const own = {
  /** The whole name, by which a container is found that an earlier try left. */
  name: 'troupe.cri.name',
  /** Of a sandbox: the group of its containers. */
  group: 'troupe.cri.group',
  /** On a sandbox that was made for one container only, and goes with it. */
  private: 'troupe.cri.private',
  /** The signal that a container is stopped with, if it is not the image's. */
  stopSignal: 'troupe.cri.stop-signal',
} as const;

/** Annotations of a sandbox, for containers that an agent makes in it after a restart. */
const logFolderKey = 'troupe.cri.log-folder';
const cgroupParentKey = 'troupe.cri.cgroup-parent';

/** A sandbox as RunPodSandbox takes it, and CreateContainer again. */
export interface SandboxConfig {
  readonly metadata: SandboxMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly linux: Readonly<Record<string, unknown>> & {
    readonly cgroupParent: string;
    readonly securityContext: Readonly<Record<string, unknown>> & { readonly namespaceOptions: NamespaceOptions };
  };
}

export function sandboxConfig(
  spec: ContainerSpec,
  options: { readonly logFolder: string; readonly isPrivate: boolean; readonly cgroupParent: string },
): SandboxConfig {
  const { network } = spec;
  const metadata = {
    name: spec.name,
    uid: spec.labels[names.podUid] ?? spec.name,
    namespace: spec.labels[names.podNamespace] ?? 'troupe',
    attempt: Number(spec.labels[names.attempt] ?? '0'),
  };
  // Where a kubelet has them, so that collectors of logs find them.
  const pod = [metadata.namespace, spec.labels[names.podName] ?? spec.name, metadata.uid].join('_');
  const logDirectory = `${options.logFolder}/${pod}`;
  return {
    metadata,
    hostname: network.type === 'own' ? network.hostname : '',
    logDirectory,
    labels: {
      ...spec.labels,
      [own.name]: spec.name,
      [own.group]: spec.group ?? '',
      [own.private]: options.isPrivate ? 'true' : '',
    },
    annotations: {
      [logFolderKey]: logDirectory,
      [cgroupParentKey]: options.cgroupParent,
      // The CNI plug-in reads it: labels do not reach it.
      [names.address]: spec.labels[names.address] ?? '',
    },
    linux: {
      sysctls: spec.sysctls ?? {},
      cgroupParent: options.cgroupParent,
      securityContext: {
        namespaceOptions: {
          network: network.type === 'host' ? 'NODE' : 'POD',
          // What shares the sandbox's processes finds them; others have their own.
          pid: 'mode' in spec.pid && spec.pid.mode === 'host' ? 'NODE' : 'POD',
          ipc: 'mode' in spec.ipc && spec.ipc.mode === 'host' ? 'NODE' : 'POD',
          usernsOptions: userNamespace(spec),
        },
        privileged: spec.security.privileged,
        readonlyRootfs: spec.security.readOnlyRoot,
        seccomp: { profileType: 'Unconfined' },
      },
    },
  };
}

/** One for users and for groups alike; none where the container has the runtime's own. */
const idMappings = ({ userRange }: ContainerSpec): readonly IdMapping[] =>
  userRange === undefined ? [] : [{ hostId: userRange.firstId, containerId: 0, length: userRange.length }];

function userNamespace(spec: ContainerSpec): UserNamespace | undefined {
  const mappings = idMappings(spec);
  return mappings.length === 0 ? undefined : { mode: 'POD', uids: mappings, gids: mappings };
}

/** The part of a running sandbox's configuration that its containers' creation needs. */
export function configOf(status: SandboxStatus): SandboxConfig {
  const { metadata, labels, annotations, linux } = status;
  return {
    metadata: metadata ?? { name: '', uid: '', namespace: '', attempt: 0 },
    hostname: '',
    logDirectory: annotations[logFolderKey] ?? '',
    labels,
    annotations,
    linux: {
      cgroupParent: annotations[cgroupParentKey] ?? '',
      securityContext: {
        namespaceOptions: linux?.namespaces?.options ?? { network: 'POD', pid: 'POD', ipc: 'POD' },
      },
    },
  };
}

/** A container's log, below its sandbox's folder; another attempt has another file. */
const logPathOf = (spec: ContainerSpec): string =>
  `${spec.labels[names.container] ?? 'container'}/${spec.labels[names.attempt] ?? '0'}.log`;

/** What a container's configuration depends on beside its specification. */
interface Surroundings {
  readonly sandboxId: string;
  readonly sandbox: SandboxConfig;
  /** The profile's text as a file, which CRI wants. */
  readonly seccompFile: string | undefined;
  /** The machine's cgroups are of version 2, whose files have unified names. */
  readonly unified: boolean;
}

export function containerConfig(spec: ContainerSpec, around: Surroundings): object {
  return {
    metadata: {
      name: spec.labels[names.container] ?? spec.name,
      attempt: Number(spec.labels[names.attempt] ?? '0'),
    },
    image: { image: spec.image },
    command: spec.entrypoint,
    args: spec.arguments,
    workingDir: spec.workingFolder,
    envs: spec.environment.map((text) => {
      const at = text.indexOf('=');
      return { key: text.slice(0, at), value: text.slice(at + 1) };
    }),
    mounts: spec.mounts.map((mount) => ({
      hostPath: mount.image === true ? '' : mount.source,
      image: mount.image === true ? { image: mount.source } : undefined,
      containerPath: mount.target,
      readonly: mount.readOnly,
      recursiveReadOnly: mount.recursiveReadOnly,
      propagation: propagations[mount.propagation ?? 'private'],
      // What its owner is on the machine, it is in the container as well.
      uidMappings: idMappings(spec),
      gidMappings: idMappings(spec),
    })),
    devices: spec.devices?.map(({ source, target, readOnly }) => ({
      hostPath: source,
      containerPath: target,
      permissions: readOnly ? 'mr' : 'mrw',
    })),
    CDIDevices: spec.cdiDevices?.map((name) => ({ name })),
    labels: {
      ...spec.labels,
      [own.name]: spec.name,
      ...(spec.stopSignal === undefined ? {} : { [own.stopSignal]: spec.stopSignal }),
    },
    logPath: logPathOf(spec),
    stdin: spec.stdin,
    stdinOnce: spec.stdinOnce,
    tty: spec.terminal,
    linux: {
      resources: { ...linuxResources(spec.resources), unified: unifiedLimits(spec, around) },
      securityContext: securityContext(spec, around),
    },
  };
}

const propagations = {
  private: 'PROPAGATION_PRIVATE',
  rslave: 'PROPAGATION_HOST_TO_CONTAINER',
  rshared: 'PROPAGATION_BIDIRECTIONAL',
} as const;

/** A limit of memory is one of memory with swap: none is used. */
export function linuxResources(resources: ContainerResources): object {
  return {
    cpusetCpus: resources.cpus,
    cpuShares: resources.cpuShares,
    cpuQuota: resources.cpuQuotaUs,
    cpuPeriod: resources.cpuPeriodUs,
    memoryLimitInBytes: resources.memoryBytes,
    memorySwapLimitInBytes: resources.memoryBytes,
    oomScoreAdj: resources.oomScoreAdjustment,
  };
}

/** CRI has no field for a limit of processes; version 1 of cgroups has no unified names (process-limits.ts). */
function unifiedLimits({ resources }: ContainerSpec, { unified }: Surroundings): Texts | undefined {
  const { processesMax } = resources;
  return unified && processesMax !== undefined ? { 'pids.max': String(processesMax) } : undefined;
}

/** What every engine hides of /proc and /sys, or does not let change; with CRI the caller says it. */
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

function securityContext(spec: ContainerSpec, around: Surroundings): object {
  const { security } = spec;
  const shown = security.privileged || security.unmaskedProc === true;
  return {
    capabilities: { addCapabilities: security.addCapabilities, dropCapabilities: security.dropCapabilities },
    privileged: security.privileged,
    namespaceOptions: namespaces(spec, around),
    ...userOf(spec.user ?? ''),
    readonlyRootfs: security.readOnlyRoot,
    supplementalGroups: security.supplementalGroups.map(Number),
    noNewPrivs: security.noNewPrivileges,
    maskedPaths: shown ? [] : maskedPaths,
    readonlyPaths: shown ? [] : readonlyPaths,
    seccomp: seccompOf(security, around.seccompFile),
    apparmor: appArmorOf(security.appArmor),
    selinuxOptions: security.seLinux,
  };
}

/** `uid`, `uid:gid`, or a name of the image's. */
function userOf(user: string): object {
  const [first = '', group] = user.split(':');
  if (first === '') return {};
  if (!/^\d+$/.test(first)) return { runAsUsername: user };
  return { runAsUser: Number(first), runAsGroup: group === undefined ? undefined : Number(group) };
}

function seccompOf({ seccomp, privileged }: ContainerSecurity, file: string | undefined): object {
  if (file !== undefined) return { profileType: 'Localhost', localhostRef: file };
  return { profileType: seccomp === 'default' && !privileged ? 'RuntimeDefault' : 'Unconfined' };
}

function appArmorOf(profile: string | undefined): object | undefined {
  if (profile === undefined) return undefined;
  if (profile === 'unconfined') return { profileType: 'Unconfined' };
  return { profileType: 'Localhost', localhostRef: profile };
}

function namespaces(spec: ContainerSpec, { sandboxId, sandbox }: Surroundings): NamespaceOptions {
  const { pid } = spec;
  const { network, ipc } = sandbox.linux.securityContext.namespaceOptions;
  const others = { network, ipc, usernsOptions: userNamespace(spec) };
  if ('mode' in pid) return { ...others, pid: pid.mode === 'host' ? 'NODE' : 'CONTAINER' };
  // Processes of the sandbox are shared by all that join them, those of another container by this one alone.
  if (pid.container === sandboxId) return { ...others, pid: 'POD' };
  return { ...others, pid: 'TARGET', targetId: pid.container };
}
