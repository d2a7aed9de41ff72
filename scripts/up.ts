/** `npm run up`: builds, starts a cluster on this machine, deploys examples/hello and shows it at work. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import ora from 'ora';
import { buildIfStale } from './build.ts';
import { ensureBusyboxImage } from './example-image.ts';
import { handOver, rerunAsRoot } from './root-rights.ts';

const root = resolve(import.meta.dirname, '..');
const home = process.env['TROUPE_HOME'] ?? join(homedir(), '.troupe', 'local');
const environment = { ...process.env, TROUPE_HOME: home, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function execute(program: string, args: readonly string[]): Result {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: environment, cwd: root });
  return { status: status ?? 1, stdout, stderr: error === undefined ? stderr : error.message };
}

const troupe = (...args: string[]): Result => execute(process.execPath, [join(root, 'dist', 'troupe.js'), ...args]);
const kubectl = (...args: string[]): Result =>
  execute('kubectl', [
    '--kubeconfig',
    join(home, 'kubeconfig'),
    '--cache-dir',
    join(home, 'run', 'kubectl-cache'),
    ...args,
  ]);

/** Runs one step with a spinner; a step that fails ends everything with what it said. */
async function step<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  const spinner = ora(title).start();
  const started = performance.now();
  try {
    const result = await work();
    spinner.succeed(`${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    spinner.fail(title);
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function must(result: Result): string {
  if (result.status !== 0) throw new Error((result.stderr || result.stdout).trim());
  return result.stdout;
}

function start(): void {
  const result = troupe('up');
  if (result.status !== 0 && !result.stderr.includes('is already running from')) throw new Error(result.stderr.trim());
}

async function rolledOut(): Promise<void> {
  let last = '';
  for (let i = 0; i < 300; i++) {
    const ready = kubectl(
      'get',
      'deployment',
      'hello',
      '-o',
      'jsonpath={.status.readyReplicas}/{.spec.replicas}',
    ).stdout;
    if (ready === '3/3') return;
    if (ready !== last) last = ready;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error(
    `the example did not become ready (${last || '0'} pods ready):\n` +
      `${kubectl('describe', 'pods', '-l', 'app=hello').stdout}\n${kubectl('get', 'events').stdout}`,
  );
}

async function answer(): Promise<string> {
  const address = must(kubectl('get', 'service', 'hello', '-o', 'jsonpath={.spec.clusterIP}'));
  for (let i = 0; ; i++) {
    try {
      const response = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2_000) });
      return `http://${address}/ → ${response.status} ${(await response.text()).trim()}`;
    } catch (error) {
      if (i >= 50) throw new Error(`the Service at ${address} does not answer`, { cause: error });
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }
}

await step('building', buildIfStale);
rerunAsRoot(import.meta.filename);
await step('starting the cluster', start);
await step("making the example's image from busybox", () => {
  ensureBusyboxImage('troupe.local/hello:1');
});
await step('applying examples/hello', () => must(kubectl('apply', '-f', join(root, 'examples', 'hello'))));
await step('waiting for its three pods', rolledOut);
const page = await step('asking its Service', answer);

handOver(home);
const kubeconfig = readFileSync(join(home, 'kubeconfig'), 'utf8');
const server = /server: (\S+)/.exec(kubeconfig)?.[1] ?? '';
console.log(`\n${must(kubectl('get', 'pods', '-A', '-o', 'wide'))}`);
console.log(page);
console.log(`\nkubeconfig:  ${join(home, 'kubeconfig')}     (export KUBECONFIG=${join(home, 'kubeconfig')})`);
console.log(`dashboard:   ${server}/troupe/     (its token is in ${join(home, 'nats.json')})`);
console.log('next:        npx troupe tree · npx troupe status · npm run down');
