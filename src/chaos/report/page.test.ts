import test from 'ava';
import { compareReports } from './comparison.ts';
import { reportPage } from './page.ts';
import { reportText } from './report-text.ts';
import { brokenReport } from './report.fixture.ts';
import type { Report } from './report.ts';

test('the page names verdict, faults, recovery, and the history that proves what broke', (t) => {
  const page = reportPage(brokenReport);
  for (const text of [
    'class="verdict broken"',
    'create 3-7',
    'id="proof-nothing-lost"',
    '1 kill member (leader)',
    '1.7 s',
  ])
    t.true(page.includes(text), text);
});

test('what comes from a cluster is escaped, and the report itself can be read back from the page', (t) => {
  const page = reportPage(brokenReport);
  t.true(page.includes('twice &amp; &lt;once&gt; more'));
  t.false(page.includes('<once>'));
  const [, json = ''] = /<script type="application\/json" id="report">(.*)<\/script>/.exec(page) ?? [];
  t.deepEqual(JSON.parse(json), brokenReport);
});

test('the page needs nothing from elsewhere', (t) => {
  t.notRegex(reportPage(brokenReport).replace(/<script.*<\/script>/s, ''), /(src|href)=|url\(|@import|<script/);
});

test('the text for the terminal ends with the verdict and shows the evidence', (t) => {
  const text = reportText(brokenReport);
  t.regex(text, /BROKEN {2}nothing-lost/);
  t.regex(text, /10\.1 s {2}create 3-7/);
  t.regex(text, /verdict: broken\n {2}nothing-lost: 1 is lost/);
  t.regex(text, /impossible here: fault disk-full: no disks/);
});

const kept: Report = {
  ...brokenReport,
  verdict: 'kept',
  invariants: brokenReport.invariants.map((each) => ({ ...each, outcome: 'held' as const })),
  recoveries: [
    { fault: 'kill member (leader)', probe: 'writes', count: 2, p50: 500, p99: 600, max: 600, againMax: 600 },
  ],
};

test('of two reports the promises that only one broke, and recoveries that differ by a fifth, are told', (t) => {
  const { rows, newlyBroken, warnings } = compareReports(kept, brokenReport);
  t.deepEqual(newlyBroken, ['nothing-lost: 1 is lost of 900 acknowledged creates (2 unknown)']);
  t.deepEqual(warnings, []);
  t.deepEqual(
    rows.map(({ what, judgement }) => [what, judgement]),
    [
      ['nothing-lost', 'worse'],
      ['cluster-heals', 'same'],
      ['kill member (leader): writes recovered, p50 / p99 / max', 'worse'],
      ['kill member (leader): writes first success after, max', 'worse'],
      ['reads: failed attempts', 'same'],
      ['writes: failed attempts', 'same'],
    ],
  );
  t.deepEqual(compareReports(brokenReport, kept).newlyBroken, []);
  t.is(compareReports(brokenReport, kept).rows[2]?.judgement, 'better');
  t.deepEqual(compareReports(kept, { ...kept, scenario: { ...kept.scenario, seed: 4 } }).warnings, [
    'the seeds differ: 3 and 4',
  ]);
});
