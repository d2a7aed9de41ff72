import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Cluster, run } from './cluster.ts';

/** By its path: a package of the tests' own has a program of the same name. */
const nft = '/usr/sbin/nft';
const base = '/sys/fs/cgroup';
/**
 * Marks of connections: the clients', which reach a member that is cut off, and those between processes of one member.
 */
const clientMark = 7;
const ownMark = 8;
/** Mark of the packets that a member which is cut off sends. */
const sentMark = 9;

/** The folder of the unified hierarchy; undefined where there is none. */
function hierarchy(): string | undefined {
  const target = run('findmnt', ['-rnt', 'cgroup2', '-o', 'TARGET']).stdout.split('\n')[0];
  return target !== undefined && target.startsWith(base) ? target : undefined;
}

function rules(text: string): void {
  const { status, stderr } = run(nft, ['-f', '-'], { input: text });
  if (status !== 0) throw new Error(`nft: ${stderr}`);
}

/**
 * Network cuts between members that share a machine, and with it loopback: each member's processes are in a control
 * group of their own, and nftables drops what comes from, or goes to, sockets of that group. Only connections of the
 * clients' group pass.
 */
export class MemberCuts {
  readonly #folder: string;
  readonly #table = `troupe_cut_${process.pid}`;
  readonly #groups = new Map<string, string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Why members cannot be cut off here; undefined: they can. */
  static problem(): string | undefined {
    if (process.getuid?.() !== 0) return 'root rights are missing';
    if (!existsSync(nft)) return 'nftables is not installed';
    const folder = hierarchy();
    if (folder === undefined) return 'there is no unified hierarchy of control groups';
    const cuts = new MemberCuts(folder);
    try {
      cuts.#make('probe');
      cuts.#begin();
      return undefined;
    } catch (error) {
      return String(error);
    } finally {
      cuts.destroy();
    }
  }

  /**
   * Groups for these members, and one for the clients, to which this process moves: what it connects from here on
   * passes every cut.
   */
  static create(members: readonly string[]): MemberCuts {
    const cuts = new MemberCuts(hierarchy() ?? base);
    for (const name of ['clients', ...members]) cuts.#make(name);
    cuts.#begin();
    cuts.move('clients', process.pid);
    return cuts;
  }

  /** Moves a process. Sockets that it has stay where they were; those that it or its children make follow. */
  move(name: string, pid: number): void {
    writeFileSync(join(this.#groups.get(name) ?? '', 'cgroup.procs'), String(pid));
  }

  /** Moves a member's keeper and all below it: what they connect from here on belongs to the member's group. */
  enclose(cluster: Cluster, member: string): void {
    const keeper = Number(readFileSync(join(cluster.home, 'run', `keeper-${member}.pid`), 'utf8'));
    const own = cluster.status().members.find(({ name }) => name === member)?.pid ?? undefined;
    if (own === undefined) throw new Error(`${member} has no process`);
    for (const pid of [keeper, own, ...childrenOf(own)]) this.move(member, pid);
  }

  /** Drops every packet between a member's processes and all others but the clients. */
  cut(member: string): void {
    const own = this.#socketOf(member);
    rules(`table inet ${this.#table} {
  chain cut_out { type filter hook output priority 0; ct mark ${clientMark} accept; ${own} meta mark set ${sentMark}; }
  chain cut_in {
    type filter hook input priority 0;
    ct mark { ${clientMark}, ${ownMark} } accept
    ${own} meta mark ${sentMark} ct mark set ${ownMark} accept
    ${own} drop
    meta mark ${sentMark} drop
  }
}`);
  }

  heal(): void {
    for (const chain of ['cut_out', 'cut_in']) run(nft, ['delete', 'chain', 'inet', this.#table, chain]);
  }

  destroy(): void {
    run(nft, ['delete', 'table', 'inet', this.#table]);
    for (const folder of this.#groups.values()) {
      for (const pid of existsSync(folder)
        ? readFileSync(join(folder, 'cgroup.procs'), 'utf8')
            .split('\n')
            .filter((text) => text !== '')
        : []) {
        try {
          writeFileSync(join(this.#folder, 'cgroup.procs'), pid);
        } catch {
          // It has ended meanwhile.
        }
      }
      if (existsSync(folder)) rmdirSync(folder);
    }
  }

  #make(name: string): void {
    const folder = join(this.#folder, `troupe-${process.pid}-${name}`);
    mkdirSync(folder, { recursive: true });
    this.#groups.set(name, folder);
  }

  /** Marks the clients' connections, both ways, as they begin. */
  #begin(): void {
    const [first = 'clients'] = this.#groups.keys();
    rules(`table inet ${this.#table} {
  chain clients { type filter hook output priority -150; ${this.#socketOf(first)} ct mark set ${clientMark}; }
}`);
  }

  #socketOf(name: string): string {
    return `socket cgroupv2 level 1 "${relative(base, this.#groups.get(name) ?? '')}"`;
  }
}

/** Processes whose parent is `pid`. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => {
      try {
        return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${other}/status`, 'utf8'))?.[1]) === pid;
      } catch {
        return false;
      }
    });
}
