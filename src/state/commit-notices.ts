/** Messages that only carry the commit index, held back for a moment. */
import type { Timer, Timers } from '../base/index.ts';
import type { Message } from '../raft/core/index.ts';

/** How long a notice waits for an append that says the same, in ms. */
const waitMs = 2;

/**
 * Messages that only tell followers what is committed. Under load the next append says it too, a moment later: a notice
 * waits for that moment and spares a message and a wake-up for each batch. `release` sends at once what somebody waits
 * for.
 */
export class CommitNotices {
  readonly #timers: Timers;
  readonly #send: (message: Message) => void;
  /** The newest for each member. */
  readonly #held = new Map<string, Message>();
  #timer: Timer | undefined;

  constructor(timers: Timers, send: (message: Message) => void) {
    this.#timers = timers;
    this.#send = send;
  }

  /** Sends a message of the core, or keeps it for a moment. */
  pass(message: Message): void {
    if (message.type === 'append' && message.quiet === true) {
      this.#held.set(message.to, message);
      this.#timer ??= this.#timers.after(waitMs, () => {
        this.release();
      });
      return;
    }
    if (message.type === 'append') this.#held.delete(message.to);
    this.#send(message);
  }

  /** Sends the held messages. */
  release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const message of this.#held.values()) this.#send(message);
    this.#held.clear();
  }

  /** Forgets the held messages. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#held.clear();
  }
}
