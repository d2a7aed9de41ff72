/** What a scenario will do, in words. */
import { factsOf } from './fault-table.ts';
import type { FaultSpec, Level, Scenario, Topology } from './scenario.ts';
import { scheduleOf, type ScheduledFault } from './schedule.ts';

/** `95 s`, `500 ms`, `2 min`. */
export function timeText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms >= 120_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Number((ms / 1_000).toFixed(1))} s`;
}

/** The fault with its victim: `kill member (leader)`, `freeze agent for 2 s`. */
export function faultText({ fault, strikes, victim, forMs, amount }: FaultSpec): string {
  const facts = factsOf(fault);
  const whom = victim === 'any' ? strikes : `${strikes} (${victim})`;
  const how = facts.amount === undefined ? '' : `, ${amount} ${facts.amount.unit}`;
  return `${fault} ${whom}${forMs === 0 ? '' : ` for ${timeText(forMs)}`}${how}`;
}

export function levelText({ probe, measure, atMost }: Level): string {
  return `${probe}: ${measure} at most ${measure === 'error-percent' ? `${atMost} %` : timeText(atMost)}`;
}

/** The whole scenario with the schedule that the seed gives. */
export function explain(scenario: Scenario, seed: number): string {
  const { name, summary, durationMs, topology, workloads, invariants, levels } = scenario;
  const schedule = scheduleOf(scenario, seed);
  const used = [...new Set(schedule.map(({ spec }) => spec.fault))].sort();
  return [
    `${name}: ${summary}`,
    '',
    `  lasts      ${timeText(durationMs)}, after the cluster is ready`,
    `  cluster    ${clusterText(topology)}`,
    `  workload   ${[...workloads].map(([which, count]) => `${which} (${count})`).join(', ')}`,
    `  must hold  ${invariants.join(', ')}`,
    ...levels.map((level, i) => `  ${i === 0 ? 'levels    ' : '          '} ${levelText(level)}`),
    '',
    `Faults of seed ${seed}:`,
    ...schedule.map(lineOf),
    '',
    ...used.map((fault) => `  ${fault.padEnd(18)} ${factsOf(fault).summary}`),
  ].join('\n');
}

function clusterText({ members, nodes, runtime, disks }: Topology): string {
  const counts = `${members} member${members === 1 ? '' : 's'}, ${nodes} node${nodes === 1 ? '' : 's'}`;
  const ownDisks = disks === 'small' ? ', a disk for each member' : '';
  return `${counts}, ${runtime} containers${ownDisks}`;
}

function lineOf({ id, atMs, spec }: ScheduledFault): string {
  return `  ${String(id).padStart(3)}  at ${timeText(atMs).padStart(8)}  ${faultText(spec)}`;
}
