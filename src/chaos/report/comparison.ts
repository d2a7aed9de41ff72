/** Two reports side by side: which promises and recoveries are better, the same or worse in the second. Pure. */
import { timeText } from '../scenario/explanation.ts';
import type { Recovery, Report } from './report.ts';

interface ComparedRow {
  readonly what: string;
  readonly one: string;
  readonly two: string;
  readonly judgement: 'better' | 'same' | 'worse' | 'only in one';
}

export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Promises that the first kept and the second broke. */
  readonly newlyBroken: readonly string[];
  /** Why the two may not be comparable. */
  readonly warnings: readonly string[];
}

/** Times that differ by less are the same: a share of the greater, and at least so many ms. */
const sameShare = 0.2;
const sameMs = 200;

function judged(one: number, two: number): ComparedRow['judgement'] {
  if (Math.abs(one - two) <= Math.max(sameMs, sameShare * Math.max(one, two))) return 'same';
  return two < one ? 'better' : 'worse';
}

export function compareReports(one: Report, two: Report): Comparison {
  const rows = [...promiseRows(one, two), ...recoveryRows(one, two), ...probeRows(one, two)];
  const held = new Set(one.invariants.filter(({ outcome }) => outcome === 'held').map(({ invariant }) => invariant));
  const newlyBroken = two.invariants
    .filter(({ invariant, outcome }) => outcome === 'broken' && held.has(invariant))
    .map(({ invariant, detail }) => `${invariant}: ${detail}`);
  const [a, b] = [one.scenario, two.scenario];
  const warnings = [
    ...(a.name === b.name ? [] : [`the scenarios differ: ${a.name} and ${b.name}`]),
    ...(a.seed === b.seed ? [] : [`the seeds differ: ${a.seed} and ${b.seed}`]),
  ];
  return { rows, newlyBroken, warnings };
}

function promiseRows(one: Report, two: Report): readonly ComparedRow[] {
  const rank = { held: 0, undecided: 1, broken: 2 } as const;
  const names = [...new Set([...one.invariants, ...two.invariants].map(({ invariant }) => invariant))];
  return names.map((name): ComparedRow => {
    const [a, b] = [one, two].map(({ invariants }) => invariants.find(({ invariant }) => invariant === name)?.outcome);
    const order = a === undefined || b === undefined ? undefined : rank[a] - rank[b];
    const judgement = order === undefined ? 'only in one' : order === 0 ? 'same' : order > 0 ? 'better' : 'worse';
    return { what: name, one: a ?? 'not checked', two: b ?? 'not checked', judgement };
  });
}

const nameOf = ({ fault, probe }: Recovery): string => `${fault}: ${probe} recovered`;
const textOf = (recovery: Recovery | undefined): string =>
  recovery === undefined ? '–' : [recovery.p50, recovery.p99, recovery.max].map(timeText).join(' / ');

function recoveryRows(one: Report, two: Report): readonly ComparedRow[] {
  const felt = [...one.recoveries, ...two.recoveries].filter(({ max }) => max > 0).map(nameOf);
  return [...new Set(felt)].sort().flatMap((what): readonly ComparedRow[] => {
    const [a, b] = [one, two].map(({ recoveries }) => recoveries.find((each) => nameOf(each) === what));
    const judgement = a === undefined || b === undefined ? 'only in one' : judged(a.p99, b.p99);
    const row: ComparedRow = { what: `${what}, p50 / p99 / max`, one: textOf(a), two: textOf(b), judgement };
    const again = [a?.againMax, b?.againMax] as const;
    if (again[0] === undefined || again[1] === undefined) return [row];
    const [first, second] = [timeText(again[0]), timeText(again[1])];
    const name = what.replace(/recovered$/, 'first success after, max');
    return [row, { what: name, one: first, two: second, judgement: judged(again[0], again[1]) }];
  });
}

function probeRows(one: Report, two: Report): readonly ComparedRow[] {
  return one.probes.flatMap(({ name, failures, attempts }): readonly ComparedRow[] => {
    const other = two.probes.find((probe) => probe.name === name);
    if (other === undefined || attempts === 0 || other.attempts === 0) return [];
    const [a, b] = [(100 * failures) / attempts, (100 * other.failures) / other.attempts];
    const judgement = Math.abs(a - b) < 0.5 ? 'same' : b < a ? 'better' : 'worse';
    return [{ what: `${name}: failed attempts`, one: `${a.toFixed(2)} %`, two: `${b.toFixed(2)} %`, judgement }];
  });
}
