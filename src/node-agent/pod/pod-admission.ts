/** Whether the node takes a pod that was bound to it. */
import {
  addAmounts,
  hostPorts,
  hostPortsClash,
  isConditionTrue,
  isTolerated,
  type Node,
  nodeSelectorAllows,
  type Pod,
  podResources,
  qualityOfService,
  quantityMilli,
  quantityUnits,
  resourceAmounts,
} from '../../api/index.ts';
import { isCriticalPod, sysctlName } from '../container/index.ts';
import { isStaticPod } from '../static/index.ts';

/** Why a node will not run a pod that was bound to it. The pod fails with these (the kubelet's reasons and texts). */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Whether a pod may set a sysctl: one that concerns its own namespaces alone, or one that the node allows. */
function sysctlProblem({ securityContext, hostNetwork, hostIPC }: Pod['spec'], allowed: readonly string[]): string {
  for (const { name: given } of securityContext?.sysctls ?? []) {
    const name = sysctlName(given);
    const patterns = [...safeSysctls, ...allowed.map(sysctlName)];
    if (!patterns.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each)))
      return `"${name}" not allowlisted`;
    if (hostNetwork === true && name.startsWith('net.')) return `"${name}" not allowed with host net enabled`;
    if (hostIPC === true && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(name))
      return `"${name}" not allowed with host ipc enabled`;
  }
  return '';
}

/** The kubelet's own list (v1.33): each is the pod's alone, and cannot harm the node. */
const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** What a node gives to pods. */
export interface NodeOffer {
  readonly allocatable: Readonly<Record<string, string>>;
  /** Sysctls beside the safe ones; `*` at the end stands for anything. */
  readonly allowedSysctls: readonly string[];
}

/** The same, with what stands against new pods alone: the types of the node's pressures, and its end. */
interface NewPodOffer extends NodeOffer {
  readonly pressures: readonly string[];
  readonly shuttingDown: boolean;
  /** The Node, if it is known. */
  readonly object: Node | undefined;
}

const shuttingDown: Refusal = {
  reason: 'NodeShutdown',
  message: 'Pod was rejected as the node is shutting down.',
};

/** In the kubelet's order; extended resources follow. */
const checkedFirst = ['cpu', 'memory', 'ephemeral-storage'];

/**
 * The node's own check of a new pod, for pods that came past the scheduler or that it placed on old knowledge: sysctls,
 * free host ports, number of pods, every resource that the node counts. `others`: the pods that the node has taken
 * already and that have not ended. Pure.
 */
export function admitPod(pod: Pod, others: readonly Pod[], offer: NewPodOffer): Refusal | undefined {
  const ofNode = offer.shuttingDown ? shuttingDown : pressureProblem(pod, offer.pressures);
  return ofNode ?? admissionProblem(pod, others, offer) ?? placementProblem(pod, offer.object);
}

/**
 * Whether the pod may be on this node by its own word and by the node's taints. What the scheduler placed is not
 * judged again: it may know a newer Node.
 */
function placementProblem(pod: Pod, node: Node | undefined): Refusal | undefined {
  const { spec, status } = pod;
  if (node === undefined || isConditionTrue(status?.conditions, 'PodScheduled')) return undefined;
  const { name = '', labels = {} } = node.metadata;
  if (!nodeSelectorAllows(spec, { name, labels }))
    return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (isStaticPod(pod)) return undefined;
  const taint = node.spec?.taints?.find((each) => each.effect === 'NoExecute' && !isTolerated(each, spec.tolerations));
  return taint === undefined
    ? undefined
    : predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}

const predicate = (reason: string, why: string): Refusal => ({
  reason,
  message: `Predicate ${reason} failed: ${why}`,
});

const memoryTaint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };

/** A node under pressure takes no new pods; one that is short of memory alone those that say what they need. */
function pressureProblem(pod: Pod, pressures: readonly string[]): Refusal | undefined {
  if (pressures.length === 0 || isCriticalPod(pod)) return undefined;
  const memoryAlone = pressures.every((each) => each === 'MemoryPressure');
  if (memoryAlone && (qualityOfService(pod.spec) !== 'BestEffort' || isTolerated(memoryTaint, pod.spec.tolerations)))
    return undefined;
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` };
}

function outOf(
  resource: string,
  { requested, used, capacity }: { readonly requested: number; readonly used: number; readonly capacity: number },
): Refusal {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${amounts}` };
}

/** What no Linux node with this engine can do (the kubelet's reasons and texts). */
function unsupportedByNode({ os, securityContext }: Pod['spec']): Refusal | undefined {
  if (os !== undefined && os.name !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  if (securityContext?.supplementalGroupsPolicy !== 'Strict') return undefined;
  const message = 'SupplementalGroupsPolicy=Strict is not supported in this node';
  return { reason: 'SupplementalGroupsPolicyNotSupported', message };
}

/** What stands against a pod, or against one that wants more than it has; undefined: nothing. Pure. */
export function admissionProblem(
  pod: Pod,
  others: readonly Pod[],
  { allocatable, allowedSysctls }: NodeOffer,
): Refusal | undefined {
  const unsupported = unsupportedByNode(pod.spec);
  if (unsupported !== undefined) return unsupported;
  const forbidden = sysctlProblem(pod.spec, allowedSysctls);
  if (forbidden !== '') return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${forbidden}` };
  const capacities = resourceAmounts(allocatable);
  const podsMax = capacities.get('pods');
  if (podsMax !== undefined && others.length + 1 > quantityUnits(podsMax))
    return outOf('pods', { requested: 1, used: others.length, capacity: quantityUnits(podsMax) });
  const wanted = podResources(pod.spec, 'requests');
  const inUse = others.map(({ spec }) => podResources(spec, 'requests')).reduce(addAmounts, new Map());
  for (const resource of new Set([...checkedFirst, ...wanted.keys()])) {
    const count = resource === 'cpu' ? quantityMilli : quantityUnits;
    const [capacity, requested = 0, used = 0] = [capacities, wanted, inUse].map((amounts) => {
      const amount = amounts.get(resource);
      return amount === undefined ? undefined : count(amount);
    });
    // Nodes give no huge pages: the engine cannot keep containers within a share of them.
    const most = capacity ?? (resource.startsWith('hugepages-') ? 0 : Number.POSITIVE_INFINITY);
    if (requested > 0 && used + requested > most) return outOf(resource, { requested, used, capacity: most });
  }
  const taken = others.flatMap(({ spec }) => hostPorts(spec));
  const clash = hostPorts(pod.spec).some((port) => taken.some((other) => hostPortsClash(port, other)));
  return clash ? predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports") : undefined;
}
