/** The pump between the queue and Raft: proposes what waits, and carries out what the core asks for. */
import type { Message, Persist, Raft, SnapshotMessage } from '../raft/core/index.ts';
import type { WriteAheadLog } from '../raft/wal/index.ts';
import type { Applier } from './applier.ts';
import { isReadable, stamped } from './batch/index.ts';
import type { ClusterTime } from './cluster-time.ts';
import type { CommitNotices } from './commit-notices.ts';
import type { Lifetime } from './lifetime.ts';
import { LogTails } from './log-tails.ts';
import type { LogWriter } from './log-writer.ts';
import type { StoreOptions } from './options.ts';
import type { Proposals } from './proposals.ts';
import type { SnapshotSender } from './snapshot/index.ts';
import { afterMessages } from './transport/index.ts';
import type { LinearReads } from './waiters.ts';

/** Batches in flight at once: while one is synced, the next one is already with the followers. */
const batchesInFlightMax = 4;
/** A refusal is logged so often. */
const refusalLogMs = 10_000;

interface PumpParts {
  readonly options: Pick<StoreOptions, 'afterInput' | 'clock' | 'log' | 'metrics' | 'transport'>;
  readonly lifetime: Lifetime;
  readonly raft: Raft;
  readonly wal: WriteAheadLog;
  readonly proposals: Proposals;
  readonly reads: LinearReads;
  readonly applier: Applier;
  readonly writer: LogWriter;
  readonly notices: CommitNotices;
  readonly sender: SnapshotSender;
  readonly time: ClusterTime;
}

/**
 * One run: proposals go to the core as batches, readers get a round of ReadIndex, and the core's Ready is drained
 * (persist, messages, committed entries, read states), until nothing more can go.
 */
export class Pump {
  readonly #parts: PumpParts;
  readonly #raft: Raft;
  readonly #proposals: Proposals;
  readonly #tails = new LogTails();
  #scheduled = false;
  #running = false;
  /** When a batch of an unknown layout was last spoken of, in monotonic ms. */
  #refusedAt = -Infinity;
  /** The term in which the batches in flight were proposed last; in another term they are proposed again. */
  #proposedTerm = 0;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#raft = parts.raft;
    this.#proposals = parts.proposals;
  }

  /** Runs the pump after what has arrived is taken, so that it shares a batch. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    (this.#parts.options.afterInput ?? queueMicrotask)(() => {
      this.#scheduled = false;
      this.#parts.lifetime.run(() => {
        this.run();
      });
    });
  }

  /** Runs it now; does nothing within a run. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    const { reads, options, applier } = this.#parts;
    try {
      do {
        this.#propose();
        reads.begin(options.clock.monotonic(), (context) => this.#raft.read(context));
        this.#drain();
        // What a leader that transfers its leadership did not take waits for the next one.
      } while (this.#mayPropose && this.#proposedTerm === this.#raft.term && this.#proposals.queued > 0);
      applier.considerSnapshot();
    } finally {
      this.#running = false;
    }
  }

  /** The next run proposes everything in flight again: a leader may have lost it. */
  resubmit(): void {
    this.#proposedTerm = 0;
  }

  get #mayPropose(): boolean {
    const alone = this.#raft.role === 'leader' && this.#raft.configuration.voters.length === 1;
    return (
      this.#raft.leader !== '' &&
      this.#proposals.shouldFlush(alone ? 1 : batchesInFlightMax) &&
      !(alone && this.#raft.persisting)
    );
  }

  #propose(): void {
    const { options, applier } = this.#parts;
    const now = options.clock.monotonic();
    if (this.#raft.leader !== '' && this.#proposedTerm !== this.#raft.term) this.#proposeAgain(now);
    while (this.#mayPropose && this.#proposedTerm === this.#raft.term) {
      const data = this.#proposals.take(this.#parts.time.now(), now, applier.machine.sessions.moment);
      if (data === undefined) return;
      // A leader that transfers its leadership, or has too much that nobody made durable yet, takes nothing.
      if (!this.offer([data])) this.resubmit();
    }
  }

  #proposeAgain(now: number): void {
    const batches = this.#proposals.inFlightBatches(now);
    if (batches.length === 0 || this.offer(batches)) this.#proposedTerm = this.#raft.term;
  }

  /**
   * Proposes batches of this member, or of another that takes this one for the leader: what the log already holds is
   * left out. False when nothing was taken.
   */
  offer(batches: readonly Uint8Array[]): boolean {
    const { applier } = this.#parts;
    if (this.#raft.role !== 'leader') return this.#raft.propose(batches);
    // What this member cannot apply it passes on to nobody: the log would stop every member that cannot read it.
    if (!batches.every(isReadable)) {
      this.#refuseLayout();
      return false;
    }
    const end = {
      term: this.#raft.term,
      unapplied: () => {
        applier.apply();
        return this.#raft.unapplied;
      },
    };
    const missing = this.#tails.missing(batches, end, applier.machine.sessions);
    const now = this.#parts.time.now();
    if (missing.length > 0 && !this.#raft.propose(missing.map((data) => stamped(data, now)))) return false;
    this.#tails.appended(missing);
    return true;
  }

  #refuseLayout(): void {
    const now = this.#parts.options.clock.monotonic();
    if (now - this.#refusedAt < refusalLogMs) return;
    this.#refusedAt = now;
    this.#parts.options.log.error(
      'refusing writes of a member whose program is too new for this one: upgrade one release at a time',
    );
  }

  #drain(): void {
    const { applier, notices, reads } = this.#parts;
    const snapshots: SnapshotMessage[] = [];
    while (this.#raft.hasReady) {
      const ready = this.#raft.ready();
      if (ready.persist !== undefined) this.#persist(ready.persist);
      for (const message of ready.messages) {
        if (message.type === 'snapshot') snapshots.push(message);
        else notices.pass(this.#timed(message));
      }
      applier.add(ready.committed);
      reads.answered(ready.reads);
    }
    reads.applied(applier.appliedIndex);
    if (snapshots.length > 0) applier.apply();
    for (const message of snapshots) this.#sendSnapshot(message);
    if (this.#raft.role === 'leader' || !this.#raft.persisting) applier.schedule();
  }

  /** What answers a leader tells it the time, too. */
  #timed(message: Message): Message {
    return message.type === 'heartbeat-response' || message.type === 'append-response'
      ? { ...message, clock: this.#parts.options.clock.now() }
      : message;
  }

  #persist(persist: Persist): void {
    if (!persist.sync) {
      this.#raft.persisted();
      return;
    }
    const { options, lifetime } = this.#parts;
    // A leader's entries leave first: the way to a follower's disk is the longer one.
    if (this.#raft.role === 'leader' && options.transport !== undefined)
      afterMessages(() => {
        if (lifetime.ended === undefined) this.#write(persist);
      });
    else this.#write(persist);
  }

  #write(persist: Persist): void {
    const { writer, lifetime } = this.#parts;
    writer.write(persist).then(
      () => {
        lifetime.run(() => {
          this.#persisted(persist);
        });
      },
      (error: unknown) => {
        lifetime.fail(error);
      },
    );
  }

  #persisted(persist: Persist): void {
    const { applier, options, wal } = this.#parts;
    if (persist.snapshot !== undefined) applier.install(persist.snapshot.index);
    options.metrics.observe('troupe_store_sync_seconds', wal.lastSyncMs / 1000);
    this.#raft.persisted();
    this.run();
    applier.schedule();
  }

  /** Sends the state of this moment in place of the log that is gone. */
  #sendSnapshot({ to, term, record }: SnapshotMessage): void {
    const { sender, applier } = this.#parts;
    if (sender.sendsTo(to)) return;
    sender.begin(to, {
      term,
      record,
      mark: this.#raft.appliedMark,
      source: applier.machine.snapshot({ divided: !this.#raft.isOlder(to) }),
    });
  }
}
