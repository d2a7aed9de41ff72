/**
 * The members of a store and their changes: learners are added, promoted once they have caught up, and removed through
 * joint consensus (section 6 of the Raft paper); leadership is transferred; a member whose disk was damaged gives its
 * vote back, returns as a learner and votes again when it has caught up.
 *
 *     Members (any member) --> Questions (over the transport) --> the leader's changeMembership --> Raft
 */
export type { Members } from './members.ts';
export type { Foreigners } from './foreigners.ts';
export { foreignersOf, membersOf, senderOf, snapshotSender } from './peers.ts';
export {
  becomeLearner,
  beginCopy,
  endRejoin,
  goOnSettingAside,
  hasPeers,
  regainVote,
  rejoinPhase,
  setAside,
} from './rejoin.ts';
