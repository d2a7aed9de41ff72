/** A report of a run that broke a promise, for tests of what is made of reports. */
import type { Second } from '../probes/probe.ts';
import type { FaultResult, ProbeResult, Report } from './report.ts';

const durationMs = 60_000;

const seconds = (failedAt: number): readonly Second[] =>
  Array.from({ length: durationMs / 1_000 }, (_, i) => ({
    atMs: i * 1_000,
    succeeded: i === failedAt ? 0 : 40,
    failed: i === failedAt ? 12 : 0,
    p99Ms: 20 + ((i * 7) % 30),
  }));

const probe = (name: string, failedAt: number): ProbeResult => ({
  name,
  toleranceMs: 500,
  attempts: 2_412,
  failures: 12,
  latency: { p50: 11, p99: 49, max: 1_700 },
  outages: [{ fromMs: failedAt * 1_000, untilMs: failedAt * 1_000 + 1_700 }],
  seconds: seconds(failedAt),
  reasons: [{ atMs: failedAt * 1_000, why: 'connect ECONNREFUSED <member-1>' }],
});

const fault = (id: number, beganMs: number, recoveredMs: number): FaultResult => ({
  id,
  fault: 'kill',
  spec: 'kill member (leader)',
  victim: 'member-1',
  beganMs,
  endedMs: beganMs + 40,
  outcome: 'took-effect',
  proof: 'SIGKILL; no process 4711 any more',
  overlaps: [],
  felt: [{ probe: 'writes', outMs: recoveredMs, recoveredMs, againMs: recoveredMs / 2 }],
});

export const brokenReport: Report = {
  format: 1,
  scenario: { name: 'fixture', summary: 'A leader dies twice & <once> more.', seed: 3, durationMs },
  target: { name: 'home', orchestrator: 'troupe', version: 'v1.33.0', members: 3, nodes: 2, runtime: 'simulated' },
  startedAt: '2026-01-01T00:00:00.000Z',
  tookMs: durationMs,
  verdict: 'broken',
  reasons: ['nothing-lost: 1 is lost of 900 acknowledged creates (2 unknown)'],
  invariants: [
    {
      invariant: 'nothing-lost',
      outcome: 'broken',
      workload: 'creates',
      detail: '1 is lost of 900 acknowledged creates (2 unknown)',
      evidence: [
        { atMs: 10_050, who: 'create 3-7', what: 'was answered: created-x at version 77; is not in the list' },
      ],
    },
    { invariant: 'cluster-heals', outcome: 'held', workload: 'cluster', detail: 'ready 53 ms after the last fault' },
  ],
  levels: [{ probe: 'writes', measure: 'outage-max', atMost: 5_000, value: 1_700, met: true }],
  faults: [
    fault(1, 10_000, 1_700),
    fault(2, 30_000, 900),
    { ...fault(3, 40_000, 0), fault: 'disk-full', spec: 'disk-full member', outcome: 'impossible', proof: 'no disks' },
  ],
  recoveries: [
    { fault: 'kill member (leader)', probe: 'writes', count: 2, p50: 900, p99: 1_700, max: 1_700, againMax: 850 },
  ],
  probes: [probe('reads', 30), probe('writes', 10)],
  workloads: [{ name: 'creates', counts: { acknowledged: 900, unknown: 2 } }],
  impossible: ['fault disk-full: no disks'],
};
