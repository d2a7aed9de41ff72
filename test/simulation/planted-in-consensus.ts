/** Mistakes planted in the algorithm: terms, votes, acknowledgements, majorities, reads. */
import type { PlantedBug } from './planted-bugs.ts';

const core = 'raft/core';

/** One change each. */
export const consensusBugs: readonly PlantedBug[] = [
  {
    name: 'empty-append-acknowledged-at-once',
    breaks: 'acknowledgements: an append without entries is answered before what it confirms is synced',
    edits: [
      {
        file: `${core}/follower.ts`,
        find: "sendAfterPersist(state, { type: 'append-response', to, index: last, record, round, ...accepted });",
        replace:
          '(entries.length === 0 ? send : sendAfterPersist)(state, ' +
          "{ type: 'append-response', to, index: last, record, round, ...accepted });",
      },
    ],
    seeds: [1001],
  },
  {
    name: 'membership-by-what-is-applied-alone',
    breaks: 'membership: a change that is in the log and not yet applied counts for nobody',
    edits: [
      {
        file: `${core}/state.ts`,
        find: 'return pending.length === 0 ? [state.configuration] :',
        replace: 'return pending.length >= 0 ? [state.configuration] :',
      },
    ],
    seeds: [1005],
  },
  {
    name: 'vote-leaves-before-it-is-durable',
    breaks: 'terms: a vote is given that a power loss takes back',
    edits: [
      {
        file: `${core}/election.ts`,
        find: "sendAfterPersist(state, { type: 'vote-response', to: from, pre, granted, ...known });",
        replace: "send(state, { type: 'vote-response', to: from, pre, granted, ...known });",
      },
    ],
    seeds: [1000],
  },
  {
    name: 'candidate-asks-before-its-vote-is-durable',
    breaks: 'terms: a candidate asks in a term that a power loss lets it vote in again',
    edits: [
      {
        file: `${core}/election.ts`,
        find: 'else sendAfterPersist(state, request);',
        replace: 'else send(state, request);',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'vote-for-a-shorter-log',
    breaks: 'complete leaders: a log of the same term is good enough, however short',
    edits: [
      {
        file: `${core}/log.ts`,
        find: '(lastTerm === this.lastTerm && lastIndex >= this.lastIndex)',
        replace: '(lastTerm === this.lastTerm && lastIndex >= 0)',
      },
    ],
    seeds: [1018],
  },
  {
    name: 'replaced-entries-count-as-durable',
    breaks: 'acknowledgements: what took the place of synced entries counts as synced',
    edits: [
      {
        file: `${core}/log.ts`,
        find: '    this.stable = Math.min(this.stable, first.index - 1) as LogIndex;\n',
        replace: '',
      },
    ],
    seeds: [1007],
  },
  {
    name: 'heartbeat-commits-what-was-not-confirmed',
    breaks: 'commits: a heartbeat tells a follower of more than its log is known to agree in',
    edits: [
      {
        file: `${core}/read-index.ts`,
        find: 'const commit = Math.min(progress.match, state.log.commit) as LogIndex;',
        replace: 'const { commit } = state.log;',
      },
    ],
    seeds: [1002],
  },
  {
    name: 'half-commits',
    breaks: 'majorities: half of an even number of voters commits',
    edits: [
      {
        file: `${core}/quorum.ts`,
        find: 'sorted[Math.floor(voters.length / 2)]',
        replace: 'sorted[Math.floor((voters.length - 1) / 2)]',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'half-elects',
    breaks: 'majorities: half of an even number of voters elects',
    edits: [
      {
        file: `${core}/quorum.ts`,
        find: 'const needed = Math.floor(voters.length / 2) + 1;',
        replace: 'const needed = Math.ceil(voters.length / 2);',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'old-voters-commit-nothing',
    breaks: 'membership: in a joint membership the new majority commits alone',
    edits: [
      {
        file: `${core}/quorum.ts`,
        find: 'index = Math.min(index, majorityIndex(voters, reached), majorityIndex(outgoing, reached));',
        replace:
          'index = Math.min(index, majorityIndex(voters, reached), majorityIndex(outgoing.slice(0, 0), reached));',
      },
    ],
    seeds: [1013],
  },
  {
    name: 'obey-a-leader-of-the-past',
    breaks: 'terms: a message of an older term is taken as one of this',
    edits: [
      {
        file: `${core}/raft.ts`,
        find: 'if (message.term < state.term) this.#answerOldTerm(message);',
        replace: "if (message.term < state.term && message.type !== 'append') this.#answerOldTerm(message);",
      },
    ],
    seeds: [1001],
  },
  {
    name: 'a-vote-alone-is-not-synced',
    breaks: 'disk order: a vote in the present term is handed to the disk without a sync',
    edits: [
      {
        file: `${core}/persistence.ts`,
        find: '      last.term !== term ||\n      last.vote !== vote ||\n      isNews(last.identity, identity);\n',
        replace: '      last.term !== term ||\n      isNews(last.identity, identity);\n',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'commit-beyond-what-agrees',
    breaks: 'commits: an append commits what lies behind its entries, of which nothing is known',
    edits: [
      {
        file: `${core}/follower.ts`,
        find: 'log.commitTo(Math.min(message.commit, last) as LogIndex);',
        replace: 'log.commitTo(Math.min(message.commit, log.lastIndex) as LogIndex);',
      },
    ],
    seeds: [1054],
  },
  {
    name: 'old-voters-elect-nobody',
    breaks: 'membership: in a joint membership the new majority elects, and proves reads, alone',
    edits: [
      {
        file: `${core}/quorum.ts`,
        find: 'majorityVerdict(outgoing, voted),',
        replace: 'majorityVerdict(outgoing.slice(0, 0), voted),',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'any-heartbeat-proves-a-read',
    breaks: 'linearisable reads: an answer to what was asked before the read proves it',
    edits: [
      {
        file: `${core}/read-index.ts`,
        find: 'if (read.sequence <= sequence) read.acknowledged.add(member);',
        replace: 'if (sequence >= 0) read.acknowledged.add(member);',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'install-a-snapshot-of-the-past',
    breaks: 'commits: a snapshot that comes late takes the place of a newer state',
    edits: [
      {
        file: `${core}/follower.ts`,
        find: 'if (snapshot.index > log.commit) {',
        replace: 'if (snapshot.index > 0) {',
      },
    ],
    seeds: [1009],
  },
  {
    name: 'append-behind-another-term',
    breaks: 'matching logs: entries are taken behind one of another term',
    edits: [
      {
        file: `${core}/follower.ts`,
        find: 'if (!log.matches(previousIndex, previousTerm)) {',
        replace: 'if (log.term(previousIndex) === undefined) {',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'who-joined-votes-for-whoever-asks',
    breaks: 'membership: a life that joined votes for one that was removed unheard and has less than was committed',
    edits: [
      {
        file: `${core}/joining.ts`,
        find: 'joinedAt === undefined || (joinedAt !== null && reaches(end, joinedAt));',
        replace: 'joinedAt === undefined || joinedAt === null || reaches(end, joinedAt) || true;',
      },
    ],
    seeds: [1532, 1643, 1911],
  },
  {
    name: 'what-a-member-says-binds-it-to-nothing',
    breaks: 'lost entries: who says that it lacks an entry may still take it from the leader of that time',
    edits: [
      {
        file: `${core}/owed.ts`,
        find: '  if (state.term <= term) enterTerm((term + 1) as Term);\n',
        replace: '  void enterTerm;\n',
      },
    ],
    seeds: [1011],
  },
  {
    name: 'who-is-silent-has-nothing',
    breaks: 'lost entries: what a member and those that do not answer may have had is forgotten',
    edits: [
      {
        file: `${core}/owed.ts`,
        find: 'return count(undefined) + damaged +',
        replace: 'return damaged +',
      },
    ],
    seeds: [1027],
  },
];
