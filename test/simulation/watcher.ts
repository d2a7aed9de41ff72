/** A watcher of a run: it compares each event with the ledger. */
import type { Revision } from '../../src/base/index.ts';
import type { StoreEvent, StoreWatch } from '../../src/state/index.ts';
import { type Ledger, valueIn } from './ledger.ts';
import type { Member } from './member.ts';

interface Delivery {
  readonly revision: number;
  readonly events: readonly StoreEvent[];
}

/** The events of one delivery, revision by revision. */
export function byRevision(events: readonly StoreEvent[]): Delivery[] {
  const found: { revision: number; events: StoreEvent[] }[] = [];
  for (const event of events) {
    const last = found[found.length - 1];
    if (last?.revision === event.revision) last.events.push(event);
    else found.push({ revision: event.revision, events: [event] });
  }
  return found;
}

/**
 * Follows one prefix from member to member and compares every event with the ledger: none is missing, repeated, or out
 * of order. Where a member jumped by a snapshot past the history that is kept, it must say so, and the watcher begins
 * again from a list.
 */
export class Watcher {
  readonly name: string;
  readonly prefix: string;
  /** Everything up to here was seen. */
  position = 1;
  member: Member | undefined;
  #process: Member['process'];
  readonly state = new Map<string, string>();
  readonly #ledger: Ledger;
  #watch: StoreWatch | undefined;
  #deliveries: Delivery[] = [];
  /** The member has told it that events are lost. */
  #lost = false;
  events = 0;
  relists = 0;
  /** So often it was told that events are lost. */
  lost = 0;

  constructor(name: string, prefix: string, ledger: Ledger) {
    this.name = name;
    this.prefix = prefix;
    this.#ledger = ledger;
  }

  get watching(): boolean {
    return this.#watch !== undefined;
  }

  /** The process that it watched is no more. */
  get gone(): boolean {
    return this.member === undefined || this.member.process !== this.#process || !this.member.up;
  }

  /** Goes on from where it was, or lists again where history does not reach back. */
  attach(member: Member, isCompacted: (error: unknown) => boolean): void {
    const { store, process } = member;
    if (store === undefined || process === undefined) return;
    this.member = member;
    this.#process = process;
    try {
      this.#watch = store.watch(
        { prefix: this.prefix, after: this.position as Revision },
        (events) => {
          if (process.alive) this.#deliver(events);
        },
        ({ oldest }) => {
          if (process.alive) this.#lose(oldest);
        },
      );
    } catch (error) {
      if (!isCompacted(error)) return;
      this.relists += 1;
      this.#list();
    }
  }

  /** Begins again at what this member has just reached. */
  jump(member: Member): void {
    this.member = member;
    this.#list();
  }

  /** Begins again before everything, as far as history is kept. */
  rewind(): void {
    this.#begin(1);
  }

  /** What came before and was not compared yet counts no more. */
  #begin(position: number): void {
    this.position = position;
    this.state.clear();
    this.#deliveries = [];
  }

  detach(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.member = undefined;
  }

  /** What came before is compared first, at the end of this event; then it lists. */
  #lose(oldest: number): void {
    if (oldest <= this.position)
      this.#ledger.fail(
        'watch-order',
        `${this.name} at ${this.position} hears that ${this.member?.name} lost events, which keeps those from ` +
          `${oldest} on`,
      );
    this.#watch = undefined;
    this.#lost = true;
  }

  #list(): void {
    const store = this.member?.store;
    if (store === undefined || store.revision < this.position) return;
    this.#begin(store.revision);
    for (const record of store.range({ prefix: this.prefix }).records)
      this.state.set(record.key, valueIn(record.bytes));
  }

  #deliver(events: readonly StoreEvent[]): void {
    if (this.#watch === undefined && this.member === undefined)
      this.#ledger.fail('watch-order', `${this.name} heard something after its end`);
    this.#deliveries.push(...byRevision(events));
    this.events += events.length;
  }

  /** Compares what came with the ledger. Called when the member's own feed has told the ledger all that it knows. */
  verify(): void {
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    for (const delivery of deliveries) this.#compare(delivery);
    if (!this.#lost) return;
    this.#lost = false;
    this.lost += 1;
    this.#list();
  }

  #compare({ revision, events }: Delivery): void {
    for (const event of events) {
      if (event.type === 'delete') this.state.delete(event.record.key);
      else this.state.set(event.record.key, valueIn(event.record.bytes));
    }
    if (revision <= this.position)
      this.#ledger.fail(
        'watch-order',
        `${this.name} at ${this.position} hears revision ${revision} of ${this.member?.name} again`,
      );
    else if (!this.#matches(revision, events))
      this.#ledger.fail(
        'watch-gap',
        `${this.name} at ${this.position} hears revision ${revision} of ${this.member?.name} as ` +
          `${events.map((event) => `${event.type} ${event.record.key}`).join()}, which is not what follows`,
      );
    this.position = Math.max(this.position, revision);
  }

  /** Whether this is the next thing to hear, and all of it. */
  #matches(revision: number, events: readonly StoreEvent[]): boolean {
    if (revision <= this.position) return false;
    for (let between = this.position + 1; between < revision; between++) {
      if (this.#due(between).length > 0) return false;
    }
    const due = this.#due(revision);
    return (
      due.length === events.length &&
      due.every(
        (change, i) =>
          change.type === events[i]?.type &&
          change.key === events[i]?.record.key &&
          change.value === valueIn(events[i].record.bytes),
      )
    );
  }

  #due(revision: number): readonly { readonly type: string; readonly key: string; readonly value: string }[] {
    return (this.#ledger.changes.get(revision) ?? []).filter(({ key }) => key.startsWith(this.prefix));
  }

  /** At the end: everything up to `revision` was heard. */
  complete(revision: number): void {
    for (let due = this.position + 1; due <= revision; due++) {
      if (this.#due(due).length > 0)
        this.#ledger.fail(
          'watch-gap',
          `${this.name} at ${this.position} never heard revision ${due}, which ${this.member?.name} has`,
        );
    }
  }
}
