import test from 'ava';
import type { Outage } from '../probes/probe.ts';
import { feltOf, overlapsOf, recoveriesOf } from './recovery.ts';
import { brokenReport } from './report.fixture.ts';
import type { FaultResult, ProbeResult, Report } from './report.ts';
import { levelResults, verdictOf, withLeft } from './verdict.ts';

const fault = (id: number, beganMs: number, endedMs: number, more: Partial<FaultResult> = {}): FaultResult => ({
  id,
  fault: 'kill',
  spec: 'kill member',
  victim: 'member-1',
  beganMs,
  endedMs,
  outcome: 'took-effect',
  proof: '',
  overlaps: [],
  felt: [],
  ...more,
});
const outage = (fromMs: number, untilMs: number): Outage => ({ fromMs, untilMs });
const felt = (which: FaultResult, all: readonly FaultResult[], ...outages: Outage[]): unknown =>
  feltOf(which, all, [{ probe: 'writes', outages }])[0];

test('an outage is laid to the fault that it followed, and to no later one', (t) => {
  const all = [fault(1, 1_000, 1_100), fault(2, 5_000, 8_000)];
  const [one, two] = all as [FaultResult, FaultResult];
  t.deepEqual(felt(one, all, outage(900, 3_000)), {
    probe: 'writes',
    outMs: 2_000,
    recoveredMs: 2_000,
    againMs: 2_000,
  });
  t.deepEqual(felt(one, all, outage(1_200, 5_500)), {
    probe: 'writes',
    outMs: 4_300,
    recoveredMs: 4_500,
    againMs: 4_500,
  });
  t.deepEqual(felt(two, all, outage(1_200, 5_500)), { probe: 'writes', outMs: 0, recoveredMs: 0, againMs: 0 });
  t.deepEqual(felt(two, all, outage(4_990, 6_000), outage(7_000, 9_000)), {
    probe: 'writes',
    outMs: 3_000,
    recoveredMs: 4_000,
    againMs: 1_000,
  });
  t.deepEqual(felt(one, all, outage(3_000, 3_500)), {
    probe: 'writes',
    outMs: 500,
    recoveredMs: 2_500,
    againMs: 2_500,
  });
});

test('an outage long after every fault is laid to none', (t) => {
  const all = [fault(1, 1_000, 2_000)];
  t.like(felt(all[0] as FaultResult, all, outage(11_900, 12_400)), { recoveredMs: 11_400 });
  t.like(felt(all[0] as FaultResult, all, outage(12_100, 12_600)), { outMs: 0, recoveredMs: 0 });
});

test('faults overlap when one begins before another is recovered from', (t) => {
  const all = [fault(1, 1_000, 1_100), fault(2, 5_000, 8_000)];
  t.deepEqual(
    overlapsOf(fault(2, 5_000, 8_000), all, () => 6_000),
    [1],
  );
  t.deepEqual(
    overlapsOf(fault(2, 5_000, 8_000), all, () => 4_000),
    [],
  );
});

test('recoveries are told by fault and probe; a fault without effect does not count', (t) => {
  const hit = (id: number, recoveredMs: number): FaultResult =>
    fault(id, 0, 0, { felt: [{ probe: 'writes', outMs: 0, recoveredMs, againMs: recoveredMs / 2 }] });
  t.deepEqual(recoveriesOf([hit(1, 300), hit(2, 100), hit(3, 200), { ...hit(4, 9_000), outcome: 'no-effect' }]), [
    { fault: 'kill member', probe: 'writes', count: 3, p50: 200, p99: 300, max: 300, againMax: 150 },
  ]);
});

test('what struck a leader is told apart from what struck a follower', (t) => {
  const at = (spec: string): FaultResult =>
    fault(1, 0, 0, { spec, felt: [{ probe: 'writes', outMs: 1, recoveredMs: 1, againMs: 1 }] });
  const specs = ['kill member', 'kill member (leader)', 'kill member (follower) for 3 s', 'kill member for 2 s'];
  t.deepEqual(
    recoveriesOf(specs.map(at)).map((each) => each.fault),
    ['kill member', 'kill member (leader)', 'kill member (follower)'],
  );
});

const finding = (outcome: 'held' | 'broken' | 'undecided'): Report['invariants'][number] => ({
  invariant: 'nothing-lost',
  outcome,
  detail: 'd',
  workload: 'creates',
});
const level = { probe: 'writes', measure: 'outage-max', atMost: 1_000, value: 2_000, met: false };

test('the verdict is the worst of what was found', (t) => {
  const of = (
    invariants: Report['invariants'],
    faults: readonly FaultResult[] = [fault(1, 0, 0)],
    { levels = [], absent = [] }: { levels?: readonly (typeof level)[]; absent?: readonly string[] } = {},
  ): unknown => verdictOf({ required: ['nothing-lost'], absent, invariants, levels, faults });
  t.deepEqual(of([finding('held')]), { verdict: 'kept', reasons: [] });
  t.deepEqual(of([finding('broken')]), { verdict: 'broken', reasons: ['nothing-lost: d'] });
  t.deepEqual(of([finding('undecided')]), { verdict: 'undecided', reasons: ['nothing-lost: d'] });
  t.deepEqual(of([]), { verdict: 'undecided', reasons: ['nothing-lost was not checked'] });
  t.deepEqual(of([], undefined, { absent: ['creates'] }), {
    verdict: 'kept',
    reasons: ['nothing-lost was not checked'],
  });
  t.deepEqual(of([finding('held')], []), { verdict: 'undecided', reasons: ['no fault took effect'] });
  t.deepEqual(of([finding('held')], [fault(1, 0, 0), fault(2, 0, 0, { outcome: 'no-effect', proof: 'p' })]), {
    verdict: 'undecided',
    reasons: ['fault 2 (kill member) did not take effect: p'],
  });
  t.deepEqual(of([finding('held')], undefined, { levels: [level] }), {
    verdict: 'broken',
    reasons: ['writes: outage-max at most 1 s, and it was 2000'],
  });
});

test('a level is measured at its probe; one whose workload did not run is left out', (t) => {
  const probe: ProbeResult = {
    name: 'writes',
    toleranceMs: 500,
    attempts: 200,
    failures: 3,
    latency: { p50: 1, p99: 9, max: 12 },
    outages: [outage(0, 700), outage(1_000, 3_000)],
    seconds: [],
    reasons: [],
  };
  const faults = [fault(1, 0, 0, { felt: [{ probe: 'writes', outMs: 0, recoveredMs: 400, againMs: 400 }] })];
  const value = (measure: 'outage-max' | 'error-percent' | 'latency-p99' | 'recovery-p99'): unknown =>
    levelResults([{ probe: 'writes', measure, atMost: 400 }], [probe], faults).map((each) => [each.value, each.met]);
  t.deepEqual(value('outage-max'), [[2_000, false]]);
  t.deepEqual(value('error-percent'), [[1.5, true]]);
  t.deepEqual(value('latency-p99'), [[9, true]]);
  t.deepEqual(value('recovery-p99'), [[400, true]]);
  t.deepEqual(levelResults([{ probe: 'dns', measure: 'outage-max', atMost: 1 }], [probe], faults), []);
});

test('a run that could not take away what it made is not kept, and says what is left', (t) => {
  const kept = { ...brokenReport, verdict: 'kept', reasons: [] } as const;
  t.is(withLeft(kept, []), kept);
  t.like(withLeft(kept, ['a process runs on']), { verdict: 'undecided', reasons: ['a process runs on'] });
  t.like(withLeft(brokenReport, ['x']), { verdict: 'broken', reasons: [...brokenReport.reasons, 'x'] });
});
