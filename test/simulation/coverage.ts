/** Which faults met which states of a member. */

/** An empty row or column shows a blind simulator. */
export class Coverage {
  readonly #counts = new Map<string, Map<string, number>>();

  note(fault: string, states: readonly string[]): void {
    const row = this.#counts.get(fault) ?? new Map<string, number>();
    this.#counts.set(fault, row);
    for (const state of states) row.set(state, (row.get(state) ?? 0) + 1);
  }

  merge(other: Coverage): void {
    for (const [fault, row] of other.#counts) {
      for (const [state, count] of row) {
        const own = this.#counts.get(fault) ?? new Map<string, number>();
        this.#counts.set(fault, own);
        own.set(state, (own.get(state) ?? 0) + count);
      }
    }
  }

  count(fault: string, state: string): number {
    return this.#counts.get(fault)?.get(state) ?? 0;
  }

  /** A table: faults down, states across. */
  table(): string {
    const states = [...new Set([...this.#counts.values()].flatMap((row) => [...row.keys()]))].sort();
    const width = Math.max(16, ...[...this.#counts.keys()].map((fault) => fault.length + 1));
    const head = ''.padEnd(width) + states.map((state) => state.padStart(state.length + 2)).join('');
    const rows = [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([fault, row]) =>
          fault.padEnd(width) +
          states.map((state) => String(row.get(state) ?? '.').padStart(state.length + 2)).join(''),
      );
    return [head, ...rows].join('\n');
  }
}
