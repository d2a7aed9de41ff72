/** Elections: pre-vote, votes, and when a vote is refused. */
import { assert, type Term } from '../../base/index.ts';
import { holdsFormerLife } from './joining.ts';
import { becomeLeader } from './leader.ts';
import type { VoteRequest, VoteResponse } from './message.ts';
import { holdsOwed } from './owed.ts';
import { quorumVerdict, votersOf } from './quorum.ts';
import { quorumConfigurations, isVoter, type RaftState, send, sendAfterPersist } from './state.ts';

function reset(state: RaftState, term: Term): void {
  if (state.term !== term) {
    state.term = term;
    state.vote = '';
  }
  state.leader = '';
  state.electionElapsed = 0;
  state.heartbeatElapsed = 0;
  state.electionWait = state.timing.electionTicks + state.random.below(state.timing.electionTicks);
  state.votes.clear();
  state.progress.clear();
  state.transferTo = '';
  state.reads = [];
  state.earlyReads = [];
}

export function becomeFollower(state: RaftState, term: Term, leader: string): void {
  reset(state, term);
  state.role = 'follower';
  state.leader = leader;
}

/**
 * Begins an election: first a pre-vote, so that a member that was cut off does not disturb a working leader with its
 * high term.
 */
export function campaign(state: RaftState, options: { readonly pre: boolean; readonly force: boolean }): void {
  if (state.role === 'leader' || !isVoter(state) || state.owed !== undefined) return;
  const { lastIndex, lastTerm } = state.log;
  if (!holdsFormerLife(state, { index: lastIndex, term: lastTerm })) return;
  const term = (state.term + 1) as Term;
  reset(state, options.pre ? state.term : term);
  state.role = options.pre ? 'pre-candidate' : 'candidate';
  for (const to of votersOf(quorumConfigurations(state))) {
    if (to === state.id) continue;
    const request = { type: 'vote', to, term, ...options, lastIndex, lastTerm } as const;
    if (options.pre) send(state, request);
    else sendAfterPersist(state, request);
  }
  if (options.pre) {
    recordVote(state, { from: state.id, granted: true });
    return;
  }
  // Its own vote counts only once it is durable: see `ownVoteDurable`.
  state.vote = state.id;
}

/** The candidate's vote for itself in its present term is on disk. */
export function ownVoteDurable(state: RaftState): void {
  if (state.role === 'candidate' && !state.votes.has(state.id)) recordVote(state, { from: state.id, granted: true });
}

function recordVote(state: RaftState, vote: { readonly from: string; readonly granted: boolean }): void {
  if (!state.votes.has(vote.from)) state.votes.set(vote.from, vote.granted);
  const verdict = quorumVerdict(quorumConfigurations(state), (voter) => state.votes.get(voter));
  if (verdict === 'lost') becomeFollower(state, state.term, '');
  if (verdict !== 'won') return;
  if (state.role === 'pre-candidate') campaign(state, { pre: false, force: false });
  else becomeLeader(state);
}

export function onVoteRequest(state: RaftState, message: VoteRequest): void {
  const { from, pre, lastIndex, lastTerm } = message;
  const end = { index: lastIndex, term: lastTerm };
  const unbound = state.vote === '' && state.leader === '';
  const free = state.vote === from || unbound || (pre && message.term > state.term);
  const complete = state.log.isUpToDate(lastIndex, lastTerm) && holdsOwed(state, end) && holdsFormerLife(state, end);
  const granted = free && complete;
  const known = granted ? {} : committedOf(state);
  if (pre) {
    // A refusal speaks of the term that the candidate is in, when that is the newer one: it would not listen to an
    // older one.
    const term = granted ? message.term : (Math.max(state.term, message.term - 1) as Term);
    send(state, { type: 'vote-response', to: from, pre, granted, term, ...known });
    return;
  }
  if (granted) {
    assert(state.vote === '' || state.vote === from, 'a member votes once in a term');
    state.vote = from;
    state.electionElapsed = 0;
  }
  sendAfterPersist(state, { type: 'vote-response', to: from, pre, granted, ...known });
}

function committedOf(state: RaftState): Pick<VoteResponse, 'committed'> {
  const { commit: index } = state.log;
  const term = state.log.term(index);
  return term === undefined ? {} : { committed: { index, term } };
}

/**
 * A vote, or a refusal, which also says what is committed: a candidate may hold the end of a change of the membership
 * without knowing that it is committed, and wait for the votes of members who have left.
 */
export function onVoteResponse(state: RaftState, message: VoteResponse): void {
  const { committed } = message;
  if (committed !== undefined && state.log.matches(committed.index, committed.term))
    state.log.commitTo(committed.index);
  const expected = message.pre ? 'pre-candidate' : 'candidate';
  if (state.role === expected) recordVote(state, message);
}
