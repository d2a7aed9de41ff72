/** One member's replica of the store: the hub that joins its parts and answers for all of them. */
import { limits, type Revision, type Term } from '../base/index.ts';
import type {
  CompactedError,
  KeySpace,
  RangeQuery,
  RangeResult,
  StoredRecord,
  StoreEvent,
  Transaction,
  TransactionResult,
} from '../mvcc/index.ts';
import type { Raft } from '../raft/core/index.ts';
import type { WriteAheadLog } from '../raft/wal/index.ts';
import { backupStream } from './admin/index.ts';
import { Applier } from './applier.ts';
import type { BatchItem } from './batch/index.ts';
import { ClusterTime } from './cluster-time.ts';
import { CommitNotices } from './commit-notices.ts';
import { Housekeeping } from './housekeeping.ts';
import { Lifetime } from './lifetime.ts';
import { LogRetention } from './log-retention.ts';
import { LogWriter } from './log-writer.ts';
import {
  type Foreigners,
  foreignersOf,
  type Members,
  membersOf,
  senderOf,
  snapshotSender,
} from './membership/index.ts';
import type { StoreOptions } from './options.ts';
import { Proposals } from './proposals.ts';
import { Pump } from './pump.ts';
import { alarmsOf, owedAlarms, refusal } from './quota.ts';
import { historyOf, type Opened } from './recovery.ts';
import { SnapshotReceiver, type SnapshotSender, Snapshotter } from './snapshot/index.ts';
import { type StoreAlarm, StoreError, type StoreMember, type StoreStatus, type StoreWatch } from './store.ts';
import type { SnapshotChunk, StoreMessage } from './transport/index.ts';
import { LinearReads } from './waiters.ts';
import { type AppliedListener, ChangePublisher } from './watch/index.ts';

/**
 * Joins Raft, the log on disk and the key space. All decisions are theirs; the parts carry them out:
 *
 *     transact --> Proposals --> Pump --> Raft --> LogWriter (disk), CommitNotices (followers)
 *                                          |--> Applier (key space) --> ChangePublisher, Proposals, LogRetention
 *     Housekeeping: deadlines, Raft's time, expiring keys, snapshot transfers
 */
export class Replica implements StoreMember {
  readonly members: Members;
  readonly #options: StoreOptions;
  readonly #wal: WriteAheadLog;
  readonly #raft: Raft;
  readonly #lifetime: Lifetime;
  readonly #proposals: Proposals;
  readonly #reads: LinearReads;
  readonly #publisher: ChangePublisher;
  readonly #snapshotter: Snapshotter;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  readonly #notices: CommitNotices;
  readonly #writer: LogWriter;
  readonly #applier: Applier;
  readonly #pump: Pump;
  readonly #housekeeping: Housekeeping;
  readonly #foreigners: Foreigners;
  readonly #time: ClusterTime;
  readonly #send: (to: string, message: StoreMessage) => void;
  /** Gives the folder back. */
  readonly #release: () => Promise<void>;

  constructor(options: StoreOptions, { wal, raft, machine, snapshot, release }: Opened) {
    this.#options = options;
    this.#wal = wal;
    this.#raft = raft;
    this.#release = release;
    const lifetime = new Lifetime(options, (error) => {
      this.#end(error);
    });
    const life = options.random.uuid();
    const proposals = new Proposals(life);
    const reads = new LinearReads(options.random.below(2 ** 31) * 2 ** 21);
    const snapshotter = new Snapshotter(options, wal, snapshot);
    const receiver = new SnapshotReceiver(historyOf(options), life);
    const writer = new LogWriter(options, { durable: raft.lastIndex, wal, snapshotter, receiver });
    const onQueued = (): void => {
      this.#pump.schedule();
    };
    const host = {
      options,
      raft,
      space: () => this.#space,
      moments: () => this.#applier.moments,
      store: this,
      wake: onQueued,
    };
    const sender = snapshotSender(host);
    this.members = membersOf(host);
    this.#foreigners = foreignersOf(host);
    this.#send = senderOf(host);
    const notices = new CommitNotices(options.timers, (message) => {
      options.transport?.send(message.to, message);
    });
    const retention = new LogRetention({
      raft,
      snapshotter,
      sender,
      durable: (index) => writer.reached(index),
      entriesMax: options.entriesKept,
    });
    const publisher = new ChangePublisher(options.log);
    const { member, clock } = options;
    const remembered = (): number | undefined => this.#space.marks.at(-1)?.now;
    const time = new ClusterTime({ member, clock, raft, remembered });
    const shared = { options, lifetime, raft, wal, proposals, reads, notices, sender, time };
    this.#applier = new Applier({ ...shared, machine, publisher, receiver, retention, onQueued });
    this.#pump = new Pump({ ...shared, applier: this.#applier, writer });
    this.#housekeeping = new Housekeeping({ ...shared, applier: this.#applier, pump: this.#pump });
    this.#lifetime = lifetime;
    this.#time = time;
    this.#proposals = proposals;
    this.#reads = reads;
    this.#publisher = publisher;
    this.#snapshotter = snapshotter;
    this.#sender = sender;
    this.#receiver = receiver;
    this.#notices = notices;
    this.#writer = writer;
    options.transport?.onMessage((message) => {
      this.#receive(message);
    });
  }

  get closed(): boolean {
    return this.#lifetime.ended !== undefined;
  }

  get revision(): Revision {
    return this.#space.revision;
  }

  transact(transaction: Transaction, options: { readonly deadlineMs?: number } = {}): Promise<TransactionResult> {
    const refused =
      this.#lifetime.ended ?? refusal(this.#options, this.#wal, transaction, (prefix) => this.count(prefix));
    if (refused !== undefined) return Promise.reject(refused);
    return this.#propose(transaction, options.deadlineMs);
  }

  get(key: string): StoredRecord | undefined {
    return this.#space.get(key);
  }

  range(query: RangeQuery): RangeResult {
    this.#refuseUnreached(query.revision);
    return this.#space.range(query);
  }

  #refuseUnreached(revision = this.revision): void {
    if (revision > this.revision)
      throw new StoreError('not-reached', `revision ${revision} is not reached yet, the newest is ${this.revision}`);
  }

  count(prefix: string): number {
    return this.#space.count(prefix);
  }

  ownedBy(uid: string): readonly StoredRecord[] {
    return this.#space.ownedBy(uid);
  }

  readBarrier(): Promise<void> {
    if (this.#lifetime.ended !== undefined) return Promise.reject(this.#lifetime.ended);
    if (this.#raft.decidesAlone && this.#applier.appliedIndex >= this.#raft.commitIndex) return Promise.resolve();
    const done = this.#reads.add(this.#options.clock.monotonic() + limits.askMs);
    this.#pump.schedule();
    return done;
  }

  waitForRevision(revision: Revision, options: { readonly deadlineMs?: number } = {}): Promise<void> {
    if (revision <= this.revision) return Promise.resolve();
    if (this.#lifetime.ended !== undefined) return Promise.reject(this.#lifetime.ended);
    return this.#applier.revisions.add(
      revision,
      this.#options.clock.monotonic() + (options.deadlineMs ?? limits.askMs),
    );
  }

  watch(
    query: Pick<RangeQuery, 'prefix' | 'field'> & { readonly after: Revision },
    listener: (events: readonly StoreEvent[]) => void,
    onLost: (error: CompactedError) => void,
  ): StoreWatch {
    if (this.#lifetime.ended !== undefined) throw this.#lifetime.ended;
    return this.#publisher.watch(this.#space, query, { events: listener, lost: onLost });
  }

  onApplied(listener: AppliedListener): StoreWatch {
    return this.#publisher.onApplied(listener);
  }

  status(): StoreStatus {
    const { role, leader, term, commitIndex } = this.#raft;
    const { appliedIndex } = this.#applier;
    const { bytes: logBytes, lastSyncMs } = this.#wal;
    const { voters, learners } = this.#raft.configuration;
    const [writer, alarms] = [this.#writer, () => this.#alarms()];
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
      timeline: this.#raft.identity.timeline,
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
    this.#lifetime.end(new StoreError('stopped', 'the store is closed'));
    await Promise.all([this.#snapshotter.close(), this.#writer.close()]);
    await this.#wal.close();
    await this.#release();
  }

  backup(): AsyncIterable<Uint8Array> {
    const { member, cluster = '', clock, timers } = this.#options;
    return backupStream(() => {
      this.#applier.apply();
      const { index, term } = this.#raft.appliedMark;
      if (this.#lifetime.ended !== undefined || this.#raft.restoring)
        throw (
          this.#lifetime.ended ?? new StoreError('no-leader', 'a snapshot of the leader is being installed; try again')
        );
      return {
        machine: this.#applier.machine,
        head: {
          cluster,
          timeline: this.#raft.identity.timeline,
          member,
          revision: this.revision,
          index,
          term,
          takenAt: clock.now(),
        },
      };
    }, timers);
  }

  async compact(revision?: Revision): Promise<void> {
    if (this.#lifetime.ended !== undefined) throw this.#lifetime.ended;
    this.#refuseUnreached(revision);
    await this.#propose({ compact: revision ?? this.revision });
    // Applied here by now, with all before it.
    const covered = this.#snapshotter.cover(this.#applier.appliedIndex);
    this.#lifetime.run(() => {
      this.#pump.run();
    });
    await covered;
  }

  /** Begins an election at once: for a member that is its own majority. */
  campaign(): void {
    // The core takes what is committed first: who votes stands in it.
    this.#pump.run();
    this.#raft.campaign();
    this.#pump.schedule();
  }

  #alarms(): readonly StoreAlarm[] {
    return [
      ...alarmsOf(this.#options, this.#wal, (prefix) => this.count(prefix)),
      ...this.#foreigners.alarms(),
      ...owedAlarms(this.#options.member, this.#raft),
    ];
  }

  get #space(): KeySpace {
    return this.#applier.space;
  }

  #propose(item: BatchItem, deadlineMs: number = limits.proposalMs): Promise<TransactionResult> {
    const now = this.#options.clock.monotonic();
    const stuck = this.#raft.leader !== '' && this.#proposals.isStuck(now);
    const result = this.#proposals.add(item, now + deadlineMs, stuck);
    this.#pump.schedule();
    return result;
  }

  #receive(message: StoreMessage): void {
    this.#lifetime.run(() => {
      if (this.#foreigners.refuses(message)) return;
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
        case 'propose':
          if (this.#raft.role === 'leader') this.#pump.offer(message.data);
          break;
        default:
          if ('clock' in message && message.clock !== undefined) this.#time.heard(message.from, message.clock);
          this.#raft.step(message);
      }
      this.#pump.schedule();
    });
  }

  #takeChunk(chunk: SnapshotChunk): void {
    if (chunk.term < this.#raft.term) return;
    const taken = this.#receiver.take(chunk);
    if (taken === undefined) return;
    this.#send(chunk.from, taken.progress);
    if (taken.whole === undefined) return;
    const { from, to, mark, record, timeline, incarnation } = chunk;
    const term = chunk.term as Term;
    const snapshot = { ...mark, data: new Uint8Array(0) };
    this.#raft.step({ type: 'snapshot', from, to, term, snapshot, record, timeline, incarnation });
    if (!this.#raft.restoring) this.#receiver.claim(mark.index);
  }

  #end(error: StoreError): void {
    this.#housekeeping.close();
    this.#publisher.close();
    this.#proposals.rejectAll(error);
    this.#reads.rejectAll(error);
    this.#applier.revisions.rejectAll(error);
    this.#sender.endAll();
    this.#notices.close();
    this.members.questions.close();
  }
}
