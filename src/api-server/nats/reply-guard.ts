/** Decides on which reply subjects of clients a member answers. */
import type { Clock, Logger, Metrics } from '../../base/index.ts';
import { inboxPrefixOf } from '../../bus/index.ts';
import type { Requester } from '../../resources/index.ts';
import { type Authenticator, mastersGroup, nodesGroup } from '../auth/index.ts';
import { noBytes } from '../request.ts';

interface ReplyGuardPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Absent: NATS servers that are not ours confine nobody to their own inboxes, so users are answered on any. */
  readonly authenticate?: Authenticator | undefined;
}

/** Refusals are logged at most this often: clients can cause any number of them. */
const quietMs = 10_000;

/**
 * A member publishes with its own rights, and members act on what they hear on their subjects: an answer there would be
 * an order. So a client is answered below `_INBOX.` alone, and one with a valid token below its own prefix, since it
 * hears no other (connection-permissions.ts), or on a random inbox: those are of administrators' connections, which may
 * send requests with the tokens of others. An agent beside a member asks over the member's connection, so a node is
 * answered on random inboxes below any prefix, too. Refusals are counted and logged.
 */
export class ReplyGuard {
  readonly #ports: ReplyGuardPorts;
  #loggedAt = -Infinity;

  constructor(ports: ReplyGuardPorts) {
    this.#ports = ports;
  }

  /** True if a message with these headers may be answered there. */
  async allows(reply: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
    if (!isInbox(reply)) return this.#refuse('not-an-inbox', reply);
    const user = await this.#userOf(headers);
    if (user === undefined || user.groups.includes(mastersGroup)) return true;
    if (reply.startsWith(`${inboxPrefixOf(user.name)}.`) || isRandomInbox(reply)) return true;
    if (user.groups.includes(nodesGroup) && isRandomInbox(withoutPrefix(reply))) return true;
    return this.#refuse('foreign-inbox', reply, user);
  }

  /** The same for messages without a token, such as heartbeats. */
  allowsInbox(reply: string): boolean {
    return isInbox(reply) || this.#refuse('not-an-inbox', reply);
  }

  /** Undefined: without a valid token, hence with nothing but a refusal to hear. */
  async #userOf(headers: Readonly<Record<string, string>>): Promise<Requester | undefined> {
    const { authenticate } = this.#ports;
    const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    if (authenticate === undefined || authorization === undefined) return undefined;
    try {
      return await authenticate({ method: 'GET', path: '/', query: '', headers: { authorization }, body: noBytes });
    } catch {
      return undefined;
    }
  }

  #refuse(reason: 'not-an-inbox' | 'foreign-inbox', reply: string, user?: Requester): false {
    const { clock, log, metrics } = this.#ports;
    metrics.count('troupe_refused_replies_total', { reason });
    const now = clock.monotonic();
    if (now - this.#loggedAt < quietMs) return false;
    this.#loggedAt = now;
    log.warn('refused to answer on the reply subject of a request', {
      reason,
      reply: reply.slice(0, 256),
      user: user?.name,
    });
    return false;
  }
}

function isInbox(subject: string): boolean {
  return /^_INBOX\.[^\s*>]+$/.test(subject);
}

/** As NATS clients make one that were told no prefix: 22 random letters and digits (NUID), which nobody guesses. */
function isRandomInbox(subject: string): boolean {
  return /^_INBOX\.[0-9A-Za-z]{22}(\.|$)/.test(subject);
}

/** `_INBOX.%member-1.<random>` is `_INBOX.<random>`. */
function withoutPrefix(subject: string): string {
  return subject.replace(/^_INBOX\.[^.]+\./, '_INBOX.');
}
