/** The signs of life of the nodes' agents, which members gather and write into the Leases. */

/**
 * Between its writes of the Lease an agent says this to all members:
 *
 *   agent -- publish on troupe.<cluster>.node.<name>.renewal: LeaseRenewal ---> every member keeps the latest of each
 *   agent <- RenewalAnswer, where the message asks for one -------------------- the member that writes the Leases
 *
 * Members write many Leases at once, so a Lease shows a renewal some seconds later. Whether a node is silent is decided
 * by what members heard, never by what a Lease shows.
 */
export interface LeaseRenewal {
  /** When the agent renewed, by its own clock, in wall-clock ms. */
  readonly at: number;
  /** How often it renews, in ms. */
  readonly leaseMs: number;
}

export interface RenewalAnswer {
  /** Whether the Lease exists; else the agent makes it again through the API. */
  readonly known: boolean;
}

/** Who renews less often is no node that one could miss. */
const leaseMsMax = 3_600_000;
/** The last moment that a text of RFC 3339 has. */
const lastMs = Date.UTC(9999, 11, 31);

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isWithin = (value: unknown, max: number): value is number =>
  typeof value === 'number' && value > 0 && value <= max;

/** A renewal from the wire; undefined for what is none. */
export function parseLeaseRenewal(value: unknown): LeaseRenewal | undefined {
  if (!isFields(value)) return undefined;
  const { at, leaseMs } = value;
  return isWithin(at, lastMs) && isWithin(leaseMs, leaseMsMax) ? { at, leaseMs } : undefined;
}

/** An answer from the wire; undefined for what is none. */
export function parseRenewalAnswer(value: unknown): RenewalAnswer | undefined {
  return isFields(value) && typeof value['known'] === 'boolean' ? { known: value['known'] } : undefined;
}
