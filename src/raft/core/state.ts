/** Everything that one Raft member knows; only the functions of this folder change it. */
import type { LogIndex, Random, Term } from '../../base/index.ts';
import { activeConfigurations, changed, decodeChange } from './configuration.ts';
import type { Identity } from './identity.ts';
import type { RaftLog } from './log.ts';
import type { LogEnd } from './log-end.ts';
import type { Configuration, Message, ReadState, Snapshot, Testimony } from './message.ts';
import type { Progress } from './progress.ts';

export interface RaftTiming {
  /** Ticks without a leader after which an election begins; each wait is drawn from [1, 2) times this. */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Bytes of entries in one append message. */
  readonly messageBytesMax: number;
  /** Append messages in flight to one follower. */
  readonly inflightMax: number;
  /** Bytes of entries that a leader takes before they are committed and durable at home; one entry always fits. */
  readonly pendingBytesMax: number;
  /** Reads that wait for proof of leadership, and those that wait for the first commit of a term. */
  readonly readsMax: number;
}

/** A read that waits for proof of leadership. */
interface PendingRead {
  readonly sequence: number;
  readonly from: string;
  readonly context: number;
  readonly index: LogIndex;
  readonly acknowledged: Set<string>;
}

/** A message before its envelope is filled in. */
type Draft<M extends Message = Message> = M extends Message
  ? Omit<M, 'from' | 'term' | 'timeline' | 'incarnation'> & { readonly term?: Term }
  : never;

/** What one Raft member knows. */
export interface RaftState {
  readonly id: string;
  /** Its timeline is set once, by the first leader that a joining member hears. */
  identity: Identity;
  readonly timing: RaftTiming;
  readonly random: Random;
  readonly log: RaftLog;
  role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
  /** The newest term that this member has entered. Only grows; durable before a message that depends on it leaves. */
  term: Term;
  /** Whom this member voted for in `term`; '' for nobody. Set once a term, cleared when a new term is entered. */
  vote: string;
  /** Who leads `term`; '' while none is known. Cleared at each change of role. */
  leader: string;
  /** The membership as applied. The log may hold a newer one: whose majorities count, `quorumConfigurations` says. */
  configuration: Configuration;
  /**
   * Ticks since a follower heard of its leader, or since a leader last checked its quorum. 0 at each change of role.
   */
  electionElapsed: number;
  /** Ticks since this leader's last heartbeats. */
  heartbeatElapsed: number;
  /** Ticks until a follower begins an election; drawn at each change of role from [1, 2) times `electionTicks`. */
  electionWait: number;
  /** A candidate's answers so far, by voter: the first of each counts. Empty in any other role. */
  readonly votes: Map<string, boolean>;
  /** The leader's view of each member, itself included. Empty in any other role. */
  readonly progress: Map<string, Progress>;
  /** Number of the newest record in `progress`. Only grows, so that no answer is taken for one to a later record. */
  progressSequence: number;
  /** The target of a leadership transfer under way; '' for none. While it is set no proposal is taken. */
  transferTo: string;
  /** Ticks since that transfer began. */
  transferTicks: number;
  /** The newest entry that may change the membership. It must not change again before this one is applied. */
  configurationIndex: LogIndex;
  /** Ticks since the write under way began; 0 while none is. Many: the disk hangs. */
  writeTicks: number;
  /** This leader's ticks so far: what it sends names them. Only grows, so that no round of a term comes twice. */
  round: number;
  /** Number of the newest read of this leader. Only grows; heartbeats carry it. */
  readSequence: number;
  /** Reads that wait for proof of leadership, by rising sequence. Emptied at each change of role. */
  reads: PendingRead[];
  /** Reads that came before this leader had committed anything in its term. Emptied at each change of role. */
  earlyReads: { readonly from: string; readonly context: number }[];
  /** For the next Ready: may leave at once. */
  messages: Message[];
  /** For the Ready after the next write: may leave only when what was decided with them is durable. */
  afterPersist: Message[];
  /** For the next Ready: reads that are answered. */
  readStates: ReadState[];
  /**
   * What this member's disk lost: it may have acknowledged entries up to here and does not hold them. Until it does
   * again, it votes as if it had them and seeks no votes itself. Undefined when nothing is missing.
   */
  owed: LogEnd | undefined;
  /** The newest term that this member had entered before this life: it acknowledged what it owes in none after it. */
  readonly owedTerm: Term;
  /** What the others say of their logs when this life asks about what is owed, by voter. */
  readonly testimonies: Map<string, Testimony>;
  /** Tells answers to this life's question from those to an earlier one. */
  readonly inquiry: number;
  /** A snapshot that came in and was not yet handed out to be made durable. */
  snapshot: Snapshot | undefined;
}

export function send(state: RaftState, draft: Draft): void {
  state.messages.push(enveloped(state, draft));
}

/**
 * Keeps a message back until the next write is durable. Of the answers to one leader the last one stands for all: while
 * the disk hangs, they would pile up.
 */
export function sendAfterPersist(state: RaftState, draft: Draft): void {
  const message = enveloped(state, draft);
  const last = state.afterPersist.at(-1);
  const stands =
    message.type === 'append-response' &&
    last?.type === 'append-response' &&
    last.to === message.to &&
    last.term === message.term;
  if (!stands) state.afterPersist.push(message);
  else if (message.index > last.index) state.afterPersist[state.afterPersist.length - 1] = message;
}

/** Whether the write under way takes as long as an election: votes and answers of this member wait for it. */
export function diskHangs(state: RaftState): boolean {
  return state.writeTicks >= state.timing.electionTicks;
}

function enveloped({ term, id, identity: { timeline, incarnation } }: RaftState, draft: Draft): Message {
  return { term, ...draft, from: id, timeline, incarnation } as Message;
}

/** Whose majorities must agree: see `activeConfigurations`. */
export function quorumConfigurations(state: RaftState): readonly Configuration[] {
  const pending = state.log.pendingConfigurations;
  return pending.length === 0 ? [state.configuration] : activeConfigurations(state.configuration, pending);
}

/** As `quorumConfigurations`, once this member has applied what it knows to be committed. */
export function committedConfigurations({ configuration, log }: RaftState): readonly Configuration[] {
  const { pendingConfigurations: pending, commit } = log;
  const known = pending
    .filter(({ index }) => index <= commit)
    .reduce((before, { data }) => changed(before, decodeChange(data)), configuration);
  return activeConfigurations(
    known,
    pending.filter(({ index }) => index > commit),
  );
}

export function isVoter(state: RaftState): boolean {
  return quorumConfigurations(state).some(
    ({ voters, outgoing }) => voters.includes(state.id) || outgoing.includes(state.id),
  );
}
