/** The members of the store as an operator sees and changes them. */
import { delay, errorMessage, type LogIndex, type Timers } from '../../base/index.ts';
import type { Raft } from '../../raft/core/index.ts';
import {
  AdministrationError,
  type HashComparison,
  type MemberReport,
  type MemberRow,
  type StoreMembers,
} from '../administration.ts';
import type { HashFormat } from '../../mvcc/index.ts';
import { differsAt, type Moment } from '../moments.ts';
import { changeMembership, type Outcome } from './membership-change.ts';
import { Questions } from './questions.ts';
import type { MembershipChange, Question, StoreMessage } from '../transport/index.ts';
import type { StoreStatus } from '../store.ts';

/** How long a command may take, and the pause between two looks at one that is under way. */
const commandMs = 15_000;
const lookMs = 50;
const reportMs = 2_000;
/** How long a member may be silent before a command is refused for it. */
const silenceMs = 1_000;
/** A wish that is not repeated for so long is forgotten. */
const wishMs = 3 * reportMs;
/** Hashing a large state takes its time. */
const hashMs = 120_000;
/** A name is also a part of the subject on which its member hears (RFC 1123 label). */
const nameForm = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What a member says of its state. */
interface HashAnswer {
  readonly hash: string;
  readonly moments: readonly Moment[];
}

interface MembersHost {
  readonly member: string;
  readonly raft: Raft;
  readonly timers: Timers;
  readonly now: () => number;
  readonly name: () => string;
  readonly send: (to: string, message: StoreMessage) => void;
  readonly status: () => StoreStatus;
  readonly hashAt: (revision: number, format: HashFormat) => Promise<string>;
  readonly moments: () => readonly Moment[];
  readonly readBarrier: () => Promise<void>;
  /** The core has something to do. */
  readonly wake: () => void;
}

/** Any member takes the commands; the leader carries them out. */
export class Members implements StoreMembers {
  readonly #host: MembersHost;
  readonly questions: Questions;
  /** Wishes that this leader was asked for and has not answered: in which of its rounds first, and when last. */
  readonly #wishes = new Map<string, { readonly since: number; readonly at: number }>();

  constructor(host: MembersHost) {
    this.#host = host;
    const { member, timers, send, name } = host;
    this.questions = new Questions({ member, timers, send, name, answer: (question) => this.#answer(question) });
  }

  list(): readonly MemberRow[] {
    const {
      configuration: { voters, outgoing, learners },
      leader,
    } = this.#host.raft;
    const row =
      (role: MemberRow['role']) =>
      (name: string): MemberRow => ({ name, role, leader: name === leader });
    const leaving = outgoing.filter((name) => !voters.includes(name) && !learners.includes(name));
    return [...voters.map(row('voter')), ...learners.map(row('learner')), ...leaving.map(row('leaving'))];
  }

  report(): Promise<readonly MemberReport[]> {
    return Promise.all(
      this.list().map(async ({ name, role }): Promise<MemberReport> => {
        try {
          return {
            name,
            role,
            status: (await this.questions.ask(name, { type: 'status' }, reportMs)) as Record<string, unknown>,
          };
        } catch (error) {
          return { name, role, problem: errorMessage(error) };
        }
      }),
    );
  }

  async addLearner(member: string): Promise<void> {
    if (!nameForm.test(member))
      throw new AdministrationError(
        'bad-name',
        `${JSON.stringify(member)} cannot be a member's name: lower-case letters, digits and dashes, 63 at most, ` +
          'a letter or digit at each end',
      );
    return this.#change({ type: 'add-learner', member });
  }

  promote(member: string): Promise<void> {
    return this.#change({ type: 'promote', member });
  }

  remove(member: string): Promise<void> {
    return this.#change({ type: 'remove', member });
  }

  transferLeadership(member: string): Promise<void> {
    return this.#change({ type: 'transfer', member });
  }

  async hash(revision?: number): Promise<{ readonly revision: number; readonly hash: string }> {
    const at = revision ?? this.#host.status().revision;
    return { revision: at, hash: await this.#host.hashAt(at, 2) };
  }

  async compareHashes(): Promise<HashComparison> {
    await this.#host.readBarrier();
    const { revision } = this.#host.status();
    const hashes: Record<string, string> = {};
    const moments: (readonly Moment[])[] = [];
    const unanswered: string[] = [];
    await Promise.all(
      this.list().map(async ({ name }) => {
        try {
          const answer = await this.questions.ask(name, { type: 'hash', revision, format: 2 }, hashMs);
          // An older program's hash sees less, and cannot be compared with the others.
          if (typeof answer === 'string') unanswered.push(name);
          else {
            hashes[name] = (answer as HashAnswer).hash;
            moments.push((answer as HashAnswer).moments);
          }
        } catch {
          unanswered.push(name);
        }
      }),
    );
    const differs = differsAt(moments);
    const equal = new Set(Object.values(hashes)).size <= 1 && differs === undefined;
    return { revision, hashes, unanswered: unanswered.sort(), equal, differsAt: differs };
  }

  /** Repeats the command at the present leader until it is carried out. */
  async #change(wanted: MembershipChange): Promise<void> {
    const { raft, timers, now } = this.#host;
    const deadline = now() + commandMs;
    const patience = now() + silenceMs;
    let change = wanted;
    let last = `no leader is known to ${this.#host.member}`;
    for (; now() < deadline; await delay(timers, lookMs)) {
      if (raft.leader === '') continue;
      try {
        const outcome = (await this.questions.ask(raft.leader, { type: 'membership', change }, reportMs)) as Outcome;
        if (outcome.type === 'done') return;
        // A new leader has heard of nobody yet.
        const mayPass = outcome.type === 'refused' && outcome.code === 'silent-member' && now() < patience;
        if (outcome.type === 'refused' && !mayPass) throw new AdministrationError(outcome.code, outcome.message);
        last = outcome.type === 'refused' ? outcome.message : 'a change of the membership is still under way';
        if (outcome.type === 'under-way' && change.type === 'transfer') change = { ...change, begun: true };
      } catch (error) {
        if (!(error instanceof AdministrationError) || (error.code !== 'timeout' && error.code !== 'no-leader'))
          throw error;
        last = error.message;
      }
    }
    throw new AdministrationError(
      'timeout',
      `the command was not carried out within ${commandMs} ms: ${last}; it may still happen`,
    );
  }

  async #answer(question: Question): Promise<unknown> {
    const { raft, status, hashAt, moments, wake, member } = this.#host;
    if (question.type === 'status') return status();
    if (question.type === 'hash' && question.format === undefined) return hashAt(question.revision, 1);
    if (question.type === 'hash')
      return { hash: await hashAt(question.revision, 2), moments: moments() } satisfies HashAnswer;
    if (raft.role !== 'leader') throw new AdministrationError('no-leader', `${member} does not lead`);
    const outcome = changeMembership(raft, question.change, this.#askedSince(question.change));
    if (outcome.type !== 'under-way') this.#wishes.delete(wishOf(question.change));
    wake();
    await Promise.resolve();
    return outcome;
  }

  /** The round in which this change was asked for first. */
  #askedSince(change: MembershipChange): number {
    const { raft, now } = this.#host;
    const at = now();
    for (const [wish, known] of this.#wishes) if (at - known.at > wishMs) this.#wishes.delete(wish);
    const since = this.#wishes.get(wishOf(change))?.since ?? raft.round;
    this.#wishes.set(wishOf(change), { since, at });
    return since;
  }

  /** For the leader's status: the last entry that each member is known to have. */
  progress(): Readonly<Record<string, LogIndex>> {
    const { raft } = this.#host;
    return Object.fromEntries(this.list().map(({ name }) => [name, raft.matchOf(name) ?? (0 as LogIndex)]));
  }
}

const wishOf = ({ type, member }: MembershipChange): string => `${type} ${member}`;
