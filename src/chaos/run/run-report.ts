/** Makes the report of what a run gathered. */
import type { Probes } from '../probes/probe.ts';
import { feltOf, overlapsOf, recoveriesOf } from '../report/recovery.ts';
import type { FaultResult, ProbeResult, Report } from '../report/report.ts';
import { levelResults, verdictOf } from '../report/verdict.ts';
import type { Scenario, WorkloadName } from '../scenario/scenario.ts';
import type { Target } from '../targets/target.ts';
import type { Workload } from '../workloads/workload.ts';
import type { FaultRecord } from './fault-runner.ts';

interface Gathered {
  readonly options: {
    readonly scenario: Scenario;
    readonly seed: number;
    readonly target: Target;
    readonly signal: AbortSignal;
  };
  readonly startedAt: string;
  readonly now: () => number;
  readonly probes: Probes;
  readonly workloads: ReadonlyMap<WorkloadName, Workload>;
  readonly impossible: readonly string[];
  /** Why the run did not begin; empty: it did. */
  readonly sick: readonly string[];
  readonly records: readonly FaultRecord[];
  readonly findings: Report['invariants'];
}

export function reportOf(gathered: Gathered): Report {
  const { options, startedAt, now, workloads, impossible, sick, records, findings } = gathered;
  const { name, summary, durationMs, levels, invariants: required } = options.scenario;
  const tookMs = Math.round(now());
  const probes = gathered.probes.all.map((probe) => probeResult(probe, tookMs));
  const faults = faultResults(records, probes);
  const results = levelResults(levels, probes, faults);
  const absent = [...options.scenario.workloads.keys()].filter((each) => !workloads.has(each));
  const proven = verdictOf({ required, absent, invariants: findings, levels: results, faults });
  const broken = options.signal.aborted ? ['the run was broken off'] : [];
  return {
    format: 1,
    scenario: { name, summary, seed: options.seed, durationMs },
    target: options.target.facts,
    startedAt,
    tookMs,
    verdict: sick.length > 0 ? 'sick' : broken.length > 0 && proven.verdict === 'kept' ? 'undecided' : proven.verdict,
    reasons: [...sick.map((what) => `before the first fault: ${what}`), ...broken, ...proven.reasons],
    invariants: findings,
    levels: results,
    faults,
    recoveries: recoveriesOf(faults),
    probes,
    workloads: [...workloads].map(([which, workload]) => ({ name: which, counts: workload.counts() })),
    impossible: [...new Set([...impossible, ...impossibleFaults(records)])],
  };
}

const impossibleFaults = (records: readonly FaultRecord[]): readonly string[] =>
  records.filter(({ outcome }) => outcome === 'impossible').map(({ fault, proof }) => `fault ${fault}: ${proof}`);

function probeResult(probe: Probes['all'][number], endMs: number): ProbeResult {
  const { name, toleranceMs, attempts, failures, reasons } = probe;
  const round = ({
    fromMs,
    untilMs,
  }: {
    readonly fromMs: number;
    readonly untilMs: number;
  }): ProbeResult['outages'][number] => ({
    fromMs: Math.round(fromMs),
    untilMs: Math.round(untilMs),
  });
  const { p50, p99, max } = probe.latency();
  return {
    name,
    toleranceMs,
    attempts,
    failures,
    latency: { p50: hundredths(p50), p99: hundredths(p99), max: hundredths(max) },
    outages: probe.outages(probe.lastMs ?? endMs).map(round),
    seconds: probe.seconds(endMs),
    reasons: reasons.map(({ atMs, why }) => ({ atMs: Math.round(atMs), why })),
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

function faultResults(records: readonly FaultRecord[], probes: readonly ProbeResult[]): readonly FaultResult[] {
  const effective = records.filter(({ outcome }) => outcome === 'took-effect');
  const outages = probes.map(({ name, outages: found }) => ({ probe: name, outages: found }));
  const felt = new Map(effective.map((record) => [record.id, feltOf(record, effective, outages)]));
  const recoveredAt = new Map(
    effective.map(({ id, beganMs, endedMs }) => [
      id,
      Math.max(endedMs, ...(felt.get(id) ?? []).map(({ recoveredMs }) => beganMs + recoveredMs)),
    ]),
  );
  return records.map((record) => ({
    ...record,
    overlaps: overlapsOf(record, effective, (id) => recoveredAt.get(id) ?? 0),
    felt: felt.get(record.id) ?? [],
  }));
}
