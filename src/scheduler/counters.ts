/** Counts of pods by node and by label of the nodes. */
import { grown, type LabelDomains, noDomain } from './label-column.ts';
import type { NodeColumns } from './node-columns.ts';
import type { NodeState } from './node-state.ts';
import type { PlacedInfo } from './pod-info.ts';

/** Counts of pods by the domains of one label of the nodes. */
export class DomainCounts {
  readonly domains: LabelDomains;
  /** Domains with a pod. */
  occupied = 0;
  /** By the domain's number; may be shorter than there are domains. */
  #counts = new Int32Array(8);

  constructor(domains: LabelDomains) {
    this.domains = domains;
  }

  add(slot: number, by: number): void {
    const domain = this.domains.bySlot[slot] ?? noDomain;
    if (domain === noDomain) return;
    if (domain >= this.#counts.length) this.#counts = grown(this.#counts, domain);
    const before = this.#counts[domain] ?? 0;
    this.#counts[domain] = before + by;
    if (before === 0) this.occupied += 1;
    if (before + by === 0) this.occupied -= 1;
  }

  /** The pods in the domain of the node in a slot; 0 when that has no such label. */
  at(slot: number): number {
    const domain = this.domains.bySlot[slot] ?? noDomain;
    return domain === noDomain ? 0 : (this.#counts[domain] ?? 0);
  }

  /** The pods in the domain of a value. */
  of(value: string): number {
    const domain = this.domains.of(value);
    return domain === noDomain ? 0 : (this.#counts[domain] ?? 0);
  }

  /** The pods of the emptiest domain; 0 when there is none. */
  least(): number {
    const { sizes, count } = this.domains;
    if (this.occupied < count || count === 0) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let domain = 0; domain < sizes.length; domain++)
      if ((sizes[domain] ?? 0) > 0) least = Math.min(least, this.#counts[domain] ?? 0);
    return least;
  }
}

/**
 * Counts pods that fit one question (a selector, a term) by node, and by any label of the nodes. Kept up to date pod by
 * pod, so that asking costs nothing that grows with the number of pods.
 */
export class PodCounter {
  readonly matches: (pod: PlacedInfo) => boolean;
  readonly #perNode = new Map<NodeState, number>();
  readonly #domains = new Map<string, DomainCounts>();
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
    bump(this.#perNode, node, factor);
    for (const counts of this.#domains.values()) counts.add(node.slot, factor);
  }

  onNode(node: NodeState): number {
    return this.#perNode.get(node) ?? 0;
  }

  /** Counts by the domains of a node label; computed at the first question, then kept. */
  domains(topologyKey: string, columns: NodeColumns): DomainCounts {
    const domains = columns.label(topologyKey);
    const known = this.#domains.get(topologyKey);
    if (known?.domains === domains) return known;
    const counts = new DomainCounts(domains);
    for (const [node, count] of this.#perNode) counts.add(node.slot, count);
    this.#domains.set(topologyKey, counts);
    return counts;
  }
}

/** Adds to a count; a count of zero is not kept. */
export function bump<K>(counts: Map<K, number>, key: K, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
