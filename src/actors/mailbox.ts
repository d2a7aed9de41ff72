/** The bounded mailbox of one actor. */
import { BoundedQueue, limits, type Trace } from '../base/index.ts';
import type { AskError } from './ask-error.ts';

/**
 * What happens to a message for a full mailbox. `reject`: the sender gets false. `drop-oldest`, `drop-newest`: one is
 * shed and counted. `coalesce`: a message takes the place of the waiting one with its key, always; without one it is
 * rejected.
 */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest' | 'coalesce';

/** `system` messages overtake `user` messages and have a separate bound. */
type Priority = 'system' | 'user';

export interface MailboxOptions<Message> {
  readonly mailboxMessagesMax?: number | undefined;
  readonly overflow?: Overflow | undefined;
  /** Two waiting messages with the same key are one: the waiting one stays, unless `overflow` is `coalesce`. */
  readonly coalesceKey?: (message: Message) => string | undefined;
  readonly priority?: ((message: Message) => Priority) | undefined;
}

/** A message on its way, with what travels beside it. */
export interface Envelope<Message> {
  message: Message;
  /** Monotonic ms of its arrival. */
  readonly at: number;
  readonly trace: Trace | undefined;
  /** Tells an asker at once that no answer will come. */
  readonly failed?: ((code: AskError['code']) => void) | undefined;
}

/**
 * The messages that wait for one actor. Invariants: never more than its bound; the order of arrival is kept within a
 * priority; each message that was offered is handed out, or counted as dropped, refused or coalesced.
 */
export class Mailbox<Message> {
  /** Messages that were shed, refused, or merged with a waiting one. Only grow. */
  dropped = 0;
  refused = 0;
  coalesced = 0;
  readonly #options: MailboxOptions<Message>;
  readonly #user: BoundedQueue<Envelope<Message>>;
  /** Made with the first message of its priority: most actors never get one. */
  #system: BoundedQueue<Envelope<Message>> | undefined;
  /** Messages that wait under a key, by it. A message leaves when it is taken or shed. */
  #waiting: Map<string, Envelope<Message>> | undefined;

  constructor(options: MailboxOptions<Message>) {
    this.#options = options;
    this.#user = new BoundedQueue(options.mailboxMessagesMax ?? limits.mailboxMessagesMax);
  }

  get length(): number {
    return this.#user.length + (this.#system?.length ?? 0);
  }

  /** Arrival of the oldest waiting message, in monotonic ms. */
  get oldestAt(): number | undefined {
    const [user, system] = [this.#user.first?.at, this.#system?.first?.at];
    return user === undefined || system === undefined ? (user ?? system) : Math.min(user, system);
  }

  /** False when the message was refused; the sender learns of nothing else. */
  offer(envelope: Envelope<Message>): boolean {
    // A question is never merged with another: each asker awaits its own answer.
    const key = envelope.failed === undefined ? this.#options.coalesceKey?.(envelope.message) : undefined;
    const waiting = key === undefined ? undefined : this.#waiting?.get(key);
    if (waiting !== undefined) return this.#coalesce(waiting, envelope);
    if (!this.#push(envelope)) return this.#options.overflow === 'drop-newest';
    if (key !== undefined) (this.#waiting ??= new Map()).set(key, envelope);
    return true;
  }

  take(): Envelope<Message> | undefined {
    return this.#forget(this.#system?.shift() ?? this.#user.shift());
  }

  /** Gives up all that waits: the actor is gone. */
  clear(): void {
    for (let envelope = this.take(); envelope !== undefined; envelope = this.take()) envelope.failed?.('stopped');
  }

  #coalesce(waiting: Envelope<Message>, envelope: Envelope<Message>): boolean {
    this.coalesced += 1;
    if (this.#options.overflow === 'coalesce') waiting.message = envelope.message;
    return true;
  }

  #push(envelope: Envelope<Message>): boolean {
    if (this.#options.priority?.(envelope.message) === 'system') {
      this.#system ??= new BoundedQueue(limits.systemMessagesMax);
      if (this.#system.push(envelope)) return true;
      this.refused += 1;
      return false;
    }
    if (this.#user.full && !this.#makeRoom(envelope)) return false;
    return this.#user.push(envelope);
  }

  #makeRoom(newest: Envelope<Message>): boolean {
    const { overflow } = this.#options;
    if (overflow !== 'drop-oldest' && overflow !== 'drop-newest') {
      this.refused += 1;
      return false;
    }
    this.dropped += 1;
    const shed = overflow === 'drop-oldest' ? this.#forget(this.#user.shift()) : newest;
    shed?.failed?.('mailbox-full');
    return overflow === 'drop-oldest';
  }

  #forget(envelope: Envelope<Message> | undefined): Envelope<Message> | undefined {
    if (envelope === undefined || this.#waiting === undefined) return envelope;
    const key = this.#options.coalesceKey?.(envelope.message);
    if (key !== undefined && this.#waiting.get(key) === envelope) this.#waiting.delete(key);
    return envelope;
  }
}
