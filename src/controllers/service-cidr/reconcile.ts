/** Decides whether a range of service addresses (ServiceCIDR) is ready, and when it may go. */
import {
  type Condition,
  findCondition,
  holdsAddress,
  parseAddress,
  parseCidr,
  type ServiceCIDR,
  setCondition,
  timeText,
} from '../../api/index.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const ready: Omit<Condition, 'lastTransitionTime'> = {
  type: 'Ready',
  status: 'True',
  reason: '',
  message: 'Kubernetes Service CIDR is ready',
};
const held: Omit<Condition, 'lastTransitionTime'> = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

export interface Observed {
  readonly range: ServiceCIDR;
  readonly others: readonly ServiceCIDR[];
  /** All addresses in use, as text. */
  readonly addresses: readonly string[];
  readonly now: number;
}

type Plan =
  | { readonly type: 'nothing' }
  | { readonly type: 'finalizers'; readonly finalizers: readonly string[] }
  | { readonly type: 'status'; readonly status: NonNullable<ServiceCIDR['status']> };

const nothing: Plan = { type: 'nothing' };

/** A range stays for as long as an address of it is in use that no other range has. */
export function planRange(observed: Observed): Plan {
  const { range, now } = observed;
  const { finalizers = [], deletionTimestamp } = range.metadata;
  if (deletionTimestamp !== undefined) return planRelease(observed);
  if (!finalizers.includes(finalizer)) return { type: 'finalizers', finalizers: [...finalizers, finalizer] };
  if (findCondition(range.status?.conditions, 'Ready')?.status === 'True') return nothing;
  return statusWith(range, ready, now);
}

function planRelease({ range, others, addresses, now }: Observed): Plan {
  const { finalizers = [], uid } = range.metadata;
  if (!finalizers.includes(finalizer)) return nothing;
  const staying = others.filter(({ metadata }) => metadata.uid !== uid && metadata.deletionTimestamp === undefined);
  const isHeld = isStranded(
    addresses,
    range.spec?.cidrs ?? [],
    staying.flatMap((other) => other.spec?.cidrs ?? []),
  );
  if (!isHeld) return { type: 'finalizers', finalizers: finalizers.filter((known) => known !== finalizer) };
  if (findCondition(range.status?.conditions, 'Ready')?.reason === held.reason) return nothing;
  return statusWith(range, held, now);
}

function statusWith(range: ServiceCIDR, next: Omit<Condition, 'lastTransitionTime'>, now: number): Plan {
  return { type: 'status', status: { conditions: setCondition(range.status?.conditions, next, timeText(now)) } };
}

/** Whether an address lies in the network; false when either text is none. */
function lies(address: string, cidr: string): boolean {
  const host = parseAddress(address);
  const network = parseCidr(cidr);
  return host !== undefined && network !== undefined && holdsAddress(network, host);
}

/** Whether one of the addresses would belong to no range if `cidrs` went: it lies there, and in none of `others`. */
export function isStranded(addresses: readonly string[], cidrs: readonly string[], others: readonly string[]): boolean {
  return addresses.some(
    (address) => cidrs.some((cidr) => lies(address, cidr)) && !others.some((cidr) => lies(address, cidr)),
  );
}
