/** Cells of the coverage table that cannot exist, with the reason. */
import type { Phase } from './phases.ts';

interface Impossible {
  readonly faults: readonly string[];
  readonly phases: readonly Phase[] | 'all';
  readonly reason: string;
}

const cells: readonly Impossible[] = [
  {
    faults: ['transfer', 'membership', 'isolate-leader', 'figure-eight', 'hung-leader', 'deaf-leader', 'dumb-leader'],
    phases: ['election'],
    reason: 'it needs a leader',
  },
];

/** Why this fault cannot meet this phase; undefined when it can. */
export function impossible(fault: string, phase: Phase): string | undefined {
  return cells.find((cell) => cell.faults.includes(fault) && (cell.phases === 'all' || cell.phases.includes(phase)))
    ?.reason;
}
