/**
 * The Raft consensus algorithm as a pure state machine, in the shape of etcd-io/raft.
 *
 *     tick() ---------+                 +--> persist   (write, sync, then persisted())
 *     step(message) --+--> Raft.ready() +--> messages  (send now)
 *     propose(data) --+                 +--> committed (apply in order)
 *     read(context) --+                 +--> reads     (linearisable once the index is applied)
 *
 * Persisting is asynchronous: while one write is under way the core goes on, and what it decides gathers for the next
 * one. Messages that promise something durable (votes, acknowledged entries) are held back until it is durable; a
 * leader's appends leave at once, so its own sync and its followers' run side by side.
 *
 * Invariants: at most one leader in a term; a committed entry never changes; nothing is applied that is not committed
 * and durable here. Follows the Raft paper and dissertation: pre-vote (9.6), check-quorum and ReadIndex (6.4),
 * leadership transfer (3.10), joint consensus (paper section 6), fast conflict back-off by term (paper section 5.3).
 */
export { firstTimeline, type Identity, type Sender, timelineOf } from './identity.ts';
export type {
  Configuration,
  Entry,
  HardState,
  Message,
  Persist,
  ReadState,
  Snapshot,
  SnapshotMark,
  SnapshotMessage,
  VoteRequest,
} from './message.ts';
export { type LogEnd, noEntry, reaches } from './log-end.ts';
export { Raft, type Ready } from './raft.ts';
