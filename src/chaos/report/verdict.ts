/** The verdict: what a run proves, worst first. Pure. */
import { quantile } from '../probes/probe.ts';
import { levelText } from '../scenario/explanation.ts';
import { type InvariantName, judgeOf, type Level } from '../scenario/scenario.ts';
import type { FaultResult, LevelResult, ProbeResult, Report, Verdict } from './report.ts';

interface Proven {
  readonly required: readonly InvariantName[];
  /** Workloads that the cluster does not allow. */
  readonly absent: readonly string[];
  readonly invariants: Report['invariants'];
  readonly levels: readonly LevelResult[];
  readonly faults: readonly FaultResult[];
}

/** An invariant that nobody judged is undecided, unless the cluster does not allow the workload that would. */
export function verdictOf({ required, absent, invariants, levels, faults }: Proven): {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
} {
  const judged = new Map(invariants.map((each) => [each.invariant, each]));
  const found = required.map((name) => ({
    name,
    outcome: judged.get(name)?.outcome,
    detail: judged.get(name)?.detail,
  }));
  const broken = [
    ...found.flatMap(({ name, outcome, detail }) => (outcome === 'broken' ? [`${name}: ${detail ?? ''}`] : [])),
    ...levels.flatMap((level) => (level.met ? [] : [missed(level)])),
  ];
  const unclear = [
    ...found.flatMap(({ name, outcome, detail }) => (outcome === 'undecided' ? [`${name}: ${detail ?? ''}`] : [])),
    ...faults.flatMap(({ id, spec, outcome, proof }) =>
      outcome === 'no-effect' ? [`fault ${id} (${spec}) did not take effect: ${proof}`] : [],
    ),
  ];
  const missing = found.filter(({ outcome }) => outcome === undefined).map(({ name }) => name);
  const unchecked = missing.map((name) => `${name} was not checked`);
  const unjudged = missing.some((name) => !absent.includes(judgeOf(name)));
  if (broken.length > 0) return { verdict: 'broken', reasons: [...broken, ...unclear, ...unchecked] };
  const effective = faults.some(({ outcome }) => outcome === 'took-effect');
  if (!effective) return { verdict: 'undecided', reasons: ['no fault took effect', ...unclear, ...unchecked] };
  return { verdict: unclear.length > 0 || unjudged ? 'undecided' : 'kept', reasons: [...unclear, ...unchecked] };
}

/** A run that could not take away what it made has not left the machine as it was: its verdict is not `kept`. */
export function withLeft(report: Report, left: readonly string[]): Report {
  if (left.length === 0) return report;
  const { verdict, reasons } = report;
  return { ...report, verdict: verdict === 'kept' ? 'undecided' : verdict, reasons: [...reasons, ...left] };
}

function missed({ probe, measure, atMost, value }: LevelResult): string {
  const was = value === undefined ? 'nothing was measured' : `it was ${Math.round(value * 100) / 100}`;
  return `${levelText({ probe, measure: measure as Level['measure'], atMost })}, and ${was}`;
}

/** A level whose probe has no attempt is not missed: its workload could not run, which the report says. */
export function levelResults(
  levels: readonly Level[],
  probes: readonly ProbeResult[],
  faults: readonly FaultResult[],
): readonly LevelResult[] {
  return levels.flatMap(({ probe: name, measure, atMost }) => {
    const probe = probes.find((each) => each.name === name);
    if (probe === undefined || probe.attempts === 0) return [];
    const value = measured(measure, probe, faults);
    return [{ probe: name, measure, atMost, value, met: value <= atMost }];
  });
}

function measured(measure: Level['measure'], probe: ProbeResult, faults: readonly FaultResult[]): number {
  switch (measure) {
    case 'outage-max':
      return probe.outages.reduce((longest, { fromMs, untilMs }) => Math.max(longest, untilMs - fromMs), 0);
    case 'recovery-p99': {
      const times = faults
        .flatMap(({ felt }) => felt.filter((each) => each.probe === probe.name))
        .map(({ recoveredMs }) => recoveredMs);
      return quantile(
        times.sort((a, b) => a - b),
        0.99,
      );
    }
    case 'error-percent':
      return (100 * probe.failures) / probe.attempts;
    case 'latency-p99':
      return probe.latency.p99;
    default:
      return measure satisfies never;
  }
}
