import { assert, errorMessage, limits, type LogIndex, type Revision, type Term, type Timer } from '../base/index.ts';
import {
  type CompactedError,
  eventOf,
  type KeySpace,
  type RangeQuery,
  type RangeResult,
  type StoredRecord,
  type StoreEvent,
  type Transaction,
  type TransactionResult,
  type Version,
} from '../mvcc/index.ts';
import type { Entry, Persist, Raft, SnapshotMessage } from '../raft/core/index.ts';
import type { WriteAheadLog } from '../raft/wal/index.ts';
import { alarmsOf, hasRoom, refusal } from './quota.ts';
import { afterMessages } from './after-messages.ts';
import { type AppliedListener, AppliedListeners, WatchHub } from './watch/index.ts';
import { backupStream } from './admin/index.ts';
import { decodeBatch } from './batch/index.ts';
import { CommitNotices } from './commit-notices.ts';
import { logKept } from './log-retention.ts';
import { LogWriter } from './log-writer.ts';
import { type Members, membersOf, snapshotSender } from './membership/index.ts';
import type { StoreOptions } from './options.ts';
import { Proposals } from './proposals.ts';
import { historyOf, type Opened } from './recovery.ts';
import { SnapshotReceiver, type SnapshotSender, Snapshotter } from './snapshot/index.ts';
import { eventsBetween, type StateMachine } from './state-machine.ts';
import { StoreError, type StoreMember, type StoreStatus, type StoreWatch } from './store.ts';
import type { SnapshotChunk, StoreMessage } from './transport/index.ts';
import { LinearReads, RevisionWaiters } from './waiters.ts';

/** Batches on their way at once: while one is synced, the next one is already with the followers. */
const flightsMax = 4;
/** A forwarded batch that was not applied after this long is sent again. */
const patienceMs = 1_000;
/**
 * Pause between two looks at deadlines, expiring keys and Raft's time; a member that is alone has no elections to be in
 * time for.
 */
const housekeepingMs = 50;
const housekeepingAloneMs = 200;
/** Pause between two tries to lay out a segment on a full disk. */
const spaceRetryMs = 1_000;
/** What a look frees at most of versions that nobody reaches any more, beside what each write frees. */
const sweptWhenIdle = 256;
/** So many applied entries are dropped from memory at once. */
const entriesDropped = 64;

/**
 * One member's replica: joins Raft, the log on disk and the key space. All decisions are theirs; this class carries
 * them out.
 */
export class Replica implements StoreMember {
  readonly members: Members;
  readonly #options: StoreOptions;
  readonly #wal: WriteAheadLog;
  readonly #raft: Raft;
  #machine: StateMachine;
  readonly #proposals: Proposals;
  readonly #reads: LinearReads;
  readonly #revisions = new RevisionWaiters();
  readonly #hub: WatchHub;
  readonly #appliedListeners: AppliedListeners;
  readonly #snapshotter: Snapshotter;
  readonly #sender: SnapshotSender;
  readonly #notices: CommitNotices;
  readonly #receiver: SnapshotReceiver;
  readonly #release: () => Promise<void>;
  #timer: Timer;
  #pumpScheduled = false;
  #pumping = false;
  readonly #writer: LogWriter;
  /** The term in which the flights were proposed last; they are proposed again in another. */
  #proposedTerm = 0;
  #tickUnderWay = false;
  /** What the key space has applied. Raft's own count runs ahead of it while a snapshot is being installed. */
  #appliedIndex: LogIndex;
  /** Committed entries that wait to be applied, at most until the next turn or the end of a write. */
  #committed: Entry[] = [];
  #applyScheduled = false;
  #droppedIndex = 0;
  #spaceRetryAt = 0;
  #elapsedMs = 0;
  #lastTickAt: number;
  #stopped: StoreError | undefined;

  constructor(options: StoreOptions, opened: Opened) {
    this.#options = options;
    this.#wal = opened.wal;
    this.#raft = opened.raft;
    this.#machine = opened.machine;
    this.#proposals = new Proposals(options.random.uuid());
    this.#reads = new LinearReads(options.random.below(2 ** 31) * 2 ** 21);
    this.#hub = new WatchHub((error) => {
      options.log.error('A watch listener failed', { error: errorMessage(error) });
    });
    this.#appliedListeners = new AppliedListeners((error) => {
      options.log.error('A listener of applied batches failed', { error: errorMessage(error) });
    });
    this.#snapshotter = new Snapshotter(options, opened.wal, opened.snapshot);
    this.#receiver = new SnapshotReceiver(historyOf(options));
    this.#writer = new LogWriter(options, {
      durable: opened.raft.lastIndex,
      wal: opened.wal,
      snapshotter: this.#snapshotter,
      receiver: this.#receiver,
    });
    const host = {
      options,
      raft: opened.raft,
      space: () => this.#space,
      store: this,
      wake: () => {
        this.#schedulePump();
      },
    };
    this.#sender = snapshotSender(host);
    this.members = membersOf(host);
    this.#notices = new CommitNotices(options.timers, (message) => {
      options.transport?.send(message.to, message);
    });
    this.#release = opened.release;
    this.#appliedIndex = opened.raft.appliedIndex;
    this.#lastTickAt = options.clock.monotonic();
    this.#timer = this.#housekeepLater();
    options.transport?.onMessage((message) => {
      this.#receive(message);
    });
  }

  get closed(): boolean {
    return this.#stopped !== undefined;
  }

  get revision(): Revision {
    return this.#space.revision;
  }

  transact(transaction: Transaction, options: { readonly deadlineMs?: number } = {}): Promise<TransactionResult> {
    const refused = this.#stopped ?? refusal(this.#options, this.#wal, transaction, (prefix) => this.count(prefix));
    if (refused !== undefined) return Promise.reject(refused);
    const result = this.#proposals.add(
      transaction,
      this.#options.clock.monotonic() + (options.deadlineMs ?? limits.proposalMs),
    );
    this.#schedulePump();
    return result;
  }

  get(key: string): StoredRecord | undefined {
    return this.#space.get(key);
  }

  range(query: RangeQuery): RangeResult {
    this.#refuseFuture(query.revision);
    return this.#space.range(query);
  }

  #refuseFuture(revision = this.revision): void {
    if (revision > this.revision)
      throw new StoreError('future', `revision ${revision} is not reached yet, the newest is ${this.revision}`);
  }

  count(prefix: string): number {
    return this.#space.count(prefix);
  }

  ownedBy(uid: string): readonly StoredRecord[] {
    return this.#space.ownedBy(uid);
  }

  linearise(): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    if (this.#raft.decidesAlone && this.#appliedIndex >= this.#raft.commitIndex) return Promise.resolve();
    const done = this.#reads.add(this.#options.clock.monotonic() + limits.askMs);
    this.#schedulePump();
    return done;
  }

  reached(revision: Revision, options: { readonly deadlineMs?: number } = {}): Promise<void> {
    if (revision <= this.revision) return Promise.resolve();
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    return this.#revisions.add(revision, this.#options.clock.monotonic() + (options.deadlineMs ?? limits.askMs));
  }

  watch(
    query: Pick<RangeQuery, 'prefix' | 'field'> & { readonly after: Revision },
    listener: (events: readonly StoreEvent[]) => void,
    onLost: (error: CompactedError) => void,
  ): StoreWatch {
    if (this.#stopped !== undefined) throw this.#stopped;
    const history = this.#space.eventsSince(query.prefix, query.after);
    const from = Math.max(query.after, this.revision) as Revision;
    return this.#hub.add({ ...query, from, history }, { events: listener, lost: onLost });
  }

  onApplied(listener: AppliedListener): StoreWatch {
    return this.#appliedListeners.add(listener);
  }

  status(): StoreStatus {
    const { role, leader, term, commitIndex } = this.#raft;
    const appliedIndex = this.#appliedIndex;
    const { bytes: logBytes, lastSyncMs } = this.#wal;
    const { voters, learners } = this.#raft.configuration;
    const [writer, alarms] = [this.#writer, () => alarmsOf(this.#options, this.#wal, (prefix) => this.count(prefix))];
    return {
      member: this.#options.member,
      role,
      term,
      commitIndex,
      appliedIndex,
      revision: this.revision,
      keys: this.count(''),
      logBytes,
      lastSyncMs,
      voters,
      learners,
      oldestRevision: this.#space.oldest,
      snapshotBytes: this.#snapshotter.bytes,
      get syncMs() {
        return writer.syncMs;
      },
      get alarms() {
        return alarms();
      },
      ...(role === 'leader' ? { progress: this.members.progress() } : {}),
      ...(leader === '' ? {} : { leader }),
    };
  }

  async close(): Promise<void> {
    this.#stop(new StoreError('stopped', 'the store is closed'));
    await Promise.all([this.#snapshotter.close(), this.#writer.close()]);
    await this.#wal.close();
    await this.#release();
  }

  backup(): AsyncIterable<Uint8Array> {
    const { member, cluster = '', clock, timers } = this.#options;
    return backupStream(() => {
      this.#applyCommitted();
      const { index, term } = this.#raft.appliedMark;
      if (this.#stopped !== undefined || this.#raft.restoring)
        throw this.#stopped ?? new StoreError('no-leader', 'a snapshot of the leader is being installed; try again');
      return {
        machine: this.#machine,
        head: { cluster, member, revision: this.revision, index, term, takenAt: clock.now() },
      };
    }, timers);
  }

  async compact(revision?: Revision): Promise<void> {
    if (this.#stopped !== undefined) throw this.#stopped;
    this.#refuseFuture(revision);
    const item = { compact: revision ?? this.revision };
    const done = this.#proposals.add(item, this.#options.clock.monotonic() + limits.proposalMs);
    this.#schedulePump();
    await done;
    this.#snapshotter.request();
    this.#guarded(() => {
      this.#pump();
    });
    await this.#snapshotter.settled();
  }

  /** Begins an election at once: for a member that is its own majority. */
  campaign(): void {
    this.#raft.campaign();
    this.#schedulePump();
  }

  get #space(): KeySpace {
    return this.#machine.space;
  }

  /** Runs the pump after what has arrived is taken, so that it shares a batch. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    (this.#options.afterInput ?? queueMicrotask)(() => {
      this.#pumpScheduled = false;
      this.#guarded(() => {
        this.#pump();
      });
    });
  }

  /** A broken invariant stops this member; its supervisor decides what follows. */
  #guarded(run: () => void): void {
    if (this.#stopped !== undefined) return;
    try {
      run();
    } catch (error) {
      this.#fail(error);
    }
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      do {
        this.#propose();
        this.#reads.begin(this.#options.clock.monotonic(), (context) => this.#raft.read(context));
        this.#drain();
        // What a leader that hands over did not take waits for the next one.
      } while (this.#mayPropose && this.#proposedTerm === this.#raft.term && this.#proposals.queued > 0);
      this.#considerSnapshot();
    } finally {
      this.#pumping = false;
    }
  }

  get #mayPropose(): boolean {
    const alone = this.#raft.role === 'leader' && this.#raft.configuration.voters.length === 1;
    return (
      this.#raft.leader !== '' &&
      this.#proposals.worthwhile(alone ? 1 : flightsMax) &&
      !(alone && this.#raft.persisting)
    );
  }

  #propose(): void {
    const now = this.#options.clock.monotonic();
    if (this.#raft.leader !== '' && this.#proposedTerm !== this.#raft.term) this.#proposeAgain(now);
    while (this.#mayPropose && this.#proposedTerm === this.#raft.term) {
      const data = this.#proposals.take(this.#options.clock.now(), now, this.#machine.sessions.moment);
      if (data === undefined) return;
      // A leader that is handing over takes nothing: everything in flight goes to the next one.
      if (!this.#raft.propose([data])) this.#proposedTerm = 0;
    }
  }

  #proposeAgain(now: number): void {
    const flights = this.#proposals.again(now);
    if (flights.length === 0 || this.#raft.propose(flights)) this.#proposedTerm = this.#raft.term;
  }

  #drain(): void {
    const snapshots: SnapshotMessage[] = [];
    while (this.#raft.hasReady) {
      const { persist, messages, committed, reads } = this.#raft.ready();
      if (persist !== undefined) this.#persist(persist);
      for (const message of messages) {
        if (message.type === 'snapshot') snapshots.push(message);
        else this.#notices.pass(message);
      }
      for (const entry of committed) this.#committed.push(entry);
      this.#reads.answered(reads);
    }
    this.#reads.applied(this.#appliedIndex);
    if (snapshots.length > 0) this.#applyCommitted();
    for (const message of snapshots) this.#sendSnapshot(message);
    if (this.#raft.role === 'leader' || !this.#raft.persisting) this.#applyNext();
  }

  /**
   * Applies after the messages of this turn have left: others wait for those. A follower also lets a write under way
   * finish first, since its answer is what the leader waits for.
   */
  #applyNext(): void {
    if (this.#committed.length === 0 || this.#applyScheduled) return;
    this.#applyScheduled = true;
    afterMessages(() => {
      this.#guarded(() => {
        this.#applyCommitted();
      });
    });
  }

  #applyCommitted(): void {
    this.#applyScheduled = false;
    if (this.#committed.length === 0) return;
    const changes: Version[] = [];
    const finished: (() => void)[] = [];
    let foreign = false;
    const entries = this.#committed;
    this.#committed = [];
    for (const entry of entries) foreign = !this.#apply(entry, changes, finished) || foreign;
    // Another member waits for what it proposed: it must hear at once that it is committed.
    if (foreign) this.#notices.release();
    this.#publish(changes, finished);
    this.#considerSnapshot();
    if (this.#proposals.queued > 0) this.#schedulePump();
  }

  #considerSnapshot(): void {
    if (!this.#raft.restoring && this.#committed.length === 0)
      this.#snapshotter.consider(this.#raft.appliedMark, this.#machine, (index) => this.#writer.reached(index));
  }

  /** True when it is this member's own batch. */
  #apply(entry: Entry, changes: Version[], finished: (() => void)[]): boolean {
    this.#appliedIndex = entry.index;
    if (entry.type !== 'data') return false;
    const batch = this.#proposals.own(entry.data) ?? decodeBatch(entry.data);
    const own = batch.session === this.#proposals.identity.session;
    const results = this.#machine.apply(batch, changes, own);
    if (results === 'forgotten' && own) this.#proposals.renew(this.#options.random.uuid());
    if (typeof results === 'string') return own;
    this.#snapshotter.note(batch.items.length);
    this.#options.metrics.count('troupe_store_transactions_total', undefined, batch.items.length);
    const finish = own ? this.#proposals.finish(batch.sequence) : undefined;
    if (finish !== undefined)
      finished.push(() => {
        finish(results);
      });
    return own;
  }

  /** Tells everyone what was applied: those who wait first see the new state, then hear that it is there. */
  #publish(changes: readonly Version[], finished: readonly (() => void)[]): void {
    if (changes.length > 0) {
      if (this.#hub.count > 0 || this.#appliedListeners.count > 0) this.#announce(changes.map(eventOf));
      this.#space.sweep(changes.length * 2);
      this.#options.metrics.gauge('troupe_store_revision', this.revision);
    }
    this.#compact();
    for (const finish of finished) finish();
    this.#revisions.applied(this.revision);
    this.#reads.applied(this.#appliedIndex);
  }

  #announce(events: readonly StoreEvent[]): void {
    this.#hub.publish(events);
    this.#appliedListeners.tell(events, this.revision);
  }

  /** Drops applied entries from memory. They stay on disk until a snapshot covers them. */
  #compact(): void {
    if (this.#raft.restoring || this.#appliedIndex - this.#droppedIndex < entriesDropped) return;
    this.#droppedIndex = this.#appliedIndex;
    const { voters, learners, outgoing } = this.#raft.configuration;
    const alone = voters.length + learners.length + outgoing.length <= 1;
    this.#raft.trim(
      logKept({
        alone,
        applied: this.#appliedIndex,
        entriesMax: this.#options.entriesKept,
        keptFrom: this.#sender.keptFrom,
      }),
    );
  }

  #persist(persist: Persist): void {
    if (!persist.sync) {
      this.#raft.persisted();
      return;
    }
    const write = (): void => {
      this.#writer.write(persist).then(
        () => {
          this.#guarded(() => {
            this.#persisted(persist);
          });
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
    };
    // A leader's entries leave first: the way to a follower's disk is the longer one.
    if (this.#raft.role === 'leader' && this.#options.transport !== undefined)
      afterMessages(() => {
        if (this.#stopped === undefined) write();
      });
    else write();
  }

  #persisted(persist: Persist): void {
    if (persist.snapshot !== undefined) this.#install(persist.snapshot.index);
    this.#options.metrics.observe('troupe_store_sync_seconds', this.#wal.lastSyncMs / 1000);
    this.#raft.persisted();
    this.#pump();
    this.#applyNext();
  }

  #install(index: LogIndex): void {
    const received = this.#receiver.claim(index);
    assert(received !== undefined, 'a snapshot is installed from what came for it');
    this.#committed = this.#committed.filter((entry) => entry.index > index);
    const before = this.#space;
    this.#machine = received.machine;
    this.#appliedIndex = index;
    this.#proposals.meet(this.#machine.sessions, () => this.#options.random.uuid());
    this.#options.log.info('A snapshot of the leader was installed', { index, revision: this.revision });
    this.#hub.jump(before.revision, this.#space);
    const events = eventsBetween(before, this.#space);
    if (events.length > 0) this.#announce(events);
    this.#publish([], []);
  }

  /** Sends the state of this moment in place of the log that is gone. */
  #sendSnapshot({ to, term }: SnapshotMessage): void {
    if (this.#sender.sendsTo(to)) return;
    this.#sender.begin(to, { term, mark: this.#raft.appliedMark, source: this.#machine.snapshot() });
  }

  #receive(message: StoreMessage): void {
    this.#guarded(() => {
      switch (message.type) {
        case 'snapshot-chunk':
          this.#takeChunk(message);
          break;
        case 'snapshot-progress':
          this.#sender.onProgress(message);
          break;
        case 'question':
          this.members.questions.onQuestion(message);
          break;
        case 'answer':
          this.members.questions.onAnswer(message);
          break;
        default:
          this.#raft.step(message);
      }
      this.#schedulePump();
    });
  }

  #takeChunk(chunk: SnapshotChunk): void {
    if (chunk.term < this.#raft.term) return;
    const taken = this.#receiver.take(chunk);
    if (taken === undefined) return;
    this.#options.transport?.send(chunk.from, taken.progress);
    if (taken.whole === undefined) return;
    const { from, to, term, mark } = chunk;
    this.#raft.step({ type: 'snapshot', from, to, term: term as Term, snapshot: { ...mark, data: new Uint8Array(0) } });
    if (!this.#raft.restoring) this.#receiver.claim(mark.index);
  }

  #housekeepLater(): Timer {
    const alone = this.#raft.configuration.voters.length === 1 && this.#raft.role === 'leader';
    return this.#options.timers.after(alone ? housekeepingAloneMs : housekeepingMs, () => {
      this.#guarded(() => {
        this.#timer = this.#housekeepLater();
        this.#housekeep();
      });
    });
  }

  #housekeep(): void {
    const now = this.#options.clock.monotonic();
    this.#proposals.expire(now, this.#raft.leader !== '');
    this.#revisions.expire(now);
    this.#tickRaft(now);
    if (this.#raft.role === 'leader') this.#sender.tick((member) => this.#raft.matchOf(member));
    else this.#sender.endAll();
    this.#reads.retry(now, this.#raft.leader !== '', (context) => this.#raft.read(context));
    if (this.#raft.role !== 'leader' && this.#proposals.patience(now) > patienceMs) this.#proposedTerm = 0;
    if (this.#wal.shortage !== undefined && now >= this.#spaceRetryAt) {
      this.#spaceRetryAt = now + spaceRetryMs;
      void this.#wal.prepare();
    }
    this.#expireKeys();
    this.#space.sweep(sweptWhenIdle);
    this.#applyCommitted();
    this.#pump();
  }

  #tickRaft(now: number): void {
    const { tickMs = 50 } = this.#options;
    // After a long pause of the process (a debugger, a suspended machine) only a few ticks count: a leader must not be
    // voted out at once.
    this.#elapsedMs = Math.min(this.#elapsedMs + now - this.#lastTickAt, tickMs * 3);
    this.#lastTickAt = now;
    for (; this.#elapsedMs >= tickMs; this.#elapsedMs -= tickMs) this.#raft.tick();
  }

  /** The leader lets keys expire through the log, so that they go everywhere at the same revision. */
  #expireKeys(): void {
    const now = this.#options.clock.now();
    const dueAt = this.#space.nextExpiryAt;
    if (
      this.#tickUnderWay ||
      this.#raft.role !== 'leader' ||
      dueAt === undefined ||
      dueAt > now ||
      !hasRoom(this.#options, this.#wal, true)
    )
      return;
    this.#tickUnderWay = true;
    const ended = (): void => {
      this.#tickUnderWay = false;
    };
    this.#proposals.add('tick', this.#options.clock.monotonic() + limits.proposalMs).then(ended, ended);
  }

  #fail(error: unknown): void {
    if (this.#stopped !== undefined) return;
    this.#options.log.error('The store stops: it cannot keep its promises any more', { error });
    this.#stop(new StoreError('stopped', `the store stopped: ${errorMessage(error)}`, error));
    this.#options.onFailure?.(error);
  }

  #stop(error: StoreError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#timer.cancel();
    this.#hub.closeAll();
    this.#appliedListeners.clear();
    this.#proposals.rejectAll(error);
    this.#reads.rejectAll(error);
    this.#revisions.rejectAll(error);
    this.#sender.endAll();
    this.#notices.close();
    this.members.questions.close();
  }
}
