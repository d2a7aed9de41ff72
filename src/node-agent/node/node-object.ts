/** The Node object that the agent registers, and the status that it writes: pure functions of what it found. */
import {
  type New,
  type NodeCondition,
  type NodeSpec,
  type NodeStatus,
  quantityOfMilli,
  quantityText,
  timeText,
} from '../../api/index.ts';
import type { ImageFacts, RuntimeFacts } from '../runtime/index.ts';
import type { HeldBack } from './held-back.ts';

/** What the Node says where no port is open: the proxy of nodes knows the kubelet by it. */
const defaultKubeletPort = 10_250;

/** What a node says of itself. */
export interface NodeFacts {
  readonly name: string;
  /** The kubelet's port, where one is open. */
  readonly kubeletPort?: number | undefined;
  /** Of the machine: one of each family that it has, the first the cluster's default one. */
  readonly addresses: readonly string[];
  readonly runtime: RuntimeFacts;
  readonly version: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly diskBytes: number;
  readonly podsMax: number;
  /** Kept from pods for the machine itself: below it they are evicted. */
  readonly heldBack: HeldBack;
  readonly annotations: Readonly<Record<string, string>>;
  /** One for each family; none before they are claimed. */
  readonly podCidrs: readonly string[];
}

/** Amounts of extended resources. */
export interface DeviceAmounts {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The Node as the agent registers it. */
export function nodeObject(facts: NodeFacts): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: facts.name, labels: nodeLabels(facts), annotations: nodeAnnotations(facts) },
    spec: facts.podCidrs.length === 0 ? {} : podRangeFields(facts.podCidrs),
  };
}

/** The fields of a Node that name the ranges of its pods. */
export const podRangeFields = (podCidrs: readonly string[]): Pick<New<NodeSpec>, 'podCIDR' | 'podCIDRs'> => ({
  podCIDR: podCidrs[0],
  podCIDRs: podCidrs,
});

export function nodeAnnotations({ annotations }: Pick<NodeFacts, 'annotations'>): Readonly<Record<string, string>> {
  return { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...annotations };
}

export function nodeLabels(facts: Pick<NodeFacts, 'name' | 'runtime'>): Readonly<Record<string, string>> {
  const { architecture } = facts.runtime;
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': facts.name,
    'kubernetes.io/os': 'linux',
  };
}

function capacityOf(facts: NodeFacts): Record<string, string> {
  return {
    cpu: String(facts.runtime.cpus),
    'ephemeral-storage': `${Math.floor(facts.diskBytes / 1024)}Ki`,
    memory: `${Math.floor(facts.runtime.memoryBytes / 1024)}Ki`,
    pods: String(facts.podsMax),
  };
}

export function allocatableOf(
  facts: Pick<NodeFacts, 'runtime' | 'diskBytes' | 'podsMax' | 'heldBack'>,
): Record<string, string> {
  const cpu = quantityOfMilli(Math.max(0, facts.runtime.cpus * 1000 - facts.heldBack.cpuMilli));
  return {
    cpu: quantityText(cpu),
    'ephemeral-storage': String(facts.diskBytes - facts.heldBack.diskBytes),
    memory: `${Math.floor((facts.runtime.memoryBytes - facts.heldBack.memoryBytes) / 1024)}Ki`,
    pods: String(facts.podsMax),
  };
}

const pressureTexts = [
  {
    type: 'MemoryPressure',
    none: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    some: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' },
  },
  {
    type: 'DiskPressure',
    none: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    some: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
  },
  {
    type: 'PIDPressure',
    none: { reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    some: { reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' },
  },
] as const;

interface NodeState {
  readonly ready: boolean;
  readonly message: string;
  /** Types of the pressures that it is under. */
  readonly pressures: readonly string[];
  readonly now: number;
  readonly images: readonly ImageFacts[];
  /** Of device plug-ins. */
  readonly devices: DeviceAmounts;
  /** What the API shows now. */
  readonly shown: New<NodeStatus>;
}

/** The status the agent writes. Amounts that others added (extended resources) are kept; so are transition times. */
export function nodeStatus(facts: NodeFacts, state: NodeState): New<NodeStatus> {
  const { shown, devices } = state;
  return {
    capacity: { ...shown.capacity, ...capacityOf(facts), ...devices.capacity },
    allocatable: { ...shown.allocatable, ...allocatableOf(facts), ...devices.allocatable },
    conditions: conditionsOf(state),
    addresses: [
      ...facts.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: facts.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.kubeletPort ?? defaultKubeletPort } },
    nodeInfo: nodeInfoOf(facts),
    images: imageList(state.images),
    runtimeHandlers: facts.runtime.handlers?.map(({ name, recursiveReadOnlyMounts, userNamespaces }) => ({
      name,
      features: { recursiveReadOnlyMounts, userNamespaces },
    })),
  };
}

function conditionsOf({ ready, message, pressures, now, shown }: NodeState): readonly NodeCondition[] {
  const condition = (
    type: string,
    status: 'True' | 'False',
    text: { readonly reason: string; readonly message: string },
  ): NodeCondition => {
    const before = shown.conditions?.find((each) => each.type === type);
    return {
      type,
      status,
      lastHeartbeatTime: timeText(now),
      lastTransitionTime:
        before?.status === status && before.lastTransitionTime !== undefined
          ? before.lastTransitionTime
          : timeText(now),
      ...text,
    };
  };
  return [
    ...pressureTexts.map(({ type, none, some }) =>
      pressures.includes(type) ? condition(type, 'True', some) : condition(type, 'False', none),
    ),
    ready
      ? condition('Ready', 'True', { reason: 'KubeletReady', message: 'kubelet is posting ready status' })
      : condition('Ready', 'False', { reason: 'KubeletNotReady', message }),
  ];
}

function nodeInfoOf({ machineId, bootId, runtime, version }: NodeFacts): New<NodeStatus>['nodeInfo'] {
  return {
    machineID: machineId,
    systemUUID: machineId,
    bootID: bootId,
    kernelVersion: runtime.kernelVersion,
    osImage: runtime.operatingSystem,
    containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
    kubeletVersion: version,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: runtime.architecture,
  };
}

const imagesMax = 50;

function imageList(images: readonly ImageFacts[]): New<NodeStatus>['images'] {
  return [...images]
    .sort((one, other) => other.sizeBytes - one.sizeBytes)
    .slice(0, imagesMax)
    .map((image) => ({ names: [...image.digests, ...image.references].slice(0, 5), sizeBytes: image.sizeBytes }))
    .filter(({ names }) => names.length > 0);
}
