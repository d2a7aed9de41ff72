/** A member whose disk lost the newest entries that it may have acknowledged. */
import type { LogIndex, Term } from '../../base/index.ts';
import { holdsFormerLife } from './joining.ts';
import { type LogEnd, reaches } from './log-end.ts';
import type { Testimony, VoteRequest, VoteResponse } from './message.ts';
import { votersOf } from './quorum.ts';
import { quorumConfigurations, type RaftState, send, sendAfterPersist } from './state.ts';

/*
 * Raft's safety stands on memory: what a majority acknowledged, each later majority finds (paper section 5.4.3). A
 * member whose disk lost entries would break that. But its log still knows where it ended (the marks of src/raft/wal),
 * and that is enough for the part that elections need: it refuses its vote to whoever has less than it once had, as
 * if it had the entries still, and is no candidate itself. A leader that has them gives them back.
 *
 * Perhaps nobody has them: power failed everywhere in the middle of a write. Then such members ask the other voters
 * where their logs end. What is owed was committed only if a majority had it. One that holds less and owes nothing
 * never had it, and never will of a leader that may still count on the one who asks: before it answers it leaves that
 * leader's term. One that is silent may have it; of those that owe or gave their data up, fewer than half of all have
 * lost what they had synced, and the others' writes were interrupted. When all who may have had it are no majority, it
 * is forgotten. Compare Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018.
 */

/** Asks each of the other voters where its log ends. */
export function inquire(state: RaftState): void {
  state.leader = '';
  const { lastIndex, lastTerm } = state.log;
  const question = { type: 'vote', pre: true, force: false, lastIndex, lastTerm, inquiry: state.inquiry } as const;
  for (const to of votersOf(quorumConfigurations(state)))
    if (to !== state.id) send(state, { ...question, to, term: state.owedTerm });
  weigh(state);
}

const endOf = ({ log }: RaftState): LogEnd => ({ index: log.lastIndex, term: log.lastTerm });

/**
 * A member that lost entries asks; it is told, unless a leader is there to help it. What is said holds from then on: a
 * term is entered first in which no entry of the asker's terms is taken any more.
 */
export function onInquiry(
  state: RaftState,
  { from: to, inquiry, term }: VoteRequest,
  enterTerm: (term: Term) => void,
): void {
  if (state.leader !== '' && state.electionElapsed < state.timing.electionTicks) return;
  if (state.term <= term) enterTerm((term + 1) as Term);
  const end = endOf(state);
  const testimony: Testimony = holdsFormerLife(state, end)
    ? { type: state.owed === undefined ? 'whole' : 'owes', end }
    : { type: 'damaged' };
  sendAfterPersist(state, { type: 'vote-response', to, pre: true, granted: false, inquiry, testimony });
}

export function onInquiryAnswer(state: RaftState, { from, inquiry, testimony, term }: VoteResponse): void {
  if (state.owed === undefined || inquiry !== state.inquiry || testimony === undefined) return;
  // One of an earlier program, which may yet take what it lacks.
  if (testimony.type !== 'damaged' && term <= state.owedTerm) return;
  state.testimonies.set(from, testimony);
  weigh(state);
}

/** Forgets what was never committed, whoever of the silent ones may have it. */
function weigh(state: RaftState): void {
  const { owed, testimonies } = state;
  if (owed === undefined) return;
  const ends = [...testimonies.values()].flatMap((one) => (one.type === 'damaged' ? [] : [one.end]));
  if (ends.some((end) => reaches(end, owed))) return;
  const electorates = quorumConfigurations(state).flatMap(({ voters, outgoing }) => [voters, outgoing]);
  if (electorates.some((voters) => mayHaveHeld(state, voters) * 2 > voters.length)) return;
  // One that has more than this member keeps its claim: it leads next.
  const best = ends.reduce((most, end) => (reaches(end, most) ? end : most), endOf(state));
  state.owed = reaches(endOf(state), best) ? undefined : best;
  testimonies.clear();
}

/** How many of these voters may have held what is owed. */
function mayHaveHeld({ id, testimonies }: RaftState, voters: readonly string[]): number {
  const count = (type: Testimony['type'] | undefined): number =>
    voters.filter((voter) => voter !== id && testimonies.get(voter)?.type === type).length;
  const owing = count('owes') + (voters.includes(id) ? 1 : 0);
  const damaged = count('damaged');
  // Fewer than half of the disks lose what they had synced; those that gave everything up are among them.
  const lossesMax = Math.max(0, Math.ceil(voters.length / 2) - 1 - damaged);
  return count(undefined) + damaged + Math.min(owing, lossesMax);
}

/** The log on this disk reached `stable`: it may be all that was owed. */
export function settle(state: RaftState): void {
  const { owed, log } = state;
  const term = log.term(log.stable);
  if (owed === undefined || term === undefined) return;
  if (reaches({ index: log.stable, term }, owed)) state.owed = undefined;
}

/**
 * What the leader must not take for acknowledged any more: all behind this entry. What was not yet committed may be
 * there and be another: a later batch, now lost, had replaced it.
 */
export const lostBehind = ({ owed, log }: RaftState): LogIndex | undefined => owed && log.commit;

/** Whether a log that ends there has all that this member may have acknowledged. */
export const holdsOwed = ({ owed }: RaftState, end: LogEnd): boolean => owed === undefined || reaches(end, owed);

/** What the constructor begins with. */
export function owedAtStart(owed: LogEnd | undefined, end: LogEnd): LogEnd | undefined {
  return owed === undefined || owed.index === (0 as LogIndex) || reaches(end, owed) ? undefined : owed;
}
