/** Committed entries become state: applied in order, published, answered. */
import { assert, type LogIndex } from '../base/index.ts';
import type { KeySpace, Version } from '../mvcc/index.ts';
import type { Entry, Raft } from '../raft/core/index.ts';
import { decodeBatch } from './batch/index.ts';
import type { ClusterTime } from './cluster-time.ts';
import type { CommitNotices } from './commit-notices.ts';
import type { Lifetime } from './lifetime.ts';
import type { LogRetention } from './log-retention.ts';
import type { StoreOptions } from './options.ts';
import { type Moment, Moments } from './moments.ts';
import type { Proposals } from './proposals.ts';
import type { SnapshotReceiver } from './snapshot/index.ts';
import type { StateMachine } from './state-machine.ts';
import { afterMessages } from './transport/index.ts';
import { type LinearReads, RevisionWaiters } from './waiters.ts';
import type { ChangePublisher } from './watch/index.ts';

interface ApplierParts {
  readonly options: Pick<StoreOptions, 'random' | 'metrics' | 'log'>;
  readonly lifetime: Lifetime;
  readonly raft: Raft;
  readonly machine: StateMachine;
  readonly proposals: Proposals;
  readonly reads: LinearReads;
  readonly publisher: ChangePublisher;
  readonly notices: CommitNotices;
  readonly receiver: SnapshotReceiver;
  readonly retention: LogRetention;
  readonly time: ClusterTime;
  /** Called when this member has more to propose. */
  readonly onQueued: () => void;
}

/**
 * Applies what Raft has committed. Those who wait first see the new state, then hear that it is there: watchers and
 * listeners, then writers, then readers of a revision, then linearisable readers.
 */
export class Applier {
  readonly revisions = new RevisionWaiters();
  readonly #parts: ApplierParts;
  /** Replaced when a snapshot of the leader is installed, and only then. */
  #machine: StateMachine;
  /** What the key space has applied. Raft's own count runs ahead of it while a snapshot is being installed. */
  #appliedIndex: LogIndex;
  /** Committed entries that wait to be applied, at most until the next turn or the end of a write. */
  #committed: Entry[] = [];
  #scheduled = false;
  readonly #moments = new Moments();

  constructor(parts: ApplierParts) {
    this.#parts = parts;
    this.#machine = parts.machine;
    this.#appliedIndex = parts.raft.appliedIndex;
  }

  get machine(): StateMachine {
    return this.#machine;
  }

  get space(): KeySpace {
    return this.#machine.space;
  }

  get moments(): readonly Moment[] {
    return this.#moments.all;
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  /** The core handed these out: they are applied with the next `apply`, in order. */
  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#committed.push(entry);
  }

  /**
   * Applies after the messages of this turn have left: others wait for those. A follower also lets a write under way
   * finish first, since its answer is what the leader waits for.
   */
  schedule(): void {
    if (this.#committed.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    afterMessages(() => {
      this.#parts.lifetime.run(() => {
        this.apply();
      });
    });
  }

  /** Applies what waits, now. */
  apply(): void {
    this.#scheduled = false;
    if (this.#committed.length === 0) return;
    const { notices, proposals, onQueued } = this.#parts;
    const changes: Version[] = [];
    const finished: (() => void)[] = [];
    let foreign = false;
    const entries = this.#committed;
    this.#committed = [];
    for (const entry of entries) {
      foreign = !this.#applyEntry(entry, changes, finished) || foreign;
      this.#moments.applied(entry.index, this.#machine);
    }
    // Another member waits for what it proposed: it must hear at once that it is committed.
    if (foreign) notices.release();
    this.#publish(changes, finished);
    this.considerSnapshot();
    if (proposals.queued > 0) onQueued();
  }

  considerSnapshot(): void {
    if (this.#committed.length === 0) this.#parts.retention.considerSnapshot(this.#machine);
  }

  /** The snapshot that came for `index` is durable: it takes the place of the state and of what waits before it. */
  install(index: LogIndex): void {
    const { receiver, proposals, options, publisher } = this.#parts;
    const received = receiver.claim(index);
    assert(received !== undefined, 'a snapshot is installed from what came for it');
    this.#committed = this.#committed.filter((entry) => entry.index > index);
    const before = this.space;
    this.#machine = received.machine;
    this.#appliedIndex = index;
    proposals.reconcileSessions(this.#machine.sessions, () => options.random.uuid());
    options.log.info('installed a snapshot of the leader', { index, revision: this.space.revision });
    publisher.jump(before, this.space);
    this.#publish([], []);
  }

  /** True when it is this member's own batch. */
  #applyEntry(entry: Entry, changes: Version[], finished: (() => void)[]): boolean {
    this.#appliedIndex = entry.index;
    if (entry.type !== 'data') return false;
    const { proposals, options, retention, time } = this.#parts;
    const batch = proposals.own(entry.data) ?? decodeBatch(entry.data);
    const own = batch.session === proposals.identity.session;
    const results = this.#machine.apply(batch, changes, own);
    if (results === 'forgotten' && own) proposals.renew(options.random.uuid());
    if (typeof results === 'string') return own;
    time.applied(batch.now);
    retention.note(batch.items.length);
    options.metrics.count('troupe_store_transactions_total', undefined, batch.items.length);
    const finish = own ? proposals.finish(batch.sequence) : undefined;
    if (finish !== undefined)
      finished.push(() => {
        finish(results);
      });
    return own;
  }

  #publish(changes: readonly Version[], finished: readonly (() => void)[]): void {
    const { publisher, options, retention, reads } = this.#parts;
    const { space } = this.#machine;
    if (changes.length > 0) {
      publisher.publish(changes, space.revision);
      space.sweep(changes.length * 2);
      options.metrics.gauge('troupe_store_revision', space.revision);
    }
    retention.trim(this.#appliedIndex);
    for (const finish of finished) finish();
    this.revisions.applied(space.revision);
    reads.applied(this.#appliedIndex);
  }
}
