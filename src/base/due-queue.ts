/** A queue of keys by the time at which they fall due. */

/** A key that is due at a time, unless that is no longer so. */
export interface Due {
  readonly at: number;
  readonly key: string;
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.key < b.key);

/**
 * A binary heap, by time and then by key. Entries that no longer count stay until they fall
 * due or outnumber the valid ones; `isCurrent` tells them apart.
 */
export class DueQueue<Item extends Due> {
  #heap: Item[] = [];
  #rebuildAt = 1024;
  readonly #isCurrent: (item: Item) => boolean;

  constructor(isCurrent: (item: Item) => boolean) {
    this.#isCurrent = isCurrent;
  }

  /**
   * When the next key falls due; undefined when there is none. It does not tell what the queue went through: one that
   * was filled with the valid entries alone says the same.
   */
  get nextAt(): number | undefined {
    for (let first = this.#heap[0]; first !== undefined && !this.#isCurrent(first); first = this.#heap[0]) this.#pop();
    return this.#heap[0]?.at;
  }

  push(item: Item): void {
    if (this.#heap.length >= this.#rebuildAt) this.#dropStale();
    this.#heap.push(item);
    this.#up(this.#heap.length - 1);
  }

  /** Takes up to `max` keys that are due at `now`, in order. */
  takeDue(now: number, max: number): string[] {
    const due: string[] = [];
    for (let first = this.#heap[0]; due.length < max && first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop();
      if (this.#isCurrent(first) && due[due.length - 1] !== first.key) due.push(first.key);
    }
    return due;
  }

  #dropStale(): void {
    this.#heap = this.#heap.filter((item) => this.#isCurrent(item)).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#rebuildAt = Math.max(1024, this.#heap.length * 2);
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #swap(a: number, b: number): void {
    const item = this.#heap[a] as Item;
    this.#heap[a] = this.#heap[b] as Item;
    this.#heap[b] = item;
  }

  #up(from: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >>> 1;
      if (!before(this.#heap[position] as Item, this.#heap[parent] as Item)) return;
      this.#swap(position, parent);
      position = parent;
    }
  }

  #down(from: number): void {
    let position = from;
    for (;;) {
      let smallest = position;
      for (const child of [position * 2 + 1, position * 2 + 2]) {
        if (child < this.#heap.length && before(this.#heap[child] as Item, this.#heap[smallest] as Item))
          smallest = child;
      }
      if (smallest === position) return;
      this.#swap(position, smallest);
      position = smallest;
    }
  }
}
