import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { Cluster, run } from './cluster.ts';

/**
 * Replays recorded exchanges with a Kubernetes API server, where they are at hand beside the checkout. All must agree;
 * how many do is printed.
 */
const recordings = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'kubernetes', 'replay');

/** The users of the recordings, as a module that knows their tokens. */
const usersModule = `
const users = {
  'admin-token': ['admin', 'system:masters'],
  'alice-token': ['alice', 'dev-team'],
  'bob-token': ['bob', 'ops-team'],
};
export default () => ({
  name: 'recorded-users',
  token: (token) =>
    users[token] === undefined ? undefined : { user: { name: users[token][0], groups: [users[token][1]] } },
});
`;

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly steps: readonly {
    readonly scenario: string;
    readonly step: number;
    readonly name?: string;
    readonly ok: boolean;
    readonly diff?: unknown;
  }[];
}

test('recorded exchanges with a Kubernetes API server are answered alike', async (t) => {
  t.timeout(700_000);
  if (!existsSync(join(recordings, 'replay.mjs'))) {
    t.log('skipped: no recorded exchanges beside this checkout (shared/kubernetes/replay)');
    t.pass();
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'troupe-users-'));
  const users = join(folder, 'users.mjs');
  writeFileSync(users, usersModule);
  const cluster = await Cluster.create(
    'replay',
    ['--nodes', '0'],
    ['network:', '  serviceCidr: 10.96.0.0/16', 'authentication:', `  modules: ['${users}']`],
  );
  try {
    const file = join(cluster.home, 'report.json');
    const replay = run(
      process.execPath,
      [join(recordings, 'replay.mjs'), 'check', '--server', cluster.url, '--json', file],
      { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, timeoutMs: 600_000 },
    );
    if (!existsSync(file)) throw new Error(`the replay ended early: ${replay.stderr}`);
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    const scenarios = Map.groupBy(report.steps, (step) => step.scenario);
    const agreeing = [...scenarios].filter(([, steps]) => steps.every((step) => step.ok)).map(([name]) => name);
    t.log(
      `${agreeing.length} of ${scenarios.size} scenarios agree, ${report.passed} of ` +
        `${report.passed + report.failed} steps`,
    );
    const differing = report.steps.filter((step) => !step.ok);
    t.deepEqual(
      differing.map((step) => `${step.scenario} [${step.step}] ${step.name ?? ''}: ${JSON.stringify(step.diff)}`),
      [],
    );
  } finally {
    cluster.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
});
