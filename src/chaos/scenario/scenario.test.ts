import { fileURLToPath } from 'node:url';
import test from 'ava';
import { explain } from './explanation.ts';
import { faultNames } from './fault-table.ts';
import { loadScenario, scenarioNames } from './library.ts';
import { parseScenario, type Scenario } from './scenario.ts';
import { lasting, scheduleOf } from './schedule.ts';
import { durationMs, ScenarioError } from './yaml-fields.ts';

const folder = fileURLToPath(new URL('../../../config/chaos/', import.meta.url));
const named = (name: string): Scenario => loadScenario(folder, name) as Scenario;

function problemsOf(text: string): readonly string[] {
  try {
    parseScenario('x.yaml', text);
    return [];
  } catch (error) {
    return error instanceof ScenarioError ? error.problems : [String(error)];
  }
}

const sound = `name: x
summary: y
duration: 10s
topology: { members: 1 }
workload: { creates: 2 }
`;

test('thirteen scenarios come along, from two minutes to an hour, and each is sound', (t) => {
  const names = scenarioNames(folder);
  t.is(names.length, 13);
  for (const name of names) t.is(named(name).name, name);
  t.true(named('smoke').durationMs <= 120_000);
  t.is(named('soak').durationMs, 3_600_000);
});

test('the same seed gives the same schedule, another seed another one', (t) => {
  const soak = named('soak');
  t.deepEqual(scheduleOf(soak, 7), scheduleOf(soak, 7));
  t.notDeepEqual(scheduleOf(soak, 7), scheduleOf(soak, 8));
  t.deepEqual(
    scheduleOf(named('members'), 1)
      .slice(0, 3)
      .map(({ id, atMs, spec, pick }) => [id, atMs, spec.fault, spec.strikes, spec.victim, pick]),
    [
      [1, 23_476, 'kill', 'member', 'follower', 670_614],
      [2, 46_475, 'kill', 'member+nats', 'leader', 426_391],
      [3, 46_787, 'kill', 'member+nats', 'leader', 820_535],
    ],
  );
});

test('drawn faults lie within their span, in the order of their moments', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const moments = scheduleOf(named('soak'), seed).map(({ atMs }) => atMs);
    t.is(moments.length, 120);
    t.true(moments.every((atMs) => atMs >= 20_000 && atMs < 58 * 60_000));
    t.deepEqual(
      moments,
      moments.toSorted((a, b) => a - b),
    );
  }
});

test('a scenario for another duration has its drawn faults as densely, and no fixed one after its end', (t) => {
  const quarter = lasting(named('soak'), 15 * 60_000);
  const moments = scheduleOf(quarter, 1).map(({ atMs }) => atMs);
  t.is(quarter.durationMs, 900_000);
  t.is(moments.length, Math.round((120 * (13 * 60 - 20)) / (58 * 60 - 20)));
  t.true(
    moments.every((atMs) => atMs >= 20_000 && atMs < 13 * 60_000),
    'the last two minutes stay calm',
  );
  const upgrades = named('upgrades');
  t.deepEqual(
    scheduleOf(lasting(upgrades, 60_000), 1).map(({ spec }) => spec.fault),
    ['rolling-upgrade'],
  );
  t.deepEqual(lasting(upgrades, upgrades.durationMs), upgrades);
  t.is(scheduleOf(lasting(named('soak'), 60_000), 1).length, 0, 'no time is left for any');
});

test('a mistake is told with its line and field, and all of them at once', (t) => {
  t.deepEqual(problemsOf(sound), []);
  t.deepEqual(
    problemsOf(`${sound}faults:
  - { at: 3, fault: kill }
  - { at: 20s, fault: kil }
  - { at: 1s, fault: kill, strikes: moon, fro: 3s }
  - { draw: 2, from: 8s, until: 3s, among: [] }
levels:
  - { probe: writes, measure: outage-max, at-most: 5 }
invariants: [none]
`),
    [
      'x.yaml:7: faults[0].at: 3: expected a time such as 500ms, 3s or 2m',
      'x.yaml:8: faults[1].at: is after the end of the scenario',
      `x.yaml:8: faults[1].fault: kil: expected ${faultNames.join(', ')}`,
      'x.yaml:9: faults[2].strikes: moon: expected member, agent, nats-server, dockerd, containerd, member+nats',
      'x.yaml:9: faults[2].fro: is no field that is known here',
      'x.yaml:10: faults[3].until: expected from < until <= duration',
      'x.yaml:10: faults[3].among: names no fault',
      'x.yaml:13: invariants[0]: none: expected linearisable, nothing-lost, nothing-twice, watches-complete, ' +
        'watches-ordered, rollout-bounds, budget-held, completions-exact, one-identity, counter-grows, ' +
        'endpoints-reached, feed-complete, one-owner, cluster-heals',
      'x.yaml:12: levels[0].at-most: 5: expected a time such as 500ms, 3s or 2m',
    ],
  );
  t.regex(problemsOf('a: {')[0] ?? '', /^x\.yaml:\d+: /);
  t.deepEqual(problemsOf('- a'), ['x.yaml:1: expected the fields of a scenario']);
  t.deepEqual(problemsOf(`${sound}seed: -1\n`), ['x.yaml:6: seed: -1: expected a whole number, 0 or more']);
  t.deepEqual(problemsOf(sound.replace('members: 1', 'members: 2')), [
    'x.yaml:4: topology.members: 2: expected 1, 3 or 5',
  ]);
  t.true(problemsOf('summary: x').includes('x.yaml:1: name: is missing'));
});

test('times are read with their unit', (t) => {
  t.deepEqual(['250ms', '3s', '1.5m', '1h', '3', '3 s', 's'].map(durationMs), [
    250,
    3_000,
    90_000,
    3_600_000,
    undefined,
    undefined,
    undefined,
  ]);
});

test('the explanation names every fault with its moment and what it does', (t) => {
  const text = explain(named('smoke'), 1);
  t.regex(text, /^smoke: Every process/);
  t.regex(text, /4 {2}at {5}37 s {2}kill member/);
  t.regex(text, /api-abuse {10}Sends hostile bodies/);
});
