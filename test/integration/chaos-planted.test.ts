import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import type { Report } from '../../src/chaos/index.ts';
import { run } from './cluster.ts';
import { buildPlanted, type PlantedBundle } from './planted-bundles.ts';

/** Four mistakes that a cluster may have: `troupe chaos` turns red over each, and shows where. Long: by hand. */
const wanted = process.env['TROUPE_CHAOS_PLANTED'] === '1';
if (!wanted) console.log('skipped: clusters with planted bugs take minutes each; set TROUPE_CHAOS_PLANTED=1');
const planted = wanted ? test.serial : test.serial.skip;
const image = 'troupe.local/hello:1';
const folder = mkdtempSync(join(tmpdir(), 'troupe-planted-'));

test.before(() => {
  if (wanted) ensureBusyboxImage(image);
});
test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Case extends PlantedBundle {
  readonly scenario: string;
  /** The promise that must be found broken. */
  readonly breaks: string;
  /** What the history that proves it must say. */
  readonly evidence: RegExp;
}

const scenario = (name: string, lines: string): string =>
  `name: planted-${name}\nsummary: A cluster with a mistake.\nduration: 30s\n${lines}`;

const cases: readonly Case[] = [
  {
    name: 'acknowledge-before-sync',
    edits: [
      {
        file: 'raft/wal/write-ahead-log.ts',
        find: '    await this.#file.dataSync();\n    this.#appendedAt = ',
        replace: '    this.#appendedAt = ',
      },
    ],
    scenario: scenario(
      'acknowledge-before-sync',
      `topology: { members: 1, nodes: 0, runtime: simulated, disks: small }
workload: { creates: 16 }
faults: [{ at: 8s, fault: power-loss }]
invariants: [nothing-lost]
`,
    ),
    breaks: 'nothing-lost',
    evidence: /created-\S+ at version \d+; is not in the list/,
  },
  {
    name: 'no-fencing-of-shards',
    edits: [
      {
        file: 'shards/shards.ts',
        find: '    const lost = [...this.#grants.keys()]',
        replace:
          '    for (const [shard, grant] of this.#grants) if (!next.has(shard)) next.set(shard, grant);\n' +
          '    const lost = [...this.#grants.keys()]',
      },
      {
        file: 'resources/stored/commit.ts',
        find: 'const fenced = fence === undefined ? transaction : { ...transaction, compares: [...compares, fence] };',
        replace: 'const fenced = transaction;',
      },
      {
        file: 'resources/stored/commit.ts',
        find: '  if (holds()) return;\n',
        replace: '  if (fence !== undefined || holds()) return;\n',
      },
    ],
    scenario: scenario(
      'no-fencing-of-shards',
      `topology: { members: 3, nodes: 1, runtime: simulated }
workload: { rollout: 1, owners: 1 }
faults:
  - { at: 3s, fault: freeze, strikes: member, victim: follower, for: 6s }
  - { at: 12s, fault: freeze, strikes: member, victim: leader, for: 6s }
invariants: [one-owner]
`,
    ),
    breaks: 'one-owner',
    evidence: /acts in member-\d and member-\d at once/,
  },
  {
    name: 'proxy-forgets-endpoints',
    edits: [
      {
        file: 'node-agent/proxy/service-ports.ts',
        find: 'const backends = readyOnes.length > 0 ? readyOnes : servingOnes;',
        replace: 'const backends = (readyOnes.length > 0 ? readyOnes : servingOnes).slice(0, 2);',
      },
    ],
    scenario: scenario(
      'proxy-forgets-endpoints',
      `topology: { members: 1, nodes: 1, runtime: docker }
workload: { service: 1 }
faults: [{ at: 5s, fault: kill, strikes: agent }]
invariants: [endpoints-reached]
`,
    ),
    breaks: 'endpoints-reached',
    evidence: /answered 0 of 200 requests/,
  },
  {
    name: 'job-counts-twice',
    edits: [
      {
        file: 'controllers/job/counting.ts',
        find: '(status.succeeded ?? 0) + settledSucceeded,',
        replace: '(status.succeeded ?? 0) + 2 * settledSucceeded,',
      },
    ],
    scenario: scenario(
      'job-counts-twice',
      `topology: { members: 1, nodes: 1, runtime: docker }
workload: { jobs: 1 }
faults: [{ at: 5s, fault: kill, strikes: agent }]
invariants: [completions-exact]
`,
    ),
    breaks: 'completions-exact',
    evidence: /counted are \d+, seen to succeed \d+, asked for 3/,
  },
];

for (const each of cases) {
  planted(`${each.name}: the verdict is red, and the report shows where`, async (t) => {
    t.timeout(400_000);
    const program = join(folder, each.name);
    const [file, json] = [join(folder, `${each.name}.yaml`), join(folder, `${each.name}.json`)];
    await buildPlanted(each, program);
    writeFileSync(file, each.scenario);
    const args = [join(program, 'troupe.js'), 'chaos', 'run', file, '--image', image, '--json', json];
    const { status, stdout, stderr } = run(process.execPath, args, { timeoutMs: 380_000 });
    t.log(`${stdout.slice(-1_500)}${stderr.slice(-1_000)}`);
    t.is(status, 1, stderr);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    t.is(report.verdict, 'broken');
    const found = report.invariants.find(({ invariant }) => invariant === each.breaks);
    t.is(found?.outcome, 'broken');
    t.true(
      found?.evidence?.some(({ what }) => each.evidence.test(what)),
      JSON.stringify(found?.evidence),
    );
    t.true(report.faults.some(({ outcome }) => outcome === 'took-effect'));
  });
}
