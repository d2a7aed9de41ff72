/** Ends NATS connections whose credential or rights went. */
import { delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import {
  type Bus,
  connectionRequest,
  connectionSubject,
  type NatsConnections,
  type SubjectPermissions,
} from '../../bus/index.ts';
import type { Requester, ResourceView } from '../../resources/index.ts';
import { followRights, type RightsChange, tiesOf } from '../auth/index.ts';
import { isAgentName } from './connection-permissions.ts';

interface ReviewPorts {
  readonly bus: Bus;
  readonly view: ResourceView;
  readonly connections: Pick<NatsConnections, 'end'>;
  readonly timers: Timers;
  readonly log: Logger;
  /** Whether this member ends connections. */
  leads(): boolean;
  /** Whose the token is now, whatever is remembered of it; undefined: nobody's. */
  userOf(token: string): Promise<Requester | undefined>;
  permissionsOf(user: Requester): Promise<SubjectPermissions>;
}

/** What a token opened when somebody connected with it last. */
interface Admitted {
  readonly user: string;
  readonly permissions: SubjectPermissions;
  /** UIDs of the objects that the token ends with. */
  readonly ties: readonly string[];
}

/** The oldest are forgotten, hence ended with the next change of rights. */
const admittedMax = 20_000;

/**
 * Judges connections again when roles, bindings, accounts, or what tokens are bound to change in the store, and ends
 * those of users who may hear or send less than when they were let in: within some three seconds. Every member hears
 * the servers' questions, so each knows who is there; the leader acts. Users of whom it knows nothing (from before its
 * start) are ended with the first change of rights: who still may connects again.
 */
export function reviewConnections(ports: ReviewPorts): { close(): void } {
  const review = new ConnectionReview(ports);
  return {
    close: () => {
      review.close();
    },
  };
}

class ConnectionReview {
  readonly #ports: ReviewPorts;
  /** By token. */
  readonly #admitted = new Map<string, Admitted>();
  readonly #followed: readonly { close(): void }[];

  constructor(ports: ReviewPorts) {
    this.#ports = ports;
    const questions = ports.bus.subscribe(connectionSubject, ({ payload }) => {
      const token = connectionRequest(payload)?.token;
      if (token !== undefined) void this.#remember(token);
    });
    const changes = followRights(ports, {
      isTie: (uid) => this.#isTie(uid),
      changed: (change) => {
        if (ports.leads()) void this.#review(change);
      },
    });
    this.#followed = [changes, questions];
  }

  close(): void {
    for (const followed of this.#followed) followed.close();
  }

  async #remember(token: string): Promise<void> {
    const admitted = await this.#judge(token);
    this.#admitted.delete(token);
    if (admitted === undefined) return;
    this.#admitted.set(token, admitted);
    for (const oldest of this.#admitted.keys()) {
      if (this.#admitted.size <= admittedMax) return;
      this.#admitted.delete(oldest);
    }
  }

  /** Undefined: nobody would be let in. */
  async #judge(token: string): Promise<Admitted | undefined> {
    try {
      const user = await this.#ports.userOf(token);
      if (user === undefined) return undefined;
      return { user: user.name, permissions: await this.#ports.permissionsOf(user), ties: tiesOf(user) };
    } catch (error) {
      this.#ports.log.warn('cannot judge a NATS connection again', { error: errorMessage(error) });
      return undefined;
    }
  }

  #isTie(uid: string): boolean {
    for (const { ties } of this.#admitted.values()) if (ties.includes(uid)) return true;
    return false;
  }

  async #review({ deleted, rights }: RightsChange): Promise<void> {
    const fallen = new Set<string>();
    for (const [token, before] of [...this.#admitted]) {
      const concerned = before.ties.some((uid) => deleted.has(uid)) || (rights && !isAgentName(before.user));
      if (!concerned || fallen.has(before.user)) continue;
      const now = await this.#judge(token);
      if (now === undefined || loses(before.permissions, now.permissions)) fallen.add(before.user);
      await delay(this.#ports.timers, 0); // Judging many must not hold up everything else.
    }
    const known = new Set([...this.#admitted.values()].map(({ user }) => user));
    // Those who connect again are judged, and remembered, anew.
    for (const [token, { user }] of this.#admitted) if (fallen.has(user)) this.#admitted.delete(token);
    if (fallen.size > 0 || rights) await this.#end(fallen, (user) => rights && !known.has(user) && !isAgentName(user));
  }

  async #end(fallen: ReadonlySet<string>, unknown: (user: string) => boolean): Promise<void> {
    const { connections, log } = this.#ports;
    try {
      const count = await connections.end(({ user }) => user !== undefined && (fallen.has(user) || unknown(user)));
      if (count > 0) log.info('ended connections to NATS whose rights went', { users: [...fallen].join(', '), count });
    } catch (error) {
      log.warn('cannot end connections to NATS', { users: [...fallen].join(', '), error: errorMessage(error) });
    }
  }
}

function loses(before: SubjectPermissions, now: SubjectPermissions): boolean {
  return (
    before.subscribe.some((subject) => !now.subscribe.includes(subject)) ||
    before.publish.some((subject) => !now.publish.includes(subject))
  );
}
