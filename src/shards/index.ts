/**
 * Who acts: the work of controllers and of the scheduler is cut into shards, and each shard has one owner among the
 * members.
 *
 *   heartbeats of all members ──▶ the store's leader ──▶ one key per shard in the store: owner, life, epoch
 *                                                              │ applied on every member
 *                          grant: "this shard is mine" ◀───────┘
 *                            │
 *                            └─▶ fence: every transaction compares the revision of the shard's key
 *
 * A key's shard is a hash of its controller and name (shard.ts). The leader moves as few shards as balance needs
 * (assignment.ts) when a member comes, falls silent, begins another life or is drained; each move raises the shard's
 * epoch. Nobody hands anything over: every member has the whole state, so a new owner looks at its keys at once, and
 * what an old owner still has under way fails on the fence. Heartbeats and leadership only say when to move; that no
 * two owners act in one epoch rests on the store alone. A member that knows no leader gives its grants up until it
 * does. (The idea is Chubby's sequencer, and Kleppmann's fencing token.)
 */
export { assignShards } from './assignment.ts';
export {
  deleteMemberRecord,
  isMemberRecord,
  memberRecords,
  type MemberRecord,
  putMemberRecord,
  useJoinToken,
  withOwnPorts,
} from './member-records.ts';
export { drainedMembers, ownersOf, setDrained } from './shard-keys.ts';
export { leaseWriterShard, schedulerShard, shardOf, shardsCount } from './shard.ts';
export { type Grant, openShards, type Shards } from './shards.ts';
