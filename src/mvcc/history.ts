import type { Revision } from '../base/index.ts';
import type { StoreEvent } from './record.ts';
import type { Version } from './version.ts';

export interface VersionEvent extends StoreEvent {
  readonly record: Version;
  readonly previous?: Version;
}

/** A key that came (+1) or went (-1). */
interface Presence {
  readonly revision: Revision;
  readonly key: string;
  readonly change: 1 | -1;
}

/** Items in the order of their revisions, taken away from the front. */
class Window<T extends { readonly revision: Revision }> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(position: number): T | undefined {
    return this.#items[this.#head + position];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The position of the first item whose revision is greater. */
  after(revision: Revision): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle) as T).revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

export interface HistoryLimits {
  readonly historyEventsMax: number;
  readonly historyBytesMax: number;
}

/**
 * The events that watches and reads of the past can still reach. `floor` is decided by the log alone, so it is the same on
 * every replica; the memory behind it is freed later, in steps, by `sweep`.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #events = new Window<VersionEvent>();
  readonly #presence = new Window<Presence>();
  /** Events at the front that lie at or below the floor and wait for the sweep. */
  #expired = 0;
  #bytes = 0;
  /** The oldest readable revision. */
  floor: Revision;

  constructor(limits: HistoryLimits, floor: Revision) {
    this.#limits = limits;
    this.floor = floor;
  }

  get length(): number {
    return this.#events.length - this.#expired;
  }

  push(event: VersionEvent): void {
    this.#events.push(event);
    this.#bytes += event.record.bytes.length;
    const { revision, record: { key } } = event;
    if (event.type === 'delete') this.#presence.push({ revision, key, change: -1 });
    else if (event.previous === undefined) this.#presence.push({ revision, key, change: 1 });
  }

  /** Raises the floor where the window is too large. Called after a whole transaction, since its events share a revision. */
  trim(): void {
    let floor = this.floor;
    let { length } = this;
    let bytes = this.#bytes;
    for (let position = this.#expired; length > 1 && (length > this.#limits.historyEventsMax || bytes > this.#limits.historyBytesMax); position++) {
      const event = this.#events.at(position) as VersionEvent;
      floor = event.revision;
      length -= 1;
      bytes -= event.record.bytes.length;
    }
    this.raiseFloor(floor);
  }

  raiseFloor(floor: Revision): void {
    if (floor <= this.floor) return;
    this.floor = floor;
    for (let event = this.#events.at(this.#expired); event !== undefined && event.revision <= floor; event = this.#events.at(this.#expired)) {
      this.#expired += 1;
      this.#bytes -= event.record.bytes.length;
    }
  }

  /** Hands out up to `count` events below the floor, for the last time. */
  sweep(count: number, free: (event: VersionEvent) => void): number {
    const going = Math.min(count, this.#expired);
    for (let i = 0; i < going; i++) free(this.#events.shift() as VersionEvent);
    this.#expired -= going;
    for (let first = this.#presence.at(0); first !== undefined && first.revision <= this.floor; first = this.#presence.at(0)) this.#presence.shift();
    return going;
  }

  /** Events of keys under `prefix` with a revision > `after`. */
  since(prefix: string, after: Revision): VersionEvent[] {
    const found: VersionEvent[] = [];
    for (let position = this.#events.after(after); position < this.#events.length; position++) {
      const event = this.#events.at(position) as VersionEvent;
      if (event.record.key.startsWith(prefix)) found.push(event);
    }
    return found;
  }

  /** By how much the number of keys under `prefix` and after `key` has grown since `revision`. */
  growth(prefix: string, key: string, revision: Revision): number {
    let growth = 0;
    for (let position = this.#presence.after(revision); position < this.#presence.length; position++) {
      const change = this.#presence.at(position) as Presence;
      if (change.key > key && change.key.startsWith(prefix)) growth += change.change;
    }
    return growth;
  }
}
