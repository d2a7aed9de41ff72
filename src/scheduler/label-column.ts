/** A label of all nodes as numbers side by side. */
import type { Labels } from '../api/index.ts';

/** Stands for a label that a node does not have. */
export const noDomain = -1;

/** What a reader of a column sees. A domain is a value of the label, known by a number while some node has it. */
export interface LabelDomains {
  /** By a node's slot: the number of its value; `noDomain` when it has no such label. */
  readonly bySlot: Int32Array;
  /** By a domain's number: how many nodes have the value; 0 for a number that is not in use. */
  readonly sizes: Int32Array;
  /** Values that nodes have. */
  readonly count: number;
  /** Nodes with the label. */
  readonly nodes: number;
  /** The number of a value; `noDomain` when no node has it. */
  of(value: string): number;
}

/**
 * The values of one label on all nodes, each as a small number, so that thousands of nodes are asked for theirs at the
 * price of reading an array. Kept up to date node by node. A number whose value no node has any more is given again.
 */
export class LabelColumn implements LabelDomains {
  readonly key: string;
  bySlot: Int32Array;
  sizes = new Int32Array(8);
  nodes = 0;
  readonly #numbers = new Map<string, number>();
  /** The values by their numbers. */
  readonly #values: string[] = [];
  readonly #free: number[] = [];

  constructor(key: string, slots: number) {
    this.key = key;
    this.bySlot = new Int32Array(slots).fill(noDomain);
  }

  get count(): number {
    return this.#numbers.size;
  }

  of(value: string): number {
    return this.#numbers.get(value) ?? noDomain;
  }

  /** The values that nodes have, with their numbers. */
  values(): Iterable<readonly [value: string, domain: number]> {
    return this.#numbers;
  }

  /** There is room for so many slots from now on. */
  grow(slots: number): void {
    const wider = new Int32Array(slots).fill(noDomain);
    wider.set(this.bySlot);
    this.bySlot = wider;
  }

  /** The node in a slot has these labels now. */
  put(slot: number, labels: Labels): void {
    this.remove(slot);
    const value = labels[this.key];
    if (value === undefined) return;
    const domain = this.#numbers.get(value) ?? this.#add(value);
    this.bySlot[slot] = domain;
    this.sizes[domain] = (this.sizes[domain] ?? 0) + 1;
    this.nodes += 1;
  }

  /** The node in a slot, which had the value, is gone. */
  remove(slot: number): void {
    const domain = this.bySlot[slot] ?? noDomain;
    if (domain === noDomain) return;
    this.bySlot[slot] = noDomain;
    this.nodes -= 1;
    const left = (this.sizes[domain] ?? 0) - 1;
    this.sizes[domain] = left;
    if (left === 0) this.#drop(domain);
  }

  #add(value: string): number {
    const domain = this.#free.pop() ?? this.#values.length;
    if (domain >= this.sizes.length) this.sizes = grown(this.sizes, domain);
    this.#values[domain] = value;
    this.#numbers.set(value, domain);
    return domain;
  }

  #drop(domain: number): void {
    this.#numbers.delete(this.#values[domain] ?? '');
    this.#free.push(domain);
  }
}

/** A copy with room for at least `index`. */
export function grown(array: Int32Array, index: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(Math.max(array.length * 2, index + 1));
  wider.set(array);
  return wider;
}
