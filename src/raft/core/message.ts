/** The words of Raft: entries, messages, hard state, and what must be persisted. */
import type { LogIndex, Term } from '../../base/index.ts';
import type { Identity, Sender } from './identity.ts';
import type { LogEnd } from './log-end.ts';

/**
 * One slot of the log. `empty` entries are what a new leader commits first, `configuration` ones change the membership.
 */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly type: 'data' | 'empty' | 'configuration';
  readonly data: Uint8Array;
}

/** Must be durable before any message that depends on it leaves. */
export interface HardState {
  readonly term: Term;
  /** Whom this member voted for in `term`; '' for nobody. */
  readonly vote: string;
  /** A hint: entries up to here were known to be committed. */
  readonly commit: LogIndex;
  /** Whose data this is; absent in what programs wrote that knew of no identities. */
  readonly identity?: Identity | undefined;
}

/**
 * Who votes and who only follows. While `outgoing` is not empty both majorities must agree (joint consensus, Raft paper
 * section 6).
 */
export interface Configuration {
  readonly voters: readonly string[];
  /** The voters before the change under way. */
  readonly outgoing: readonly string[];
  readonly learners: readonly string[];
}

/** What a snapshot stands for: everything up to `index`. */
export interface SnapshotMark {
  readonly index: LogIndex;
  readonly term: Term;
  readonly configuration: Configuration;
}

export interface Snapshot extends SnapshotMark {
  /** The state machine's bytes; the core passes them through. */
  readonly data: Uint8Array;
}

interface Envelope extends Sender {
  readonly from: string;
  readonly to: string;
  readonly term: Term;
}

/** What a leader sends to a follower and wants an answer to. */
interface Followed {
  /** Names the leader's record of the follower: the answer repeats it, so that it counts for no later record. */
  readonly record?: number | undefined;
  /**
   * The leader's count of ticks when it asked: the answer repeats it, so that one that was long on its way proves no
   * life of today. Absent in what programs send that knew of no rounds.
   */
  readonly round?: number | undefined;
}

export interface VoteRequest extends Envelope {
  readonly type: 'vote';
  /**
   * A pre-vote: asks whether a real election could be won, and changes nothing. Its term is the one the election would
   * have.
   */
  readonly pre: boolean;
  /** The leader asked for it (transfer): a live leader is no reason to refuse. */
  readonly force: boolean;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /**
   * With a pre-vote of a member that lost entries: it asks for no vote, but for the end of the other's log. A number
   * that the answer repeats. The term is then the newest in which it may have acknowledged what it lost.
   */
  readonly inquiry?: number | undefined;
}

export interface VoteResponse extends Envelope {
  readonly type: 'vote-response';
  readonly pre: boolean;
  readonly granted: boolean;
  /** With a refusal: the newest entry that the voter knows to be committed. */
  readonly committed?: { readonly index: LogIndex; readonly term: Term };
  /** With the answer to an inquiry: its number, and what the one who answers says of its log. */
  readonly inquiry?: number | undefined;
  readonly testimony?: Testimony | undefined;
}

/** What a voter's disk holds, and whether it may have held more. */
export type Testimony =
  | { readonly type: 'whole' | 'owes'; readonly end: LogEnd }
  /** It gave all its data up, whatever it had acknowledged, or a life before it did. */
  | { readonly type: 'damaged' };

export interface AppendRequest extends Envelope, Followed {
  readonly type: 'append';
  readonly previousIndex: LogIndex;
  readonly previousTerm: Term;
  readonly entries: readonly Entry[];
  readonly commit: LogIndex;
  /** It only carries the commit index to a follower in step: nobody waits for its answer, unless it is a refusal. */
  readonly quiet?: boolean | undefined;
}

export interface AppendResponse extends Envelope, Followed {
  readonly type: 'append-response';
  /** The last index that now matches; for a refusal the refused previousIndex. */
  readonly index: LogIndex;
  readonly refused: boolean;
  /** For a refusal: where the logs may agree, and the follower's term there. */
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
  /** What the host's clock shows, in ms; the core does not look at it. */
  readonly clock?: number | undefined;
  /** Its disk lost entries behind this one, so what it acknowledged before does not hold. */
  readonly lostBehind?: LogIndex | undefined;
}

export interface Heartbeat extends Envelope, Followed {
  readonly type: 'heartbeat';
  readonly commit: LogIndex;
  /** The newest read that waits for proof of leadership; 0 for none. */
  readonly read: number;
}

export interface HeartbeatResponse extends Envelope, Followed {
  readonly type: 'heartbeat-response';
  /** What the host's clock shows, in ms; the core does not look at it. */
  readonly clock?: number | undefined;
  readonly read: number;
  /** Its disk lost entries behind this one, so what it acknowledged before does not hold. */
  readonly lostBehind?: LogIndex | undefined;
}

/** The core leaves `data` empty and the shell fills it, with the mark of the state it really sends. */
export interface SnapshotMessage extends Envelope, Followed {
  readonly type: 'snapshot';
  readonly snapshot: Snapshot;
}

/** From a leader that transfers its leadership: start an election now. */
interface TimeoutNow extends Envelope {
  readonly type: 'timeout-now';
}

interface ReadRequest extends Envelope {
  readonly type: 'read';
  readonly context: number;
}

interface ReadResponse extends Envelope {
  readonly type: 'read-response';
  readonly context: number;
  readonly index: LogIndex;
}

/** Proposals forwarded to the leader. They may be lost; the proposer sees them applied or gives up. */
interface ProposeRequest extends Envelope {
  readonly type: 'propose';
  readonly data: readonly Uint8Array[];
}

export type Message =
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendResponse
  | Heartbeat
  | HeartbeatResponse
  | SnapshotMessage
  | TimeoutNow
  | ReadRequest
  | ReadResponse
  | ProposeRequest;

/** A read that is linearisable once `index` is applied. */
export interface ReadState {
  readonly context: number;
  readonly index: LogIndex;
}

/** What must be durable before `persisted` is called. */
export interface Persist {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
  /** Replaces the log and the state machine; comes before the entries. */
  readonly snapshot?: Snapshot | undefined;
  /** False when only the commit hint changed: it may be written without a sync. */
  readonly sync: boolean;
}

export type RaftRole = 'leader' | 'follower' | 'candidate' | 'learner';
