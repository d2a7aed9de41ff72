/** What a Raft member begins with: its settings, and what its disk has kept. */
import type { LogIndex, Random, Term } from '../../base/index.ts';
import { firstTimeline, type Identity } from './identity.ts';
import { RaftLog } from './log.ts';
import type { LogEnd } from './log-end.ts';
import type { Entry, HardState, SnapshotMark } from './message.ts';
import { owedAtStart } from './owed.ts';
import type { RaftState, RaftTiming } from './state.ts';

/** Every setting may be left out: its default holds. */
type Undefinable<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface RaftOptions extends Undefinable<RaftTiming> {
  readonly id: string;
  /** Whose data this is; default: that of the only life there ever was. */
  readonly identity?: Identity | undefined;
  readonly random: Random;
  /** What the log starts from: the newest snapshot, or index 0 with the founding members. */
  readonly base: SnapshotMark;
  readonly entries?: readonly Entry[] | undefined;
  readonly hardState?: HardState | undefined;
  /** Up to where this member may have acknowledged what its disk lost. */
  readonly owed?: LogEnd | undefined;
}

const defaults: RaftTiming = {
  electionTicks: 10,
  heartbeatTicks: 1,
  messageBytesMax: 128 * 1024,
  inflightMax: 64,
  pendingBytesMax: 64 * 1024 * 1024,
  readsMax: 1_024,
};

/** That of a member which has not kept any. */
export const noHardState: HardState = { term: 0 as Term, vote: '', commit: 0 as LogIndex };

function timingOf(options: RaftOptions): RaftTiming {
  return {
    electionTicks: options.electionTicks ?? defaults.electionTicks,
    heartbeatTicks: options.heartbeatTicks ?? defaults.heartbeatTicks,
    messageBytesMax: options.messageBytesMax ?? defaults.messageBytesMax,
    inflightMax: options.inflightMax ?? defaults.inflightMax,
    pendingBytesMax: options.pendingBytesMax ?? defaults.pendingBytesMax,
    readsMax: options.readsMax ?? defaults.readsMax,
  };
}

/** The state of a follower that has heard of nobody. */
export function startedState(options: RaftOptions): RaftState {
  const { id, random, base, entries = [], hardState = noHardState } = options;
  const log = new RaftLog(base, entries);
  log.commitTo(Math.min(hardState.commit, log.lastIndex) as LogIndex);
  const timing = timingOf(options);
  return {
    id,
    identity: options.identity ?? { member: id, timeline: firstTimeline, incarnation: '' },
    random,
    log,
    timing,
    role: 'follower',
    term: hardState.term,
    vote: hardState.vote,
    leader: '',
    configuration: base.configuration,
    electionElapsed: 0,
    heartbeatElapsed: 0,
    electionWait: timing.electionTicks,
    votes: new Map(),
    progress: new Map(),
    progressSequence: 0,
    transferTo: '',
    transferTicks: 0,
    configurationIndex: 0 as LogIndex,
    writeTicks: 0,
    round: 0,
    readSequence: 0,
    reads: [],
    earlyReads: [],
    messages: [],
    afterPersist: [],
    readStates: [],
    snapshot: undefined,
    owed: owedAtStart(options.owed, { index: log.lastIndex, term: log.lastTerm }),
    owedTerm: hardState.term,
    testimonies: new Map(),
    inquiry: random.below(2 ** 31),
  };
}
