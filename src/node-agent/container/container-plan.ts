/** A pod's containers and its sandbox as specifications for the container engine. */
import { fnv1aOfCodePoints } from '../../base/index.ts';
import { type Container, familyOf, podGraceSeconds, parseAddress, type Pod } from '../../api/index.ts';
import { linkName } from '../network/index.ts';
import {
  type ClusterIdentity,
  clusterLabels,
  type ContainerDevice,
  type ContainerMount,
  type ContainerResources,
  containerName,
  type ContainerSpec,
  labels,
  type UserRange,
} from '../runtime/index.ts';
import type { ConfinementInput } from './confinement.ts';
import type { PodFacts } from './downward.ts';
import { expand } from './expansion.ts';
import { cgroupResources, type MachineLimits } from './quality.ts';
import { containerSecurity, containerUser } from './security.ts';
import { sysctlName } from './sysctl-name.ts';

/** Who made it: on every container's labels. */
export interface AgentIdentity extends ClusterIdentity {
  readonly node: string;
}

/** One attempt of a container in the sandbox that it joins. */
export interface ContainerAttempt {
  readonly facts: PodFacts;
  readonly container: Container;
  readonly attempt: number;
  readonly sandboxId: string;
  readonly sandboxAttempt: number;
  readonly image: { readonly id: string; readonly user: string };
  /** For an ephemeral container with a target: the container whose processes it shares. */
  readonly processesOf?: string | undefined;
}

interface ContainerPlanInput extends ContainerAttempt, ConfinementInput {
  readonly identity: AgentIdentity;
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly ContainerMount[];
  readonly devices?: readonly ContainerDevice[] | undefined;
  readonly cdiDevices?: readonly string[] | undefined;
  readonly terminationLog: string;
  readonly machine: MachineLimits;
  /** The processors that it may run on; absent: all. Where nobody else runs, no quota holds it back. */
  readonly cpus?: { readonly list: string; readonly exclusive: boolean } | undefined;
}

/** The labels that every container of a pod carries. */
function podLabels(identity: AgentIdentity, pod: Pod): Record<string, string> {
  const { uid = '', name = '', namespace = '' } = pod.metadata;
  return {
    ...clusterLabels(identity),
    [labels.node]: identity.node,
    [labels.podUid]: uid,
    [labels.podName]: name,
    [labels.podNamespace]: namespace,
    [labels.grace]: String(podGraceSeconds(pod)),
  };
}

/** The containers of one sandbox; a new sandbox begins another group. */
function groupOf(identity: AgentIdentity, pod: Pod, sandboxAttempt: number): string {
  return `troupe-${identity.cluster}-${pod.metadata.uid}-${sandboxAttempt}`;
}

/** A container of a pod as the engine is to make it. Throws ConfigError. */
export function containerPlan(input: ContainerPlanInput): ContainerSpec {
  const { container, facts, identity, environment } = input;
  const { pod } = facts;
  /** Undefined: as the image has it. */
  const expanded = (parts: readonly string[] = []): readonly string[] | undefined =>
    parts.length === 0 ? undefined : parts.map((part) => expand(part, (name) => environment.get(name)));
  const user = containerUser(pod, container, input.image.user);
  const images = input.mounts.filter(({ image }) => image === true).map(({ source }) => source);
  return {
    name: containerName({
      cluster: identity.cluster,
      pod: pod.metadata.name ?? '',
      namespace: pod.metadata.namespace ?? '',
      uid: pod.metadata.uid ?? '',
      container: container.name,
      attempt: input.attempt,
    }),
    image: input.image.id,
    labels: {
      ...podLabels(identity, pod),
      [labels.role]: 'container',
      [labels.container]: container.name,
      [labels.attempt]: String(input.attempt),
      [labels.specHash]: containerHash(container),
      [labels.terminationLog]: input.terminationLog,
      ...(images.length === 0 ? {} : { [labels.volumeImages]: images.join(',') }),
    },
    entrypoint: expanded(container.command),
    arguments: expanded(container.args),
    environment: [...environment].map(([name, value]) => `${name}=${value}`),
    workingFolder: container.workingDir === undefined || container.workingDir === '' ? undefined : container.workingDir,
    user,
    terminal: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    network: pod.spec.hostNetwork === true ? { type: 'host' } : { type: 'container', id: input.sandboxId },
    ipc: pod.spec.hostIPC === true ? { mode: 'host' } : { container: input.sandboxId },
    pid: processes(input),
    mounts: recursivelyReadOnly(container, input.mounts),
    devices: input.devices,
    cdiDevices: input.cdiDevices,
    resources: containerResources(input),
    security: containerSecurity(pod, container, input),
    engineRuntime: input.engineRuntime,
    group: groupOf(identity, pod, input.sandboxAttempt),
    stopSignal: container.lifecycle?.stopSignal,
    userRange: input.userRange,
  };
}

function containerResources({ facts, container, machine, cpus }: ContainerPlanInput): ContainerResources {
  const { processesMax } = machine;
  const usual = { ...cgroupResources(facts.pod, container, machine), processesMax };
  if (cpus === undefined) return usual;
  const { cpuQuotaUs: _quota, cpuPeriodUs: _period, ...unbounded } = usual;
  return { ...(cpus.exclusive ? unbounded : usual), cpus: cpus.list };
}

/** Those that must be read-only with all that is mounted below them; the engine does what it can for the others. */
function recursivelyReadOnly(container: Container, mounts: readonly ContainerMount[]): readonly ContainerMount[] {
  const strict = new Set(
    (container.volumeMounts ?? [])
      .filter(({ recursiveReadOnly }) => recursiveReadOnly === 'Enabled')
      .map(({ mountPath }) => mountPath),
  );
  if (strict.size === 0) return mounts;
  return mounts.map((mount) => (strict.has(mount.target) ? { ...mount, recursiveReadOnly: true } : mount));
}

function processes(input: ContainerPlanInput): ContainerSpec['pid'] {
  const { spec } = input.facts.pod;
  if (spec.hostPID === true) return { mode: 'host' };
  if (input.processesOf !== undefined) return { container: input.processesOf };
  return spec.shareProcessNamespace === true ? { container: input.sandboxId } : { mode: 'own' };
}

/** The pod's hostname: its own wish, or its name. Throws when it is longer than hostnames may be. */
export function hostnameOf(pod: Pod, clusterDomain: string): string {
  const short = (pod.spec.hostname ?? pod.metadata.name ?? '').slice(0, 63).replace(/[-.]+$/, '');
  const { setHostnameAsFQDN, subdomain = '' } = pod.spec;
  if (setHostnameAsFQDN !== true || subdomain === '') return short;
  const full = `${short}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
  if (full.length <= hostnameLengthMax) return full;
  const lengths = `${hostnameLengthMax} characters is the max, ${full.length} characters requested`;
  throw new Error(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${lengths})`,
  );
}

/** The kernel's. */
const hostnameLengthMax = 64;

/** Host ports of the pod, for the label on its sandbox. The API takes any text for an address; others are left out. */
function hostPortsText(pod: Pod): string {
  const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ ports: own = [] }) => own);
  return ports
    .filter(({ hostPort = 0, hostIP = '' }) => hostPort > 0 && (hostIP === '' || parseAddress(hostIP) !== undefined))
    .map((port) => `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort}/${port.containerPort}`)
    .join(',');
}

interface SandboxPlanInput {
  readonly identity: AgentIdentity;
  readonly pod: Pod;
  readonly image: string;
  readonly attempt: number;
  readonly addresses: readonly string[];
  readonly clusterDomain: string;
  readonly machine: MachineLimits;
  readonly engineRuntime?: string | undefined;
  /** Users of the pod's own; absent: the engine's. */
  readonly userRange?: UserRange | undefined;
}

/**
 * The sandbox: it holds the pod's network, hostname and IPC. Its link to the bridge is made once it runs, under the
 * name on its label.
 */
export function sandboxPlan(input: SandboxPlanInput): ContainerSpec {
  const { pod, identity, attempt } = input;
  const { hostNetwork, hostIPC, hostPID } = pod.spec;
  const hostPorts = hostNetwork === true ? '' : hostPortsText(pod);
  const group = groupOf(identity, pod, attempt);
  const sysctls = sandboxSysctls(input);
  const users: Record<string, string> =
    input.userRange === undefined ? {} : { [labels.users]: String(input.userRange.firstId) };
  return {
    name: containerName({
      cluster: identity.cluster,
      pod: pod.metadata.name ?? '',
      namespace: pod.metadata.namespace ?? '',
      uid: pod.metadata.uid ?? '',
      container: 'POD',
      attempt,
    }),
    image: input.image,
    labels: {
      ...podLabels(identity, pod),
      [labels.role]: 'sandbox',
      [labels.attempt]: String(attempt),
      ...users,
      ...(hostNetwork === true ? {} : { [labels.address]: input.addresses.join(','), [labels.link]: linkName(group) }),
      ...(hostPorts === '' ? {} : { [labels.hostPorts]: hostPorts }),
    },
    environment: [],
    network: hostNetwork === true ? { type: 'host' } : { type: 'own', hostname: hostnameOf(pod, input.clusterDomain) },
    ipc: { mode: hostIPC === true ? 'host' : 'shareable' },
    pid: { mode: hostPID === true ? 'host' : 'own' },
    mounts: [],
    resources: {
      oomScoreAdjustment: Math.max(input.machine.oomScoreMin, -998),
      cpuShares: 2,
      processesMax: input.machine.processesMax,
    },
    security: {
      privileged: false,
      readOnlyRoot: true,
      addCapabilities: [],
      dropCapabilities: ['ALL'],
      supplementalGroups: [],
      noNewPrivileges: true,
      seccomp: 'unconfined',
    },
    sysctls: Object.keys(sysctls).length === 0 ? undefined : sysctls,
    engineRuntime: input.engineRuntime,
    userRange: input.userRange,
    group,
  };
}

const withoutIpv6 = { 'net.ipv6.conf.default.disable_ipv6': '1' };
const withIpv6 = {
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.default.disable_ipv6': '0',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.accept_ra': '0',
};

/**
 * The pod's own. It has no address of a family that the cluster does not have: that would go around network policies.
 * One of IPv6 is there at once, and routers that pretend to be some change nothing.
 */
function sandboxSysctls({ pod, machine, addresses }: SandboxPlanInput): Readonly<Record<string, string>> {
  const asked = Object.fromEntries(
    (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [sysctlName(name), value]),
  );
  return pod.spec.hostNetwork === true || !machine.ipv6
    ? asked
    : { ...asked, ...(addresses.some((address) => familyOf(address) === 'IPv6') ? withIpv6 : withoutIpv6) };
}

/**
 * Changes when the container must be recreated: with anything but its resources (FNV-1a, 32 bits, of the JSON text).
 */
export function containerHash(container: Container): string {
  const { resources: _resources, ...rest } = container;
  return fnv1aOfCodePoints(JSON.stringify(rest)).toString(16).padStart(8, '0');
}
