/** Whose the names of external controllers are. */
import { conflict, serviceUnavailable } from '../../api/index.ts';
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { Compare, Operation, Store } from '../../state/index.ts';

/** Beside the epochs of external controllers, among the store's own books. */
const prefix = '/ownership/controllers/';

/** How long a name stays with its user after its last instance fell silent. */
const nameLeaseMs = 60_000;

interface NamePorts {
  readonly store: Pick<Store, 'range' | 'transact'>;
  /** Holds while this member may give names. */
  granter(): Compare | undefined;
  readonly timers: Timers;
  readonly log: Logger;
}

interface Holding {
  readonly user: string;
  readonly instances: Set<string>;
  /** Registrations under way. */
  pending: number;
  /** Whether any registration succeeded: a refused one holds nothing. */
  held: boolean;
  /** Runs while there is no instance. */
  lease: Timer | undefined;
}

/**
 * A name is with the user who registered it first until its last instance leaves, or is silent for `nameLeaseMs`. The
 * store has it, so that it stays with the user when another member takes over; the lease runs anew there.
 */
export class ControllerNames {
  readonly #ports: NamePorts;
  readonly #holdings = new Map<string, Holding>();

  constructor(ports: NamePorts) {
    this.#ports = ports;
    for (const record of ports.store.range({ prefix }).records) {
      const { user } = record.object<{ readonly user: string }>();
      const name = record.key.slice(prefix.length);
      this.#settle(name, this.#hold(name, user, true));
    }
  }

  /**
   * Runs a registration under the name. Throws Conflict (409) where the name is another user's; what `register` throws
   * otherwise.
   */
  async registered<T>(name: string, { user, instance }: Claim, register: () => Promise<T>): Promise<T> {
    const known = this.#holdings.get(name);
    if (known !== undefined && known.user !== user)
      throw conflict(
        { group: '', resource: 'participants' },
        name,
        'the name belongs to another user until its instances leave or its lease ends',
      );
    const holding = known ?? this.#hold(name, user);
    holding.pending += 1;
    try {
      if (known === undefined) await this.#write(name, user);
      const made = await register();
      holding.instances.add(instance);
      holding.held = true;
      return made;
    } finally {
      holding.pending -= 1;
      if (holding.held) this.#settle(name, holding);
      else if (holding.pending === 0) this.#release(name, holding);
    }
  }

  /** The instance is over. One that says so gives the name up, if it was the last. */
  ended(name: string, instance: string, why: 'left' | 'silent'): void {
    const holding = this.#holdings.get(name);
    if (holding === undefined || !holding.instances.delete(instance)) return;
    if (why === 'left' && holding.instances.size === 0 && holding.pending === 0) this.#release(name, holding);
    else this.#settle(name, holding);
  }

  /** The names stay in the store, for the member that takes over. */
  close(): void {
    for (const { lease } of this.#holdings.values()) lease?.cancel();
    this.#holdings.clear();
  }

  #hold(name: string, user: string, held = false): Holding {
    const holding: Holding = { user, instances: new Set(), pending: 0, held, lease: undefined };
    this.#holdings.set(name, holding);
    return holding;
  }

  /** Starts or ends the lease. */
  #settle(name: string, holding: Holding): void {
    if (this.#holdings.get(name) !== holding) return;
    holding.lease?.cancel();
    holding.lease =
      holding.instances.size + holding.pending > 0
        ? undefined
        : this.#ports.timers.after(nameLeaseMs, () => {
            this.#release(name, holding);
          });
  }

  #release(name: string, holding: Holding): void {
    holding.lease?.cancel();
    if (this.#holdings.get(name) !== holding) return;
    this.#holdings.delete(name);
    const granter = this.#ports.granter();
    if (granter === undefined) return;
    this.#ports.store
      .transact({ compares: [granter], operations: [{ type: 'delete', key: `${prefix}${name}` }] })
      .catch((error: unknown) => {
        this.#ports.log.warn('cannot release the name of an external controller', {
          controller: name,
          error: errorMessage(error),
        });
      });
  }

  async #write(name: string, user: string): Promise<void> {
    const granter = this.#ports.granter();
    const put: Operation = {
      type: 'put',
      key: `${prefix}${name}`,
      value: new TextEncoder().encode(JSON.stringify({ user })),
      revisionAt: -1,
      index: { uid: '', labels: {}, fields: {}, owners: [] },
    };
    const written =
      granter !== undefined && (await this.#ports.store.transact({ compares: [granter], operations: [put] }));
    if (written === false || !written.committed)
      throw serviceUnavailable('another member supervises the external controllers now', 1);
  }
}

interface Claim {
  readonly user: string;
  readonly instance: string;
}
