/** The changes that watches and reads of the past can still reach. */
import type { Revision } from '../base/index.ts';
import type { Version } from './version.ts';

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

/** By how much a change moves the number of keys. */
function presenceOf({ deleted, older }: Version): -1 | 0 | 1 {
  if (deleted) return -1;
  return older === undefined || older.deleted ? 1 : 0;
}

interface HistoryLimits {
  readonly historyEventsMax: number;
  readonly historyBytesMax: number;
}

/**
 * Changes are kept as the versions that they made. `floor` is decided by
 * the log alone, so it is the same on every replica; the memory behind it is freed later, in steps, by `sweep`.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #changes = new Window<Version>();
  /** Changes at the front that lie at or below the floor and wait for the sweep. */
  #expired = 0;
  #bytes = 0;
  /** The oldest readable revision. */
  floor: Revision;

  constructor(limits: HistoryLimits, floor: Revision) {
    this.#limits = limits;
    this.floor = floor;
  }

  get length(): number {
    return this.#changes.length - this.#expired;
  }

  push(change: Version): void {
    this.#changes.push(change);
    this.#bytes += change.size;
  }

  /**
   * Raises the floor where the window is too large. Called after a whole transaction, since its events share a
   * revision.
   */
  trim(): void {
    let floor = this.floor;
    let { length } = this;
    let bytes = this.#bytes;
    for (
      let position = this.#expired;
      length > 1 && (length > this.#limits.historyEventsMax || bytes > this.#limits.historyBytesMax);
      position++
    ) {
      const change = this.#changes.at(position) as Version;
      floor = change.revision;
      length -= 1;
      bytes -= change.size;
    }
    this.raiseFloor(floor);
  }

  raiseFloor(floor: Revision): void {
    if (floor <= this.floor) return;
    this.floor = floor;
    for (
      let change = this.#changes.at(this.#expired);
      change !== undefined && change.revision <= floor;
      change = this.#changes.at(this.#expired)
    ) {
      this.#expired += 1;
      this.#bytes -= change.size;
    }
  }

  /**
   * Hands out changes below the floor, for the last time, until what `free` says that they cost reaches `costMax`. True
   * while more are left.
   */
  sweep(costMax: number, free: (change: Version) => number): boolean {
    for (let cost = 0; cost < costMax && this.#expired > 0; this.#expired--)
      cost += free(this.#changes.shift() as Version);
    return this.#expired > 0;
  }

  /** Changes of keys under `prefix` with a revision > `after`. */
  since(prefix: string, after: Revision): Version[] {
    const found: Version[] = [];
    for (let position = this.#changes.after(after); position < this.#changes.length; position++) {
      const change = this.#changes.at(position) as Version;
      if (change.key.startsWith(prefix)) found.push(change);
    }
    return found;
  }

  /** By how much the number of keys under `prefix` and after `key` has grown since `revision`. */
  growth(prefix: string, key: string, revision: Revision): number {
    let growth = 0;
    for (let position = this.#changes.after(revision); position < this.#changes.length; position++) {
      const change = this.#changes.at(position) as Version;
      if (change.key > key && change.key.startsWith(prefix)) growth += presenceOf(change);
    }
    return growth;
  }
}
