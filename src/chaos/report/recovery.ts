/** How long each recovery took: outages of probes, laid to the faults that they followed. Pure. */
import { type Outage, quantile } from '../probes/probe.ts';
import type { FaultResult, Felt, Recovery } from './report.ts';

/** The outages of one probe. */
interface Felting {
  readonly probe: string;
  readonly outages: readonly Outage[];
}

type Moments = Pick<FaultResult, 'id' | 'fault' | 'beganMs' | 'endedMs'>;

/**
 * What each probe felt of a fault. An outage belongs to the last fault that had begun when it did, or during it: what a
 * later fault brought is not laid to an earlier one.
 */
export function feltOf(fault: Moments, all: readonly Moments[], probes: readonly Felting[]): readonly Felt[] {
  return probes.map(({ probe, outages }) => {
    const own = outages.filter((outage) => causeOf(outage, all)?.id === fault.id);
    const outMs = own.reduce((sum, { fromMs, untilMs }) => sum + untilMs - Math.max(fromMs, fault.beganMs), 0);
    const last = own.reduce((latest, { untilMs }) => Math.max(latest, untilMs), fault.beganMs);
    const againMs = own.length === 0 ? 0 : Math.min(...own.map(({ untilMs }) => untilMs)) - fault.beganMs;
    const recoveredMs = Math.round(last - fault.beganMs);
    return { probe, outMs: Math.round(outMs), recoveredMs, againMs: Math.round(againMs) };
  });
}

/** A fault that is over is still the cause of what begins within this time, whatever else begins. */
const afterMs = 1_000;
/** What begins later than this after a fault's end is not laid to it: its recovery was over. */
const longAfterMs = 10_000;

/**
 * An outage begins with the last success, so its fault may begin within it. A fault that was in force when it began, or
 * just over, goes first; one that was over for longer comes last. Undefined: no fault explains it.
 */
function causeOf({ fromMs, untilMs }: Outage, all: readonly Moments[]): Moments | undefined {
  const inForce = all.filter(({ beganMs, endedMs }) => beganMs <= fromMs && fromMs <= endedMs + afterMs).at(-1);
  const within = all.find(({ beganMs }) => beganMs >= fromMs && beganMs < untilMs);
  const before = all.filter(({ beganMs, endedMs }) => beganMs < fromMs && fromMs <= endedMs + longAfterMs).at(-1);
  return inForce ?? within ?? before;
}

/** Faults that another one began in, or before the cluster had recovered from it. */
export function overlapsOf(
  fault: Moments,
  all: readonly Moments[],
  recoveredAtMs: (id: number) => number,
): readonly number[] {
  return all
    .filter(({ id, beganMs }) => id !== fault.id && beganMs <= fault.beganMs && recoveredAtMs(id) > fault.beganMs)
    .map(({ id }) => id);
}

/** The name of a group of faults: what happened, to what, and to which of them. */
export function groupOf({ fault, spec }: Pick<FaultResult, 'fault' | 'spec'>): string {
  const [, what = '', which = ''] = spec.split(' ');
  return [fault, what, which.startsWith('(') ? which : ''].filter(Boolean).join(' ');
}

/** The distribution for each fault's name and probe, of faults that took effect. */
export function recoveriesOf(faults: readonly FaultResult[]): readonly Recovery[] {
  const effective = faults.filter(({ outcome }) => outcome === 'took-effect');
  return [...Map.groupBy(effective, groupOf)].flatMap(([fault, hits]) => {
    const probes = [...new Set(hits.flatMap(({ felt }) => felt.map((each) => each.probe)))].sort();
    return probes.map((probe): Recovery => {
      const felt = hits.map((hit) => hit.felt.find((each) => each.probe === probe));
      const times = felt.map((each) => each?.recoveredMs ?? 0).sort((a, b) => a - b);
      const againMax = Math.max(...felt.map((each) => each?.againMs ?? 0));
      const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
      return { fault, probe, count: times.length, p50, p99, max: times.at(-1) ?? 0, againMax };
    });
  });
}
