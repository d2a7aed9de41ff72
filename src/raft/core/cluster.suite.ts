import { assert, type LogIndex, type Random, seededRandom, type Term } from '../../base/index.ts';
import {
  type Configuration,
  type Entry,
  type HardState,
  type Message,
  type Persist,
  Raft,
  type SnapshotMark,
} from './index.ts';

/** A member with its disk: what was persisted survives `crash`. */
interface Member {
  raft: Raft;
  running: boolean;
  base: SnapshotMark;
  entries: Entry[];
  hardState: HardState;
  /** Handed out by the core and not yet durable. */
  writing: Persist | undefined;
  /** Data entries applied since the log began, and those that a snapshot stood for. */
  applied: string[];
  reads: { readonly context: number; readonly index: LogIndex }[];
}

const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/**
 * Raft members on a network and disks in memory, driven step by step by a seed; checks the safety of Raft at each step.
 */
export class Cluster {
  readonly random: Random;
  readonly members = new Map<string, Member>();
  /** One message in so many is lost; 0 for none. */
  lossOneIn = 0;
  readonly #cut = new Set<string>();
  #mail: Message[] = [];
  readonly #configuration: Configuration;
  readonly #leaderOf = new Map<Term, string>();
  /** What any member applied at each position: all must agree. */
  readonly history: string[] = [];

  constructor(voters: readonly string[], seed: number) {
    this.random = seededRandom(seed);
    this.#configuration = { voters, outgoing: [], learners: [] };
    for (const id of voters) this.add(id);
  }

  add(id: string, configuration: Configuration = this.#configuration): void {
    const base = { index: 0 as LogIndex, term: 0 as Term, configuration };
    const hardState = { term: 0 as Term, vote: '', commit: 0 as LogIndex };
    const raft = new Raft({ id, random: this.random, base });
    this.members.set(id, {
      raft,
      running: true,
      base,
      entries: [],
      hardState,
      writing: undefined,
      applied: [],
      reads: [],
    });
  }

  member(id: string): Member {
    const member = this.members.get(id);
    assert(member !== undefined, `member ${id} exists`);
    return member;
  }

  get leaders(): string[] {
    return [...this.members].filter(([, member]) => member.running && member.raft.role === 'leader').map(([id]) => id);
  }

  /** The leader of the highest term. */
  get leader(): Raft {
    const [first] = this.leaders.map((id) => this.member(id).raft).sort((a, b) => b.term - a.term);
    assert(first !== undefined, 'there is a leader');
    return first;
  }

  /** No message passes between `a` and `b`. */
  cut(a: string, b: string): void {
    this.#cut.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  isolate(id: string): void {
    for (const other of this.members.keys()) if (other !== id) this.cut(id, other);
  }

  heal(): void {
    this.#cut.clear();
  }

  crash(id: string): void {
    const member = this.member(id);
    member.running = false;
    member.writing = undefined;
  }

  restart(id: string): void {
    const member = this.member(id);
    const { base, entries, hardState } = member;
    member.raft = new Raft({ id, random: this.random, base, entries, hardState });
    member.applied = [...(this.snapshots.get(base.index) ?? [])];
    member.running = true;
  }

  /** What a snapshot at an index holds. */
  readonly snapshots = new Map<LogIndex, string[]>();

  /** Compacts a member's log behind its applied state. */
  compact(id: string): void {
    const member = this.member(id);
    const base = member.raft.appliedMark;
    this.snapshots.set(base.index, [...member.applied]);
    member.base = base;
    member.entries = member.entries.filter((entry) => entry.index > base.index);
    member.raft.compact(base.index);
  }

  propose(value: string): boolean {
    const [id] = this.leaders;
    return id !== undefined && this.member(id).raft.propose([bytes(value)]);
  }

  /** `count` rounds: each ticks everyone, then lets messages and writes come to rest or not, by the seed. */
  run(count: number): void {
    for (let round = 0; round < count; round++) {
      for (const member of this.members.values()) if (member.running) member.raft.tick();
      for (let i = 0; i < 6; i++) this.#exchange();
    }
  }

  /** Delivers until nothing moves. */
  settle(): void {
    for (let i = 0; i < 1000; i++) if (!this.#exchange()) return;
    assert(false, 'the cluster comes to rest');
  }

  #exchange(): boolean {
    let moved = false;
    for (const [id, member] of this.members) if (member.running) moved = this.#drain(id, member) || moved;
    const mail = this.#mail;
    this.#mail = [];
    for (const message of mail) moved = this.#deliver(message) || moved;
    return moved;
  }

  #deliver(message: Message): boolean {
    const member = this.members.get(message.to);
    if (this.#cut.has(`${message.from} ${message.to}`) || member?.running !== true) return false;
    if (this.lossOneIn > 0 && this.random.below(this.lossOneIn) === 0) return true;
    member.raft.step(message);
    return true;
  }

  #drain(id: string, member: Member): boolean {
    const { raft } = member;
    const hadWork = raft.hasReady || member.writing !== undefined;
    if (member.writing !== undefined && (this.lossOneIn === 0 || this.random.below(2) === 0)) {
      this.#store(member, member.writing);
      member.writing = undefined;
      raft.persisted();
    }
    const ready = raft.ready();
    if (ready.persist !== undefined) member.writing = ready.persist;
    for (const entry of ready.committed) this.#apply(member, entry);
    for (const message of ready.messages)
      this.#mail.push(message.type === 'snapshot' ? this.#fill(member, message) : message);
    member.reads.push(...ready.reads);
    this.#checkLeader(id, raft);
    return hadWork;
  }

  #fill<M extends Extract<Message, { type: 'snapshot' }>>(member: Member, message: M): M {
    return { ...message, snapshot: { ...member.raft.appliedMark, data: bytes(JSON.stringify(member.applied)) } };
  }

  #store(member: Member, persist: Persist): void {
    member.hardState = persist.hardState;
    if (persist.snapshot !== undefined) {
      member.base = persist.snapshot;
      member.entries = [];
      member.applied = JSON.parse(text(persist.snapshot.data)) as string[];
      this.snapshots.set(persist.snapshot.index, [...member.applied]);
    }
    const [first] = persist.entries;
    if (first === undefined) return;
    member.entries = [...member.entries.filter((entry) => entry.index < first.index), ...persist.entries];
  }

  #apply(member: Member, entry: Entry): void {
    if (entry.type !== 'data') return;
    const position = member.applied.length;
    const value = text(entry.data);
    member.applied.push(value);
    if (this.history.length === position) this.history.push(value);
    assert(this.history[position] === value, `every member applies the same at ${position}`);
  }

  #checkLeader(id: string, raft: Raft): void {
    if (raft.role !== 'leader') return;
    const known = this.#leaderOf.get(raft.term);
    assert(known === undefined || known === id, `term ${raft.term} has one leader`);
    this.#leaderOf.set(raft.term, id);
  }
}
