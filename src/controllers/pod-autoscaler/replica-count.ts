/** How many pods a measured use asks for. */
import { findCondition, isSidecar, parseQuantity, parseTime, type Pod, quantityMilli } from '../../api/index.ts';
import type { PodSample } from './samples.ts';

/** What the number of pods is worked out from. */
export interface Counting {
  readonly current: number;
  readonly pods: readonly Pod[];
  readonly samples: ReadonlyMap<string, PodSample>;
  readonly resource: string;
  /** The one whose use counts; absent: all of a pod's containers. */
  readonly container?: string | undefined;
  readonly now: number;
}

interface Proposal {
  readonly replicas: number;
  /** In percent of the requests; absent where the target is an amount. */
  readonly utilization?: number;
  /** Of a pod on average, in thousandths. */
  readonly average: number;
}

/** A proposal, or why there is none. */
export type Counted = Proposal | string;

/**
 * Kubernetes' defaults: how far from the target nothing is done, how long a new pod's CPU is not trusted, how early a
 * pod must have been ready once.
 */
const tolerance = 0.1;
const initializationMs = 300_000;
const firstReadinessMs = 30_000;

/**
 * What is made of the pods' values: how far they are from the target, and what stands for a pod that was not measured.
 */
interface Rule {
  readonly measure: (
    values: ReadonlyMap<string, number>,
  ) => { readonly ratio: number; readonly utilization?: number; readonly average: number } | string;
  /** When the measured ones ask for fewer pods. */
  readonly whenFewer: (pod: string) => number;
  /** When they are just on target: undefined leaves the pod out. */
  readonly whenEqual: number | undefined;
}

/** As many pods as use `percent` of their requests on average. */
export function countByUtilization(counting: Counting, percent: number): Counted {
  const requests = requestsOf(counting);
  const requestOf = (pod: string): number | undefined => (typeof requests === 'string' ? undefined : requests.get(pod));
  return counted(counting, {
    measure: (values) => {
      if (typeof requests === 'string') return requests;
      const known = [...values].filter(([pod]) => requestOf(pod) !== undefined);
      const [used, requested] = [
        known.reduce((sum, [, value]) => sum + value, 0),
        known.reduce((sum, [pod]) => sum + (requestOf(pod) ?? 0), 0),
      ];
      if (requested === 0) return 'no metrics returned matched known pods';
      const utilization = Math.trunc((used * 100) / requested);
      return { ratio: utilization / percent, utilization, average: Math.trunc(used / known.length) };
    },
    whenFewer: (pod) => Math.trunc(((requestOf(pod) ?? 0) * Math.max(100, percent)) / 100),
    whenEqual: undefined,
  });
}

/** As many pods as use `milli` on average. */
export function countByValue(counting: Counting, milli: number): Counted {
  return counted(counting, {
    measure: (values) => {
      const average = Math.trunc([...values.values()].reduce((sum, value) => sum + value, 0) / values.size);
      return { ratio: average / milli, average };
    },
    whenFewer: () => milli,
    whenEqual: 0,
  });
}

function counted(counting: Counting, { measure, whenFewer, whenEqual }: Rule): Counted {
  const { current, pods, samples } = counting;
  if (pods.length === 0) return 'no pods returned by selector while calculating replica count';
  const { ready, unready, missing, ignored } = groupsOf(counting);
  const values = new Map(
    [...samples].filter(([pod]) => !ignored.has(pod) && !unready.has(pod)).map(([pod, { milli }]) => [pod, milli]),
  );
  if (values.size === 0) return 'did not receive metrics for targeted pods (pods might be unready)';
  const first = measure(values);
  if (typeof first === 'string') return first;
  const { ratio, ...told } = first;
  const fillsUnready = unready.size > 0 && ratio > 1;
  if (!fillsUnready && missing.size === 0)
    return { replicas: isNear(ratio) ? current : Math.ceil(ratio * ready), ...told };
  // Who was not measured is taken for what would change least.
  for (const pod of missing) {
    const value = ratio < 1 ? whenFewer(pod) : ratio > 1 ? 0 : whenEqual;
    if (value !== undefined) values.set(pod, value);
  }
  if (fillsUnready) for (const pod of unready) values.set(pod, 0);
  const second = measure(values);
  if (typeof second === 'string') return second;
  const turned = (ratio < 1 && second.ratio > 1) || (ratio > 1 && second.ratio < 1);
  const replicas = Math.ceil(second.ratio * values.size);
  const against = (second.ratio < 1 && replicas > current) || (second.ratio > 1 && replicas < current);
  return { replicas: isNear(second.ratio) || turned || against ? current : replicas, ...told };
}

/** So near to the target that nothing is done. */
export const isNear = (ratio: number): boolean => ratio >= 1 - tolerance && ratio <= 1 + tolerance;

interface Groups {
  readonly ready: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

function groupsOf({ pods, samples, resource, now }: Counting): Groups {
  const groups = { ready: 0, unready: new Set<string>(), missing: new Set<string>(), ignored: new Set<string>() };
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const sample = samples.get(name);
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') groups.ignored.add(name);
    else if (pod.status?.phase === 'Pending') groups.unready.add(name);
    else if (sample === undefined) groups.missing.add(name);
    else if (resource === 'cpu' && !isTrusted(pod, sample, now)) groups.unready.add(name);
    else groups.ready += 1;
  }
  return groups;
}

/** Whether the CPU that a pod used shows its work, and not its start. */
function isTrusted({ status }: Pod, sample: PodSample, now: number): boolean {
  const ready = findCondition(status?.conditions, 'Ready');
  const startedAt = parseTime(status?.startTime);
  if (ready === undefined || startedAt === undefined) return false;
  const turnedAt = parseTime(ready.lastTransitionTime) ?? 0;
  if (startedAt + initializationMs > now) return ready.status !== 'False' && sample.at >= turnedAt + sample.windowMs;
  return ready.status !== 'False' || turnedAt >= startedAt + firstReadinessMs;
}

/** By pod: what its containers request, in thousandths; or which container requests nothing. */
function requestsOf({ pods, resource, container }: Counting): ReadonlyMap<string, number> | string {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    let sum = 0;
    for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]) {
      if (container !== undefined && name !== container) continue;
      const request = (resources as ContainerResources | undefined)?.requests?.[resource];
      if (request === undefined) return `missing request for ${resource} in container ${name} of Pod ${metadata.name}`;
      sum += quantityMilli(parseQuantity(request));
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}

interface ContainerResources {
  readonly requests?: Readonly<Record<string, string | number>>;
}
