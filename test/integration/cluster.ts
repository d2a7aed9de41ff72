import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort as freePortOf } from '../../src/platform/free-port.ts';

const root = resolve(import.meta.dirname, '..', '..');
const troupeProgram = join(root, 'dist', 'troupe.js');

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Status {
  readonly cluster: string;
  readonly members: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly role: string;
    readonly url: string;
    readonly leader: boolean;
  }[];
  readonly nodes: readonly { readonly name: string; readonly pid: number | null; readonly ready: boolean }[];
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string>; readonly timeoutMs?: number } = {},
): Result {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: options.timeoutMs ?? 180_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  return { status: status ?? 1, stdout, stderr };
}

/**
 * Polls until `probe` gives a value; the error after `withinMs` says what was last seen. The default leaves room for a
 * slow machine that is busy with other things: a test that is about how long something takes measures it.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`${what} did not happen within ${withinMs} ms${last instanceof Error ? `: ${last.message}` : ''}`);
}

export const freePort = (): Promise<number> => freePortOf('0.0.0.0');

/**
 * Kills a process, or sends it another signal. Throws when it is not known: process 0 would be the test itself with all
 * its children.
 */
export function signalProcess(pid: number | null | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === undefined || pid === null || !(pid > 0)) throw new Error(`no process is known to send ${signal} to`);
  process.kill(pid, signal);
}

/** A real cluster of its own, with address ranges apart from those of a cluster that the developer may be running. */
export class Cluster {
  readonly home: string;
  readonly name: string;
  readonly port: number;

  private constructor(home: string, name: string, port: number) {
    this.home = home;
    this.name = name;
    this.port = port;
  }

  static async create(
    name: string,
    upArguments: readonly string[] = [],
    settings: readonly string[] = [],
  ): Promise<Cluster> {
    const home = mkdtempSync(join(tmpdir(), `troupe-${name}-`));
    const cluster = new Cluster(home, name, await freePort());
    const apart = settings.includes('network:')
      ? []
      : ['network:', '  podCidr: 10.245.0.0/16', '  serviceCidr: 10.97.0.0/16', '  dnsAddress: 10.97.0.10'];
    writeFileSync(join(home, 'config.yaml'), [...apart, ...settings, ''].join('\n'));
    const started = cluster.up(upArguments);
    if (started.status !== 0) {
      const output = existsSync(join(home, 'logs', 'member-1.out'))
        ? readFileSync(join(home, 'logs', 'member-1.out'), 'utf8')
        : '';
      // Some of its processes may run.
      cluster.destroy();
      throw new Error(`troupe up failed: ${started.stderr}\n${output.slice(-4_000)}`);
    }
    return cluster;
  }

  up(args: readonly string[] = []): Result {
    return this.troupe('up', '--cluster', this.name, '--api-port', String(this.port), ...args);
  }

  troupe(...args: string[]): Result {
    return run(process.execPath, [troupeProgram, ...args], { env: { TROUPE_HOME: this.home } });
  }

  /** Like `troupe`, while this process goes on. */
  troupeMeanwhile(...args: string[]): Promise<Result> {
    const child = spawn(process.execPath, [troupeProgram, ...args], {
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, TROUPE_HOME: this.home },
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text: Buffer) => {
      said.stdout += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      said.stderr += text.toString();
    });
    return new Promise((resolve) => {
      child.on('close', (status) => {
        resolve({ status: status ?? 1, ...said });
      });
    });
  }

  status(): Status {
    return JSON.parse(this.troupe('status', '-o', 'json').stdout) as Status;
  }

  kubectl(...args: string[]): Result {
    return run('kubectl', ['--kubeconfig', this.kubeconfig, ...args]);
  }

  /** Like `kubectl`, but a failure is thrown with what it said. */
  must(...args: string[]): string {
    const result = this.kubectl(...args);
    if (result.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr || result.stdout}`);
    return result.stdout;
  }

  apply(manifest: string, ...args: string[]): string {
    const result = run('kubectl', ['--kubeconfig', this.kubeconfig, 'apply', '-f', '-', ...args], { input: manifest });
    if (result.status !== 0) throw new Error(`kubectl apply: ${result.stderr}`);
    return result.stdout;
  }

  background(...args: string[]): ChildProcess {
    return spawn('kubectl', ['--kubeconfig', this.kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  get kubeconfig(): string {
    return join(this.home, 'kubeconfig');
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** The administrator's bearer token. */
  get token(): string {
    return (JSON.parse(readFileSync(join(this.home, 'nats.json'), 'utf8')) as { token: string }).token;
  }

  get ca(): string {
    return readFileSync(join(this.home, 'pki', 'ca.crt'), 'utf8');
  }

  destroy(): Result {
    const result = this.troupe('down', '--purge');
    rmSync(this.home, { recursive: true, force: true });
    return result;
  }

  /** Keeps logs of a failed run where CI shows them. */
  logs(): string {
    return existsSync(join(this.home, 'logs')) ? this.troupe('logs', '-n', '200').stdout : '';
  }
}

/** A folder under the cluster's home for manifests that kubectl needs as files. */
export function manifestFile(cluster: Cluster, name: string, text: string): string {
  const folder = join(cluster.home, 'manifests');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
