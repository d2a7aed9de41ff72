/** What a member has heard of the nodes' agents: when each renewed its Lease, and which Leases are behind that. */
import type { LeaseRenewal } from '../../protocol/index.ts';

interface Entry {
  /** Monotonic ms at which this member heard it. */
  heardAt: number;
  /** What the agent said: wall-clock ms by its own clock. */
  at: number;
  leaseMs: number;
  /** The renewal that was handed out last to be written. */
  handedAt: number;
  /** Monotonic ms from which the Lease is to be written again. */
  dueAt: number;
}

/** A Lease that is behind. */
export interface DueRenewal {
  readonly node: string;
  /** When its agent renewed it, in wall-clock ms. */
  readonly at: number;
  /** How long it should count from then on, in s: what shows may be that much behind. */
  readonly leaseDurationSeconds: number;
}

/** How far a Lease may be behind for each node that there is, and in all. */
const behindMsPerNode = 2;
const behindMsMin = 2_000;
const behindMsMax = 10_000;
/** An agent may miss so many renewals before its Lease is over. */
const renewalsPerLease = 3;
/** A node that was not heard for so long is forgotten; silence is noticed long before. */
const forgetMs = 10 * 60_000;

/** How old a Lease may become that its agent renews all the time, in ms, among so many of them. */
export function leaseBehindMs(nodes: number): number {
  return Math.min(Math.max(nodes * behindMsPerNode, behindMsMin), behindMsMax);
}

/** The latest renewal of each node. Pure; times are monotonic ms unless said otherwise. */
export class RenewalBook {
  /** Who was handed out longest ago comes first. */
  readonly #nodes = new Map<string, Entry>();

  take(node: string, { at, leaseMs }: LeaseRenewal, now: number): void {
    const entry = this.#nodes.get(node);
    if (entry === undefined) {
      this.#nodes.set(node, { heardAt: now, at, leaseMs, handedAt: 0, dueAt: now });
      return;
    }
    entry.heardAt = now;
    entry.at = at;
    entry.leaseMs = leaseMs;
  }

  /** When the node was last heard, on this member's clock; undefined: never, or long ago. */
  heardAt(node: string): number | undefined {
    return this.#nodes.get(node)?.heardAt;
  }

  /** The Leases to write now, `max` at most; each is handed out again when it is behind again. */
  takeDue(now: number, max: number): readonly DueRenewal[] {
    const behindMs = leaseBehindMs(this.#nodes.size);
    const due: DueRenewal[] = [];
    for (const [node, entry] of this.#nodes) {
      if (entry.dueAt > now || due.length >= max) break;
      this.#nodes.delete(node);
      if (now - entry.heardAt > forgetMs) continue;
      this.#nodes.set(node, entry);
      entry.dueAt = now + behindMs;
      if (entry.at === entry.handedAt) continue;
      entry.handedAt = entry.at;
      const leaseDurationSeconds = Math.max(1, Math.ceil((entry.leaseMs * renewalsPerLease + behindMs) / 1_000));
      due.push({ node, at: entry.at, leaseDurationSeconds });
    }
    return due;
  }
}
