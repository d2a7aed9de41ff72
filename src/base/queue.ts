/** A first-in first-out queue with a bound. */
import { assert } from './assert.ts';

/** A growing ring: O(1) at both ends. */
export class BoundedQueue<T> {
  readonly #max: number;
  #items: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  constructor(max: number) {
    assert(max > 0, 'a queue holds at least one item');
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length >= this.#max;
  }

  /** False when the queue is full: the caller decides what that means. */
  push(item: T): boolean {
    if (this.full) return false;
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length) % this.#items.length] = item;
    this.#length += 1;
    return true;
  }

  /** The item that `shift` would give next. */
  get first(): T | undefined {
    return this.#length === 0 ? undefined : this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#items.length;
    this.#length -= 1;
    return item;
  }

  /** All items, oldest first. */
  items(): T[] {
    return Array.from({ length: this.#length }, (_, i) => this.#items[(this.#head + i) % this.#items.length] as T);
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const wider = new Array<T | undefined>(Math.max(4, this.#items.length * 2));
    for (let i = 0; i < this.#length; i++) wider[i] = this.#items[(this.#head + i) % this.#items.length];
    this.#items = wider;
    this.#head = 0;
  }
}
