/** Which pod goes first when something runs out, and what it is told. */
import {
  type Container,
  parseQuantity,
  type Pod,
  podResources,
  quantityOf,
  quantityText,
  quantityUnits,
} from '../../api/index.ts';
import type { Scarce, Shortage } from './pressure.ts';
import { quantityHere } from './thresholds.ts';

/** What a pod uses of what is scarce: bytes, inodes or processes. */
export interface PodUse {
  readonly total: number;
  readonly containers: ReadonlyMap<string, number>;
}

/** A pod that could go. `use` is undefined where it could not be measured. */
export interface Candidate {
  readonly pod: Pod;
  readonly use: PodUse | undefined;
}

type Order = (one: Candidate, other: Candidate) => number;

const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0;
const byPriority: Order = (one, other) => priorityOf(one.pod) - priorityOf(other.pod);
const byName: Order = (one, other) => (nameOf(one.pod) < nameOf(other.pod) ? -1 : 1);
const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

/** A pod's request; of inodes and processes there is none. */
function requestOf({ spec }: Pod, scarce: Scarce): number {
  const request = podResources(spec, 'requests').get(scarce);
  return request === undefined ? 0 : quantityUnits(request);
}

/** The most first; what could not be measured before that. */
const largest =
  (amount: (candidate: Candidate) => number): Order =>
  (one, other) => {
    const [first, second] = [amount(one), amount(other)];
    return first === second ? 0 : second - first;
  };
const overRequest =
  (scarce: Scarce) =>
  ({ pod, use }: Candidate): number =>
    use === undefined ? Number.POSITIVE_INFINITY : use.total - requestOf(pod, scarce);

/**
 * The pods in the order in which they go: those that use more than they ask for, the least important, those that are
 * most above what they ask for (so BestEffort before Burstable before Guaranteed, where they use what they have).
 * Processes have no request: there priority counts, then their number. Pure; the kubelet's order.
 */
export function rankForEviction(scarce: Scarce, candidates: readonly Candidate[]): readonly Candidate[] {
  const over = overRequest(scarce);
  const orders: readonly Order[] =
    scarce === 'pids'
      ? [byPriority, largest(({ use }) => use?.total ?? Number.POSITIVE_INFINITY), byName]
      : [largest((each) => (over(each) > 0 ? 1 : 0)), byPriority, largest(over), byName];
  return candidates.toSorted((one, other) => {
    for (const order of orders) {
      const difference = order(one, other);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** Why the pod goes, in the kubelet's words. Pure. */
export function evictionMessage({ scarce, told }: Shortage, { pod, use }: Candidate): string {
  const binary = scarce === 'memory' || scarce === 'ephemeral-storage' ? 'BinarySI' : 'DecimalSI';
  const { threshold, room } = told;
  const least = quantityText(quantityHere(threshold.least, room.capacity));
  const available = quantityText(quantityOf(room.available, binary));
  const figures = `Threshold quantity: ${least}, available: ${available}. `;
  return `The node was low on resource: ${scarce}. ${figures}${blamed(scarce, pod, use).join('')}`;
}

/** The containers that use more than they ask for. */
function blamed(scarce: Scarce, { spec }: Pod, use: PodUse | undefined): readonly string[] {
  if (scarce === 'inodes' || scarce === 'pids') return [];
  const containers: readonly Container[] = [...spec.containers, ...(spec.initContainers ?? [])];
  return containers.flatMap(({ name, resources }) => {
    const used = use?.containers.get(name);
    const request = parseQuantity(resources.requests?.[scarce] ?? '0');
    if (used === undefined || used <= quantityUnits(request)) return [];
    const text = quantityText(quantityOf(used, 'BinarySI'));
    return [
      `Container ${name} was using ${text}, request is ${quantityText(request)}, has larger consumption of ${scarce}. `,
    ];
  });
}
