/** The report of a run: one value, from which terminal, JSON and page are made. docs/chaos.md explains its fields. */
import type { Outage, Second } from '../probes/probe.ts';
import type { TargetFacts } from '../targets/target.ts';
import type { Finding } from '../workloads/workload.ts';

/** All moments are in ms since the start of the workload. */
export interface Report {
  readonly format: 1;
  readonly scenario: {
    readonly name: string;
    readonly summary: string;
    readonly seed: number;
    readonly durationMs: number;
  };
  readonly target: TargetFacts;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Until the last judgement. */
  readonly tookMs: number;
  readonly verdict: Verdict;
  /** One sentence for each thing that made the verdict, worst first. */
  readonly reasons: readonly string[];
  readonly invariants: readonly (Finding & { readonly workload: string })[];
  readonly levels: readonly LevelResult[];
  readonly faults: readonly FaultResult[];
  readonly recoveries: readonly Recovery[];
  readonly probes: readonly ProbeResult[];
  readonly workloads: readonly { readonly name: string; readonly counts: Readonly<Record<string, number>> }[];
  /** What this cluster or machine does not allow, one sentence each. */
  readonly impossible: readonly string[];
}

/**
 * `kept`: every invariant held and every level was met. `broken`: one was not. `undecided`: the run cannot say, since a
 * fault did not take effect or a check was given up. `sick`: the cluster was not well before the first fault.
 */
export type Verdict = 'kept' | 'broken' | 'undecided' | 'sick';

/** `troupe chaos run` ends with these. 2 is a wrong command line. */
export const exitCodes: Readonly<Record<Verdict, number>> = { kept: 0, broken: 1, undecided: 3, sick: 4 };

export interface LevelResult {
  readonly probe: string;
  readonly measure: string;
  readonly atMost: number;
  /** Absent when nothing was measured. */
  readonly value?: number | undefined;
  readonly met: boolean;
}

export interface FaultResult {
  readonly id: number;
  readonly fault: string;
  readonly spec: string;
  /** Whom it struck; '' when it did not begin. */
  readonly victim: string;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly outcome: 'took-effect' | 'no-effect' | 'impossible';
  /** How it is known that it took effect, or why it did not. */
  readonly proof: string;
  /** Others that were in force, or not yet recovered from, when it began. */
  readonly overlaps: readonly number[];
  /** By probe. */
  readonly felt: readonly Felt[];
}

/** What one probe felt of one fault. */
export interface Felt {
  readonly probe: string;
  /** How long in all there was no success. */
  readonly outMs: number;
  /** From the fault's beginning to the end of the last outage; 0: none. */
  readonly recoveredMs: number;
  /** From the fault's beginning to the first success after it, where there was an outage; 0: none. */
  readonly againMs: number;
}

/** How soon one probe recovered from all faults of one name. */
export interface Recovery {
  readonly fault: string;
  readonly probe: string;
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The longest time to the first success; reports of earlier versions do not tell it. */
  readonly againMax?: number | undefined;
}

export interface ProbeResult {
  readonly name: string;
  readonly toleranceMs: number;
  readonly attempts: number;
  readonly failures: number;
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly outages: readonly Outage[];
  readonly seconds: readonly Second[];
  /** The first failures. */
  readonly reasons: readonly { readonly atMs: number; readonly why: string }[];
}
