/** Decides whether an IPAddress object has to be made or removed: it is there exactly while a Service has it. */
import { addressNamesOf, holdsForService, type IPAddress, type Service } from '../../api/index.ts';

/** A younger object may belong to a Service that is not seen yet. */
export const graceMs = 60_000;

interface Observed {
  readonly address: string;
  readonly service: Service | undefined;
  /** The object of the address, whoever it names. */
  readonly held: IPAddress | undefined;
  readonly now: number;
}

type Plan =
  | { readonly type: 'nothing' | 'create' | 'remove' | 'conflict' }
  | { readonly type: 'wait'; readonly ms: number };

const isFor = ({ spec: { parentRef } }: IPAddress, { metadata }: Service): boolean =>
  parentRef.resource === 'services' && parentRef.namespace === metadata.namespace && parentRef.name === metadata.name;

/**
 * A Service and what holds its addresses are written in one transaction, so they differ only where somebody deleted or
 * made an object by hand. Then another Service could get an address that is in use, and its range could go.
 */
export function planAddress({ address, service, held, now }: Observed): Plan {
  if (service !== undefined && addressNamesOf(service).includes(address)) {
    if (held === undefined) return { type: 'create' };
    return { type: isFor(held, service) ? 'nothing' : 'conflict' };
  }
  if (held === undefined || !holdsForService(held)) return { type: 'nothing' };
  const ms = Date.parse(held.metadata.creationTimestamp) + graceMs - now;
  return ms > 0 ? { type: 'wait', ms } : { type: 'remove' };
}
