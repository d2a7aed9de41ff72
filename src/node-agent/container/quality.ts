import { type Container, milliCores, type Pod, quantityNumber } from '../kube/index.ts';
import type { ContainerResources } from '../runtime/index.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** The quality-of-service class (Kubernetes, "Pod Quality of Service Classes"). */
export function qosClassOf(pod: Pod): QosClass {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const named = (container: Container, list: 'limits' | 'requests'): Readonly<Record<string, string>> =>
    container.resources?.[list] ?? {};
  const positive = (text: string | undefined): boolean => (quantityNumber(text) ?? 0) > 0;
  const asks = containers.some((each) =>
    ['cpu', 'memory'].some((name) => positive(named(each, 'limits')[name]) || positive(named(each, 'requests')[name])),
  );
  if (!asks) return 'BestEffort';
  const guaranteed = containers.every((each) =>
    ['cpu', 'memory'].every((name) => {
      const limit = named(each, 'limits')[name];
      const request = named(each, 'requests')[name] ?? limit;
      return positive(limit) && quantityNumber(limit) === quantityNumber(request);
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
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
}

const cpuPeriodUs = 100_000;

/** Kubernetes' amounts as the kernel's: shares by request, quota by limit, who is killed first when memory runs out. */
export function containerResources(pod: Pod, container: Container, machine: MachineLimits): ContainerResources {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const cpuLimit = milliCores(limits['cpu']);
  const memoryLimit = quantityNumber(limits['memory']);
  const cpuRequest = milliCores(requests['cpu'] ?? limits['cpu']) ?? 0;
  return {
    cpuShares: Math.min(262_144, Math.max(2, Math.floor((cpuRequest * 1024) / 1000))),
    ...(cpuLimit === undefined || cpuLimit === 0
      ? {}
      : { cpuPeriodUs, cpuQuotaUs: Math.max(1000, Math.floor((cpuLimit * cpuPeriodUs) / 1000)) }),
    ...(memoryLimit === undefined || memoryLimit === 0
      ? {}
      : { memoryBytes: Math.max(6 * 2 ** 20, Math.floor(memoryLimit)) }),
    oomScoreAdjustment: Math.max(machine.oomScoreMin, oomScore(pod, container, machine.memoryBytes)),
  };
}

function oomScore(pod: Pod, container: Container, memoryBytes: number): number {
  const quality = qosClassOf(pod);
  if (quality === 'Guaranteed') return -997;
  if (quality === 'BestEffort') return 1000;
  const request = quantityNumber(container.resources?.requests?.['memory']) ?? 0;
  return Math.min(999, Math.max(3, Math.floor(1000 - (1000 * request) / Math.max(1, memoryBytes))));
}
