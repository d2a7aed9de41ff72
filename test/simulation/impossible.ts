/** Cells of the coverage table that cannot exist, with the reason. */
import type { Phase } from './phases.ts';

interface Impossible {
  readonly faults: readonly string[];
  readonly phases: readonly Phase[] | 'all';
  readonly reason: string;
}

const cells: readonly Impossible[] = [
  {
    faults: [
      'bit-rot',
      'rot-newest',
      'lose-newest',
      'lose-segment',
      'lose-log',
      'lose-snapshot',
      'lost-write',
      'misdirected-write',
      'duplicated-write',
      'unreadable',
      'former-life',
    ],
    phases: ['rejoin'],
    reason: 'a member that rejoins has lost data, and its disk is not struck again before it has it back (mayLose)',
  },
  { faults: ['crash-at-send'], phases: ['start'], reason: 'a member sends nothing before its disk is read' },
  { faults: ['failing-unlink'], phases: ['start'], reason: 'a start deletes no file' },
  {
    faults: ['failing-rename'],
    phases: ['quiet'],
    reason: 'files are renamed only when the log turns over or a snapshot is kept',
  },
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
