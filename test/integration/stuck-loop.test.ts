import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { Cluster, eventually, signalProcess } from './cluster.ts';

/** Processes whose event loops stand still are ended; those that were stopped, or that a debugger holds, are not. */
const platform = resolve(import.meta.dirname, '..', '..', 'src', 'platform', 'loop-watch.ts');
const folder = mkdtempSync(join(tmpdir(), 'troupe-stuck-'));
const children: ChildProcess[] = [];
let cluster: Cluster | undefined;

test.after.always(() => {
  for (const child of children) child.kill('SIGKILL');
  cluster?.destroy();
  rmSync(folder, { recursive: true, force: true });
});

interface Watched {
  readonly pid: number;
  /** Of its end; undefined while it lives. */
  readonly signal: () => string | null | undefined;
  readonly log: string;
}

/** A process that is watched closely, and blocks its loop after half a second when it is told to. */
async function watched(name: string, { blocks, flags = [] }: { blocks: boolean; flags?: string[] }): Promise<Watched> {
  const log = join(folder, `${name}.log`);
  const ready = join(folder, `${name}.ready`);
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs';
import { watchEventLoop } from ${JSON.stringify(pathToFileURL(platform).href)};
const log = { warn: (...said) => { throw new Error(JSON.stringify(said)); } };
watchEventLoop({ name: ${JSON.stringify(name)}, logFile: ${JSON.stringify(log)}, log, beatMs: 50, stuckMs: 1_000 });
setInterval(() => undefined, 1_000);
function spinsForEver() { for (;;); }
setTimeout(() => {
  writeFileSync(${JSON.stringify(ready)}, '');
  if (${String(blocks)}) spinsForEver();
}, 500);
`,
  );
  const child = spawn(process.execPath, [...flags, file], { stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  await eventually('the process to be ready', () => existsSync(ready));
  return {
    pid: child.pid ?? 0,
    signal: () => (child.exitCode === null && child.signalCode === null ? undefined : child.signalCode),
    log,
  };
}

test('a loop that does not turn any more ends its process, and the log says where it stood', async (t) => {
  const { signal, log } = await watched('spinning', { blocks: true });
  await eventually('its end', () => signal() !== undefined);
  t.is(signal(), 'SIGKILL');
  const [line = '', ...others] = readFileSync(log, 'utf8').trim().split('\n');
  t.deepEqual(others, []);
  const said = JSON.parse(line) as Record<string, string>;
  t.is(said['process'], 'spinning');
  t.is(said['message'], 'the event loop stood still for 1 s; restarting the process');
  t.regex(said['stack'] ?? '', /^spinsForEver \(.*spinning\.mjs:6\)/);
});

test('a process that was stopped for longer than its loop may stand still goes on', async (t) => {
  const { pid, signal, log } = await watched('stopped', { blocks: false });
  for (let round = 0; round < 3; round += 1) {
    signalProcess(pid, 'SIGSTOP');
    const began = performance.now();
    await eventually('the time to pass', () => performance.now() - began > 2_500);
    signalProcess(pid, 'SIGCONT');
    const woke = performance.now();
    await eventually('the time to pass', () => performance.now() - woke > 1_500);
    t.is(signal(), undefined);
  }
  t.false(existsSync(log));
});

test('a loop that a debugger may hold is left alone', async (t) => {
  const { signal, log } = await watched('debugged', { blocks: true, flags: ['--inspect=127.0.0.1:0'] });
  const began = performance.now();
  await eventually('the time to pass', () => performance.now() - began > 3_000);
  t.is(signal(), undefined);
  t.false(existsSync(log));
});

test('a member whose loop stands still is ended and starts again with its data', async (t) => {
  t.timeout(240_000);
  const stop = join(folder, 'stop');
  const preload = join(folder, 'preload.mjs');
  writeFileSync(
    preload,
    `import { existsSync, rmSync } from 'node:fs';
if (process.argv.includes('run-member'))
  setInterval(() => {
    if (!existsSync(${JSON.stringify(stop)})) return;
    rmSync(${JSON.stringify(stop)});
    for (;;);
  }, 200).unref();
`,
  );
  process.env['NODE_OPTIONS'] = `--import ${pathToFileURL(preload).href}`;
  try {
    cluster = await Cluster.create('stuck', ['--nodes', '0']);
  } finally {
    delete process.env['NODE_OPTIONS'];
  }
  const own = cluster;
  own.must('create', 'configmap', 'before');
  const pid = own.status().members[0]?.pid;
  writeFileSync(stop, '');
  const began = performance.now();
  await eventually(
    'another process of the member',
    () => {
      const [member] = own.status().members;
      return member?.pid !== pid && member?.role === 'leader';
    },
    150_000,
  );
  t.log(`it served again after ${Math.round((performance.now() - began) / 1_000)} s`);
  t.is(own.must('get', 'configmap', 'before', '-o', 'name').trim(), 'configmap/before');
  t.regex(
    readFileSync(join(own.home, 'logs', 'member-1.log'), 'utf8'),
    /"message":"the event loop stood still for 60 s; restarting the process"/,
  );
});
