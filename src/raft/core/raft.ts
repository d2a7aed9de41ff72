/** One member's Raft state machine, behind etcd's Ready contract. */
import { assert, type LogIndex, type Term, unreachable } from '../../base/index.ts';
import { changeTo, encodeChange } from './configuration.ts';
import { becomeFollower, campaign, onVoteRequest, onVoteResponse, ownVoteDurable } from './election.ts';
import { onAppend, onHeartbeat, onSnapshot } from './follower.ts';
import {
  appendOwn,
  continueAfterSnapshot,
  hears,
  transferWhenCaughtUp,
  leaveJoint,
  onAppendResponse,
  onConfigurationApplied,
  onHeartbeatResponse,
  ownLogDurable,
  tickLeader,
} from './leader.ts';
import { type Identity, isForeign, timelineOf } from './identity.ts';
import { asksWhereItJoined, hearsWhereItJoined } from './joining.ts';
import { sizeOf } from './log.ts';
import type { LogEnd } from './log-end.ts';
import { Persistence } from './persistence.ts';
import type { Configuration, Entry, Message, Persist, ReadState, RaftRole, SnapshotMark } from './message.ts';
import { quorumVerdict, votersOf } from './quorum.ts';
import { inquire, onInquiry, onInquiryAnswer, settle } from './owed.ts';
import { startRead } from './read-index.ts';
import { noHardState, type RaftOptions, startedState } from './start.ts';
import { committedConfigurations, diskHangs, isVoter, type RaftState, send } from './state.ts';

/**
 * What the shell must do now: begin to persist (and call `persisted` when it is durable), send the messages, apply the
 * committed entries, answer the reads. A snapshot message is filled after the committed entries are applied, so that
 * its mark and its data are of one moment.
 */
export interface Ready {
  /** Absent while an earlier one is not yet durable. */
  readonly persist?: Persist | undefined;
  /** May leave at once: none of them depends on what is not durable. */
  readonly messages: readonly Message[];
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadState[];
}

/** Bytes of committed entries that one Ready hands out. */
const committedBytesMax = 4 * 1024 * 1024;

/**
 * One member's Raft state machine: pure and synchronous. Time comes as ticks, the network as messages, the disk as
 * Ready and `persisted`.
 */
export class Raft {
  readonly #state: RaftState;
  readonly #persistence: Persistence;

  constructor(options: RaftOptions) {
    this.#state = startedState(options);
    this.#persistence = new Persistence(options.hardState ?? noHardState);
    becomeFollower(this.#state, this.#state.term, '');
  }

  get role(): RaftRole {
    const { role } = this.#state;
    if (role === 'follower') return isVoter(this.#state) ? 'follower' : 'learner';
    return role === 'pre-candidate' ? 'candidate' : role;
  }

  /** '' while none is known. */
  get leader(): string {
    return this.#state.leader;
  }

  get term(): Term {
    return this.#state.term;
  }

  /** Whom it voted for in its term; '' for nobody. */
  get vote(): string {
    return this.#state.vote;
  }

  get commitIndex(): LogIndex {
    return this.#state.log.commit;
  }

  get appliedIndex(): LogIndex {
    return this.#state.log.applied;
  }

  get lastIndex(): LogIndex {
    return this.#state.log.lastIndex;
  }

  get firstIndex(): LogIndex {
    return this.#state.log.firstIndex;
  }

  get configuration(): Configuration {
    return this.#state.configuration;
  }

  /** Whether a restart knows that this membership is committed: before that it could need who has left. */
  get keepsMembership(): boolean {
    return this.#persistence.keepsMembership;
  }

  get identity(): Identity {
    return this.#state.identity;
  }

  /** Up to where this member may have acknowledged what its disk lost; undefined when nothing is missing. */
  get owed(): LogEnd | undefined {
    return this.#state.owed;
  }

  /** Whether a write is on its way to the disk. */
  get persisting(): boolean {
    return this.#persistence.underWay;
  }

  /** The mark of the applied state: what a snapshot taken now stands for. */
  get appliedMark(): SnapshotMark {
    const { log, configuration } = this.#state;
    const term = log.term(log.applied);
    assert(term !== undefined, 'the term of the applied entry is known');
    return { index: log.applied, term, configuration };
  }

  /** Followers' match indices, as the leader knows them. */
  matchOf(member: string): LogIndex | undefined {
    return this.#state.progress.get(member)?.match;
  }

  tick(): void {
    const state = this.#state;
    if (this.#persistence.underWay) state.writeTicks += 1;
    if (state.role === 'leader') {
      tickLeader(state, () => {
        becomeFollower(state, state.term, '');
      });
      return;
    }
    asksWhereItJoined(state);
    state.electionElapsed += 1;
    if (state.electionElapsed < state.electionWait) return;
    state.electionElapsed = 0;
    // With a disk that hangs it could not even vote for itself, and its new term would end the lead of another.
    if (isVoter(state) && !diskHangs(state)) this.campaign();
    // It calls no election, but must not refuse its vote for a leader that is gone: a change under way may count on it.
    else state.leader = '';
  }

  /** Begins an election at once, or asks for what is owed first. */
  campaign(): void {
    if (this.#state.owed !== undefined) inquire(this.#state);
    campaign(this.#state, { pre: true, force: false });
  }

  /**
   * False when no leader is known, or this leader is transferring its leadership or has too much that is not yet
   * committed and durable: nothing was taken. On a follower the proposals travel to the leader and may be lost.
   */
  propose(data: readonly Uint8Array[]): boolean {
    const state = this.#state;
    if (state.role !== 'leader') {
      if (state.leader === '') return false;
      send(state, { type: 'propose', to: state.leader, data });
      return true;
    }
    if (state.transferTo !== '' || !state.progress.has(state.id) || !this.#hasRoom(data)) return false;
    appendOwn(
      state,
      data.map((bytes) => ({ type: 'data', data: bytes })),
    );
    return true;
  }

  /** Whether the member's program is one from before identities, as far as this leader has heard of it. */
  isOlder(member: string): boolean {
    return this.#state.progress.get(member)?.incarnation === '';
  }

  /** The leader's view: whether a member has answered within an election timeout. */
  hears(member: string): boolean {
    return hears(this.#state, member);
  }

  #hasRoom(data: readonly Uint8Array[]): boolean {
    const { log, timing } = this.#state;
    let bytes = log.pendingBytes;
    for (const one of data) bytes += sizeOf({ data: one });
    return log.pendingBytes === 0 || bytes <= timing.pendingBytesMax;
  }

  /** Entries that were not yet handed out to be applied. */
  get unapplied(): readonly Entry[] {
    const { log } = this.#state;
    return log.slice((log.applied + 1) as LogIndex, { bytesMax: Number.POSITIVE_INFINITY });
  }

  /** Bytes in memory of entries that are not yet both committed and durable here. */
  get pendingBytes(): number {
    return this.#state.log.pendingBytes;
  }

  /**
   * Who does not answer, where that would leave the membership that is wanted, or the present one, without a majority:
   * such a change could neither be finished nor undone.
   */
  silentFor(change: Pick<Configuration, 'voters'>): readonly string[] {
    const state = this.#state;
    const wanted = { voters: change.voters, outgoing: state.configuration.voters, learners: [] };
    if (quorumVerdict([wanted], (voter) => hears(state, voter)) === 'won') return [];
    return votersOf([wanted]).filter((voter) => !hears(state, voter));
  }

  /** This leader's ticks so far. Only grows. */
  get round(): number {
    return this.#state.round;
  }

  /** Whether the majorities of the membership that is wanted, and of the present one, answered what was asked later. */
  answersSince({ voters }: Pick<Configuration, 'voters'>, round: number): boolean {
    const { id, configuration, progress, round: now } = this.#state;
    const answers = (voter: string): boolean =>
      voter === id || now - (progress.get(voter)?.silentTicks ?? Number.POSITIVE_INFINITY) > round;
    return quorumVerdict([{ voters, outgoing: configuration.voters, learners: [] }], answers) === 'won';
  }

  /**
   * Changes the membership through both majorities. False unless this is the leader, no other change is under way, and
   * both majorities answer.
   */
  changeConfiguration(change: Pick<Configuration, 'voters' | 'learners'>): boolean {
    const state = this.#state;
    const busy = state.configuration.outgoing.length > 0 || state.configurationIndex > state.log.applied;
    if (state.role !== 'leader' || busy || state.transferTo !== '' || this.silentFor(change).length > 0) return false;
    state.configurationIndex = (state.log.lastIndex + 1) as LogIndex;
    appendOwn(state, [{ type: 'configuration', data: encodeChange(changeTo(state.configuration, change)) }]);
    return true;
  }

  /**
   * Whether the commit index is known to be the newest without asking anybody: this leader is the only voter, no
   * change of that stands in its log, and an entry of its term is committed.
   */
  get decidesAlone(): boolean {
    const { role, log, term } = this.#state;
    return role === 'leader' && log.term(log.commit) === term && this.votesAlone;
  }

  /** Whether no other member has a vote, as far as this one's log says: what is committed counts, applied or not. */
  get votesAlone(): boolean {
    return committedConfigurations(this.#state).every(
      ({ voters, outgoing }) => voters.length === 1 && voters[0] === this.#state.id && outgoing.length === 0,
    );
  }

  /** Asks for a linearisable read; the answer comes as a ReadState with this context. False when no leader is known. */
  read(context: number): boolean {
    const state = this.#state;
    if (state.role === 'leader') startRead(state, state.id, context);
    else if (state.leader === '') return false;
    else send(state, { type: 'read', to: state.leader, context });
    return true;
  }

  /**
   * Transfers leadership to a voter (dissertation section 3.10). False unless this is the leader and `to` another
   * voter that answers. It is given up after an election timeout; asking again meanwhile changes nothing.
   */
  transferLeadership(to: string): boolean {
    const state = this.#state;
    if (state.role !== 'leader' || to === state.id || !state.configuration.voters.includes(to)) return false;
    if (state.transferTo === to) return true;
    if (!hears(state, to)) return false;
    state.transferTo = to;
    state.transferTicks = 0;
    transferWhenCaughtUp(state, to);
    return true;
  }

  /** Who is to take over the leadership; '' for nobody. */
  get transferTo(): string {
    return this.#state.transferTo;
  }

  /** A snapshot of the leader is on its way to the disk: the applied index already speaks of it. */
  get restoring(): boolean {
    return this.#state.snapshot !== undefined || this.#persistence.installing;
  }

  /** Keeps at most so many applied entries in memory, and so many bytes of them. */
  trim(kept: { readonly entriesMax: number; readonly bytesMax: number }): void {
    this.#state.log.trim(kept);
  }

  /** The shell's transfer of a snapshot ended: at `index` when the follower has it, undefined when it failed. */
  reportSnapshot(to: string, index: LogIndex | undefined): void {
    const progress = this.#state.progress.get(to);
    if (this.#state.role !== 'leader' || progress === undefined) return;
    continueAfterSnapshot(this.#state, to, index);
  }

  /** Forgets log entries up to `index` in memory; they must be applied. */
  compact(index: LogIndex): void {
    this.#state.log.compact(index);
  }

  /** Takes a message. One of another timeline is no message to this member. */
  step(message: Message): void {
    const state = this.#state;
    if (isForeign(state.identity.timeline, message)) return;
    if (message.type === 'propose') {
      if (state.role === 'leader') this.propose(message.data);
      return;
    }
    if (message.type === 'read') {
      if (state.role === 'leader') startRead(state, message.from, message.context);
      return;
    }
    if (message.type === 'vote' && message.inquiry !== undefined) {
      onInquiry(state, message, (term) => {
        becomeFollower(state, term, '');
      });
      return;
    }
    if (message.type === 'vote-response' && message.inquiry !== undefined) {
      onInquiryAnswer(state, message);
      return;
    }
    if (message.term > state.term && !this.#enterTerm(message)) return;
    if (message.term < state.term) this.#answerOldTerm(message);
    else this.#route(message);
  }

  /** Whether anything waits to be done. */
  get hasReady(): boolean {
    const { messages, readStates } = this.#state;
    return (
      messages.length > 0 ||
      readStates.length > 0 ||
      this.#appliable > this.#state.log.applied ||
      this.#persistence.due(this.#state)
    );
  }

  /** Takes the work that is due. Committed entries count as applied from here on. */
  ready(): Ready {
    const state = this.#state;
    const persist = this.#persistence.take(state);
    const committed = this.#takeCommitted();
    const ready = { messages: state.messages, committed, reads: state.readStates };
    state.messages = [];
    state.readStates = [];
    return persist === undefined ? ready : { ...ready, persist };
  }

  /** The last Persist is durable. */
  persisted(): void {
    const state = this.#state;
    const hardState = this.#persistence.done(state);
    state.writeTicks = 0;
    settle(state);
    if (state.term === hardState.term && state.vote === state.id) ownVoteDurable(state);
    if (state.role === 'leader') ownLogDurable(state);
  }

  /**
   * Entries up to here may be applied: committed, and not behind a snapshot that is still being installed. A leader
   * does not wait for its own disk where a majority without it has synced them (dissertation section 10.2.1).
   */
  get #appliable(): LogIndex {
    const { log, role } = this.#state;
    if (this.restoring) return log.applied;
    return role === 'leader' ? log.commit : (Math.min(log.commit, log.stable) as LogIndex);
  }

  #takeCommitted(): readonly Entry[] {
    const state = this.#state;
    const to = this.#appliable;
    if (to <= state.log.applied) return [];
    const entries = state.log.slice((state.log.applied + 1) as LogIndex, { to, bytesMax: committedBytesMax });
    for (const entry of entries) {
      state.log.applied = entry.index;
      if (entry.type !== 'configuration') continue;
      this.#persistence.noteMembership(entry.index);
      onConfigurationApplied(state, entry);
    }
    leaveJoint(state);
    const { voters, outgoing } = state.configuration;
    if (state.role === 'leader' && outgoing.length === 0 && !voters.includes(state.id))
      becomeFollower(state, state.term, '');
    return entries;
  }

  /** Handles a newer term. False when the message is to be ignored. */
  #enterTerm(message: Message): boolean {
    const state = this.#state;
    if (message.type === 'vote') {
      const leaderIsAlive = state.leader !== '' && state.electionElapsed < state.timing.electionTicks;
      if (leaderIsAlive && !message.force) return false;
    }
    // A pre-vote, asked or granted, speaks of a term that nobody has entered yet.
    if (message.type === 'vote' && message.pre) {
      onVoteRequest(state, message);
      return false;
    }
    if (message.type === 'vote-response' && message.pre && message.granted) {
      onVoteResponse(state, message);
      return false;
    }
    const fromLeader = message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot';
    becomeFollower(state, message.term, fromLeader ? message.from : '');
    return true;
  }

  /** Tells a leader or candidate of the past which term it is, so that it steps down instead of staying stuck. */
  #answerOldTerm(message: Message): void {
    const { from: to } = message;
    const refusal = { refused: true, index: 0 as LogIndex, hintIndex: 0 as LogIndex, hintTerm: 0 as Term };
    if (message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot')
      send(this.#state, { type: 'append-response', to, ...refusal });
    else if (message.type === 'vote' && message.pre)
      send(this.#state, { type: 'vote-response', to, pre: true, granted: false });
  }

  #route(message: Exclude<Message, { type: 'propose' | 'read' }>): void {
    const state = this.#state;
    switch (message.type) {
      case 'vote':
        onVoteRequest(state, message);
        return;
      case 'vote-response':
        onVoteResponse(state, message);
        return;
      case 'append-response':
        if (state.role === 'leader') onAppendResponse(state, message);
        return;
      case 'heartbeat-response':
        if (state.role === 'leader') onHeartbeatResponse(state, message);
        return;
      case 'timeout-now':
        campaign(state, { pre: false, force: true });
        return;
      case 'read-response':
        if (!hearsWhereItJoined(state, message))
          state.readStates.push({ context: message.context, index: message.index });
        return;
      case 'append':
        this.#follow(message.from, timelineOf(message));
        if (!asksWhereItJoined(state)) onAppend(state, message);
        return;
      case 'heartbeat':
        this.#follow(message.from, timelineOf(message));
        onHeartbeat(state, message);
        return;
      case 'snapshot':
        this.#follow(message.from, timelineOf(message));
        onSnapshot(state, message);
        return;
      default:
        unreachable(message);
    }
  }

  /** The sender leads this term. */
  #follow(leader: string, timeline: string): void {
    const state = this.#state;
    assert(state.role !== 'leader', `two leaders in term ${state.term}: ${state.id} and ${leader}`);
    if (state.role !== 'follower') becomeFollower(state, state.term, leader);
    state.leader = leader;
    state.electionElapsed = 0;
    // Whoever joins takes part in the timeline of the first leader that it hears, and in no other from then on.
    if (state.identity.timeline === '') state.identity = { ...state.identity, timeline };
    // Whoever follows a leader has no vote left in its term: one that lost its memory must not give a second one.
    if (state.vote === '') state.vote = leader;
  }
}
