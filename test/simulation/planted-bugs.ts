/** The mistakes that the simulation must find. */
import { consensusBugs } from './planted-in-consensus.ts';
import { encryptionBugs } from './planted-in-encryption.ts';
import { fileBugs } from './planted-in-files.ts';
import { stateBugs } from './planted-in-state.ts';

/** One change of one source file. */
export interface Edit {
  /** Below src/. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * A mistake that is made in source files as they are loaded; the files on disk stay as they are, and no setting can
 * reach it.
 */
export interface PlantedBug {
  readonly name: string;
  /** The promise that it breaks, in words for docs/store.md. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** Seeds that find it, the quickest first; a change of the store may shift one, so there are more. */
  readonly seeds: readonly number[];
}

const election = 'raft/core/election.ts';
const leader = 'raft/core/leader.ts';

/** Mistakes that stores like this one have had, in books or in truth. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'vote-twice-in-a-term',
    breaks: 'one leader a term: a member votes for two candidates',
    edits: [
      {
        file: election,
        find: 'const free = state.vote === from || unbound || (pre && message.term > state.term);',
        replace: 'const free = true || unbound;',
      },
      {
        file: election,
        find: "    assert(state.vote === '' || state.vote === from, 'a member votes once in a term');\n",
        replace: '',
      },
    ],
    seeds: [1000, 1002, 4, 6],
  },
  {
    name: 'acknowledge-before-sync',
    breaks: 'durability: a follower says that it has what a power loss takes from it',
    edits: [
      {
        file: 'raft/core/follower.ts',
        find: "sendAfterPersist(state, { type: 'append-response', to, index: last, record, round, ...accepted });",
        replace: "send(state, { type: 'append-response', to, index: last, record, round, ...accepted });",
      },
    ],
    seeds: [1000, 1003, 98],
  },
  {
    name: 'leader-counts-its-unsynced-log',
    breaks: 'durability: the leader counts itself before its disk has the entry',
    edits: [
      {
        file: leader,
        find: '  // Those who are to vote next must have a change of the membership too before it counts.\n',
        replace: '  state.progress.get(state.id)?.acknowledged(state.log.lastIndex);\n',
      },
    ],
    seeds: [1001, 1002, 276],
  },
  {
    name: 'read-without-a-quorum-round',
    breaks: 'linearisable reads: a leader that was voted out answers from its old state',
    edits: [
      {
        file: 'raft/core/read-index.ts',
        find: 'acknowledgeReads(state, state.id, state.readSequence);',
        replace: 'for (const read of state.reads.splice(0)) answerRead(state, read);',
      },
    ],
    seeds: [61, 1050],
  },
  {
    name: 'read-before-the-first-commit-of-the-term',
    breaks: 'linearisable reads: a new leader does not know yet what is committed',
    edits: [
      {
        file: 'raft/core/read-index.ts',
        find: 'if (state.log.term(state.log.commit) !== state.term) {',
        replace: 'if (state.log.commit < 0) {',
      },
    ],
    seeds: [1020, 1007, 40],
  },
  {
    name: 'apply-a-repeated-batch-twice',
    breaks: 'exactly once: a write that was sent again happens again',
    edits: [
      {
        file: 'state/sessions.ts',
        find: "if (batch.sequence !== last + 1) return 'repeated';",
        replace: "if (batch.sequence > last + 1) return 'repeated';",
      },
      // The leader would leave it out of its log.
      {
        file: 'state/log-tails.ts',
        find: 'if (!forgotten && sequence !== (tail ?? applied.lastOf(session)) + 1) return false;',
        replace: 'if (forgotten) return true;',
      },
    ],
    seeds: [1000, 1001, 3, 11],
  },
  {
    name: 'snapshot-without-the-sessions',
    breaks: 'exactly once, after a snapshot: who wrote what is forgotten',
    edits: [{ file: 'state/state-machine.ts', find: 'codec.pack(this.#sessions.image())', replace: 'codec.pack([])' }],
    seeds: [1000, 5, 8],
  },
  {
    name: 'forget-the-vote-at-restart',
    breaks: 'one leader a term: a member votes again after a restart',
    edits: [
      {
        file: 'state/recovery.ts',
        find: 'const hardState = recovered.hardState ?? {',
        replace: "const hardState = recovered.hardState !== undefined ? { ...recovered.hardState, vote: '' } : {",
      },
    ],
    seeds: [1001, 1020, 1006, 7],
  },
  {
    name: 'membership-in-one-step',
    breaks: 'one majority: the old and the new members decide apart from each other',
    edits: [
      {
        file: 'raft/core/configuration.ts',
        find: 'voters, learners, outgoing: voters.join() === from.voters.join() ? [] : from.voters };',
        replace: 'voters, learners, outgoing: [] };',
      },
      { file: 'raft/core/configuration.ts', find: '  return active;', replace: '  return active.slice(-1);' },
    ],
    seeds: [470],
  },
  {
    name: 'count-a-learners-vote',
    breaks: 'one majority: a member without a vote elects a leader',
    edits: [
      {
        file: election,
        find: 'for (const to of votersOf(quorumConfigurations(state))) {',
        replace: 'for (const to of membersOf(quorumConfigurations(state))) {',
      },
      { file: election, find: 'import { quorumVerdict, votersOf }', replace: 'import { membersOf, quorumVerdict }' },
      {
        file: election,
        find: 'const verdict = quorumVerdict(quorumConfigurations(state), (voter) => state.votes.get(voter));',
        replace:
          'const granted = [...state.votes.values()].filter(Boolean).length;\n  ' +
          'const verdict = granted * 2 > state.configuration.voters.length\n    ' +
          "? 'won' : quorumVerdict(quorumConfigurations(state), (voter) => state.votes.get(voter));",
      },
    ],
    seeds: [159],
  },
  {
    name: 'truncate-behind-a-late-append',
    breaks: 'durability: a message from the past cuts what was acknowledged',
    edits: [
      {
        file: 'raft/core/log.ts',
        find: 'const fresh = entries.findIndex((entry) => !this.matches(entry.index, entry.term));',
        replace: 'const fresh = entries.findIndex((entry) => entry.index > this.commit);',
      },
    ],
    seeds: [1001, 1005, 13, 56],
  },
  {
    name: 'hand-over-to-a-lagging-member',
    breaks: 'complete leaders: one without the newest entries takes over',
    edits: [
      {
        file: leader,
        find: 'if (state.transferTo === to && state.progress.get(to)?.match === state.log.lastIndex)',
        replace: 'if (state.transferTo === to)',
      },
      {
        file: election,
        find: 'const granted = free && complete;',
        replace: 'const granted = free && (message.force || complete);',
      },
    ],
    seeds: [92],
  },
  {
    name: 'watch-resumes-one-too-late',
    breaks: 'watches: the first event after a resumption is missing',
    edits: [
      {
        file: 'mvcc/key-space.ts',
        find: 'this.history.since(prefix, after).map',
        replace: 'this.history.since(prefix, (after + 1) as Revision).map',
      },
    ],
    seeds: [1000, 1, 3],
  },
  {
    name: 'compaction-under-a-watcher',
    breaks: 'watches: events that are gone are left out in silence',
    edits: [
      {
        file: 'mvcc/key-space.ts',
        find: 'if (after < this.oldest) throw new CompactedError(after, this.oldest);',
        replace: '',
      },
    ],
    seeds: [1000, 5, 1],
  },
  {
    name: 'expiry-by-the-local-clock',
    breaks: 'equal states: each member lets keys expire at its own moment',
    edits: [
      {
        file: 'state/housekeeping.ts',
        find: '    this.#expiryUnderWay = true;\n',
        replace: '    applier.space.expire(now);\n    return;\n',
      },
    ],
    seeds: [1000, 1, 3],
  },
  {
    name: 'compare-with-a-removed-key',
    breaks: 'transactions: a condition sees a key that is no more',
    edits: [
      {
        file: 'mvcc/key-space.ts',
        find: '(this.get(key)?.revision ?? 0) !== revision);',
        replace: '(this.#tree.get(key)?.revision ?? 0) !== revision);',
      },
    ],
    seeds: [1000, 5, 3],
  },
  {
    name: 'accept-a-torn-record',
    breaks: 'recovery: half of a write counts as a whole one',
    edits: [
      {
        file: 'raft/wal/frame.ts',
        find: 'return frameCrc(frame) === view.getUint32(position + 16) ? frame : undefined;',
        replace: 'return frame;',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'log-without-a-sync',
    breaks: 'durability: the log is acknowledged from the page cache',
    edits: [
      {
        file: 'raft/wal/write-ahead-log.ts',
        find: '    await this.#file.dataSync();\n    this.#appendedAt',
        replace: '    this.#appendedAt',
      },
    ],
    seeds: [1000, 6, 4],
  },
  {
    name: 'snapshot-without-a-sync',
    breaks: 'durability: log segments go before the snapshot is on disk',
    edits: [{ file: 'raft/wal/snapshot-file.ts', find: '    await file.dataSync();\n', replace: '' }],
    seeds: [1000, 21, 19],
  },
  {
    name: 'commit-an-older-terms-entry-by-counting',
    breaks: 'figure 8 of the Raft paper: a committed entry is overwritten',
    edits: [
      {
        file: leader,
        find: 'if (index <= state.log.commit || state.log.term(index) !== state.term) return false;',
        replace: 'if (index <= state.log.commit) return false;',
      },
    ],
    seeds: [1012, 1018, 1021],
  },
  {
    name: 'no-step-back-after-a-refusal',
    breaks: 'progress: a follower whose log differs never takes part again',
    edits: [
      {
        file: leader,
        find: 'if (progress.refused(message.index, hintIndex)) sendAppend(state, message.from, true);',
        replace: '',
      },
    ],
    seeds: [1000, 1, 3],
  },
  {
    name: 'count-a-late-vote',
    breaks: 'an invariant: a vote for an election that is over makes a leader once more',
    edits: [
      {
        file: election,
        find: 'if (state.role === expected) recordVote(state, message);',
        replace: 'recordVote(state, message);',
      },
    ],
    seeds: [1000, 1],
  },
  {
    name: 'watch-goes-on-over-lost-history',
    breaks: 'watches: a member that jumps by a snapshot does not tell that deletions are lost',
    edits: [
      {
        file: 'state/watch/watch-hub.ts',
        find: 'if (position < space.oldest) {',
        replace: 'if (position < space.oldest && space.revision < 0) {',
      },
      {
        file: 'state/watch/watch-hub.ts',
        find: 'watcher.deliver(space.eventsSince(prefix, position));',
        replace: 'watcher.deliver(space.eventsSince(prefix, Math.max(position, space.oldest) as Revision));',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'late-answer-to-a-read-of-an-earlier-life',
    breaks: 'linearisable reads: an answer from before a restart counts for a read after it',
    edits: [
      {
        file: 'state/replica.ts',
        find: 'new LinearReads(options.random.below(2 ** 31) * 2 ** 21)',
        replace: 'new LinearReads(0)',
      },
    ],
    seeds: [1017],
  },
  {
    name: 'append-a-batch-that-is-sent-again',
    breaks: 'bounds: while nothing can be committed, each repetition makes the log longer',
    edits: [
      {
        file: 'state/log-tails.ts',
        find: 'if (!forgotten && sequence !== (tail ?? applied.lastOf(session)) + 1) return false;',
        replace: 'if (forgotten) return true;',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'judge-losses-at-every-heartbeat',
    breaks: 'bounds: entries travel again with each round of reads',
    edits: [
      {
        file: 'raft/core/progress.ts',
        find: 'if (this.#heartbeats < this.#heartbeatsWaited) return false;',
        replace: '',
      },
    ],
    seeds: [1044],
  },
  {
    name: 'lead-on-with-a-disk-that-hangs',
    breaks: 'bounds: what the others commit stays in the memory of a leader whose own disk answers nothing',
    edits: [{ file: leader, find: '  leaveHungDisk(state, stepDown);\n', replace: '' }],
    seeds: [1113],
  },
  ...consensusBugs,
  ...stateBugs,
  ...fileBugs,
  ...encryptionBugs,
];
