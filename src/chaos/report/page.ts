/** The report as one HTML page that needs nothing else: no script runs, nothing is fetched. */
import { timeText } from '../scenario/explanation.ts';
import { element, escaped, table } from './markup.ts';
import { pageStyle } from './page-style.ts';
import { groupOf } from './recovery.ts';
import type { FaultResult, Report } from './report.ts';
import { timeline } from './timeline.ts';

const words = {
  kept: 'All promises were kept.',
  broken: 'A promise was broken.',
  undecided: 'The run cannot say.',
  sick: 'The cluster was not well before the first fault.',
} as const;

/** The page also holds the report itself, as JSON in the element `#report`. */
export function reportPage(report: Report): string {
  const { scenario } = report;
  const parts = [head, timePart, promises, recoveryPart, faultPart, restPart].map((part) => part(report));
  const json = JSON.stringify(report).replaceAll('<', String.raw`\u003c`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${scenario.name}: ${report.verdict}`)}</title><style>${pageStyle}</style></head><body>
${parts.join('\n')}
<script type="application/json" id="report">${json}</script>
</body></html>
`;
}

const marked = (kind: string, text: string): string => element('span', { class: `mark ${kind}` }, escaped(text));

function head({ scenario, verdict, reasons, target, startedAt, tookMs }: Report): string {
  const { orchestrator, version, members, nodes, runtime } = target;
  const facts =
    `${orchestrator} ${version}, ${members} member${members === 1 ? '' : 's'}, ${nodes} nodes, ${runtime}; ` +
    `seed ${scenario.seed}; began ${startedAt}, took ${timeText(Math.round(tookMs / 1_000) * 1_000)}`;
  return element(
    'header',
    {},
    element('h1', {}, escaped(scenario.name), ' ', element('span', { class: `verdict ${verdict}` }, verdict)),
    element('p', {}, escaped(`${words[verdict]} ${scenario.summary}`)),
    element('p', { class: 'soft' }, escaped(facts)),
    element('ul', { class: 'reasons' }, ...reasons.map((reason) => element('li', {}, escaped(reason)))),
  );
}

function timePart(report: Report): string {
  const key =
    'Above each lane: green while clients succeed, red while none did for longer than tolerated. ' +
    'Line: the 99th percentile of each second. Bars: failures.';
  return element(
    'section',
    { id: 'timeline' },
    element('h2', {}, 'Time line'),
    element('div', { class: 'scroll' }, timeline(report)),
    element('p', { class: 'soft' }, key),
  );
}

function promises({ invariants, levels }: Report): string {
  const rows = invariants.map(({ invariant, outcome, workload, detail }) => [
    marked(outcome, outcome),
    escaped(invariant),
    escaped(workload),
    escaped(detail),
  ]);
  const bounds = levels.map(({ probe, measure, value = 0, atMost, met }) => [
    met ? marked('held', 'met') : marked('broken', 'missed'),
    escaped(`${probe} ${measure}`),
    'level',
    escaped(`${amount(measure, value)}; at most ${amount(measure, atMost)}`),
  ]);
  const proofs = invariants
    .filter(({ outcome, evidence = [] }) => outcome === 'broken' && evidence.length > 0)
    .map(({ invariant, evidence = [] }) => proof(invariant, evidence));
  return element(
    'section',
    { id: 'promises' },
    element('h2', {}, 'Promises'),
    table(['', 'what', 'judged by', 'what was found'], [...rows, ...bounds]),
    ...proofs,
  );
}

function proof(invariant: string, evidence: NonNullable<Report['invariants'][number]['evidence']>): string {
  return element(
    'details',
    { open: '', id: `proof-${invariant}` },
    element('summary', {}, escaped(`The history that proves it: ${invariant}`)),
    table(
      ['at', 'who', 'what'],
      evidence.map(({ atMs, who, what }) => [timeText(atMs), escaped(who), escaped(what)]),
    ),
  );
}

function amount(measure: string, value: number): string {
  return measure === 'error-percent' ? `${Math.round(value * 100) / 100} %` : timeText(value);
}

/** Only what somebody felt: the other pairs of fault and probe are all zeros. */
function recoveryPart({ recoveries, faults }: Report): string {
  const hurt = recoveries.filter(({ max }) => max > 0);
  const longest = Math.max(1, ...hurt.map(({ max }) => max));
  const rows = hurt.map(({ fault, probe, count, p50, p99, max }) => [
    escaped(fault),
    escaped(probe),
    String(count),
    timeText(p50),
    timeText(p99),
    timeText(max),
    dots(timesOf(faults, fault, probe), longest),
  ]);
  const unhurt = [...new Set(recoveries.map(({ fault }) => fault))].filter(
    (name) => !hurt.some(({ fault }) => fault === name),
  );
  return element(
    'section',
    { id: 'recoveries' },
    element('h2', {}, 'Recovery'),
    element('p', { class: 'soft' }, "From a fault's beginning until clients succeed again for good."),
    table(['fault', 'felt by', 'times', 'p50', 'p99', 'max', `0 to ${timeText(longest)}`], rows),
    unhurt.length === 0 ? '' : element('p', { class: 'soft' }, escaped(`Nobody felt: ${unhurt.join(', ')}.`)),
  );
}

function timesOf(faults: readonly FaultResult[], group: string, probe: string): readonly number[] {
  return faults
    .filter((fault) => fault.outcome === 'took-effect' && groupOf(fault) === group)
    .map(({ felt }) => felt.find((each) => each.probe === probe)?.recoveredMs ?? 0);
}

const stripWidth = 220;

function dots(times: readonly number[], longest: number): string {
  const at = (ms: number): string => (5 + (ms / longest) * (stripWidth - 10)).toFixed(1);
  return element(
    'svg',
    { viewBox: `0 0 ${stripWidth} 14`, style: `width:${stripWidth}px;min-width:0`, 'aria-hidden': 'true' },
    element('line', { x1: 5, x2: stripWidth - 5, y1: 7, y2: 7, class: 'grid' }),
    ...times.map((ms) => element('circle', { cx: at(ms), cy: 7, r: 3.5, class: 'dot' })),
  );
}

function faultPart({ faults }: Report): string {
  const rows = faults.map(({ id, spec, victim, beganMs, outcome, proof: how, felt, overlaps }) => [
    String(id),
    timeText(beganMs),
    escaped(spec),
    escaped(victim),
    outcome === 'took-effect' ? escaped(how) : `${marked(outcome, outcome)} ${escaped(how)}`,
    escaped(feltText(felt)),
    overlaps.join(', '),
  ]);
  return element(
    'section',
    { id: 'faults' },
    element('h2', {}, 'Faults'),
    table(['', 'at', 'fault', 'struck', 'proof', 'felt', 'with'], rows),
  );
}

function feltText(felt: FaultResult['felt']): string {
  const hurt = felt.filter(({ recoveredMs }) => recoveredMs > 0);
  return hurt.map(({ probe, recoveredMs }) => `${probe} ${timeText(recoveredMs)}`).join('; ') || 'nobody';
}

function restPart({ workloads, impossible, probes }: Report): string {
  const counts = workloads.map(({ name, counts: done }) => [
    escaped(name),
    escaped(
      Object.entries(done)
        .map(([what, count]) => `${what} ${count}`)
        .join(', '),
    ),
  ]);
  const failures = probes.flatMap(({ name, reasons }) =>
    reasons.slice(0, 3).map(({ atMs, why }) => [escaped(name), timeText(atMs), escaped(why)]),
  );
  return element(
    'section',
    { id: 'rest' },
    element('h2', {}, 'Workload'),
    table(['what', 'did'], counts),
    element('h2', {}, 'First failures of each probe'),
    table(['probe', 'at', 'why'], failures),
    ...(impossible.length === 0
      ? []
      : [
          element('h2', {}, 'Impossible here'),
          element('ul', {}, ...impossible.map((what) => element('li', {}, escaped(what)))),
        ]),
  );
}
