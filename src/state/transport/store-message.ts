/** Everything that members of a store send each other. */
import type { Message, Sender, SnapshotMark } from '../../raft/core/index.ts';

interface Envelope extends Sender {
  readonly from: string;
  readonly to: string;
}

/** A piece of a snapshot on its way to a member that is too far behind for the log. */
export interface SnapshotChunk extends Envelope {
  readonly type: 'snapshot-chunk';
  readonly term: number;
  /** Tells this transfer from the sender's others. */
  readonly transfer: string;
  readonly mark: SnapshotMark;
  /** The leader's record of the receiver, as in the message of the core that the chunks take the place of. */
  readonly record?: number | undefined;
  /** 0, 1, 2, ... */
  readonly sequence: number;
  readonly last: boolean;
  readonly data: Uint8Array;
}

/** The receiver has every chunk below `next`. A sender that no longer has chunk `next` begins a new transfer. */
export interface SnapshotProgress extends Envelope {
  readonly type: 'snapshot-progress';
  readonly transfer: string;
  /** Tells this reception from an earlier one of which nothing is left. Programs before knew of none. */
  readonly reception?: string | undefined;
  readonly next: number;
  /** It has them all. */
  readonly complete: boolean;
}

/** A question of one member's operator to another member, such as its status; `id` finds the answer's place. */
export interface MemberQuestion extends Envelope {
  readonly type: 'question';
  readonly id: string;
  readonly body: Question;
}

export interface MemberAnswer extends Envelope {
  readonly type: 'answer';
  readonly id: string;
  readonly body: Answer;
}

export type Question =
  | { readonly type: 'status' }
  /** Without a format: the hash as programs before made it, a text; else a `HashAnswer`. */
  | { readonly type: 'hash'; readonly revision: number; readonly format?: number | undefined }
  | { readonly type: 'membership'; readonly change: MembershipChange };

/** What is wanted, not a step: asking twice does no harm. */
export type MembershipChange =
  | { readonly type: 'add-learner'; readonly member: string }
  | { readonly type: 'promote'; readonly member: string }
  | { readonly type: 'remove'; readonly member: string }
  /** `begun`: it was asked for before, so a transfer that is no longer under way has failed. */
  | { readonly type: 'transfer'; readonly member: string; readonly begun?: boolean | undefined };

export type Answer =
  | { readonly type: 'ok'; readonly value: unknown }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** Everything that members of a store send each other. */
export type StoreMessage = Message | SnapshotChunk | SnapshotProgress | MemberQuestion | MemberAnswer;

const types: ReadonlySet<unknown> = new Set<StoreMessage['type']>([
  'vote',
  'vote-response',
  'append',
  'append-response',
  'heartbeat',
  'heartbeat-response',
  'snapshot',
  'timeout-now',
  'read',
  'read-response',
  'propose',
  'snapshot-chunk',
  'snapshot-progress',
  'question',
  'answer',
]);

/**
 * Whether a value that came over the wire can be a message. What lies deeper is trusted: only members may publish to
 * members.
 */
export function isStoreMessage(value: unknown): value is StoreMessage {
  if (typeof value !== 'object' || value === null) return false;
  const { type, from, to } = value as Record<string, unknown>;
  return types.has(type) && typeof from === 'string' && typeof to === 'string';
}
