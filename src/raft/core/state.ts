import type { LogIndex, Random, Term } from '../../base/index.ts';
import { activeConfigurations } from './configuration.ts';
import type { RaftLog } from './log.ts';
import type { Configuration, Message, ReadState, Snapshot } from './message.ts';
import type { Progress } from './progress.ts';

export interface RaftTiming {
  /** Ticks without a leader after which an election begins; each wait is drawn from [1, 2) times this. */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Bytes of entries in one append message. */
  readonly messageBytesMax: number;
  /** Append messages on their way to one follower. */
  readonly flyingMax: number;
}

/** A read that waits for proof of leadership. */
export interface PendingRead {
  readonly sequence: number;
  readonly from: string;
  readonly context: number;
  readonly index: LogIndex;
  readonly acknowledged: Set<string>;
}

/** A message before its envelope is filled in. */
export type Draft<M extends Message = Message> = M extends Message
  ? Omit<M, 'from' | 'term'> & { readonly term?: Term }
  : never;

/** Everything one Raft member knows. Only the functions of this folder change it. */
export interface RaftState {
  readonly id: string;
  readonly timing: RaftTiming;
  readonly random: Random;
  readonly log: RaftLog;
  role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
  term: Term;
  vote: string;
  /** '' while none is known. */
  leader: string;
  configuration: Configuration;
  electionElapsed: number;
  heartbeatElapsed: number;
  /** This wait's length, drawn anew at each change of role. */
  electionWait: number;
  readonly votes: Map<string, boolean>;
  /** The leader's own: one for each member, itself included. */
  readonly progress: Map<string, Progress>;
  /** Whom leadership is being handed to; '' for nobody. */
  transferTo: string;
  /** The membership must not change again before this entry is applied. */
  configurationIndex: LogIndex;
  readSequence: number;
  reads: PendingRead[];
  /** Reads that came before this leader had committed anything in its term. */
  earlyReads: { readonly from: string; readonly context: number }[];
  /** May leave at once. */
  messages: Message[];
  /** May leave only when what was decided with them is durable. */
  afterPersist: Message[];
  readStates: ReadState[];
  /** A snapshot that came in and is not yet durable. */
  snapshot: Snapshot | undefined;
}

export function send(state: RaftState, draft: Draft): void {
  state.messages.push({ term: state.term, ...draft, from: state.id } as Message);
}

export function sendAfterPersist(state: RaftState, draft: Draft): void {
  state.afterPersist.push({ term: state.term, ...draft, from: state.id } as Message);
}

/** Whose majorities decide: see `activeConfigurations`. */
export function deciding(state: RaftState): readonly Configuration[] {
  const pending = state.log.pendingConfigurations;
  return pending.length === 0 ? [state.configuration] : activeConfigurations(state.configuration, pending);
}

export function isVoter(state: RaftState): boolean {
  return deciding(state).some(({ voters, outgoing }) => voters.includes(state.id) || outgoing.includes(state.id));
}
