/** The quality of service class of a pod. */
import { compareQuantity, parseQuantity, type Quantity } from '../machinery/index.ts';
import type { PodSpec } from './generated/core-v1.ts';
import type { View } from './views.ts';

type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

const computed = ['cpu', 'memory'] as const;
const zero = parseQuantity('0');

function positive(list: Readonly<Record<string, string>> | undefined): Map<string, Quantity> {
  const found = new Map<string, Quantity>();
  for (const name of computed) {
    const text = list?.[name];
    if (text === undefined) continue;
    const quantity = parseQuantity(text);
    if (compareQuantity(quantity, zero) > 0) found.set(name, quantity);
  }
  return found;
}

function add(total: Map<string, bigint>, list: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of list) total.set(name, (total.get(name) ?? 0n) + quantity.nanos);
}

/**
 * The class that decides whose containers go first when a node runs short (Kubernetes' ComputePodQOS). A limit is a
 * request as well, as defaulting has it. Throws QuantityError.
 */
export function qualityOfService(spec: View<PodSpec>): QualityOfService {
  const requests = new Map<string, bigint>();
  const limits = new Map<string, bigint>();
  let guaranteed = true;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { limits: most, requests: least } = container.resources ?? {};
    const own = positive(most);
    add(requests, positive({ ...most, ...least }));
    add(limits, own);
    if (own.size !== computed.length) guaranteed = false;
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const equal = requests.size === limits.size && [...requests].every(([name, amount]) => limits.get(name) === amount);
  return guaranteed && equal ? 'Guaranteed' : 'Burstable';
}
