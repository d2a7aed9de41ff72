/** How many values nodes have of the labels that are asked for. */
import type { Labels } from '../api/index.ts';
import { bump } from './counters.ts';

interface Domains {
  /** Nodes by value of the label. */
  readonly values: Map<string, number>;
  nodes: number;
}

/** Keys that are kept; the first one is forgotten for one more. */
const keysMax = 64;

/** Counts the nodes of each value of a label, from the first question about it on. A node that comes costs O(keys). */
export class NodeDomains {
  readonly #nodes: ReadonlyMap<string, { readonly labels: Labels }>;
  readonly #byKey = new Map<string, Domains>();

  constructor(nodes: ReadonlyMap<string, { readonly labels: Labels }>) {
    this.#nodes = nodes;
  }

  /** A node with these labels came (1) or went (-1). */
  add(labels: Labels, by: 1 | -1): void {
    for (const [key, domains] of this.#byKey) count(domains, labels[key], by);
  }

  of(key: string): { readonly size: number; readonly nodes: number } {
    let domains = this.#byKey.get(key);
    if (domains === undefined) {
      domains = { values: new Map(), nodes: 0 };
      for (const { labels } of this.#nodes.values()) count(domains, labels[key], 1);
      const [first] = this.#byKey.keys();
      if (first !== undefined && this.#byKey.size >= keysMax) this.#byKey.delete(first);
      this.#byKey.set(key, domains);
    }
    return { size: domains.values.size, nodes: domains.nodes };
  }
}

function count(domains: Domains, value: string | undefined, by: 1 | -1): void {
  if (value === undefined) return;
  domains.nodes += by;
  bump(domains.values, value, by);
}
