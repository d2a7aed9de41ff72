/** A Docker engine of the run's own, which is started again when it ends, as its service does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { delay, type Timers } from '../../base/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import { processesOf, removeGroups } from './engine-processes.ts';
import { run, runMeanwhile, systemProgram } from './programs.ts';

interface KeptEngineOptions {
  /** For errors. */
  readonly name: string;
  /** Where it keeps its files; nothing else is there. */
  readonly folder: string;
  /** The control group of its containers: a name that nothing else has. */
  readonly group: string;
  /** The file of the network namespace that it runs in; undefined: that of this process. */
  readonly space?: string | undefined;
  /** What it calls its machine; undefined: as it is. */
  readonly hostname?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly timers: Timers;
}

/** What docker.service has as RestartSec. */
const restartMs = 2_000;
const startTries = 600;
const endTries = 300;
const pollMs = 100;
const answerMs = 1_000;
const needed = ['dockerd', 'docker', 'containerd', 'runc', 'nsenter', 'unshare', 'findmnt', 'umount'];

/** Why there can be no engine of its own on this machine; undefined: there can. */
export function engineProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'a Docker engine of its own needs root rights';
  const missing = needed.filter((name) => systemProgram(name) === undefined);
  return missing.length === 0 ? undefined : `a Docker engine of its own needs ${missing.join(', ')}`;
}

/** Saves an image of this machine's engine to a file. Throws where it has none. */
export function saveImage(image: string, file: string): void {
  const { status, stderr } = run('docker', ['save', '-o', file, image]);
  if (status === 0) return;
  throw new Error(`the Docker engine of this machine has no ${image} (${stderr.trim()}); --image names another`);
}

export class KeptEngine {
  readonly socket: string;
  readonly #options: KeptEngineOptions;
  #process: ChildProcess | undefined;
  /** Nobody starts it when it ends. */
  #off = true;

  constructor(options: KeptEngineOptions) {
    this.#options = options;
    this.socket = join(options.folder, 'docker.sock');
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** Its process, if it lives. */
  get pid(): number | undefined {
    const child = this.#process;
    return child === undefined || child.exitCode !== null || child.signalCode !== null ? undefined : child.pid;
  }

  /** The process of its containerd, if it lives: an engine takes over one that it finds. */
  get containerd(): number | undefined {
    const file = join(this.#options.folder, 'exec', 'containerd', 'containerd.pid');
    const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    const name = `/proc/${pid}/comm`;
    return pid !== '' && existsSync(name) && readFileSync(name, 'utf8').trim() === 'containerd'
      ? Number(pid)
      : undefined;
  }

  begin(): void {
    this.#off = false;
    this.#run();
  }

  /** Resolves when it answers. */
  async answers(): Promise<void> {
    const api = new ApiClient({ urls: [`unix://${this.socket}`] });
    try {
      for (let tries = 0; tries < startTries; tries++) {
        const outcome = await api.call({ path: '/_ping', timeoutMs: answerMs });
        if (outcome.type === 'answered' && outcome.status === 200) return;
        await delay(this.#options.timers, pollMs);
      }
    } finally {
      api.close();
    }
    throw new Error(`the engine of ${this.#options.name} does not answer: ${this.#said()}`);
  }

  /** Takes the images of a file. */
  async load(file: string): Promise<void> {
    const { status, stderr } = await runMeanwhile('docker', ['-H', `unix://${this.socket}`, 'load', '-q', '-i', file]);
    if (status !== 0) throw new Error(`the engine of ${this.#options.name} does not take the image: ${stderr.trim()}`);
  }

  /** Ends it in peace; resolves when the next one answers. */
  async restart(): Promise<void> {
    const before = this.#process;
    before?.kill('SIGTERM');
    for (let tries = 0; tries < endTries && this.pid === before?.pid; tries++)
      await delay(this.#options.timers, pollMs);
    if (this.pid === before?.pid) throw new Error(`the engine of ${this.#options.name} does not end`);
    await this.answers();
  }

  /** No process of it or its containers is left, nor what a start of its machine makes anew. Answers how many died. */
  async die(): Promise<number> {
    this.#off = true;
    const killed = new Set<number>();
    for (let tries = 0; tries < endTries; tries++) {
      const pids = this.#processes();
      if (pids.length === 0) break;
      for (const pid of pids) signal(killed, pid);
      await delay(this.#options.timers, pollMs);
    }
    const left = this.#processes();
    if (left.length > 0) throw new Error(`processes ${left.join(', ')} of ${this.#options.name} live on`);
    const { folder, group } = this.#options;
    await unmountBelow(folder);
    for (const each of ['exec', 'docker.pid', 'docker.sock'])
      rmSync(join(folder, each), { recursive: true, force: true });
    removeGroups(group);
    return killed.size;
  }

  /** For the end of a run. */
  async remove(): Promise<void> {
    await this.die();
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  #processes(): readonly number[] {
    const { folder, group, space } = this.#options;
    return processesOf({ folder: `${folder}/`, group, space });
  }

  #run(): void {
    const { folder, group, space, hostname, flags = [], timers } = this.#options;
    const log = openSync(join(folder, 'log'), 'a');
    const files = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
    const own = ['--pidfile', join(folder, 'docker.pid'), '-H', `unix://${this.socket}`];
    const groups = ['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${group}`];
    const within = space === undefined ? [] : ['nsenter', `--net=${space}`];
    const naming = hostname === undefined ? '' : `hostname ${hostname}; `;
    const named = ['unshare', '--uts', '/bin/sh', '-c', `${naming}exec "$0" "$@"`, systemProgram('dockerd') ?? ''];
    const [program = '', ...rest] = [...within, ...named, ...files, ...own, ...groups, ...flags];
    // Ctrl-C in the terminal is for the run alone.
    const child = spawn(program, rest, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.on('error', () => undefined);
    child.on('exit', () => {
      timers.after(restartMs, () => {
        if (!this.#off && this.#process === child) this.#run();
      });
    });
    this.#process = child;
  }

  #said(): string {
    const log = join(this.#options.folder, 'log');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' | ') : 'it said nothing';
  }
}

function signal(killed: Set<number>, pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
    killed.add(pid);
  } catch {
    // It has ended meanwhile.
  }
}

async function unmountBelow(folder: string): Promise<void> {
  const mounted = (await runMeanwhile('findmnt', ['-rno', 'TARGET'])).stdout.split('\n');
  const below = mounted.filter((each) => each.startsWith(`${folder}/`)).reverse();
  if (below.length > 0) await runMeanwhile('umount', ['-l', ...below]);
}
