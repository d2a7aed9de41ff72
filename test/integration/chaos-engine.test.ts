import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { engineProblem, type Report } from '../../src/chaos/index.ts';
import { run } from './cluster.ts';

/** `troupe chaos` strikes the Docker engine below the nodes: one that the run starts for them, and removes. */
const troupe = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'troupe.js');
const folder = mkdtempSync(join(tmpdir(), 'troupe-engine-test-'));
const image = 'troupe.local/hello:1';
const problem = engineProblem();
if (problem !== undefined) console.log(`skipped: ${problem}`);

test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
});

const scenario = `name: engine
summary: A test.
topology: { members: 1, nodes: 1, runtime: docker }
duration: 22s
workload: { creates: 2, service: 1 }
faults:
  - { at: 1s, fault: kill, strikes: dockerd }
  - { at: 10s, fault: kill, strikes: containerd }
  - { at: 16s, fault: freeze, strikes: dockerd, for: 2s }
invariants: [nothing-lost, nothing-twice, endpoints-reached, cluster-heals]
`;

(problem === undefined ? test : test.skip)(
  'dockerd and containerd die and stand still, and containers serve on',
  (t) => {
    ensureBusyboxImage(image);
    const [file, json] = [join(folder, 'engine.yaml'), join(folder, 'report.json')];
    writeFileSync(file, scenario);
    const args = ['chaos', 'run', file, '--image', image, '--json', json];
    const { status, stdout, stderr } = run(process.execPath, [troupe, ...args], { timeoutMs: 300_000 });
    t.log(stdout);
    t.is(status, 0, stderr);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    t.deepEqual(
      report.faults.map(({ fault, victim, outcome }) => [fault, victim, outcome]),
      [
        ['kill', 'dockerd', 'took-effect'],
        ['kill', 'containerd', 'took-effect'],
        ['freeze', 'dockerd', 'took-effect'],
      ],
    );
    const service = report.probes.find(({ name }) => name === 'service');
    t.true((service?.attempts ?? 0) > 500);
    t.is(service?.failures, 0, 'no request failed: containers run on');
    const left = run('ps', ['-eo', 'args'])
      .stdout.split('\n')
      .filter((line) => line.includes(report.target.name));
    t.deepEqual(left, []);
  },
);
