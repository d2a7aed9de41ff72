/** Linearisable reads without a log entry (dissertation section 6.4). */
import type { LogIndex } from '../../base/index.ts';
import { quorumVerdict } from './quorum.ts';
import { quorumConfigurations, type RaftState, send } from './state.ts';

/**
 * A linearisable read without a log entry (Raft dissertation section 6.4): the leader notes its commit index, proves by
 * a round of heartbeats that it still leads, and the reader waits until that index is applied.
 */
export function startRead(state: RaftState, from: string, context: number): void {
  if (state.log.term(state.log.commit) !== state.term) {
    // Who gets no answer asks again, with the same context.
    const known = state.earlyReads.some((read) => read.from === from && read.context === context);
    if (!known && state.earlyReads.length < state.timing.readsMax) state.earlyReads.push({ from, context });
    return;
  }
  // One that is asked for again waits already, and each tick's heartbeats ask for its proof.
  const waits = state.reads.some((read) => read.from === from && read.context === context);
  if (waits || state.reads.length >= state.timing.readsMax) return;
  state.readSequence += 1;
  state.reads.push({
    sequence: state.readSequence,
    from,
    context,
    index: state.log.commit,
    acknowledged: new Set([state.id]),
  });
  acknowledgeReads(state, state.id, state.readSequence);
  if (state.reads.length > 0) sendHeartbeats(state);
}

/** Reads that came before the leader's first commit of its term can begin. */
export function releaseEarlyReads(state: RaftState): void {
  const waiting = state.earlyReads;
  state.earlyReads = [];
  for (const { from, context } of waiting) startRead(state, from, context);
}

/** `member` follows this leader still, as of read `sequence`; that proves all earlier reads too. */
export function acknowledgeReads(state: RaftState, member: string, sequence: number): void {
  for (const read of state.reads) if (read.sequence <= sequence) read.acknowledged.add(member);
  const configurations = quorumConfigurations(state);
  const proven = state.reads.findLastIndex(
    (read) => quorumVerdict(configurations, (voter) => read.acknowledged.has(voter)) === 'won',
  );
  for (const read of state.reads.splice(0, proven + 1)) answerRead(state, read);
}

function answerRead(
  state: RaftState,
  read: { readonly from: string; readonly context: number; readonly index: LogIndex },
): void {
  if (read.from === state.id) state.readStates.push({ context: read.context, index: read.index });
  else send(state, { type: 'read-response', to: read.from, context: read.context, index: read.index });
}

export function sendHeartbeats(state: RaftState): void {
  const read = state.reads[state.reads.length - 1]?.sequence ?? 0;
  for (const [to, progress] of state.progress) {
    if (to === state.id) continue;
    const commit = Math.min(progress.match, state.log.commit) as LogIndex;
    send(state, { type: 'heartbeat', to, commit, read, record: progress.number, round: state.round });
  }
}
