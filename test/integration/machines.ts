import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually, type Result, run } from './cluster.ts';

const troupeProgram = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'troupe.js');

/** Why machines have no IPv6 here; undefined: they have. */
export function ipv6Problem(): string | undefined {
  return existsSync('/proc/net/if_inet6') ? undefined : 'this kernel has no IPv6 (/proc/net/if_inet6 is missing)';
}

/** Why network namespaces cannot stand for machines here; undefined: they can. */
export function machinesProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'root rights are missing';
  if (!existsSync('/usr/sbin/dockerd')) return 'dockerd is not installed';
  const probe = `troupe-probe-${process.pid}`;
  const made = run('ip', ['netns', 'add', probe]);
  run('ip', ['netns', 'del', probe]);
  return made.status === 0 ? undefined : `network namespaces cannot be made (${made.stderr.trim()})`;
}

interface MachinesSettings {
  readonly engines?: boolean;
  readonly subnet?: number;
  readonly outside?: boolean;
  readonly ipv6?: boolean;
}

/**
 * Machines of one layer-2 network: a network namespace and a Docker engine each, joined by a bridge in a namespace of
 * its own.
 */
export class Machines {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-machines-'));
  readonly #prefix = `trp${process.pid}`;
  readonly #subnet: number;
  readonly #machines: Machine[] = [];

  private constructor(subnet: number) {
    this.#subnet = subnet;
  }

  /**
   * `engines: false`: without Docker, for what runs no containers. `subnet`: machines have the addresses
   * 10.77.<subnet>.11 and on. `outside`: one more, without Docker, at 10.77.<subnet>.1, where the others send what
   * they know no other way for. `ipv6`: the machines have fd00:77:<subnet>::11 and on as well.
   */
  static async start(
    count: number,
    { engines = true, subnet = 0, outside = false, ipv6 = false }: MachinesSettings = {},
  ): Promise<Machines> {
    const machines = new Machines(subnet);
    must('ip', 'netns', 'add', machines.#switch);
    must('ip', '-n', machines.#switch, 'link', 'add', 'br0', 'type', 'bridge');
    must('ip', '-n', machines.#switch, 'link', 'set', 'br0', 'up');
    for (let i = 1; i <= count; i++) {
      const [space, address] = [`${machines.#prefix}m${i}`, `10.77.${subnet}.${10 + i}`];
      machines.#plug(`port${i}`, space, address);
      const address6 = `fd00:77:${subnet}::${10 + i}`;
      if (ipv6) must('ip', '-n', space, 'addr', 'add', `${address6}/64`, 'dev', 'eth0', 'nodad');
      machines.#machines.push(new Machine({ space, address, address6, folder: join(machines.folder, String(i)) }));
    }
    if (outside) {
      machines.#plug('outside', machines.outside, machines.outsideAddress);
      for (const { space } of machines.all)
        must('ip', '-n', space, 'route', 'add', 'default', 'via', machines.outsideAddress);
    }
    if (engines) await Promise.all(machines.all.map((machine) => machine.start()));
    return machines;
  }

  get #switch(): string {
    return `${this.#prefix}s`;
  }

  get all(): readonly Machine[] {
    return this.#machines;
  }

  at(number: number): Machine {
    const machine = this.#machines[number - 1];
    if (machine === undefined) throw new Error(`there is no machine ${number}`);
    return machine;
  }

  /** The network namespace of the machine outside. */
  get outside(): string {
    return `${this.#prefix}o`;
  }

  get outsideAddress(): string {
    return `10.77.${this.#subnet}.1`;
  }

  #plug(port: string, space: string, address: string): void {
    must('ip', 'netns', 'add', space);
    // As on a machine where nothing forwards yet: Docker turns it on, and then drops what it does not know.
    must('ip', 'netns', 'exec', space, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=0');
    // Refusals of UDP are ICMP, of which the kernel sends six at once and then one a second to an address.
    const icmp = ['net.ipv4.icmp_ratelimit=0', 'net.ipv4.icmp_msgs_per_sec=100000'];
    must('ip', 'netns', 'exec', space, 'sysctl', '-q', '-w', ...icmp);
    const peer = ['peer', 'name', 'eth0', 'netns', space];
    must('ip', '-n', this.#switch, 'link', 'add', port, 'type', 'veth', ...peer);
    must('ip', '-n', this.#switch, 'link', 'set', port, 'master', 'br0', 'up');
    must('ip', '-n', space, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    must('ip', '-n', space, 'link', 'set', 'eth0', 'up');
    must('ip', '-n', space, 'link', 'set', 'lo', 'up');
  }

  async stop(): Promise<void> {
    for (const machine of this.#machines) await machine.stop();
    for (const space of [...this.#machines.map((machine) => machine.space), this.outside, this.#switch])
      run('ip', ['netns', 'del', space]);
    for (const mount of run('findmnt', ['-rno', 'TARGET'])
      .stdout.split('\n')
      .filter((target) => target.startsWith(this.folder))
      .reverse())
      run('umount', ['-l', mount]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Machine {
  readonly space: string;
  readonly address: string;
  /** What it has with the option `ipv6`. */
  readonly address6: string;
  readonly home: string;
  readonly socket: string;
  readonly #folder: string;
  #daemon: ChildProcess | undefined;

  constructor({
    space,
    address,
    address6,
    folder,
  }: {
    readonly space: string;
    readonly address: string;
    readonly address6: string;
    readonly folder: string;
  }) {
    this.space = space;
    this.address = address;
    this.address6 = address6;
    this.#folder = folder;
    this.home = join(folder, 'home');
    this.socket = join(folder, 'docker.sock');
    mkdirSync(this.home, { recursive: true });
  }

  async start(): Promise<void> {
    const args = [
      '--data-root',
      join(this.#folder, 'data'),
      '--exec-root',
      join(this.#folder, 'exec'),
      '--pidfile',
      join(this.#folder, 'pid'),
      '-H',
      `unix://${this.socket}`,
      '--log-level',
      'warn',
    ];
    this.#daemon = spawn('nsenter', [`--net=/run/netns/${this.space}`, '/usr/sbin/dockerd', ...args], {
      stdio: 'ignore',
    });
    await eventually(
      'the engine to answer',
      () => run('docker', ['-H', `unix://${this.socket}`, 'version']).status === 0,
    );
  }

  /** Processes of Troupe on the machine: the member, or the node's agent. */
  get processes(): readonly number[] {
    const found = run('pgrep', ['-f', `troupe.js (run-member|node) --home ${this.home} `])
      .stdout.trim()
      .split('\n');
    // Their keepers, which start them again, are shells.
    return found.filter((id) => id !== '' && readFileSync(`/proc/${id}/comm`, 'utf8') !== 'sh\n').map(Number);
  }

  /** Runs a program in the machine's network. */
  run(program: string, args: readonly string[], options: Parameters<typeof run>[2] = {}): Result {
    return run('nsenter', [`--net=/run/netns/${this.space}`, program, ...args], options);
  }

  troupe(...args: string[]): Result {
    return this.troupeAt(this.home, ...args);
  }

  /** With another home than the machine's own. */
  troupeAt(home: string, ...args: string[]): Result {
    return this.run(process.execPath, [troupeProgram, ...args], { env: { TROUPE_HOME: home } });
  }

  /** Begins a command and does not wait for it. */
  begin(...args: string[]): ChildProcess {
    return spawn('nsenter', [`--net=/run/netns/${this.space}`, process.execPath, troupeProgram, ...args], {
      stdio: 'ignore',
      env: { ...process.env, TROUPE_HOME: this.home },
    });
  }

  /** Puts the machine's cable out, and in again. */
  plugged(cable: boolean): void {
    must('ip', '-n', this.space, 'link', 'set', 'eth0', cable ? 'up' : 'down');
  }

  kubectl(...args: string[]): Result {
    return this.run('kubectl', ['--kubeconfig', join(this.home, 'kubeconfig'), ...args]);
  }

  must(...args: string[]): string {
    const result = this.kubectl(...args);
    if (result.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr || result.stdout}`);
    return result.stdout;
  }

  apply(manifest: string): void {
    const result = this.run('kubectl', ['--kubeconfig', join(this.home, 'kubeconfig'), 'apply', '-f', '-'], {
      input: manifest,
    });
    if (result.status !== 0) throw new Error(`kubectl apply: ${result.stderr}`);
  }

  configure(lines: readonly string[]): void {
    writeFileSync(join(this.home, 'config.yaml'), [...lines, ''].join('\n'));
  }

  /** Brings an image of the developer's engine. */
  load(image: string): void {
    const piped = run('sh', ['-c', `docker save ${image} | docker -H unix://${this.socket} load -q`]);
    if (piped.status !== 0) throw new Error(`docker load: ${piped.stderr}`);
  }

  /** Ends the engine and starts it again: as Docker has it by default, its containers end with it. */
  async restartEngine(): Promise<void> {
    await this.#stopEngine();
    await this.start();
  }

  async stop(): Promise<void> {
    if (existsSync(join(this.home, 'run'))) this.troupe('down', '--purge');
    await this.#stopEngine();
  }

  async #stopEngine(): Promise<void> {
    this.#daemon?.kill('SIGTERM');
    await eventually(
      'the engine to end',
      () => this.#daemon === undefined || this.#daemon.exitCode !== null || this.#daemon.signalCode !== null,
    ).catch(() => {
      this.#daemon?.kill('SIGKILL');
    });
  }
}

function must(program: string, ...args: string[]): void {
  const { status, stderr } = run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
