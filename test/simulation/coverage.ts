/** Which faults met which states and phases of a member. */
import { impossible } from './impossible.ts';
import { type Phase, phases, phaseWords } from './phases.ts';

/** An empty row or column shows a blind simulator. */
export class Coverage {
  readonly #counts = new Map<string, Map<string, number>>();

  note(fault: string, states: readonly string[]): void {
    const row = this.#counts.get(fault) ?? new Map<string, number>();
    this.#counts.set(fault, row);
    for (const state of states) row.set(state, (row.get(state) ?? 0) + 1);
  }

  /** A fault struck in this phase. */
  reached(fault: string, phase: Phase): void {
    this.note(fault, [phase]);
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

  /** A table: faults down, states across; without `columns` all that were met. */
  table(columns?: readonly string[], empty: (fault: string, state: string) => string = () => '.'): string {
    const states = columns ?? [...new Set([...this.#counts.values()].flatMap((row) => [...row.keys()]))].sort();
    const width = Math.max(16, ...[...this.#counts.keys()].map((fault) => fault.length + 1));
    const head = ''.padEnd(width) + states.map((state) => state.padStart(state.length + 2)).join('');
    const rows = [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([fault, row]) =>
          fault.padEnd(width) +
          states.map((state) => String(row.get(state) ?? empty(fault, state)).padStart(state.length + 2)).join(''),
      );
    return [head, ...rows].join('\n');
  }

  /** Cells that no run reached although they can exist. */
  missed(faults: readonly string[]): readonly { readonly fault: string; readonly phase: Phase }[] {
    return faults.flatMap((fault) =>
      phases
        .filter((phase) => this.count(fault, phase) === 0 && impossible(fault, phase) === undefined)
        .map((phase) => ({ fault, phase })),
    );
  }

  /** Each of these faults and each phase: how often they met, a dash where they cannot, and why. */
  explain(faults: readonly string[]): string {
    const asked = new Coverage();
    for (const fault of faults) asked.#counts.set(fault, this.#counts.get(fault) ?? new Map<string, number>());
    const cells = faults.flatMap((fault) => phases.map((phase) => ({ fault, phase })));
    const reasons = new Map<string, string[]>();
    for (const { fault, phase } of cells) {
      const reason = this.count(fault, phase) > 0 ? undefined : impossible(fault, phase);
      if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), `${fault}/${phase}`]);
    }
    return [
      asked.table(phases, (fault, state) => (impossible(fault, state as Phase) === undefined ? 'NEVER' : '-')),
      '',
      ...phases.map((phase) => `${phase.padEnd(10)} ${phaseWords[phase]}`),
      '',
      ...[...reasons].map(([reason, where]) => `- ${reason}: ${where.join(', ')}`),
    ].join('\n');
  }
}
