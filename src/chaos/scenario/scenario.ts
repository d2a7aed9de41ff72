/** A scenario: what runs, what breaks, what must hold. */
import { factsOf, type FaultName, faultNames } from './fault-table.ts';
import { type Fields, readYaml } from './yaml-fields.ts';

const workloadNames = [
  'registers',
  'creates',
  'watches',
  'rollout',
  'jobs',
  'counter',
  'service',
  'dns',
  'nats',
  'ingress',
  'owners',
] as const;
export type WorkloadName = (typeof workloadNames)[number];

/** What must hold, whatever breaks, each with the workload that judges it. */
const invariantJudges = {
  linearisable: 'registers',
  'nothing-lost': 'creates',
  'nothing-twice': 'creates',
  'watches-complete': 'watches',
  'watches-ordered': 'watches',
  'rollout-bounds': 'rollout',
  'budget-held': 'rollout',
  'completions-exact': 'jobs',
  'one-identity': 'counter',
  'counter-grows': 'counter',
  'endpoints-reached': 'service',
  'feed-complete': 'nats',
  'one-owner': 'owners',
  'cluster-heals': 'cluster',
} as const satisfies Readonly<Record<string, WorkloadName | 'cluster'>>;
export type InvariantName = keyof typeof invariantJudges;
const invariantNames = Object.keys(invariantJudges) as readonly InvariantName[];
export const judgeOf = (invariant: InvariantName): string => invariantJudges[invariant];

const measureNames = ['outage-max', 'recovery-p99', 'error-percent', 'latency-p99'] as const;
type MeasureName = (typeof measureNames)[number];

/** A bound on what a probe felt. */
export interface Level {
  readonly probe: string;
  readonly measure: MeasureName;
  /** In ms, or in percent. */
  readonly atMost: number;
}

export interface Topology {
  readonly members: number;
  readonly nodes: number;
  readonly runtime: 'simulated' | 'docker';
  /** `small`: each member's data is on a file system of its own, which can be filled and lose its power. */
  readonly disks: 'shared' | 'small';
}

/** One fault, as a scenario names it. */
export interface FaultSpec {
  readonly fault: FaultName;
  readonly strikes: string;
  /** `any`, `leader`, `follower`, or a name. */
  readonly victim: string;
  readonly forMs: number;
  readonly amount: number;
}

/** Faults at a fixed time, or so many drawn from several within a span. */
export type FaultPlan =
  | { readonly type: 'fixed'; readonly atMs: number; readonly spec: FaultSpec }
  | {
      readonly type: 'drawn';
      readonly count: number;
      readonly fromMs: number;
      readonly untilMs: number;
      readonly among: readonly FaultSpec[];
    };

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly seed: number;
  readonly durationMs: number;
  readonly topology: Topology;
  /** The workloads that run, each with how many clients or objects it has. */
  readonly workloads: ReadonlyMap<WorkloadName, number>;
  readonly faults: readonly FaultPlan[];
  readonly invariants: readonly InvariantName[];
  readonly levels: readonly Level[];
}

const clientsMax = 256;

/** Throws a ScenarioError that names the line and field of everything that is wrong. */
export function parseScenario(file: string, text: string): Scenario {
  return readYaml(file, text, (fields) => {
    const durationMs = fields.duration('duration');
    return {
      name: fields.text('name'),
      summary: fields.text('summary'),
      seed: fields.whole('seed', 1),
      durationMs,
      topology: topologyOf(fields),
      workloads: workloadsOf(fields),
      faults: fields.each('faults').map((fault) => planOf(fault, durationMs)),
      invariants: fields.list('invariants', invariantNames),
      levels: fields.each('levels').map(levelOf),
    };
  });
}

function topologyOf(scenario: Fields): Topology {
  const fields = scenario.below('topology');
  if (fields === undefined) {
    scenario.complain('topology', 'is missing');
    return { members: 1, nodes: 1, runtime: 'simulated', disks: 'shared' };
  }
  const members = fields.whole('members', 1, { least: 1, most: 5 });
  if (members % 2 === 0) fields.complain('members', `${members}: expected 1, 3 or 5`);
  const topology: Topology = {
    members,
    nodes: fields.whole('nodes', 2, { least: 0, most: 16 }),
    runtime: fields.oneOf('runtime', ['simulated', 'docker'], 'docker'),
    disks: fields.oneOf('disks', ['shared', 'small'], 'shared'),
  };
  fields.end();
  return topology;
}

function workloadsOf(scenario: Fields): ReadonlyMap<WorkloadName, number> {
  const fields = scenario.below('workload');
  if (fields === undefined) {
    scenario.complain('workload', 'is missing');
    return new Map();
  }
  const found = new Map<WorkloadName, number>();
  for (const name of workloadNames)
    if (fields.has(name)) found.set(name, fields.whole(name, 1, { least: 1, most: clientsMax }));
  fields.end();
  return found;
}

function planOf(fields: Fields, durationMs: number): FaultPlan {
  if (!fields.has('draw')) {
    const atMs = fields.duration('at');
    if (atMs > durationMs) fields.complain('at', 'is after the end of the scenario');
    const plan: FaultPlan = { type: 'fixed', atMs, spec: specOf(fields) };
    fields.end();
    return plan;
  }
  const count = fields.whole('draw', 1, { least: 1, most: 1_000 });
  const [fromMs, untilMs] = [fields.duration('from', 0), fields.duration('until', durationMs)];
  if (untilMs <= fromMs || untilMs > durationMs)
    fields.complain(fields.has('until') ? 'until' : 'from', 'expected from < until <= duration');
  const among = fields.each('among').map((each) => {
    const spec = specOf(each);
    each.end();
    return spec;
  });
  if (among.length === 0) fields.complain('among', 'names no fault');
  fields.end();
  return { type: 'drawn', count, fromMs, untilMs, among };
}

function specOf(fields: Fields): FaultSpec {
  const fault = fields.oneOf('fault', faultNames);
  const { strikes, forMs, amount } = factsOf(fault);
  const least = fault === 'clock-jump' ? -86_400 : 0;
  return {
    fault,
    strikes: fields.oneOf('strikes', strikes, strikes[0]),
    victim: fields.text('victim', 'any'),
    forMs: fields.duration('for', forMs),
    amount: amount === undefined ? 0 : fields.whole('amount', amount.usual, { least, most: 1_000_000 }),
  };
}

function levelOf(fields: Fields): Level {
  const measure = fields.oneOf('measure', measureNames);
  const level: Level = {
    probe: fields.text('probe'),
    measure,
    atMost:
      measure === 'error-percent' ? fields.whole('at-most', undefined, { most: 100 }) : fields.duration('at-most'),
  };
  fields.end();
  return level;
}
