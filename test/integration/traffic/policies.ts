/** Puts the policy cases in force, one after the other, and asks who reaches whom. */
import type { Lane } from './lane.ts';
import { type Asked, type PolicyCase, policyCases, residents, wallPorts } from './policy-cases.ts';

const slots = ['one', 'two'] as const;
/** A packet that nobody lets through is dropped: so long is waited for its answer. */
const silenceMs = 400;
/** A policy is in force everywhere within this time. */
const withinMs = 5_000;

const askers = [
  ...residents.filter(({ role }) => role !== 'wall').map(({ name }) => name),
  ...[1, 2, 3].map((machine) => `machine-${machine}`),
];
const questions: readonly Asked[] = askers.flatMap((from) =>
  (['wall-1', 'wall-2'] as const).flatMap((to) =>
    (['first', 'second', 'third'] as const).flatMap((port) =>
      (['tcp', 'udp'] as const).map((protocol) => ({ from, to, port, protocol })),
    ),
  ),
);

/** The processes of a pod's own machine always reach it: its probes come from there. */
const isOwnMachine = ({ from, to }: Asked): boolean => from.replace('machine', 'wall') === to;

/** Replaces the policies in the namespace `walls`. */
export function enforce(lane: Lane, specs: readonly object[]): void {
  const nobody = { podSelector: { matchLabels: { role: 'nobody' } }, policyTypes: ['Ingress'] };
  lane.replace(
    slots.map((name, i) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: 'walls' },
      spec: specs[i] ?? nobody,
    })),
  );
}

async function differences(lane: Lane, { reaches }: PolicyCase): Promise<readonly string[]> {
  const told = questions.map(async (asked) => {
    const { from, to, port, protocol } = asked;
    const id = `${from} → ${to} ${port} ${protocol}`;
    const address = lane.pods.get(to) ?? '';
    const more = { pods: 1, least: 1, most: 1, timeoutMs: silenceMs };
    const { answers } = await lane.prober(from).ask({ id, protocol, address, port: wallPorts[port], ...more });
    const wanted = isOwnMachine(asked) || reaches(asked);
    return answers.length > 0 === wanted ? [] : [`${id} ${wanted ? 'was shut out' : 'came through'}`];
  });
  return (await Promise.all(told)).flat();
}

export interface CaseOutcome {
  readonly title: string;
  /** Until it was seen to hold from everywhere. */
  readonly ms: number;
  readonly differing: readonly string[];
}

/** All cases, each held for two rounds of questions in a row. */
export async function runPolicyCases(lane: Lane): Promise<readonly CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (const each of policyCases(new Map([...lane.pods, ['machine-3', lane.machines.at(3).address]]))) {
    enforce(lane, each.policies);
    const from = performance.now();
    let differing = await differences(lane, each);
    while (differing.length > 0 && performance.now() - from < withinMs) differing = await differences(lane, each);
    const ms = Math.round(performance.now() - from);
    if (differing.length === 0) differing = await differences(lane, each);
    outcomes.push({ title: each.title, ms, differing });
  }
  enforce(lane, []);
  return outcomes;
}
