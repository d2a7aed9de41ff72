/** What the cores of all members promise each other: durable words, true majorities, fresh reads. */
import type { LogIndex, Term } from '../../src/base/index.ts';
import {
  type Configuration,
  type Entry,
  type LogEnd,
  type Message,
  type Persist,
  type Raft,
  reaches,
  type Ready,
} from '../../src/raft/core/index.ts';
import type { Ledger } from './ledger.ts';

/** What is durable of one life of a member, as its core was told. */
interface Durable {
  /** The end of the log on disk. */
  last: number;
  /** Terms of the entries that this life wrote; those before were there at its start. */
  readonly terms: Map<number, number>;
  /** Votes that reached the disk in this life, and those that it may have found there, as term and candidate. */
  readonly votes: Set<string>;
  /** The newest term on disk: no vote is given in one before it any more. */
  term: number;
  /** Of that term, on disk. */
  vote: string;
  /** Handed out to be written. */
  writing: Persist | undefined;
  /** Reads that were begun: what was committed anywhere then. */
  readonly reads: Map<number, number>;
}

const voteKey = ({ term, vote }: Persist['hardState']): string => `${term}/${vote}`;

const holds = ({ last, terms }: Durable, { index, term }: LogEnd): boolean =>
  last >= index && (terms.get(index) ?? term) === term;

type Voters = Pick<Configuration, 'voters' | 'outgoing'>;

/** The membership that a core has applied, and each that its log holds beyond it. */
export function membershipsOf(raft: Raft): readonly Voters[] {
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
export function withoutMajority(
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
  readonly #members = new Map<string, { readonly raft: Raft; readonly life: Durable }>();
  /** The lives before it. */
  readonly #former = new Map<string, Durable[]>();
  /** By member: each vote that a life of it handed to its disk to be synced, as term and candidate. */
  readonly #handed = new Map<string, Set<string>>();
  /** By term and candidate: who granted it a vote. */
  readonly #votes = new Map<string, Set<string>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Before a core is told anything: what it begins with is on its disk. */
  onCall(raft: Raft): void {
    this.#lifeOf(raft);
  }

  /** A read begins: it must see all that is committed by now. */
  onRead(raft: Raft, context: number): void {
    const { reads } = this.#lifeOf(raft);
    if (!reads.has(context)) reads.set(context, this.#ledger.committedIndex);
  }

  onReady(raft: Raft, { persist, messages, reads }: Ready): void {
    const life = this.#lifeOf(raft);
    if (persist !== undefined) this.#writes(raft, persist);
    for (const message of messages) this.#says(raft, message, life);
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
      life.vote = writing.hardState.vote;
      life.votes.add(voteKey(writing.hardState));
    }
    if (writing.snapshot !== undefined) life.last = writing.snapshot.index;
    this.#wrote(life, writing.entries);
    life.writing = undefined;
  }

  /** The newest term and vote, and the end of the log, that this life's disk has confirmed; undefined before that. */
  durableEnd(raft: Raft): Pick<Durable, 'term' | 'vote' | 'last'> | undefined {
    const { term, vote, last } = this.#lifeOf(raft);
    return term === 0 ? undefined : { term, vote, last };
  }

  /** Where the log ends that this life's disk has confirmed; undefined where a snapshot took the place of the end. */
  confirmedEnd(raft: Raft): LogEnd | undefined {
    const { last, terms } = this.#lifeOf(raft);
    const term = terms.get(last);
    return term === undefined ? undefined : { index: last as LogIndex, term: term as Term };
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
    this.#speaks(raft, this.#lifeOf(raft));
    const silent = withoutMajority(membershipsOf(raft), (voter) => this.#counts(voter, { index, term }));
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
      votes: this.#foundVotes(raft),
      term: 0,
      vote: '',
      writing: undefined,
      reads: new Map(),
    };
    this.#lives.set(raft, life);
    return life;
  }

  /**
   * A life repeats the vote that its disk kept without writing it again. It has read no vote but one in the term that
   * it begins in, and none that no life before it gave to the disk to be synced: recovery makes durable what it reads.
   */
  #foundVotes({ term, identity }: Raft): Set<string> {
    const handed = this.#handed.get(identity.member) ?? new Set<string>();
    return new Set([...handed].filter((key) => key.startsWith(`${term}/`)));
  }

  #writes(raft: Raft, persist: Persist): void {
    this.#lifeOf(raft).writing = persist;
    if (!persist.sync) return;
    const { member } = raft.identity;
    this.#handed.set(member, (this.#handed.get(member) ?? new Set()).add(voteKey(persist.hardState)));
  }

  /** A core hands out a message: whatever it rests on is on its disk. */
  #says(raft: Raft, message: Message, life: Durable): void {
    const { from, to, term } = message;
    this.#speaks(raft, life);
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

  #speaks(raft: Raft, life: Durable): void {
    const { member } = raft.identity;
    const before = this.#members.get(member);
    if (before?.life === life) return;
    if (before !== undefined) this.#former.set(member, [...(this.#former.get(member) ?? []), before.life]);
    this.#members.set(member, { raft, life });
  }

  /**
   * Whether a leader may count a member for an entry: it has it on disk. Or a life before had it, whose answer came
   * late (the leader stood still), and the newest one remembers: it votes for nobody who has less.
   */
  #counts(member: string, entry: LogEnd): boolean {
    const newest = this.#members.get(member);
    if (newest === undefined) return false;
    const { owed, identity } = newest.raft;
    const remembers = identity.joinedAt !== undefined || (owed !== undefined && reaches(owed, entry));
    const former = remembers ? (this.#former.get(member) ?? []) : [];
    return [newest.life, ...former].some((life) => holds(life, entry));
  }
}
