/** Knows whether anybody can hear the change feed. */
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import {
  type Bus,
  connectionSubject,
  type NatsConnectionInfo,
  type NatsConnections,
  type Subscription,
} from '../../bus/index.ts';
import { isAgentName } from './connection-permissions.ts';

/** Whether anybody may hear the change feed. */
export interface Audience {
  /** True unless it is known that nobody is there. */
  readonly present: boolean;
  close(): void;
}

interface AudiencePorts {
  readonly bus: Bus;
  readonly connections: Pick<NatsConnections, 'count'>;
  readonly timers: Timers;
  readonly log: Logger;
  /** Whether this member publishes the feed. */
  readonly leads: () => boolean;
  /** How many servers the cluster has. */
  readonly servers: () => number;
}

/**
 * A client that asks to connect does so within ten seconds (the server's own limit), or not at all; then it is in the
 * servers' lists.
 */
const settleMs = 12_000;
/** How often one looks who is still there: a member that was cut off has not heard of those who came meanwhile. */
const lookMs = 60_000;

/** Members' own connections have no user, and nodes' agents may not hear the feed. */
const mayHear = ({ user }: NatsConnectionInfo): boolean => user !== undefined && !isAgentName(user);

/**
 * Knows when nobody can hear the change feed: a change then costs nothing here. Nobody subscribes who was not let in
 * before, and every member hears each question of a server whether to let a client in. From there on a client counts as
 * a listener, until the servers' lists of connections, asked for after a while, show nobody but members and nodes'
 * agents.
 */
export function watchAudience(ports: AudiencePorts): Audience {
  return new ConnectionAudience(ports);
}

class ConnectionAudience implements Audience {
  readonly #ports: AudiencePorts;
  readonly #subscription: Subscription;
  #present = true;
  #closed = false;
  #arrivals = 0;
  #timer: Timer;

  constructor(ports: AudiencePorts) {
    this.#ports = ports;
    this.#timer = ports.timers.after(settleMs, this.#look);
    this.#subscription = ports.bus.subscribe(connectionSubject, () => {
      this.#arrived();
    });
    // Clients that came while this member was not connected were not noticed.
    ports.bus.onStatus((status) => {
      if (status === 'connected' && !this.#closed) this.#arrived();
    });
  }

  get present(): boolean {
    return this.#present;
  }

  close(): void {
    this.#closed = true;
    this.#timer.cancel();
    this.#subscription.close();
  }

  #arrived(): void {
    this.#present = true;
    this.#arrivals += 1;
    this.#lookAfter(settleMs);
  }

  #lookAfter(ms: number): void {
    this.#timer.cancel();
    if (!this.#closed) this.#timer = this.#ports.timers.after(ms, this.#look);
  }

  readonly #look = (): void => {
    const before = this.#arrivals;
    anybody(this.#ports).then(
      (found) => {
        if (this.#arrivals !== before) return;
        this.#present = found;
        this.#lookAfter(lookMs);
      },
      (error: unknown) => {
        this.#ports.log.debug('cannot count the connections to NATS', { error: errorMessage(error) });
        this.#present = true;
        if (this.#arrivals === before) this.#lookAfter(lookMs);
      },
    );
  };
}

/** A member that does not publish need not know; when servers do not answer, somebody may be there. */
async function anybody({ connections, leads, servers }: AudiencePorts): Promise<boolean> {
  return !leads() || (await connections.count(mayHear, servers())) !== 0;
}
