import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { type Report, swarmProblem } from '../../src/chaos/index.ts';
import { run } from './cluster.ts';

/** `troupe chaos run --target swarm`: a Docker Swarm of three machines is made, broken, judged and removed. */
const troupe = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'troupe.js');
const folder = mkdtempSync(join(tmpdir(), 'troupe-swarm-test-'));
const image = 'troupe.local/hello:1';
const problem = swarmProblem();
if (problem !== undefined) console.log(`skipped: ${problem}`);

test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
});

const scenario = `name: short
summary: A test.
topology: { members: 3, nodes: 3, runtime: docker }
duration: 30s
workload: { registers: 2, creates: 4, service: 1, watches: 1 }
faults:
  - { at: 1s, fault: freeze, strikes: member, victim: follower, for: 1s }
  - { at: 4s, fault: cut, victim: follower, for: 3s }
  - { at: 10s, fault: machine-death, victim: follower, for: 2s }
  - { at: 28s, fault: actor-restart }
invariants: [linearisable, nothing-lost, nothing-twice, watches-complete, endpoints-reached, cluster-heals]
`;

/** What a run could leave: names of namespaces, engines, mounts and folders of Swarms. */
function leftovers(): readonly string[] {
  const listed = [
    ...run('ip', ['netns', 'list']).stdout.split('\n'),
    ...run('findmnt', ['-rno', 'TARGET']).stdout.split('\n'),
    ...run('ps', ['-eo', 'args']).stdout.split('\n'),
  ];
  return listed.filter((line) => /^tch\d+|troupe-chaos-swarm/.test(line));
}

(problem === undefined ? test.serial : test.serial.skip)(
  'a Swarm keeps what it acknowledged while machines die and are cut off, and nothing of it is left',
  (t) => {
    ensureBusyboxImage(image);
    const [file, json] = [join(folder, 'short.yaml'), join(folder, 'report.json')];
    writeFileSync(file, scenario);
    const before = leftovers();
    const args = ['chaos', 'run', file, '--target', 'swarm', '--image', image, '--json', json];
    const { status, stdout, stderr } = run(process.execPath, [troupe, ...args], { timeoutMs: 300_000 });
    t.log(stdout);
    t.is(status, 0, stderr);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    t.is(report.verdict, 'kept');
    t.like(report.target, { orchestrator: 'docker-swarm', members: 3, nodes: 3 });
    t.deepEqual(
      report.faults.map(({ fault, outcome }) => [fault, outcome]),
      [
        ['freeze', 'took-effect'],
        ['cut', 'took-effect'],
        ['machine-death', 'took-effect'],
        ['actor-restart', 'impossible'],
      ],
    );
    t.regex(report.faults[1]?.proof ?? '', /[1-9]\d* packets were dropped$/);
    t.deepEqual(report.invariants.map(({ invariant, outcome }) => [invariant, outcome]).sort(), [
      ['cluster-heals', 'held'],
      ['endpoints-reached', 'held'],
      ['linearisable', 'held'],
      ['nothing-lost', 'held'],
      ['nothing-twice', 'held'],
    ]);
    const impossible = report.impossible.map((each) => each.split(':')[0]);
    const mesh = existsSync('/proc/net/ip_vs') ? [] : ['routing mesh'];
    t.deepEqual(impossible, [...mesh, 'workload watches', 'fault actor-restart']);
    const replaced = report.recoveries.find(
      ({ fault, probe }) => fault === 'machine-death node (follower)' && probe === 'replicas',
    );
    t.true((replaced?.max ?? 0) > 0, 'a replica was away while its machine was');
    const acknowledged = report.workloads.find(({ name }) => name === 'creates')?.counts['acknowledged'] ?? 0;
    t.true(acknowledged > 50, `${acknowledged} creates were acknowledged`);
    t.deepEqual(leftovers(), before);
  },
);

test('a Swarm is made by the run or not at all', (t) => {
  const { status, stderr } = run(process.execPath, [
    troupe,
    'chaos',
    'run',
    'smoke',
    '--target',
    'swarm',
    '--home',
    '/',
  ]);
  t.is(status, 2);
  t.regex(stderr, /--target swarm makes a Swarm of its own/);
});
