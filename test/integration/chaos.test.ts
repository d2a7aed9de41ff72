import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { Report } from '../../src/chaos/index.ts';
import { chromiumProgram, launch } from './browser.ts';
import { eventually, type Result, run } from './cluster.ts';

/** `troupe chaos` on clusters of its own, with simulated containers: verdict, page, comparison, the end by Ctrl-C. */
const troupe = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'troupe.js');
const folder = mkdtempSync(join(tmpdir(), 'troupe-chaos-test-'));
const [json, html] = [join(folder, 'report.json'), join(folder, 'report.html')];

test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
});

const chaos = (...args: string[]): Result => run(process.execPath, [troupe, 'chaos', ...args], { timeoutMs: 300_000 });

function scenario(name: string, lines: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `name: ${name}\nsummary: A test.\ntopology: { nodes: 2, runtime: simulated }\n${lines}`);
  return file;
}

test.serial('a short run keeps its promises, and its report says how long each recovery took', (t) => {
  const file = scenario(
    'short',
    `duration: 25s
workload: { registers: 2, creates: 4, watches: 1, rollout: 1, nats: 1 }
faults:
  - { at: 2s, fault: kill, strikes: agent }
  - { at: 7s, fault: kill, strikes: member }
  - { at: 16s, fault: api-abuse }
  - { at: 20s, fault: clock-jump, for: 2s, amount: 60 }
  - { at: 10s, fault: actor-stall, for: 1s }
  - { at: 12s, fault: actor-duplicate, for: 1s }
  - { at: 20s, fault: member-replacement }
invariants:
  [linearisable, nothing-lost, nothing-twice, watches-complete, watches-ordered, rollout-bounds, cluster-heals]
`,
  );
  const { status, stdout, stderr } = chaos('run', file, '--json', json, '--html', html);
  t.log(stdout);
  t.is(status, 0, stderr);
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
  t.is(report.verdict, 'kept');
  t.true(report.invariants.every(({ outcome }) => outcome === 'held'));
  t.deepEqual(report.faults.map(({ fault, outcome }) => [fault, outcome]).sort(), [
    ['actor-duplicate', 'took-effect'],
    ['actor-stall', 'took-effect'],
    ['api-abuse', 'took-effect'],
    ['clock-jump', 'took-effect'],
    ['kill', 'took-effect'],
    ['kill', 'took-effect'],
    ['member-replacement', 'impossible'],
  ]);
  const death = report.recoveries.find(({ fault, probe }) => fault === 'kill member' && probe === 'writes');
  t.true((death?.max ?? 0) > 0, 'clients felt that the only member died');
  const acknowledged = report.workloads.find(({ name }) => name === 'creates')?.counts['acknowledged'] ?? 0;
  t.true(acknowledged > 50, `${acknowledged} creates were acknowledged`);
  t.false(existsSync(report.target.name), 'its cluster is gone');
});

const chromium = chromiumProgram();
if (chromium === undefined) console.log('skipped: no Chromium is installed to open the page in');
(chromium === undefined ? test.serial.skip : test.serial)('the page shows itself in a real browser', async (t) => {
  const browser = await launch(chromium ?? '');
  try {
    const page = await browser.newPage({ viewport: { width: 1_240, height: 1_000 } });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('requestfailed', (request) => complaints.push(request.url()));
    await page.goto(pathToFileURL(html).href);
    t.is(await page.locator('.verdict').textContent(), 'kept');
    t.is(await page.locator('#timeline .fault').count(), 6);
    t.true((await page.locator('#timeline .lane').count()) >= 4);
    t.regex((await page.locator('#recoveries').textContent()) ?? '', /kill member/);
    t.true((await page.locator('#timeline svg').boundingBox())?.width !== 0);
    t.deepEqual(complaints, []);
    const picture = join(folder, 'report.png');
    await page.screenshot({ path: picture });
    if (process.env['TROUPE_PICTURES'] !== undefined)
      copyFileSync(picture, join(process.env['TROUPE_PICTURES'], 'chaos-report.png'));
  } finally {
    await browser.close();
  }
});

test.serial('a report compares with itself as the same', (t) => {
  const { status, stdout } = chaos('compare', json, json);
  t.is(status, 0);
  t.notRegex(stdout, /better|worse/);
});

test.serial('Ctrl-C lets what stands still go on, and removes the cluster', async (t) => {
  const file = scenario(
    'broken-off',
    `duration: 10m
workload: { creates: 2 }
faults: [{ at: 1s, fault: freeze, strikes: agent, for: 9m }]
`,
  );
  const child = spawn(process.execPath, [troupe, 'chaos', 'run', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text.toString();
    });
  const [, frozen] = await eventually('the fault', () => /says that (\d+) stand still/.exec(said) ?? false, 120_000);
  const [, home = ''] = /\) in (\S+)/.exec(said) ?? [];
  t.true(existsSync(home) && existsSync(`/proc/${frozen ?? ''}`));
  child.kill('SIGINT');
  await eventually('the run to end', () => child.exitCode !== null, 120_000);
  t.is(child.exitCode, 3, said);
  t.regex(said, /the run was broken off/);
  t.false(existsSync(home), 'the cluster is gone');
  t.false(existsSync(`/proc/${frozen ?? ''}`), 'and so is what stood still');
});

test('a cluster that the run did not make is not broken unasked, and a sick one is told', (t) => {
  const refused = chaos('run', 'smoke', '--home', folder);
  t.is(refused.status, 2);
  t.regex(refused.stderr, /is not this run's own; add --i-own-this-cluster/);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    `current-context: a
contexts: [{ name: a, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:9' } }]
users: [{ name: u, user: { token: t } }]
`,
  );
  const sick = chaos('run', 'any-cluster', '--kubeconfig', kubeconfig, '--i-own-this-cluster');
  t.is(sick.status, 4);
  t.regex(sick.stderr, /cannot be reached: GET \/version: connect ECONNREFUSED/);
});

test('a scenario with a mistake is refused with its line', (t) => {
  const { status, stderr } = chaos('explain', scenario('wrong', 'duration: 3\nworkload: { creates: 1 }\n'));
  t.is(status, 2);
  t.regex(stderr, /wrong\.yaml:4: duration: 3: expected a time such as 500ms, 3s or 2m/);
});
