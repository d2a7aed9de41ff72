/** The leader's side: replication, commit, leadership transfer and changes of the membership. */
import { assert, type LogIndex } from '../../base/index.ts';
import { changed, decodeChange, encodeChange } from './configuration.ts';
import type { AppendResponse, Entry, HeartbeatResponse } from './message.ts';
import { Progress } from './progress.ts';
import { membersOf, quorumIndex, quorumVerdict } from './quorum.ts';
import { acknowledgeReads, releaseEarlyReads, sendHeartbeats } from './read-index.ts';
import { diskHangs, quorumConfigurations, type RaftState, send } from './state.ts';

const nothing = new Uint8Array(0);

export function becomeLeader(state: RaftState): void {
  assert(state.role === 'candidate', 'only a candidate becomes leader');
  state.role = 'leader';
  state.leader = state.id;
  state.electionElapsed = 0;
  state.heartbeatElapsed = 0;
  state.configurationIndex = state.log.lastIndex;
  followConfiguration(state);
  appendOwn(state, [{ type: 'empty', data: nothing }]);
}

/** Keeps one progress for each member of the configuration, and of those that the log holds beyond it. */
function followConfiguration(state: RaftState): void {
  const members = membersOf(quorumConfigurations(state));
  for (const member of state.progress.keys()) if (!members.includes(member)) state.progress.delete(member);
  for (const member of members) {
    if (state.progress.has(member)) continue;
    const progress = beginProgress(state, member);
    if (member === state.id) progress.match = state.log.stable;
  }
}

function beginProgress(state: RaftState, member: string): Progress {
  state.progressSequence += 1;
  const { inflightMax } = state.timing;
  const progress = new Progress((state.log.lastIndex + 1) as LogIndex, { number: state.progressSequence, inflightMax });
  state.progress.set(member, progress);
  return progress;
}

/**
 * The record that an answer counts for; undefined when it counts for none: it answers what was sent to an earlier
 * record of this member, or comes from another incarnation than the record is of. One that began again with an empty
 * folder has none of what the one before it acknowledged, so its record begins again too.
 */
function answered(state: RaftState, message: AppendResponse | HeartbeatResponse): Progress | undefined {
  const { from, record, round, incarnation = '' } = message;
  const progress = state.progress.get(from);
  if (progress === undefined || (record !== undefined && record !== progress.number)) return undefined;
  if (progress.incarnation === '') progress.incarnation = incarnation;
  if (progress.incarnation !== incarnation) {
    // A program that knows of no incarnations cannot have come after one that does.
    if (incarnation !== '') beginProgress(state, from).incarnation = incarnation;
    return undefined;
  }
  progress.heard(round === undefined ? undefined : state.round - round);
  return progress;
}

/** Appends to the leader's log and sends it on. */
export function appendOwn(state: RaftState, items: readonly Pick<Entry, 'type' | 'data'>[]): void {
  const first = state.log.lastIndex + 1;
  state.log.append(
    items.map((item, position) => ({ ...item, index: (first + position) as LogIndex, term: state.term })),
  );
  // Those who are to vote next must have a change of the membership too before it counts.
  if (items.some(({ type }) => type === 'configuration')) followConfiguration(state);
  broadcastAppend(state);
}

function broadcastAppend(state: RaftState): void {
  for (const member of state.progress.keys()) if (member !== state.id) sendAppend(state, member, true);
}

/**
 * Sends the next entries to a follower, as far as its window allows. `empty`: also when there are none, to carry the
 * commit index.
 */
function sendAppend(state: RaftState, to: string, empty: boolean): void {
  const progress = state.progress.get(to);
  let carriesNothing = empty;
  while (progress !== undefined && !progress.paused) {
    const previousIndex = (progress.next - 1) as LogIndex;
    const previousTerm = state.log.term(previousIndex);
    if (previousTerm === undefined) {
      sendSnapshot(state, to, progress);
      return;
    }
    const entries = state.log.slice(progress.next, { bytesMax: state.timing.messageBytesMax });
    if (entries.length === 0 && !carriesNothing) return;
    const quiet = entries.length === 0 && progress.state === 'replicate';
    send(state, {
      type: 'append',
      to,
      previousIndex,
      previousTerm,
      entries,
      commit: state.log.commit,
      record: progress.number,
      round: state.round,
      ...(quiet ? { quiet } : {}),
    });
    progress.sent(entries[entries.length - 1]?.index);
    carriesNothing = false;
  }
}

function sendSnapshot(state: RaftState, to: string, progress: Progress): void {
  // Not before it was heard once: how a snapshot is made depends on the program that is to read it.
  if (!hears(state, to)) return;
  progress.becomeSnapshot();
  const index = state.log.applied;
  const term = state.log.term(index);
  assert(term !== undefined, 'the term of the applied entry is known');
  const snapshot = { index, term, configuration: state.configuration, data: nothing };
  send(state, { type: 'snapshot', to, snapshot, record: progress.number, round: state.round });
}

/** A snapshot at `index` reached the follower, or (undefined) none did: goes on from there. */
export function continueAfterSnapshot(state: RaftState, to: string, index: LogIndex | undefined): void {
  const progress = state.progress.get(to);
  if (progress?.state !== 'snapshot') return;
  progress.becomeProbe();
  if (index === undefined) return;
  progress.next = Math.max(progress.next, index + 1) as LogIndex;
  sendAppend(state, to, true);
}

/**
 * Commits what a majority holds, if it is of this term (Raft paper section 5.4.2). True when the commit index moved.
 */
function advanceCommit(state: RaftState): boolean {
  const index = quorumIndex(
    quorumConfigurations(state),
    (voter) => state.progress.get(voter)?.match ?? (0 as LogIndex),
  );
  if (index <= state.log.commit || state.log.term(index) !== state.term) return false;
  state.log.commitTo(index);
  releaseEarlyReads(state);
  broadcastAppend(state);
  return true;
}

/** The leader's own log is durable up to its stable index. */
export function ownLogDurable(state: RaftState): void {
  const own = state.progress.get(state.id);
  if (own?.acknowledged(state.log.stable) === true) advanceCommit(state);
}

export function onAppendResponse(state: RaftState, message: AppendResponse): void {
  const progress = answered(state, message);
  if (progress === undefined) return;
  if (message.refused) {
    const { hintIndex } = state.log.conflictHint(message.hintIndex, message.hintTerm);
    progress.lost(message.lostBehind);
    if (progress.refused(message.index, hintIndex)) sendAppend(state, message.from, true);
    return;
  }
  // Nobody can have what the leader of this term never had: its log is of a past that is not this one's.
  progress.unbelievable = message.index > state.log.lastIndex;
  if (progress.unbelievable) return;
  const wasPaused = progress.paused;
  const news = progress.acknowledged(message.index);
  if (progress.state === 'probe' && progress.match === message.index) progress.becomeReplicate();
  else if (progress.state === 'snapshot' && progress.match + 1 >= state.log.firstIndex) progress.becomeReplicate();
  const committed = news && advanceCommit(state);
  if (!committed && (wasPaused || news)) sendAppend(state, message.from, false);
  transferWhenCaughtUp(state, message.from);
}

/** The leadership transfer's last step, once the target has the whole log: it shall start an election now. */
export function transferWhenCaughtUp(state: RaftState, to: string): void {
  if (state.transferTo === to && state.progress.get(to)?.match === state.log.lastIndex)
    send(state, { type: 'timeout-now', to });
}

/**
 * The others go on while this leader's disk hangs: what they commit could never leave its memory. It hands over to the
 * member that has most; where nobody takes over in time, it steps down.
 */
function leaveHungDisk(state: RaftState, stepDown: () => void): void {
  const { log, timing, transferTo, writeTicks } = state;
  if (transferTo !== '' || !diskHangs(state) || log.commit <= log.stable) return;
  const heir = nextLeader(state);
  if (heir === undefined || writeTicks >= timing.electionTicks * 3) {
    stepDown();
    return;
  }
  state.transferTo = heir;
  state.transferTicks = 0;
  transferWhenCaughtUp(state, heir);
}

/** The other voter that answers and has most of the log. */
function nextLeader(state: RaftState): string | undefined {
  const matchOf = (name: string): number => state.progress.get(name)?.match ?? -1;
  return state.configuration.voters
    .filter((name) => name !== state.id && hears(state, name))
    .reduce<string | undefined>(
      (best, name) => (best === undefined || matchOf(name) > matchOf(best) ? name : best),
      undefined,
    );
}

export function onHeartbeatResponse(state: RaftState, message: HeartbeatResponse): void {
  const progress = answered(state, message);
  if (progress === undefined) return;
  progress.lost(message.lostBehind);
  if (progress.match < state.log.lastIndex && progress.heartbeatAnswered(state.timing.electionTicks))
    sendAppend(state, message.from, true);
  acknowledgeReads(state, message.from, message.read);
}

/** Whether a member has answered what this leader asked within an election timeout. */
export function hears(state: RaftState, member: string): boolean {
  const silentTicks = state.progress.get(member)?.silentTicks ?? Number.POSITIVE_INFINITY;
  return member === state.id || silentTicks < state.timing.electionTicks;
}

/**
 * Leader's share of a tick: heartbeats, the check that a majority still answers, and the end of a leadership transfer
 * that failed.
 */
export function tickLeader(state: RaftState, stepDown: () => void): void {
  state.round += 1;
  state.heartbeatElapsed += 1;
  state.electionElapsed += 1;
  state.transferTicks += 1;
  if (state.transferTicks >= state.timing.electionTicks) state.transferTo = '';
  for (const progress of state.progress.values()) {
    progress.silentTicks += 1;
    if (progress.state !== 'snapshot') continue;
    progress.snapshotTicks += 1;
    if (progress.snapshotTicks > state.timing.electionTicks * 20) progress.becomeProbe();
  }
  leaveHungDisk(state, stepDown);
  if (state.role !== 'leader') return;
  if (state.electionElapsed >= state.timing.electionTicks) {
    state.electionElapsed = 0;
    const verdict = quorumVerdict(
      quorumConfigurations(state),
      (voter) => hears(state, voter) || state.progress.get(voter)?.fresh === true,
    );
    if (verdict !== 'won') {
      stepDown();
      return;
    }
    for (const progress of state.progress.values()) progress.fresh = false;
  }
  if (state.heartbeatElapsed >= state.timing.heartbeatTicks) {
    state.heartbeatElapsed = 0;
    for (const progress of state.progress.values()) progress.heartbeatSent();
    sendHeartbeats(state);
  }
}

/** Follows a committed change of the membership, and ends the joint phase when both majorities hold it. */
export function onConfigurationApplied(state: RaftState, entry: Entry): void {
  state.configuration = changed(state.configuration, decodeChange(entry.data));
  if (state.role !== 'leader') return;
  followConfiguration(state);
  leaveJoint(state);
  advanceCommit(state);
}

/** Proposes the end of the joint phase once its beginning is applied. */
export function leaveJoint(state: RaftState): void {
  if (
    state.role !== 'leader' ||
    state.configuration.outgoing.length === 0 ||
    state.configurationIndex > state.log.applied
  )
    return;
  state.configurationIndex = (state.log.lastIndex + 1) as LogIndex;
  appendOwn(state, [{ type: 'configuration', data: encodeChange({ type: 'leave' }) }]);
}
