/** Mistakes planted in what the log makes: transactions, sessions, expiry, watches, reads, snapshots in memory. */
import type { PlantedBug } from './planted-bugs.ts';

const space = 'mvcc/key-space.ts';

/** One change each. */
export const stateBugs: readonly PlantedBug[] = [
  {
    name: 'a-failed-compare-is-passed-over',
    breaks: 'transactions: the first condition does not count',
    edits: [{ file: space, find: 'if (failed >= 0) return failed;', replace: 'if (failed > 0) return failed;' }],
    seeds: [1000],
  },
  {
    name: 'half-a-transaction',
    breaks: 'transactions: all operations but the first are left out',
    edits: [
      {
        file: space,
        find: 'for (const operation of operations) {\n      const order',
        replace: 'for (const operation of operations.slice(0, 1)) {\n      const order',
      },
    ],
    seeds: [1003],
  },
  {
    name: 'created-anew-by-each-write',
    breaks: 'revisions: a key forgets when it was created',
    edits: [
      {
        file: space,
        find: 'createRevision: previous?.createRevision ?? revision,',
        replace: 'createRevision: revision,',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'an-old-expiry-takes-a-newer-value',
    breaks: 'expiry: a key that was written again goes at the time of its old value',
    edits: [
      {
        file: space,
        find: 'head.revision === revision && head.expiresAt === at;',
        replace: 'revision > 0 && at > 0;',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'snapshot-without-expiries',
    breaks: 'expiry, after a snapshot: keys stay for ever on members that began from it',
    edits: [
      {
        file: space,
        find: 'if (head.expiresAt > 0) this.#expiry.push({ at: head.expiresAt, key: head.key,',
        replace: 'if (head.expiresAt < 0) this.#expiry.push({ at: head.expiresAt, key: head.key,',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'owners-are-lost-at-a-restart',
    breaks: 'indexes: what an owner owns is forgotten by members that began from a snapshot',
    edits: [{ file: space, find: '    this.#owners.replace(head.key, [], head.index.owners);\n', replace: '' }],
    seeds: [1000],
  },
  {
    name: 'watch-hears-a-snapshot-again',
    breaks: 'watches: events that came with a snapshot come once more',
    edits: [
      {
        file: 'state/watch/watch-hub.ts',
        find: '      watcher.from = Math.max(position, space.revision) as Revision;\n',
        replace: '',
      },
      {
        file: 'state/watch/watch-hub.ts',
        find: 'watcher.deliver(space.eventsSince(prefix, position));',
        replace: 'for (let twice = 0; twice < 2; twice++) watcher.deliver(space.eventsSince(prefix, position));',
      },
    ],
    seeds: [1011],
  },
  {
    name: 'snapshot-forgets-where-the-past-ends',
    breaks: 'watch windows: a restarted member offers a past that it does not have',
    edits: [
      {
        file: space,
        find: 'this.history = new History(historyLimits, restored?.floor ?? firstRevision);',
        replace: 'this.history = new History(historyLimits, firstRevision);',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'read-does-not-wait-for-its-index',
    breaks: 'linearisable reads: the answer of the leader is enough, whatever this member has applied',
    edits: [
      {
        file: 'state/waiters.ts',
        find: 'if (round.index === undefined || round.index > index) continue;',
        replace: 'if (round.index === undefined || round.index < 0) continue;',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'a-write-in-flight-is-called-refused',
    breaks: 'outcomes: a write that may still happen is said not to have happened',
    edits: [
      {
        file: 'state/proposals.ts',
        find: "new StoreError('timeout', 'the write was not committed in time; it may still happen');",
        replace: "new StoreError('overloaded', 'the write was not committed in time; it may still happen');",
      },
    ],
    seeds: [1000],
  },
  {
    name: 'restore-gives-revisions-again',
    breaks: 'restore: revisions of the lost future name other states',
    edits: [
      {
        file: 'state/admin/new-timeline.ts',
        find: 'space.skipTo((space.revision + written) as Revision);',
        replace: 'space.skipTo((space.revision + written * 0) as Revision);',
      },
    ],
    seeds: [1002],
  },
  {
    name: 'owners-keep-what-was-deleted',
    breaks: 'indexes: a deleted key still belongs to its owner',
    edits: [{ file: space, find: '    this.#owners.replace(key, index.owners, none);\n', replace: '' }],
    seeds: [1000],
  },
  {
    name: 'expiry-without-a-revision',
    breaks: 'revisions: what expires takes the revision of the next write',
    edits: [
      {
        file: space,
        find: '    this.#commit(changes, first, revision);\n  }\n\n  /** Ends the past',
        replace: '  }\n\n  /** Ends the past',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'told-the-revision-before',
    breaks: 'outcomes: a writer is told of a revision that is not its own',
    edits: [
      {
        file: 'state/state-machine.ts',
        find: '{ committed: true, revision, records }',
        replace: '{ committed: true, revision: (revision - 1) as typeof revision, records }',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'snapshot-forgets-the-time',
    breaks: 'watch windows: the past of a member that began from a snapshot ends at another moment',
    edits: [{ file: space, find: 'this.#setMarks([...(restored?.marks ?? [])]);', replace: 'this.#setMarks([]);' }],
    seeds: [1003],
  },
  {
    name: 'a-revision-is-reached-one-too-early',
    breaks: 'reads: who waits for a revision is told one revision before it is there',
    edits: [
      {
        file: 'state/waiters.ts',
        find: '(waiter) => waiter.revision <= revision)',
        replace: '(waiter) => waiter.revision <= revision + 1)',
      },
    ],
    seeds: [1001],
  },
  {
    name: 'expire-never',
    breaks: 'expiry: keys stay after their time',
    edits: [
      {
        file: 'state/housekeeping.ts',
        find: 'now === undefined || dueAt > now) return;',
        replace: 'now === undefined || dueAt > 0) return;',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'snapshot-ahead-of-its-state',
    breaks: 'snapshots: the mark names entries that the state in it does not have yet',
    edits: [
      {
        file: 'state/applier.ts',
        find: 'if (this.#committed.length === 0) this.#parts.retention',
        replace: 'if (this.#committed.length >= 0) this.#parts.retention',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'read-a-removed-key',
    breaks: 'reads: a deleted key is still there',
    edits: [
      {
        file: space,
        find: 'return head === undefined || head.deleted ? undefined : head;',
        replace: 'return head;',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'list-one-revision-late',
    breaks: 'reads: a list does not have the newest write',
    edits: [
      {
        file: space,
        find: 'const revision = query.revision ?? this.#revision;',
        replace: 'const revision = query.revision ?? (Math.max(this.#revision - 1, this.oldest) as Revision);',
      },
    ],
    seeds: [1000],
  },
  {
    name: 'a-write-within-a-snapshot-is-called-refused',
    breaks: 'outcomes: a write that came applied within a snapshot is said not to have happened',
    edits: [
      {
        file: 'state/proposals.ts',
        find: "'timeout',\n        'the write was carried out, but",
        replace: "'overloaded',\n        'the write was carried out, but",
      },
    ],
    seeds: [1015],
  },
  {
    name: 'pack-what-a-snapshot-still-reads',
    breaks: 'snapshots: versions are freed while a snapshot or a backup reads them',
    edits: [{ file: space, find: '    if (this.#pins > 0) return false;\n', replace: '' }],
    seeds: [1001],
  },
];
