/** One member of a run: its process, its lives and its store. */
import { type Logger, type Random, type Revision, silentMetrics, type Timer } from '../../src/base/index.ts';
import { SimulatedDisk } from '../../src/platform/index.ts';
import type { Raft } from '../../src/raft/core/index.ts';
import type { StoredRecord, StoreEvent, StoreMember } from '../../src/state/index.ts';
import { historyOf } from './blackout.ts';
import { membershipsOf } from './core-watch.ts';
import { type DiskWeather, type DiskWork, MemberDisk, MemberTime, type SyncedWrites } from './member-ports.ts';
import type { Phase } from './phases.ts';
import { type Outcome, Process } from './process.ts';
import type { StoreMessage } from './system.ts';
import { MemberKeys } from './encryption.ts';
import { differences } from './state-check.ts';
import { byRevision } from './watcher.ts';
import type { World } from './world.ts';

/** One machine with a disk, a clock and, most of the time, a running member. */
export class Member {
  readonly name: string;
  readonly disk: SimulatedDisk;
  readonly weather: DiskWeather;
  /** Absent: its files are written as they are. */
  readonly keys: MemberKeys | undefined;
  /** Its own stream of chance. */
  readonly random: Random;
  store: StoreMember | undefined;
  process: Process | undefined;
  raft: Raft | undefined;
  wallOffsetMs = 0;
  /** Its clock is wrong by minutes. */
  clockIsFar = false;
  /** It begins again with an empty folder: it has no vote before the others give it one. */
  joining = false;
  /** Rot struck its disk: it may refuse to start. */
  rotten = false;
  /** What struck its disk is yet to come, or may lie where a start does not look. */
  latent = false;
  /** It refused to start: it stays away. */
  corrupt = false;
  /** A fault that makes a call of the disk fail is on its way, so the store may stop. */
  failingDisk = false;
  restarts = 0;
  /** By file: the last write that its disk confirmed. */
  readonly synced: SyncedWrites = new Map();
  /** By key: its revision, as `onApplied` told it in this life. */
  mirror: ReadonlyMap<string, number> = new Map();
  readonly #world: World;
  readonly #rate: number;
  /** What its process writes at the moment. */
  #writing: DiskWork = new Set();
  /** Until when it counts as taking part in a transfer, in virtual ms. */
  #transferUntil = 0;
  #away = false;
  #lastMemberships: readonly (readonly string[])[] = [];
  /** Its disk had lost something when this process began. */
  #startedRotten = false;
  #diskCountdown = 0;
  #awaitsRemoval = false;
  /** Only operations on such files count. */
  #diskPlace = '';
  #sendCountdown = 0;
  #restartTimer: Timer | undefined;
  #position = 1;

  constructor(world: World, name: string, random: Random) {
    this.#world = world;
    this.name = name;
    this.random = random;
    const { latencyMs, syncMs, drift } = { ...world.options, latencyMs: world.options.diskLatencyMs };
    this.#rate = 1 + drift * (random.fraction() - 0.5);
    this.weather = { latencyMs, syncMs, hungUntil: 0 };
    this.disk = new SimulatedDisk({ random });
    const { ledger, system } = world;
    if (world.options.encrypted)
      this.keys = new MemberKeys(name, { ledger, system, random: world.random(`keys ${name}`) });
  }

  /** By how much its clock is ahead of the world, in ms. */
  clockErrorMs(monotonic: number): number {
    return monotonic * (this.#rate - 1) + this.wallOffsetMs;
  }

  get up(): boolean {
    return this.store !== undefined;
  }

  get role(): string {
    if (this.corrupt) return 'corrupt';
    if (this.process === undefined) return 'down';
    if (this.store === undefined) return 'starting';
    return this.raft?.role ?? this.store.status().role;
  }

  /** Every membership that its log knows, applied or not; of a member that is down, what it knew last. */
  get memberships(): readonly (readonly string[])[] {
    if (this.raft === undefined) return this.#lastMemberships;
    return membershipsOf(this.raft).flatMap(({ voters, outgoing }) => [voters, outgoing]);
  }

  /** For the coverage table. */
  get states(): readonly string[] {
    const { raft, store } = this;
    const states = [this.role];
    if (store === undefined || raft === undefined) return states;
    if (raft.persisting) states.push('persisting');
    if (raft.restoring) states.push('restoring');
    if (raft.commitIndex < raft.lastIndex) states.push('uncommitted');
    if (this.#world.network.cut) states.push('cut-network');
    return states;
  }

  /** What it is doing, for the coverage table. */
  get phases(): readonly Phase[] {
    const { raft, store } = this;
    if (this.process === undefined) return [];
    const found: Phase[] = [...this.#writing];
    if (store === undefined) found.push(this.#startedRotten ? 'rejoin' : 'start');
    if (raft === undefined) return found;
    if (raft.restoring) found.push('install');
    if (raft.configuration.outgoing.length > 0) found.push('joint');
    if (raft.configuration.learners.length > 0) found.push('learner');
    if (this.#transferUntil > this.#world.time.monotonic()) found.push('transfer');
    return found;
  }

  /** It sent or got a piece of a snapshot. */
  #transfers(): void {
    const { latencyMs, syncMs } = this.#world.options;
    this.#transferUntil = this.#world.time.monotonic() + latencyMs * 2 + syncMs;
  }

  start(): void {
    if (this.process !== undefined || this.corrupt || this.#away) return;
    this.#restartTimer?.cancel();
    const process = new Process((path, removed) => {
      this.#countDisk(path, removed);
    });
    this.process = process;
    this.#startedRotten = this.rotten;
    this.restarts += 1;
    this.#open(process).then(
      (store) => {
        if (process.alive) this.#opened(store, process);
      },
      (error: unknown) => {
        if (process.alive) this.#refused(error);
      },
    );
  }

  #open(process: Process): Promise<StoreMember> {
    const { time, system, options } = this.#world;
    const clock = new MemberTime(time, process, { rate: this.#rate, wallOffsetMs: () => this.wallOffsetMs });
    this.#writing = new Set();
    const disk = new MemberDisk(this.disk.mount(), {
      writing: this.#writing,
      world: time,
      life: process,
      random: this.random,
      weather: this.weather,
      synced: this.synced,
    });
    return system.openStore({
      member: this.name,
      folder: '/store',
      disk: this.keys?.disk(disk) ?? disk,
      clock,
      timers: clock,
      random: this.random,
      log: this.#logger(process),
      metrics: silentMetrics,
      voters: this.joining ? [] : this.#world.founders,
      segmentBytes: options.segmentBytes,
      snapshotEntries: options.snapshotEntries,
      appendBytesMax: options.appendBytesMax,
      entriesKept: options.entriesKept,
      quotas: [{ prefix: '/lease/', keysMax: options.leasesMax }],
      history: historyOf(options),
      onFailure: (error) => {
        if (process.alive) this.#failed(error);
      },
      transport: {
        send: (to, message) => {
          if (process.alive) this.#send(process, to, message);
        },
        onMessage: (listener) => {
          this.#world.network.doors.set(this.name, (message) => {
            if (message.type === 'snapshot-chunk') this.#transfers();
            process.enter(() => {
              listener(message);
            });
          });
        },
      },
    });
  }

  #opened(store: StoreMember, process: Process): void {
    this.store = store;
    this.keys?.started();
    this.#world.journal.note(`${this.name} is up at revision ${store.revision}`);
    const { records } = store.range({ prefix: '' });
    this.#world.ledger.onState(this.name, store.revision, records);
    const due = this.#world.ledger.closed ? undefined : this.#world.ledger.stateAt(store.revision);
    const wrong = due === undefined ? [] : differences(records, due, store.revision);
    if (wrong.length > 0) this.#world.ledger.fail('state-at-start', `${this.name} begins with ${wrong.join('; ')}`);
    this.#follow(store, process, records);
    const oldest = this.#tap(store, 1 as Revision, process);
    if (oldest > store.revision)
      this.#world.ledger.fail('restart', `${this.name} restarts at revision ${store.revision}, before ${oldest}`);
  }

  /** Keeps what `onApplied` tells: whoever follows it has the member's state. */
  #follow(store: StoreMember, process: Process, records: readonly StoredRecord[]): void {
    const mirror = new Map<string, number>(records.map(({ key, revision }) => [key, revision]));
    this.mirror = mirror;
    store.onApplied((events, revision) => {
      if (!process.alive || this.#world.ledger.closed) return;
      for (const { type, record } of events) {
        if (type === 'put') mirror.set(record.key, record.revision);
        else mirror.delete(record.key);
      }
      if (revision !== store.revision)
        this.#world.ledger.fail('applied', `${this.name} is told of revision ${revision} and is at ${store.revision}`);
    });
  }

  /** Follows all that this member shows, and gives it to the ledger. */
  #tap(store: StoreMember, after: Revision, process: Process): number {
    const listener = (events: readonly StoreEvent[]): void => {
      if (process.alive) this.#hear(store, events);
    };
    // A snapshot has led over what nobody keeps: on from the oldest that it holds.
    const lost = ({ oldest }: { readonly oldest: Revision }): void => {
      if (process.alive) this.#tap(store, oldest, process);
    };
    try {
      store.watch({ prefix: '', after }, listener, lost);
      this.#position = after;
      return after;
    } catch (error) {
      if (!(error instanceof this.#world.system.CompactedError)) throw error;
      return this.#tap(store, error.oldest, process);
    }
  }

  #hear(store: StoreMember, events: readonly StoreEvent[]): void {
    for (const { revision, events: changes } of byRevision(events)) {
      if (revision !== this.#position + 1)
        this.#world.ledger.fail('watch-gap', `${this.name} shows revision ${revision} after ${this.#position}`);
      const isNews = !this.#world.ledger.changes.has(revision);
      this.#world.ledger.onChanges(this.name, revision, changes);
      if (isNews) this.#expired(revision);
      this.#position = revision;
    }
    this.#hash(store);
    this.#keepsPast(store);
  }

  #expired(revision: number): void {
    const { leases, ledger, members, time } = this.#world;
    leases.look(members, time.monotonic());
    leases.onChanges(ledger.changes.get(revision) ?? [], time.now());
  }

  /** No wrong clock of one member ends the past early: nothing is as old as that. */
  #keepsPast(store: StoreMember): void {
    const { members, options, ledger } = this.#world;
    const long = options.historyMs > options.faultMs * 2 && options.historyEventsMax > 1_000;
    if (ledger.closed || !long || this.#world.compacted || !members.some(({ clockIsFar }) => clockIsFar)) return;
    const { oldestRevision = 0 } = store.status();
    if (oldestRevision > 1) ledger.fail('kept-past', `${this.name} keeps nothing before revision ${oldestRevision}`);
  }

  /** Compares the whole state now and then, at revisions that all members pass. */
  #hash(store: StoreMember): void {
    const revision = store.revision - (store.revision % 16);
    if (revision < 2 || this.#world.hashedUntil(this.name) >= revision) return;
    try {
      const { records } = store.range({ prefix: '', revision: revision as Revision });
      this.#world.hashed(this.name, revision);
      this.#world.ledger.onState(this.name, revision, records);
    } catch (error) {
      if (!(error instanceof this.#world.system.CompactedError)) throw error;
    }
  }

  #refused(error: unknown): void {
    const { StoreError } = this.#world.system;
    const code = error instanceof StoreError ? error.code : (error as { readonly code?: string }).code;
    this.#world.journal.note(`${this.name} does not start: ${String(error)}`);
    if (code === 'corrupt' && this.rotten) {
      this.corrupt = true;
      this.stop(false);
      return;
    }
    // A rotten member waits for the others to take it back, and not for ever.
    const expected =
      code === 'full' ||
      code === 'no-leader' ||
      (code === 'timeout' && this.rotten) ||
      (this.failingDisk && code !== 'corrupt');
    if (!expected)
      this.#world.ledger.fail(
        'start',
        `${this.name} does not start: ${String(error)}`,
        code === 'corrupt' ? 'safety' : 'crash',
      );
    this.failingDisk = this.disk.willFail;
    this.stop(false);
    this.restartLater(500);
  }

  #failed(error: unknown): void {
    this.#world.journal.note(`${this.name} stops: ${String(error)}`);
    const isDisk = (error as { readonly name?: string }).name === 'DiskError';
    if (!isDisk || !this.failingDisk)
      this.#world.ledger.fail('invariant', `${this.name}: ${(error as Error).stack ?? String(error)}`, 'crash');
    this.failingDisk = this.disk.willFail;
    // Half of the time only the process ends, and the next one finds what the page cache still shows.
    this.stop(this.random.below(2) === 0);
    this.restartLater(200 + this.random.below(1_000));
  }

  /** Ends the process; with `power` the machine too, which loses or tears what was not synced. */
  stop(power: boolean): void {
    const { process } = this;
    if (process === undefined) return;
    this.process = undefined;
    this.store = undefined;
    this.#lastMemberships = this.memberships;
    this.raft = undefined;
    this.#diskCountdown = 0;
    this.#sendCountdown = 0;
    this.#world.network.doors.delete(this.name);
    process.end();
    if (power) this.disk.crash();
  }

  restartLater(ms: number): void {
    this.#restartTimer?.cancel();
    this.#restartTimer = this.#world.time.after(ms, () => {
      this.start();
    });
  }

  /** Its disk loses something now: its process has not read that yet. */
  loses(): void {
    this.rotten = true;
    this.#startedRotten = false;
  }

  /**
   * It has got back all that its disk lost: this process began after the loss, and its disk holds all that is
   * committed.
   */
  forgetLoss(committed: number): void {
    const { raft } = this;
    if (raft === undefined || !this.#startedRotten || !this.up || raft.owed !== undefined || raft.persisting) return;
    const votes = raft.role === 'follower' || raft.role === 'leader';
    if (votes && raft.lastIndex >= committed) this.rotten = false;
  }

  /** Its process has read what its disk lost. */
  get knowsLoss(): boolean {
    return this.process === undefined || this.#startedRotten;
  }

  /** It is never started again. */
  leave(): void {
    this.stop(true);
    this.#restartTimer?.cancel();
    this.corrupt = true;
  }

  /** Nothing starts it before `mayReturn`. */
  stayAway(): void {
    this.#restartTimer?.cancel();
    this.#away = true;
  }

  mayReturn(): void {
    this.#away = false;
    this.start();
  }

  pause(): void {
    if (this.process !== undefined) this.process.paused = true;
  }

  resume(order: 'as-it-came' | 'timers-first' = 'as-it-came'): void {
    if (this.process?.paused === true) this.#world.network.wakes(this.name);
    this.process?.resume(order);
  }

  /**
   * The machine loses power at the so-and-so-many-th disk operation (on files whose path holds `file`), or message,
   * from now.
   */
  crashAt(place: {
    readonly disk?: number;
    readonly file?: string;
    readonly send?: number;
    /** It counts from when a segment of the log was removed. */
    readonly afterRemoval?: boolean;
  }): void {
    this.#awaitsRemoval = place.afterRemoval === true;
    this.#diskCountdown = place.disk ?? 0;
    this.#diskPlace = place.file ?? '';
    this.#sendCountdown = place.send ?? 0;
  }

  #countDisk(path: string, removed: boolean): void {
    if (removed && path.endsWith('.log')) this.#awaitsRemoval = false;
    if (this.#awaitsRemoval || removed) return;
    if (this.#diskCountdown === 0 || !path.includes(this.#diskPlace)) return;
    this.#diskCountdown -= 1;
    if (this.#diskCountdown === 0) this.#crashNow('at a disk operation');
  }

  #send(process: Process, to: string, message: StoreMessage): void {
    if (this.#sendCountdown > 0) {
      this.#sendCountdown -= 1;
      if (this.#sendCountdown === 0) this.#crashNow(`sending ${message.type}`);
    }
    if (!process.alive) return;
    this.raft = this.#world.ownerOf(message) ?? this.raft;
    this.#world.ledger.onMessage(message);
    this.#world.growth.onMessage(message);
    if (message.type === 'snapshot-chunk') this.#transfers();
    this.#world.network.send(this.name, to, message);
  }

  #crashNow(where: string): void {
    this.#world.journal.note(`${this.name} loses power ${where}`);
    this.#world.met(where.startsWith('at') ? 'crash-at-disk' : 'crash-at-send', [this]);
    this.stop(true);
    this.restartLater(20 + this.random.below(this.random.below(2) === 0 ? 200 : 2_000));
  }

  /** The log segment that was written to last, as its device has it, and its last synced write. */
  async newestWrite(): Promise<
    { readonly path: string; readonly position: number; readonly length: number } | undefined
  > {
    const path = (await this.disk.list('/store/log')).filter((name) => name.endsWith('.log')).at(-1);
    const written = this.synced.get(`/store/log/${path}`);
    return path === undefined || written === undefined ? undefined : { path: `/store/log/${path}`, ...written };
  }

  /** Ends the past, and lets the log go behind a snapshot. */
  compact(revision?: Revision): void {
    const end = this.#world.compacts();
    void this.call((store) => store.compact(revision)).then(end);
  }

  /** Calls the store; the outcome is `lost` when the process dies first. */
  call<T>(run: (store: StoreMember) => Promise<T>): Promise<Outcome<T>> {
    const { store, process } = this;
    if (store === undefined || process === undefined || process.paused) return Promise.resolve({ type: 'lost' });
    return new Promise((resolve) => {
      process.onEnd(() => {
        resolve({ type: 'lost' });
      });
      run(store).then(
        (value) => {
          process.enter(() => {
            resolve({ type: 'done', value });
          });
        },
        (error: unknown) => {
          process.enter(() => {
            resolve({ type: 'failed', error });
          });
        },
      );
    });
  }

  #logger(process: Process): Logger {
    const note = (message: string): void => {
      if (!process.alive) return;
      const { ledger } = this.#world;
      if (message.startsWith('the data of this member is damaged') && !this.rotten && !ledger.closed)
        ledger.fail('false-damage', `${this.name} finds its disk damaged, which nothing struck`);
      if (message === 'installed a snapshot of the leader')
        this.#world.coverage.note('snapshot-installed', this.states);
      this.#world.journal.note(`${this.name} says: ${message}`);
    };
    const logger: Logger = {
      debug: note,
      info: note,
      warn: note,
      error: (message, fields) => {
        note(fields?.['error'] === undefined ? message : `${message}: ${String(fields['error'])}`);
      },
      with: () => logger,
    };
    return logger;
  }
}
