/** The report as text, for the terminal. */
import { timeText } from '../scenario/explanation.ts';
import type { FaultResult, Report } from './report.ts';

const marks = { held: 'ok      ', broken: 'BROKEN  ', undecided: 'unclear ' } as const;

export function reportText(report: Report): string {
  const { verdict, reasons, invariants, levels, faults, impossible, probes } = report;
  return [
    '',
    ...invariants.map(({ invariant, outcome, detail }) => `  ${marks[outcome]}${invariant.padEnd(18)} ${detail}`),
    ...levels.map(
      ({ probe, measure, value = 0, atMost, met }) =>
        `  ${met ? marks.held : marks.broken}${`${probe} ${measure}`.padEnd(18)} ` +
        `${amount(measure, value)}, at most ${amount(measure, atMost)}`,
    ),
    '',
    '  fault                                    victim          felt by',
    ...faults.map(faultLine),
    '',
    ...probes.map(
      ({ name, attempts, failures, latency }) =>
        `  ${name.padEnd(10)} ${attempts} attempts, ${failures} failed; ` +
        `p50 ${latency.p50} ms, p99 ${latency.p99} ms, max ${latency.max} ms`,
    ),
    ...impossible.map((what) => `  impossible here: ${what}`),
    ...invariants.flatMap(({ invariant, outcome, evidence = [] }) =>
      outcome === 'broken' && evidence.length > 0
        ? [
            '',
            `  ${invariant}:`,
            ...evidence.map(({ atMs, who, what }) => `    ${timeText(atMs).padStart(8)}  ${who}  ${what}`),
          ]
        : [],
    ),
    '',
    `verdict: ${verdict}`,
    ...reasons.map((reason) => `  ${reason}`),
  ].join('\n');
}

function amount(measure: string, value: number): string {
  return measure === 'error-percent' ? `${Math.round(value * 100) / 100} %` : timeText(value);
}

function faultLine({ id, spec, victim, outcome, proof, felt, overlaps }: FaultResult): string {
  const hurt = felt.filter(({ recoveredMs }) => recoveredMs > 0);
  const times = hurt.map(
    ({ probe, outMs, recoveredMs, againMs }) =>
      `${probe} out ${timeText(outMs)}, ${againMs < recoveredMs ? `again after ${timeText(againMs)}, ` : ''}` +
      `well after ${timeText(recoveredMs)}`,
  );
  const what = outcome === 'took-effect' ? times.join('; ') || 'nobody' : `${outcome}: ${proof}`;
  const along = overlaps.length === 0 ? '' : ` (with ${overlaps.join(', ')})`;
  return `  ${String(id).padStart(3)} ${spec.padEnd(36)} ${victim.slice(0, 15).padEnd(15)} ${what}${along}`;
}
