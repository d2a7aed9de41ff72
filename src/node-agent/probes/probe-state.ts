/** From the outcomes of a probe to its verdict. */
import type { Probe } from '../../api/index.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

/** What one try said. */
export interface ProbeOutcome {
  readonly passed: boolean;
  readonly message: string;
  /** It could not be asked: nothing follows from that. */
  readonly unknown?: true | undefined;
  /** It passed, with this to be said in an event. */
  readonly warning?: string | undefined;
}

/** Where one probe of one container stands. */
export interface ProbeState {
  /** The verdict so far; undefined before the first. */
  readonly verdict?: boolean | undefined;
  /** Equal outcomes in a row. */
  readonly run: number;
  readonly lastPassed?: boolean | undefined;
}

interface ProbeStep {
  readonly state: ProbeState;
  /** The verdict after this try differs from the one before. */
  readonly changed: boolean;
}

/** What holds before the first try: ready is false until shown, live is true until disproved. */
export const initialProbe: ProbeState = { run: 0 };

/**
 * Takes one outcome in: a verdict changes after `successThreshold` or `failureThreshold` equal outcomes in a row. Pure.
 */
export function probeStep(probe: Probe, state: ProbeState, passed: boolean): ProbeStep {
  const run = state.lastPassed === passed ? state.run + 1 : 1;
  const needed = passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  const next = { ...state, run, lastPassed: passed };
  if (run < needed || state.verdict === passed) return { state: next, changed: false };
  return { state: { ...next, verdict: passed }, changed: true };
}

/** When the first try is due after the container's start, in ms. */
export const firstProbeMs = (probe: Probe): number => (probe.initialDelaySeconds ?? 0) * 1000;
export const probePeriodMs = (probe: Probe): number => Math.max(1, probe.periodSeconds ?? 10) * 1000;
export const probeTimeoutMs = (probe: Probe): number => Math.max(1, probe.timeoutSeconds ?? 1) * 1000;
