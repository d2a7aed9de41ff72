import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, run } from './cluster.ts';

/**
 * A Docker engine of the test's own, beside the machine's: it may be killed. Containers run on while it is away (live
 * restore).
 */
export class DockerEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-dockerd-'));
  readonly socket = join(this.folder, 'docker.sock');
  #daemon: ChildProcess | undefined;

  async start(): Promise<void> {
    const args = [
      '--data-root',
      join(this.folder, 'data'),
      '--exec-root',
      join(this.folder, 'exec'),
      '--pidfile',
      join(this.folder, 'pid'),
      '-H',
      `unix://${this.socket}`,
      '--bridge',
      'none',
      '--iptables=false',
      '--ip6tables=false',
      '--live-restore',
      '--log-level',
      'warn',
    ];
    this.#daemon = spawn('/usr/sbin/dockerd', args, { stdio: 'ignore' });
    await eventually('the engine to answer', () => this.docker('version').status === 0);
  }

  /** kill -9, as a crash would. */
  kill(): void {
    this.#daemon?.kill('SIGKILL');
  }

  docker(...args: string[]): ReturnType<typeof run> {
    return run('docker', ['-H', `unix://${this.socket}`, ...args]);
  }

  async stop(): Promise<void> {
    this.#daemon?.kill('SIGTERM');
    await eventually('the engine to end', () => this.#daemon?.exitCode !== null || this.#daemon.signalCode !== null);
    run('pkill', ['-KILL', '-f', this.folder]);
    for (const mount of run('findmnt', ['-rno', 'TARGET'])
      .stdout.split('\n')
      .filter((target) => target.startsWith(this.folder))
      .reverse())
      run('umount', ['-l', mount]);
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true, force: true });
  }
}
