/** A follower's side: entries, heartbeats and snapshots of the leader. */
import type { LogIndex, Term } from '../../base/index.ts';
import type { AppendRequest, Heartbeat, SnapshotMessage } from './message.ts';
import { lostBehind } from './owed.ts';
import { type RaftState, send, sendAfterPersist } from './state.ts';

const accepted = { refused: false, hintIndex: 0 as LogIndex, hintTerm: 0 as Term } as const;

export function onAppend(state: RaftState, message: AppendRequest): void {
  const { from: to, previousIndex, previousTerm, entries, record, round } = message;
  const { log } = state;
  if (previousIndex < log.commit) {
    if (message.quiet !== true)
      sendAfterPersist(state, { type: 'append-response', to, index: log.commit, record, round, ...accepted });
    return;
  }
  if (!log.matches(previousIndex, previousTerm)) {
    const hint = log.conflictHint(Math.min(previousIndex, log.lastIndex) as LogIndex, previousTerm);
    send(state, {
      type: 'append-response',
      to,
      index: previousIndex,
      refused: true,
      record,
      round,
      ...hint,
      lostBehind: lostBehind(state),
    });
    return;
  }
  log.merge(entries);
  const last = (previousIndex + entries.length) as LogIndex;
  log.commitTo(Math.min(message.commit, last) as LogIndex);
  if (message.quiet !== true)
    sendAfterPersist(state, { type: 'append-response', to, index: last, record, round, ...accepted });
}

export function onHeartbeat(state: RaftState, message: Heartbeat): void {
  // The leader speaks of entries that this member once confirmed: of those it still has, some may be others.
  if (state.owed === undefined) state.log.commitTo(Math.min(message.commit, state.log.lastIndex) as LogIndex);
  const { from: to, read, record, round } = message;
  send(state, { type: 'heartbeat-response', to, read, record, round, lostBehind: lostBehind(state) });
}

export function onSnapshot(state: RaftState, message: SnapshotMessage): void {
  const { snapshot, from: to, record, round } = message;
  const { log } = state;
  if (snapshot.index > log.commit && log.matches(snapshot.index, snapshot.term)) log.commitTo(snapshot.index);
  if (snapshot.index > log.commit) {
    log.restore(snapshot);
    state.configuration = snapshot.configuration;
    state.snapshot = snapshot;
  }
  sendAfterPersist(state, { type: 'append-response', to, index: log.commit, record, round, ...accepted });
}
