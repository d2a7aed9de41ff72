/** Remembers when taints without a time of their own were first seen on a node. */
import type { Taint } from '../../api/index.ts';

const keyOf = (node: string, { key }: Taint): string => `${node}|${key}`;

export class FirstSeen {
  readonly #at = new Map<string, number>();

  /** In ms since 1970; `now` when the taint was not seen before. */
  since(node: string, taint: Taint, now: number): number {
    const key = keyOf(node, taint);
    const at = this.#at.get(key) ?? now;
    this.#at.set(key, at);
    return at;
  }

  /** Forgets the taints that the node has no more. */
  keepOnly(node: string, taints: readonly Taint[]): void {
    const kept = new Set(taints.map((taint) => keyOf(node, taint)));
    for (const key of this.#at.keys()) if (key.startsWith(`${node}|`) && !kept.has(key)) this.#at.delete(key);
  }

  clear(): void {
    this.#at.clear();
  }
}
