/**
 * Snapshots of the state: taken step by step beside the normal work (Snapshotter), sent in chunks to a member that is
 * too far behind for the log (SnapshotSender), and decoded there as they come (SnapshotReceiver). Section 7 of the Raft
 * paper.
 */
export { SnapshotReceiver } from './snapshot-receiver.ts';
export { SnapshotSender } from './snapshot-sender.ts';
export { Snapshotter } from './snapshotter.ts';
