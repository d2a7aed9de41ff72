/** Knows whether anybody can hear the change feed. */
import { errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import { type Bus, connectionSubject, type NatsConnectionInfo, type NatsConnections } from '../../bus/index.ts';
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
 * before, and every member hears each question of a server whether to let somebody in. From there on somebody is taken
 * to be there, until the servers' lists of connections, asked for after a while, show nobody but members and nodes'
 * agents.
 */
export function watchAudience(ports: AudiencePorts): Audience {
  let present = true;
  let closed = false;
  let arrivals = 0;
  let timer: Timer = ports.timers.after(settleMs, look);
  const lookAfter = (ms: number): void => {
    timer.cancel();
    if (!closed) timer = ports.timers.after(ms, look);
  };
  const arrived = (): void => {
    present = true;
    arrivals += 1;
    lookAfter(settleMs);
  };
  function look(): void {
    const before = arrivals;
    anybody(ports).then(
      (found) => {
        if (arrivals !== before) return;
        present = found;
        lookAfter(lookMs);
      },
      (error: unknown) => {
        ports.log.debug('cannot count the connections to NATS', { error: errorMessage(error) });
        present = true;
        if (arrivals === before) lookAfter(lookMs);
      },
    );
  }
  const subscription = ports.bus.subscribe(connectionSubject, arrived);
  // Clients that came while this member was not connected were not noticed.
  ports.bus.onStatus((status) => {
    if (status === 'connected' && !closed) arrived();
  });
  return {
    get present() {
      return present;
    },
    close: () => {
      closed = true;
      timer.cancel();
      subscription.close();
    },
  };
}

/** A member that does not publish need not know; when servers do not answer, somebody may be there. */
async function anybody({ connections, leads, servers }: AudiencePorts): Promise<boolean> {
  return !leads() || (await connections.count(mayHear, servers())) !== 0;
}
