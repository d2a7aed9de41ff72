/** Leader election by a Lease. */
import { type Clock, errorMessage, type Timer, type Timers } from '../base/index.ts';
import { ApiError, type Collection } from './core/index.ts';
import type { CoordinationV1Lease } from './kinds/types.ts';

export interface ElectionOptions {
  /** The Lease's name. */
  readonly name: string;
  /** Who this candidate is. */
  readonly identity: string;
  /** How long the lead lasts without renewal, in s; default 15. */
  readonly leaseSeconds?: number;
  /** Called when this candidate begins to lead. */
  readonly leads: () => void;
  /** Called when it does not lead any more: whatever it did as a leader must stop at once. */
  readonly lost: () => void;
  readonly failed?: (error: Error) => void;
}

export interface Election {
  readonly leading: boolean;
  /** Gives the lead up, if this candidate has it. */
  close(): Promise<void>;
}

export interface ElectionPorts {
  readonly leases: Collection<CoordinationV1Lease>;
  readonly timers: Timers;
  readonly clock: Clock;
}

const defaultSeconds = 15;

/**
 * One leader among several candidates, by a Lease that its holder renews (as Kubernetes' own components do it). A
 * candidate trusts no other's clock: it takes a lease over once it has seen it unchanged for the lease's whole time. A
 * leader that cannot renew for two thirds of that time stops leading before anybody else can begin.
 */
export function electionOf(ports: ElectionPorts, options: ElectionOptions): Election {
  const made = new Candidate(ports, options);
  return {
    get leading() {
      return made.leading;
    },
    close: () => made.close(),
  };
}

class Candidate {
  leading = false;
  readonly #ports: ElectionPorts;
  readonly #options: ElectionOptions;
  readonly #leaseMs: number;
  #seen = { version: '', at: 0 };
  #renewedAt = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(ports: ElectionPorts, options: ElectionOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#leaseMs = (options.leaseSeconds ?? defaultSeconds) * 1000;
    void this.#turn();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    if (!this.leading) return;
    this.#lose();
    await this.#ports.leases
      .patch(this.#options.name, { spec: { holderIdentity: '', leaseDurationSeconds: 1 } })
      .catch(() => undefined);
  }

  async #turn(): Promise<void> {
    try {
      const asked = this.#ports.clock.monotonic();
      if (await this.#tryToHold()) {
        this.#renewedAt = asked;
        if (!this.leading && !this.#closed) {
          this.leading = true;
          this.#options.leads();
        }
      } else this.#lose();
    } catch (error) {
      this.#options.failed?.(error instanceof Error ? error : new Error(errorMessage(error)));
      if (this.#ports.clock.monotonic() - this.#renewedAt > (this.#leaseMs * 2) / 3) this.#lose();
    }
    if (!this.#closed)
      this.#timer = this.#ports.timers.after(this.#leaseMs / 5, () => {
        void this.#turn();
      });
  }

  /** Creates, renews or takes over the Lease; the resourceVersion decides between candidates that try at once. */
  async #tryToHold(): Promise<boolean> {
    const { leases, clock } = this.#ports;
    const { name, identity } = this.#options;
    const now = new Date(clock.now()).toISOString().replace('Z', '000Z');
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: this.#leaseMs / 1000,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    try {
      const lease = await leases.get(name).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      });
      if (lease === undefined) await leases.create({ metadata: { name }, spec });
      else {
        const holder = lease.spec?.holderIdentity ?? '';
        if (holder !== identity && holder !== '' && !this.#expired(lease)) return false;
        const kept =
          holder === identity
            ? { acquireTime: lease.spec?.acquireTime ?? now, leaseTransitions: lease.spec?.leaseTransitions ?? 0 }
            : { leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 };
        await leases.update({ ...lease, spec: { ...spec, ...kept } });
      }
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false;
      throw error;
    }
  }

  #expired({ metadata, spec }: CoordinationV1Lease): boolean {
    const now = this.#ports.clock.monotonic();
    const version = metadata.resourceVersion ?? '';
    if (version !== this.#seen.version) this.#seen = { version, at: now };
    return now - this.#seen.at >= (spec?.leaseDurationSeconds ?? this.#leaseMs / 1000) * 1000;
  }

  #lose(): void {
    if (!this.leading) return;
    this.leading = false;
    this.#options.lost();
  }
}
