/** For tests: a service of Podman with images and containers of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyboxArchive, until } from './busybox-image.fixture.ts';

/** Why Podman cannot be tried here; undefined when it can. */
export function missingForPodman(): string | undefined {
  if (process.getuid?.() !== 0) return 'the pods of a Podman without root have no bridge';
  return ['/usr/bin/podman', '/usr/sbin/runc', '/usr/bin/busybox']
    .filter((program) => !existsSync(program))
    .map((program) => `no ${program}`)[0];
}

export class PodmanEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-podman-'));
  readonly socket = join(this.folder, 'podman.sock');
  #service: ChildProcess | undefined;

  /** With runc: crun refuses machines with both versions of cgroups. */
  get #arguments(): readonly string[] {
    const { folder } = this;
    return ['--root', `${folder}/root`, '--runroot', `${folder}/run`, '--runtime', '/usr/sbin/runc'];
  }

  async start(): Promise<void> {
    const args = [...this.#arguments, 'system', 'service', '--time=0', `unix://${this.socket}`];
    // What watches over an exec would stay for five minutes after its end.
    const settings = join(this.folder, 'containers.conf');
    writeFileSync(settings, '[engine]\nexit_command_delay = 1\n');
    const env = { ...process.env, CONTAINERS_CONF_OVERRIDE: settings };
    this.#service = spawn('/usr/bin/podman', args, { stdio: 'ignore', env });
    await until('Podman to listen', () => existsSync(this.socket));
  }

  podman(...args: string[]): string {
    const options = { stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    return execFileSync('/usr/bin/podman', [...this.#arguments, ...args], options).toString();
  }

  /** An image of nothing but the machine's static busybox. */
  async importBusybox(reference: string): Promise<void> {
    const file = join(this.folder, 'busybox.tar');
    writeFileSync(file, await busyboxArchive(reference));
    this.podman('load', '-i', file);
    rmSync(file);
  }

  /** kill -9, as a crash would; containers run on. `start` begins another one. */
  async kill(): Promise<void> {
    this.#service?.kill('SIGKILL');
    await this.#ended();
    rmSync(this.socket, { force: true });
  }

  async #ended(): Promise<void> {
    await until('Podman to end', () => this.#service?.exitCode !== null || this.#service.signalCode !== null);
  }

  /** Whether a process has the folder on its command line. */
  #isInUse(): boolean {
    return readdirSync('/proc').some((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.folder);
      } catch {
        return false; // It has ended meanwhile.
      }
    });
  }

  async stop(): Promise<void> {
    this.podman('rm', '--all', '--force', '--time', '0');
    this.podman('rmi', '--all', '--force');
    this.#service?.kill('SIGTERM');
    await this.#ended();
    // What watches over containers begins a clean-up of its own in the folder when they end.
    await until('the last of Podman to end', () => !this.#isInUse());
    rmSync(this.folder, { recursive: true, force: true });
  }
}
