/** Turns a scenario and a seed into the faults of a run, each with its moment. */
import { seededRandom } from '../../base/index.ts';
import type { FaultPlan, FaultSpec, Scenario } from './scenario.ts';

/** A fault with its moment, in ms since the start of the workload. */
export interface ScheduledFault {
  readonly id: number;
  readonly atMs: number;
  readonly spec: FaultSpec;
  /** Which of the victims that there are by then: its remainder by their number. */
  readonly pick: number;
}

const picksMax = 1_000_000;

/**
 * The faults in the order of their moments; drawn ones may overlap. The same scenario and seed give the same schedule,
 * on every machine.
 */
export function scheduleOf({ faults }: Scenario, seed: number): readonly ScheduledFault[] {
  const random = seededRandom(seed);
  const planned = faults.flatMap((plan) => {
    if (plan.type === 'fixed') return [{ atMs: plan.atMs, spec: plan.spec, pick: random.below(picksMax) }];
    const { count, fromMs, untilMs, among } = plan;
    return Array.from({ length: count }, () => {
      const atMs = fromMs + random.below(untilMs - fromMs);
      const spec = among[random.below(among.length)] as FaultSpec;
      return { atMs, spec, pick: random.below(picksMax) };
    });
  });
  return planned.sort((a, b) => a.atMs - b.atMs).map((fault, i) => ({ id: i + 1, ...fault }));
}

/**
 * The scenario for another duration. Drawn faults are as dense as before, and end as long before the end; fixed ones
 * that would begin after it are left out.
 */
export function lasting(scenario: Scenario, durationMs: number): Scenario {
  const laterMs = durationMs - scenario.durationMs;
  const faults = scenario.faults.flatMap((plan): readonly FaultPlan[] => {
    if (plan.type === 'fixed') return plan.atMs <= durationMs ? [plan] : [];
    const untilMs = plan.untilMs + laterMs;
    const share = (untilMs - plan.fromMs) / (plan.untilMs - plan.fromMs);
    return share > 0 ? [{ ...plan, untilMs, count: Math.max(1, Math.round(plan.count * share)) }] : [];
  });
  return { ...scenario, durationMs, faults };
}
