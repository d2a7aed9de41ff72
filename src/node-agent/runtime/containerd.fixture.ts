/** For tests: a containerd of their own, with its CRI plug-in on, beside the one that Docker has. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyboxArchive, until } from './busybox-image.fixture.ts';

const programs = ['/usr/bin/containerd', '/usr/bin/ctr', '/usr/bin/busybox'];

/** Why containerd cannot be tried here; undefined when it can. */
export function missingForContainerd(): string | undefined {
  if (process.getuid?.() !== 0) return 'containerd needs root';
  const absent = programs.find((program) => !existsSync(program));
  if (absent !== undefined) return `no ${absent}`;
  return ['/usr/sbin/runc', '/usr/bin/runc', '/usr/bin/crun'].some((path) => existsSync(path)) ? undefined : 'no runc';
}

export class ContainerdEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-containerd-'));
  readonly socket = join(this.folder, 'containerd.sock');
  readonly logFolder = join(this.folder, 'logs');
  #daemon: ChildProcess | undefined;

  /** Also again after `kill`. Resolves when it answers. */
  async start(): Promise<void> {
    writeFileSync(join(this.folder, 'config.toml'), this.#config());
    mkdirSync(join(this.folder, 'cni'), { recursive: true });
    this.#daemon = spawn('/usr/bin/containerd', ['--config', join(this.folder, 'config.toml')], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    });
    await until('containerd to answer', () => {
      try {
        this.ctr('version');
        return true;
      } catch {
        return false;
      }
    });
  }

  #config(): string {
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    return `version = 2
root = "${this.folder}/root"
state = "${this.folder}/state"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "${this.socket}"
[${cri}]
  sandbox_image = "troupe/sandbox:1"
  restrict_oom_score_adj = true
  enable_cdi = true
  stats_collect_period = 1
  netns_mounts_under_state_dir = true
  [${cri}.cni]
    bin_dir = "${this.folder}/cni/bin"
    conf_dir = "${this.folder}/cni/net.d"
[plugins."io.containerd.internal.v1.opt"]
  path = "${this.folder}/opt"
`;
  }

  ctr(...args: string[]): string {
    const address = ['--address', this.socket, '--namespace', 'k8s.io'];
    return execFileSync('/usr/bin/ctr', [...address, ...args], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  }

  /** An image of nothing but the machine's static busybox. */
  async importBusybox(reference: string): Promise<void> {
    const file = join(this.folder, 'busybox.tar');
    writeFileSync(file, await busyboxArchive(reference));
    this.ctr('images', 'import', file);
    rmSync(file);
  }

  /** kill -9, as a crash would; containers run on. */
  async kill(): Promise<void> {
    this.#daemon?.kill('SIGKILL');
    await this.#ended();
  }

  /** Holds it still, as one that hangs. */
  freeze(isFrozen: boolean): void {
    this.#daemon?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async #ended(): Promise<void> {
    await until('containerd to end', () => this.#daemon?.exitCode !== null || this.#daemon.signalCode !== null);
  }

  /** Mounts below its folder: those of containers and their sandboxes. */
  mounts(): readonly string[] {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[4] ?? [])
      .filter((place) => place.startsWith(`${this.folder}/`));
  }

  /** Removes everything; containers that are left are killed with their shims. */
  async stop(): Promise<void> {
    for (const line of this.ctr('tasks', 'ls').split('\n').slice(1)) {
      const [id] = line.split(/\s+/);
      if (id !== undefined && id !== '') this.ctr('tasks', 'rm', '--force', id);
    }
    this.#daemon?.kill('SIGTERM');
    await this.#ended();
    for (const place of this.mounts().toReversed()) execFileSync('umount', ['-l', place]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
