import test from 'ava';
import { Probes } from '../probes/probe.ts';
import type { Report } from '../report/report.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { FaultRecord } from './fault-runner.ts';
import { reportOf } from './run-report.ts';

const scenario: Scenario = {
  name: 'x',
  summary: 'y',
  seed: 1,
  durationMs: 10_000,
  topology: { members: 1, nodes: 1, runtime: 'simulated', disks: 'shared' },
  workloads: new Map([['creates', 1]]),
  faults: [],
  invariants: ['cluster-heals'],
  levels: [{ probe: 'writes', measure: 'outage-max', atMost: 1_000 }],
};
const facts = { name: 'c', orchestrator: 'troupe', version: 'v1', members: 1, nodes: 1, runtime: 'simulated' };
const target = {
  facts,
  access: { urls: [] },
  image: '',
  madeByRun: true,
  complaints: () => Promise.resolve([]),
  close: () => Promise.resolve([]),
};
const killed: FaultRecord = {
  id: 1,
  fault: 'kill',
  spec: 'kill member',
  victim: 'member-1',
  beganMs: 2_000,
  endedMs: 2_010,
  outcome: 'took-effect',
  proof: '',
};
const held: Report['invariants'] = [{ invariant: 'cluster-heals', outcome: 'held', detail: '', workload: 'cluster' }];

/** Writes that succeed every 100 ms, but not from 2,000 to `untilMs`. */
function probesOut(untilMs: number): Probes {
  const probes = new Probes();
  for (let at = 100; at <= 10_000; at += 100)
    if (at < 2_000 || at >= untilMs) probes.of('writes', 500).succeeded(at - 10, at);
  return probes;
}

function reported(probes: Probes, more: { sick?: readonly string[]; aborted?: boolean } = {}): Report {
  const stop = new AbortController();
  if (more.aborted === true) stop.abort();
  return reportOf({
    options: { scenario, seed: 1, target, signal: stop.signal },
    startedAt: '2026-01-01T00:00:00.000Z',
    now: () => 10_000,
    probes,
    workloads: new Map(),
    impossible: ['workload creates: no reason'],
    sick: more.sick ?? [],
    records: [killed, { ...killed, id: 2, fault: 'disk-full', outcome: 'impossible', proof: 'no disks' }],
    findings: held,
  });
}

test('a run is judged by what its clients felt: within the level it kept its promises, beyond it did not', (t) => {
  const kept = reported(probesOut(2_700));
  t.is(kept.verdict, 'kept');
  const times = { count: 1, p50: 700, p99: 700, max: 700, againMax: 700 };
  t.deepEqual(kept.recoveries, [{ fault: 'kill member', probe: 'writes', ...times }]);
  t.deepEqual(kept.probes[0]?.outages, [{ fromMs: 1_900, untilMs: 2_700 }]);
  t.deepEqual(kept.impossible, ['workload creates: no reason', 'fault disk-full: no disks']);
  const broken = reported(probesOut(3_500));
  t.is(broken.verdict, 'broken');
  t.deepEqual(broken.reasons, ['writes: outage-max at most 1 s, and it was 1600']);
});

test('a sick cluster and a run that was broken off are told as such', (t) => {
  const sick = reported(probesOut(2_100), { sick: ['node a is not ready'] });
  t.is(sick.verdict, 'sick');
  t.is(sick.reasons[0], 'before the first fault: node a is not ready');
  const aborted = reported(probesOut(2_100), { aborted: true });
  t.is(aborted.verdict, 'undecided');
  t.is(aborted.reasons[0], 'the run was broken off');
});
