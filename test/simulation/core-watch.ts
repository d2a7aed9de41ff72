/** What the cores of all members promise each other: durable words, true majorities, fresh reads. */
import type { Configuration, Entry, Message, Persist, Raft, Ready } from '../../src/raft/core/index.ts';
import type { Ledger } from './ledger.ts';

/** What is durable of one life of a member, as its core was told. */
interface Durable {
  /** The end of the log on disk. */
  last: number;
  /** Terms of the entries that this life wrote; those before were there at its start. */
  readonly terms: Map<number, number>;
  /** Votes that reached the disk, as term and candidate. */
  readonly votes: Set<string>;
  /** The newest term on disk: no vote is given in one before it any more. */
  term: number;
  /** Handed out to be written. */
  writing: Persist | undefined;
  /** Reads that were begun: what was committed anywhere then. */
  readonly reads: Map<number, number>;
}

type Voters = Pick<Configuration, 'voters' | 'outgoing'>;

/** The membership that a core has applied, and each that its log holds beyond it. */
function membershipsOf(raft: Raft): readonly Voters[] {
  const found: Voters[] = [raft.configuration];
  for (const { type, data } of raft.unapplied) {
    if (type !== 'configuration') continue;
    const change = JSON.parse(Buffer.from(data).toString('utf8')) as { readonly type: string } & Voters;
    const before = found.at(-1) as Voters;
    found.push(change.type === 'leave' ? { voters: before.voters, outgoing: [] } : change);
  }
  return found;
}

/** The voters of a membership that has no majority of `agree`; undefined when all have one. */
function withoutMajority(
  memberships: readonly Voters[],
  agree: (voter: string) => boolean,
): readonly string[] | undefined {
  return memberships
    .flatMap(({ voters, outgoing }) => [voters, outgoing])
    .find((voters) => voters.length > 0 && voters.filter(agree).length * 2 <= voters.length);
}

/** Follows every core of a run. */
export class CoreWatch {
  readonly #ledger: Ledger;
  readonly #lives = new WeakMap<Raft, Durable>();
  /** The newest life of each member that said anything. */
  readonly #members = new Map<string, Durable>();
  /** By term and candidate: who granted it a vote. */
  readonly #votes = new Map<string, Set<string>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A read begins: it must see all that is committed by now. */
  onRead(raft: Raft, context: number): void {
    const { reads } = this.#lifeOf(raft);
    if (!reads.has(context)) reads.set(context, this.#ledger.committedIndex);
  }

  onReady(raft: Raft, { persist, messages, reads }: Ready): void {
    const life = this.#lifeOf(raft);
    if (persist !== undefined) life.writing = persist;
    for (const message of messages) this.#says(message, life);
    for (const { context, index } of reads) {
      const committed = life.reads.get(context) ?? 0;
      if (index < committed)
        this.#ledger.fail('stale-read', `a read is answered at ${index}, ${committed} was committed when it began`);
    }
  }

  /** The write under way is durable. */
  onPersisted(raft: Raft): void {
    const life = this.#lifeOf(raft);
    const { writing } = life;
    if (writing === undefined) return;
    if (writing.sync) {
      life.term = writing.hardState.term;
      life.votes.add(`${writing.hardState.term}/${writing.hardState.vote}`);
    }
    if (writing.snapshot !== undefined) life.last = writing.snapshot.index;
    this.#wrote(life, writing.entries);
    life.writing = undefined;
  }

  /** After a step in which a leader's commit index moved. */
  onCommit(raft: Raft): void {
    const { commitIndex: index, term } = raft;
    const counted = raft.unapplied.find((entry) => entry.index === index);
    if (counted !== undefined && counted.term !== term)
      this.#ledger.fail(
        'commit-of-an-older-term',
        `${raft.leader} counts entry ${index} of term ${counted.term} in term ${term}`,
      );
    this.#members.set(raft.leader, this.#lifeOf(raft));
    const silent = withoutMajority(membershipsOf(raft), (voter) => this.#has(voter, index, term));
    if (silent !== undefined)
      this.#ledger.fail(
        'commit-without-majority',
        `${raft.leader} commits entry ${index} of term ${term}, which most of ${silent.join()} do not have on disk`,
      );
  }

  /** After a step in which a member became leader. */
  onLead(raft: Raft): void {
    const votes = this.#votes.get(`${raft.term}/${raft.leader}`) ?? new Set();
    const silent = withoutMajority(membershipsOf(raft), (voter) => voter === raft.leader || votes.has(voter));
    if (silent !== undefined)
      this.#ledger.fail(
        'lead-without-majority',
        `${raft.leader} leads term ${raft.term} with votes of ${[...votes].join() || 'nobody'}, not of most of ` +
          silent.join(),
      );
  }

  #lifeOf(raft: Raft): Durable {
    const known = this.#lives.get(raft);
    if (known !== undefined) return known;
    const life: Durable = {
      last: raft.lastIndex,
      terms: new Map(),
      votes: new Set(),
      term: 0,
      writing: undefined,
      reads: new Map(),
    };
    this.#lives.set(raft, life);
    return life;
  }

  /** A core hands out a message: whatever it rests on is on its disk. */
  #says(message: Message, life: Durable): void {
    const { from, to, term } = message;
    this.#members.set(from, life);
    if (message.type === 'append-response' && !message.refused && message.index > life.last)
      this.#ledger.fail(
        'unsynced-answer',
        `${from} says that it has entry ${message.index}, its disk ends at ${life.last}`,
      );
    const votesFor =
      message.type === 'vote' && !message.pre
        ? from
        : message.type === 'vote-response' && !message.pre && message.granted
          ? to
          : undefined;
    if (votesFor === undefined) return;
    const key = `${term}/${votesFor}`;
    if (!life.votes.has(key) && life.term <= term)
      this.#ledger.fail('unsynced-vote', `${from} votes for ${votesFor} in term ${term}, which is not on its disk`);
    this.#votes.set(key, (this.#votes.get(key) ?? new Set()).add(from));
  }

  #wrote(life: Durable, entries: readonly Entry[]): void {
    const [first] = entries;
    if (first === undefined) return;
    for (let index: number = first.index; index <= life.last; index++) life.terms.delete(index);
    for (const { index, term } of entries) life.terms.set(index, term);
    life.last = entries.at(-1)?.index ?? life.last;
  }

  #has(member: string, index: number, term: number): boolean {
    const life = this.#members.get(member);
    return life !== undefined && life.last >= index && (life.terms.get(index) ?? term) === term;
  }
}
