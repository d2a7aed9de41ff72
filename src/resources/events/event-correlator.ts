/** Keeps floods of Events small (client-go's EventCorrelator): similar ones become one, and one object has a budget. */
import type { KubeObject } from '../../api/index.ts';

export type EventType = 'Normal' | 'Warning';

/** An Event that is to be written. */
export interface PendingEvent {
  readonly object: KubeObject;
  readonly fieldPath?: string | undefined;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  /** One of many similar ones: all of these are one Event, which carries the newest message. */
  readonly combined: boolean;
  /** Wall-clock ms. */
  readonly at: number;
}

/** Objects and messages that are remembered. */
const rememberedMax = 4_096;
/**
 * From this many different messages of one object and reason on, none more than `similarMs` after the last, they are
 * written as one.
 */
const similarMax = 10;
const similarMs = 10 * 60_000;
/** Events of one object from one source: a burst, then one every five minutes (Kubernetes' spam filter). */
const burst = 25;
const refillMs = 5 * 60_000;

/** Keeps the entries that were set last. */
export class NewestMap<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= rememberedMax) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }
}

export class EventCorrelator {
  readonly #similar = new NewestMap<{ readonly messages: ReadonlySet<string>; readonly last: number }>();
  readonly #budgets = new NewestMap<{ readonly left: number; readonly at: number }>();

  /** The Event to write in place of this one; undefined: the object has had too many. */
  correlate(pending: PendingEvent): PendingEvent | undefined {
    const { uid, name = '' } = pending.object.metadata;
    return this.#takeFromBudget(uid ?? name, pending.at) ? this.#combine(pending) : undefined;
  }

  #takeFromBudget(object: string, now: number): boolean {
    const budget = this.#budgets.get(object) ?? { left: burst, at: now };
    const left = Math.min(burst, budget.left + (now - budget.at) / refillMs);
    const isLeft = left >= 1;
    this.#budgets.set(object, { left: isLeft ? left - 1 : left, at: now });
    return isLeft;
  }

  #combine(pending: PendingEvent): PendingEvent {
    const key = [pending.object.metadata.uid, pending.type, pending.reason].join('|');
    const known = this.#similar.get(key);
    const earlier = known === undefined || pending.at - known.last > similarMs ? [] : known.messages;
    const messages = new Set(earlier).add(pending.message);
    const areMany = messages.size >= similarMax;
    this.#similar.set(key, { messages: areMany ? new Set([...messages].slice(1)) : messages, last: pending.at });
    return areMany
      ? { ...pending, combined: true, message: `(combined from similar events): ${pending.message}` }
      : pending;
  }
}
