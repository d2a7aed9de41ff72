/**
 * How a machine joins a cluster (`troupe join`): it checks the authority by its hash, shows its token, and becomes a
 * node with a certificate of its own or a member with the cluster's secrets.
 *
 *   cluster: publishes ConfigMaps that a joining machine reads (objects)
 *   machine: checks ─▶ steps ─▶ join-node | join-member ─▶ the home's files
 *   member:  admits another one (admit-member), which then asks for its vote (member-join)
 */
export { admitMember, type MemberSecrets } from './admit-member.ts';
export { caHashOf, JoinProblem, parseCaHash, parseEndpoint, parseToken } from './checks.ts';
export { callCluster } from './cluster-call.ts';
export { joinMember } from './join-member.ts';
export { joinNode } from './join-node.ts';
export {
  doNotRestart,
  foundingTimeline,
  isJoining,
  isReplica,
  memberSecrets,
  noteRemoval,
  takeVote,
  votersIn,
  votersOf,
  wasRemoved,
} from './member-join.ts';
export { nodeKeys, type NodeKeys, publishNodeKeys, takenAnnotation } from './node-keys.ts';
export { clusterSettings, joinGroups, publishJoinObjects, type SharedSettings } from './objects.ts';
