/** A machine with a Docker engine of its own, which a keeper starts again when it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { delay, type Timers } from '../../../base/index.ts';
import { runMeanwhile, systemProgram } from '../programs.ts';
import { processesOf, removeGroups } from './engine-processes.ts';
import type { MachineNetwork } from './machine-network.ts';

interface EngineMachineOptions {
  readonly number: number;
  /** Where it keeps its files, below which are those of its engine. */
  readonly folder: string;
  readonly network: MachineNetwork;
  readonly timers: Timers;
  readonly answers: (socket: string) => Promise<boolean>;
}

/** What docker.service has as RestartSec. */
const restartMs = 2_000;
const startTries = 600;
const endTries = 300;
const pollMs = 100;

/** Its clients reach it by its socket, whatever its network does. */
export class EngineMachine {
  readonly name: string;
  readonly number: number;
  readonly address: string;
  readonly socket: string;
  readonly #options: EngineMachineOptions;
  #engine: ChildProcess | undefined;
  /** Nobody starts an engine that ends. */
  #off = true;

  constructor(options: EngineMachineOptions) {
    this.#options = options;
    this.number = options.number;
    this.name = `machine-${options.number}`;
    this.address = options.network.addressOf(options.number);
    this.socket = join(options.folder, 'docker.sock');
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** The process of its engine, if it lives. */
  get pid(): number | undefined {
    const child = this.#engine;
    return child === undefined || child.exitCode !== null || child.signalCode !== null ? undefined : child.pid;
  }

  /** Resolves when its engine answers. */
  async start(): Promise<void> {
    await this.powerOn();
    await this.#answers();
  }

  /** Connects it and starts its engine. */
  async powerOn(): Promise<void> {
    await this.#options.network.plug(this.number);
    this.#off = false;
    this.#run();
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < startTries; tries++) {
      if (await this.#options.answers(this.socket)) return;
      await delay(this.#options.timers, pollMs);
    }
    throw new Error(`the engine of ${this.name} does not answer: ${this.#said()}`);
  }

  /** Ends the engine as its service does, and starts it again. */
  async restart(): Promise<void> {
    const before = this.#engine;
    before?.kill('SIGTERM');
    for (let tries = 0; tries < endTries && this.pid === before?.pid; tries++)
      await delay(this.#options.timers, pollMs);
    if (this.pid === before?.pid) throw new Error(`the engine of ${this.name} does not end`);
    await this.#answers();
  }

  /** The power goes: no process is left, no network, and nothing of what a start of the machine makes anew. */
  async die(): Promise<readonly number[]> {
    const { folder, network } = this.#options;
    this.#off = true;
    const killed = new Set<number>();
    for (let tries = 0; tries < endTries; tries++) {
      const pids = this.#processes();
      if (pids.length === 0) break;
      for (const pid of pids) {
        killed.add(pid);
        signal(pid);
      }
      await delay(this.#options.timers, pollMs);
    }
    const left = this.#processes();
    if (left.length > 0) throw new Error(`processes ${left.join(', ')} of ${this.name} live on`);
    await network.unplug(this.number);
    await unmountBelow(folder);
    for (const each of ['exec', 'docker.pid', 'docker.sock'])
      rmSync(join(folder, each), { recursive: true, force: true });
    removeGroups(this.#group);
    return [...killed];
  }

  /** For the end of a run: what is left of it goes. */
  async remove(): Promise<void> {
    await this.die();
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  get #group(): string {
    return `troupe-chaos-${process.pid}-${this.number}`;
  }

  #processes(): readonly number[] {
    const { folder, network } = this.#options;
    const space = `/run/netns/${network.spaceOf(this.number)}`;
    return processesOf({ folder: `${folder}/`, group: this.#group, space });
  }

  #run(): void {
    const { folder, network, timers } = this.#options;
    const files = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
    const own = ['--pidfile', join(folder, 'docker.pid'), '-H', `unix://${this.socket}`];
    const log = openSync(join(folder, 'log'), 'a');
    const engine = systemProgram('dockerd') ?? 'dockerd';
    const named = ['unshare', '--uts', '/bin/sh', '-c', `hostname ${this.name}; exec "$0" "$@"`, engine];
    const group = ['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${this.#group}`];
    const space = `--net=/run/netns/${network.spaceOf(this.number)}`;
    const child = spawn('nsenter', [space, ...named, ...files, ...own, ...group], {
      stdio: ['ignore', log, log],
      // Ctrl-C in the terminal is for the run alone.
      detached: true,
    });
    closeSync(log);
    child.on('error', () => undefined);
    child.on('exit', () => {
      if (this.#off) return;
      timers.after(restartMs, () => {
        if (!this.#off) this.#run();
      });
    });
    this.#engine = child;
  }

  #said(): string {
    const log = join(this.#options.folder, 'log');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' | ') : 'it said nothing';
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function unmountBelow(folder: string): Promise<void> {
  const mounted = (await runMeanwhile('findmnt', ['-rno', 'TARGET'])).stdout.split('\n');
  const below = mounted.filter((each) => each.startsWith(`${folder}/`)).reverse();
  if (below.length > 0) await runMeanwhile('umount', ['-l', ...below]);
}
