/** Counts of pods by node and by label of the nodes. */
import type { NodeState } from './node-state.ts';
import type { PlacedInfo } from './pod-info.ts';

/**
 * Counts pods that fit one question (a selector, a term) by node, and by any label of the nodes. Kept up to date pod by
 * pod, so that asking costs nothing that grows with the number of pods.
 */
export class PodCounter {
  readonly matches: (pod: PlacedInfo) => boolean;
  readonly #perNode = new Map<string, number>();
  readonly #domains = new Map<string, Map<string, number>>();
  #total = 0;

  constructor(matches: (pod: PlacedInfo) => boolean) {
    this.matches = matches;
  }

  get total(): number {
    return this.#total;
  }

  add(pod: PlacedInfo, node: NodeState, factor: 1 | -1): void {
    if (!this.matches(pod)) return;
    this.#total += factor;
    bump(this.#perNode, node.name, factor);
    for (const [topologyKey, counts] of this.#domains) {
      const value = node.labels[topologyKey];
      if (value !== undefined) bump(counts, value, factor);
    }
  }

  onNode(name: string): number {
    return this.#perNode.get(name) ?? 0;
  }

  /** Counts by the value of a node label, without zeros; computed at the first question, then kept. */
  domains(topologyKey: string, nodes: ReadonlyMap<string, NodeState>): ReadonlyMap<string, number> {
    const known = this.#domains.get(topologyKey);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    for (const [name, count] of this.#perNode) {
      const value = nodes.get(name)?.labels[topologyKey];
      if (value !== undefined) bump(counts, value, count);
    }
    this.#domains.set(topologyKey, counts);
    return counts;
  }
}

/** Adds to a count; a count of zero is not kept. */
export function bump(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
