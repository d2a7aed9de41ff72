/** A container specification as Docker takes it. */
import type { LogLimits } from '../log-limits.ts';
import type { ContainerMount, ContainerNetwork, ContainerSpec } from '../runtime.ts';

/**
 * The body of POST /containers/create. A pure translation; nothing is decided here. `uts`: whose hostname it has, where
 * that does not follow from the network.
 */
export function dockerCreateBody(spec: ContainerSpec, logs: LogLimits, uts?: string): object {
  return {
    Image: spec.image,
    Entrypoint: spec.entrypoint,
    Cmd: spec.arguments,
    Env: spec.environment,
    WorkingDir: spec.workingFolder,
    User: spec.user,
    Labels: spec.labels,
    Tty: spec.terminal ?? false,
    OpenStdin: spec.stdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    StopSignal: spec.stopSignal,
    Hostname: spec.network.type === 'own' ? spec.network.hostname : undefined,
    // Docker would start itself once more to put its own links into the namespace; pods get theirs from the agent.
    NetworkDisabled: spec.network.type === 'own',
    // Kubernetes has probes; a health check of the image would only cost time.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: { ...hostConfig(spec, logs), UTSMode: uts },
  };
}

/**
 * By this containerd's shim for runc tells which containers it may serve with one process, as it does for the pods of a
 * kubelet.
 */
const shimGroup = 'io.containerd.runc.v2.group';

function hostConfig(spec: ContainerSpec, { bytesMax, filesMax }: LogLimits): object {
  const { resources, security } = spec;
  return {
    NetworkMode: networkMode(spec.network),
    IpcMode: 'container' in spec.ipc ? `container:${spec.ipc.container}` : spec.ipc.mode,
    PidMode: 'container' in spec.pid ? `container:${spec.pid.container}` : spec.pid.mode === 'host' ? 'host' : '',
    Mounts: spec.mounts.map(dockerMount),
    Devices: spec.devices?.map(({ source, target, readOnly }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: readOnly ? 'mr' : 'mrw',
    })),
    DeviceRequests: spec.cdiDevices === undefined ? undefined : [{ Driver: 'cdi', DeviceIDs: spec.cdiDevices }],
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': String(bytesMax), 'max-file': String(filesMax) } },
    CpusetCpus: resources.cpus,
    CpuShares: resources.cpuShares,
    CpuPeriod: resources.cpuPeriodUs,
    CpuQuota: resources.cpuQuotaUs,
    Memory: resources.memoryBytes,
    // Equal to the memory: no swap.
    MemorySwap: resources.memoryBytes,
    OomScoreAdj: resources.oomScoreAdjustment,
    ShmSize: resources.shmBytes,
    PidsLimit: resources.processesMax,
    Runtime: spec.engineRuntime,
    MaskedPaths: security.unmaskedProc === true ? [] : undefined,
    ReadonlyPaths: security.unmaskedProc === true ? [] : undefined,
    Privileged: security.privileged,
    ReadonlyRootfs: security.readOnlyRoot,
    CapAdd: security.addCapabilities,
    CapDrop: security.dropCapabilities,
    GroupAdd: security.supplementalGroups,
    SecurityOpt: securityOptions(spec),
    Sysctls: spec.sysctls,
    Annotations: spec.group === undefined ? undefined : { [shimGroup]: spec.group },
  };
}

function securityOptions(spec: ContainerSpec): string[] {
  const { seccomp, appArmor, seLinux = {}, noNewPrivileges } = spec.security;
  return [
    ...(seccomp === 'default' ? [] : [`seccomp=${seccomp}`]),
    ...(appArmor === undefined ? [] : [`apparmor=${appArmor}`]),
    ...(['user', 'role', 'type', 'level'] as const)
      .filter((part) => (seLinux[part] ?? '') !== '')
      .map((part) => `label=${part}:${seLinux[part]}`),
    ...(noNewPrivileges ? ['no-new-privileges'] : []),
  ];
}

function networkMode(network: ContainerNetwork): string {
  if (network.type === 'container') return `container:${network.id}`;
  return network.type === 'host' ? 'host' : 'none';
}

/**
 * Without a word on propagation the engine mounts privately, but what lies in its own folder or holds it (`/`, `/var`)
 * as a slave, which it insists on.
 */
function dockerMount(mount: ContainerMount): object {
  const { propagation = 'private', source: Source, target: Target, readOnly: ReadOnly } = mount;
  if (mount.image === true) return { Type: 'image', Source, Target, ReadOnly };
  return {
    Type: 'bind',
    Source,
    Target,
    ReadOnly,
    BindOptions: {
      Propagation: propagation === 'private' ? undefined : propagation,
      ReadOnlyForceRecursive: mount.recursiveReadOnly,
    },
  };
}
