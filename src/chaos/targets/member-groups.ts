/** Network cuts between members of one machine: a control group for each, and rules of nftables on its sockets. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { must, run, systemProgram } from './programs.ts';

const base = '/sys/fs/cgroup';
/** Marks of connections: the clients', which pass every cut, and those between processes of one member. */
const clientMark = 0x7c01;
const ownMark = 0x7c02;
/** Mark of packets that a member which is cut off has sent. */
const sentMark = 0x7c03;

export interface Cut {
  readonly direction: 'both' | 'in' | 'out';
  /** 100: a cut; less: that share of the packets is lost. */
  readonly percent: number;
}

/**
 * Members' processes are in a group each, this process with its clients in another. What a process connects belongs to
 * the group that it was in by then: members are started anew in theirs.
 */
export class MemberGroups {
  readonly #folder: string;
  readonly #table = `troupe_chaos_${process.pid}`;
  readonly #groups = new Map<string, string>();
  readonly #cuts = new Set<string>();
  /** Where this process was. */
  readonly #home: string;

  private constructor(folder: string) {
    this.#folder = folder;
    const [, path = ''] = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? [];
    this.#home = join(folder, path);
  }

  /** Why members cannot be cut off on this machine; undefined: they can. */
  static problem(): string | undefined {
    if (process.getuid?.() !== 0) return 'cutting members off needs root rights';
    if (systemProgram('nft') === undefined) return 'cutting members off needs nftables';
    const folder = hierarchy();
    if (folder === undefined) return 'cutting members off needs a unified hierarchy of control groups';
    const probe = new MemberGroups(folder);
    try {
      probe.#make('probe');
      probe.#begin('probe');
      return undefined;
    } catch (error) {
      return `members cannot be cut off: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      probe.destroy();
    }
  }

  /** Groups for these members, and one for the clients of this process. */
  static create(members: readonly string[]): MemberGroups {
    const groups = new MemberGroups(hierarchy() ?? base);
    for (const name of ['clients', ...members]) groups.#make(name);
    groups.#begin('clients');
    writeFileSync(join(groups.folderOf('clients'), 'cgroup.procs'), String(process.pid));
    return groups;
  }

  folderOf(name: string): string {
    const folder = this.#groups.get(name);
    if (folder === undefined) throw new Error(`${name} has no control group`);
    return folder;
  }

  /** Drops packets between a member's processes and all others but the clients. */
  cut(member: string, { direction, percent }: Cut): void {
    const own = this.#socketOf(member);
    const name = this.#chainOf(member);
    const share = percent >= 100 ? '' : `numgen random mod 100 < ${percent} `;
    const into = direction === 'out' ? '' : `${own} ${share}counter drop`;
    const from = direction === 'in' ? '' : `meta mark ${sentMark} ${share}counter drop`;
    this.#cuts.add(name);
    must('nft', ['-f', '-'], {
      input: `table inet ${this.#table} {
  chain out_${name} {
    type filter hook output priority 0
    ct mark ${clientMark} accept
    ${own} meta mark set ${sentMark}
  }
  chain in_${name} {
    type filter hook input priority 0
    ct mark { ${clientMark}, ${ownMark} } accept
    ${own} meta mark ${sentMark} ct mark set ${ownMark} accept
    ${into}
    ${from}
  }
}`,
    });
  }

  /** Packets that a member's cut has dropped so far. */
  dropped(member: string): number {
    const { stdout } = run('nft', ['list', 'chain', 'inet', this.#table, `in_${this.#chainOf(member)}`]);
    return [...stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  heal(member: string): void {
    const name = this.#chainOf(member);
    if (!this.#cuts.delete(name)) return;
    for (const chain of [`out_${name}`, `in_${name}`]) run('nft', ['delete', 'chain', 'inet', this.#table, chain]);
  }

  /** Removes the rules and groups; this process goes back to where it was, what else runs in them to the one above. */
  destroy(): void {
    run('nft', ['delete', 'table', 'inet', this.#table]);
    for (const folder of this.#groups.values()) {
      if (!existsSync(folder)) continue;
      for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n'))
        if (pid !== '') moveTo(pid === String(process.pid) ? this.#home : this.#folder, pid);
      rmdirSync(folder);
    }
    this.#groups.clear();
  }

  #make(name: string): void {
    const folder = join(this.#folder, `troupe-chaos-${process.pid}-${name}`);
    mkdirSync(folder, { recursive: true });
    this.#groups.set(name, folder);
  }

  /** Marks the clients' connections, both ways, as they begin. */
  #begin(clients: string): void {
    must('nft', ['-f', '-'], {
      input: `table inet ${this.#table} {
  chain clients { type filter hook output priority -150; ${this.#socketOf(clients)} ct mark set ${clientMark}; }
}`,
    });
  }

  #chainOf(member: string): string {
    return member.replaceAll(/[^a-z0-9]/g, '_');
  }

  #socketOf(name: string): string {
    return `socket cgroupv2 level 1 "${relative(base, this.folderOf(name))}"`;
  }
}

function moveTo(folder: string, pid: string): void {
  try {
    writeFileSync(join(folder, 'cgroup.procs'), pid);
  } catch {
    // It has ended meanwhile.
  }
}

/** The folder of the unified hierarchy; undefined where there is none. */
function hierarchy(): string | undefined {
  const target = run('findmnt', ['-rnt', 'cgroup2', '-o', 'TARGET']).stdout.split('\n')[0];
  return target !== undefined && target.startsWith(base) ? target : undefined;
}
