/** What waits for answers over one connection, and what becomes of it when the connection or a member is lost. */
import type { Bus, Subjects, Subscription } from '../../bus/index.ts';

/** One request or stream. */
export interface Exchange {
  /** Sends the request. Called as soon as there is a connection, and again when nobody had it. */
  start(): void;
  /** Ends the exchange as retryable; nothing happens if it is over already. */
  fail(why: string): void;
  /** A member fell silent: it may have been the one that serves this exchange. */
  memberGone(member: string): void;
}

/**
 * All exchanges of one client. The bus delivers at most once, so what is under way when the connection is lost fails at
 * once: its answer may never come. What begins without a connection waits for one.
 */
export class Exchanges {
  readonly #gone: Subscription;
  readonly #sent = new Set<Exchange>();
  readonly #unsent = new Set<Exchange>();
  #connected = true;

  constructor(bus: Bus, subjects: Subjects) {
    bus.onStatus((status) => {
      this.#connected = status === 'connected';
      const lost = status === 'closed' ? [...this.#sent, ...this.#unsent] : [...this.#sent];
      for (const exchange of lost) exchange.fail(`the connection to NATS is ${status}; the answer may be lost`);
      if (!this.#connected) return;
      const waiting = [...this.#unsent];
      this.#unsent.clear();
      for (const exchange of waiting) this.begin(exchange);
    });
    this.#gone = bus.subscribe(subjects.gone('*'), ({ subject }) => {
      const member = subjects.goneMember(subject);
      for (const exchange of [...this.#sent]) exchange.memberGone(member);
    });
  }

  begin(exchange: Exchange): void {
    if (!this.#connected) {
      this.#unsent.add(exchange);
      return;
    }
    if (this.#sent.has(exchange)) return;
    this.#unsent.delete(exchange);
    this.#sent.add(exchange);
    exchange.start();
  }

  /** Nobody had what was sent: it can begin again, and a connection that is lost meanwhile takes nothing from it. */
  returned(exchange: Exchange): void {
    this.#sent.delete(exchange);
    this.#unsent.add(exchange);
  }

  finish(exchange: Exchange): void {
    this.#sent.delete(exchange);
    this.#unsent.delete(exchange);
  }

  close(): void {
    this.#gone.close();
    for (const exchange of [...this.#sent, ...this.#unsent]) exchange.fail('the client was closed');
  }
}
