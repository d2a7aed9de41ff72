/** Which pods a node keeps, and their requests and limits as the kernel takes them. */
import {
  type Container,
  parseQuantity,
  type Pod,
  qualityOfService,
  quantityMilli,
  quantityUnits,
} from '../../api/index.ts';
import type { ContainerResources } from '../runtime/index.ts';
import { isStaticPod } from '../static/index.ts';

/** The lowest priority of the system's own pods (system-cluster-critical). */
const criticalPriority = 2_000_000_000;

/** Whether the node is nothing without the pod: the system's own, and static ones. It takes them, and evicts none. */
export function isCriticalPod(pod: Pod): boolean {
  return isStaticPod(pod) || (pod.spec.priority ?? 0) >= criticalPriority;
}

/** What the machine has and allows. */
export interface MachineLimits {
  readonly memoryBytes: number;
  /**
   * The lowest oom_score_adj that may be set: -1000, or 0 where the engine lacks CAP_SYS_RESOURCE (in a container,
   * say).
   */
  readonly oomScoreMin: number;
  /** The kernel knows IPv6. */
  readonly ipv6: boolean;
  /** Processes and threads in each container (the kubelet's podPidsLimit); absent: no limit. */
  readonly processesMax?: number | undefined;
}

const cpuPeriodUs = 100_000;
/** Docker refuses less. */
const memoryBytesMin = 6 * 2 ** 20;

const milliCores = (text = '0'): number => quantityMilli(parseQuantity(text));
const units = (text = '0'): number => quantityUnits(parseQuantity(text));

/** Kubernetes' amounts as the kernel's: shares by request, quota by limit, who is killed first when memory runs out. */
export function cgroupResources(pod: Pod, container: Container, machine: MachineLimits): ContainerResources {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const cpuRequest = milliCores(requests['cpu'] ?? limits['cpu']);
  return {
    cpuShares: Math.min(262_144, Math.max(2, Math.floor((cpuRequest * 1024) / 1000))),
    ...cpuQuota(milliCores(limits['cpu'])),
    ...memoryLimit(units(limits['memory'])),
    oomScoreAdjustment: Math.max(machine.oomScoreMin, oomScore(pod, container, machine.memoryBytes)),
  };
}

/** Zero: without a limit. */
function cpuQuota(milli: number): Pick<ContainerResources, 'cpuPeriodUs' | 'cpuQuotaUs'> {
  if (milli === 0) return {};
  return { cpuPeriodUs, cpuQuotaUs: Math.max(1000, Math.floor((milli * cpuPeriodUs) / 1000)) };
}

function memoryLimit(bytes: number): Pick<ContainerResources, 'memoryBytes'> {
  return bytes === 0 ? {} : { memoryBytes: Math.max(memoryBytesMin, bytes) };
}

function oomScore(pod: Pod, container: Container, memoryBytes: number): number {
  const quality = qualityOfService(pod.spec);
  if (quality === 'Guaranteed') return -997;
  if (quality === 'BestEffort') return 1000;
  const request = units(container.resources?.requests?.['memory']);
  return Math.min(999, Math.max(3, Math.floor(1000 - (1000 * request) / Math.max(1, memoryBytes))));
}
