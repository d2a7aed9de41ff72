/** When a snapshot is due, and how one is taken. */
import { DiskError, errorMessage, type Logger, limits, type LogIndex } from '../../base/index.ts';
import { type KeptMark, type WriteAheadLog, writeSnapshot } from '../../raft/wal/index.ts';
import type { StoreOptions } from '../options.ts';
import type { StateMachine } from '../state-machine.ts';

/** Pause after a snapshot that failed, in ms. */
const retryMs = 5_000;
/** So many segments of log are never too many: the last one stays in any case. */
const segmentsMin = 4;

/** Takes snapshots now and then, step by step beside the normal work, and deletes the log that they cover. */
export class Snapshotter {
  readonly #options: StoreOptions;
  readonly #wal: WriteAheadLog;
  readonly #log: Logger;
  /** The last entry that the newest snapshot covers. Only grows. */
  #lastIndex: LogIndex;
  /** Transactions applied since the newest snapshot began. */
  #changes = 0;
  /** Not before this moment after one that failed, in monotonic ms. */
  #retryAt = 0;
  /** The snapshot under way: one at a time. */
  #running: Promise<void> | undefined;
  #closed = false;
  /** Who waits for a snapshot that covers an entry, and for the log before it to be deleted. */
  #waiting: { readonly index: LogIndex; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  /** Size of the newest snapshot; 0 when there is none. */
  bytes: number;

  constructor(options: StoreOptions, wal: WriteAheadLog, newest: { readonly index: LogIndex; readonly bytes: number }) {
    this.#options = options;
    this.#wal = wal;
    this.#log = options.log;
    this.#lastIndex = newest.index;
    this.bytes = newest.bytes;
  }

  /**
   * The next look takes a snapshot, whatever has changed, and the log goes on in a new segment, so that the next
   * snapshot lets all before it go. Resolves when a durable snapshot covers the entry at `index` and the segments that
   * are not needed for it are deleted; rejects with DiskError when that failed, or when the store closes.
   */
  cover(index: LogIndex): Promise<void> {
    this.#wal.turnOver();
    return new Promise((resolve, reject) => {
      if (this.#closed) reject(new Stopped('the store closes'));
      else this.#waiting.push({ index, resolve, reject });
    });
  }

  /** So many changes were applied. */
  note(changes: number): void {
    this.#changes += changes;
  }

  /**
   * Begins a snapshot of this moment when enough has changed, or when the disk is short and old log could go. `durable`
   * resolves when the log on disk has reached the mark: a snapshot ahead of the log would leave a gap between the two.
   */
  consider(mark: KeptMark, machine: StateMachine, durable: (index: LogIndex) => Promise<void>): void {
    if (this.#running !== undefined || this.#closed) return;
    const requested = this.#waiting.some(({ index }) => index <= mark.index);
    if (mark.index <= this.#lastIndex && !requested) return;
    const { snapshotEntries = limits.snapshotEntries, segmentBytes = limits.segmentBytes, clock } = this.#options;
    const short = this.#wal.shortage !== undefined && this.#wal.bytes > segmentBytes;
    // A snapshot costs as much as there are keys and bytes: it is due when as much has changed, so that its share of
    // each write is bounded, and so is the log that a start reads.
    const manyChanges = this.#changes >= snapshotEntries + machine.space.count('');
    const longLog = this.#wal.bytes > Math.max(segmentsMin * segmentBytes, this.bytes);
    const due = (manyChanges || longLog || short) && clock.monotonic() >= this.#retryAt;
    if (!requested && !due) return;
    this.#running = this.#take(mark, machine, durable).finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when no snapshot is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** A snapshot of the leader took the place of ours. */
  installed(index: LogIndex, bytes: number): void {
    this.#lastIndex = index;
    this.bytes = bytes;
    this.#changes = 0;
  }

  /** Waits for a snapshot under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#giveUp(new Stopped('the store closes'));
  }

  #giveUp(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async #take(mark: KeptMark, machine: StateMachine, durable: (index: LogIndex) => Promise<void>): Promise<void> {
    const { disk, folder, clock, metrics } = this.#options;
    const startedAt = clock.monotonic();
    this.#changes = 0;
    const snapshot = machine.snapshot();
    try {
      await durable(mark.index).catch(stop);
      this.bytes = await writeSnapshot({
        disk,
        folder: `${folder}/snapshots`,
        mark,
        next: () => (this.#closed ? stop() : snapshot.next()),
      });
      this.#lastIndex = mark.index;
      await this.#wal.deleteThrough(mark.index);
      for (const waiting of this.#waiting.filter(({ index }) => index <= mark.index)) waiting.resolve();
      this.#waiting = this.#waiting.filter(({ index }) => index > mark.index);
      metrics.observe('troupe_store_snapshot_seconds', (clock.monotonic() - startedAt) / 1000);
      this.#log.info('took a snapshot', {
        index: mark.index,
        bytes: this.bytes,
        ms: Math.round(clock.monotonic() - startedAt),
      });
    } catch (error) {
      if (error instanceof Stopped) return;
      this.#retryAt = clock.monotonic() + retryMs;
      this.#giveUp(error instanceof Error ? error : new Error(errorMessage(error)));
      this.#log.warn('a snapshot failed; retrying later', {
        index: mark.index,
        error: errorMessage(error),
        full: error instanceof DiskError && error.code === 'full',
      });
    } finally {
      snapshot.close();
    }
  }
}

/** Ends a snapshot because the store closes. */
class Stopped extends Error {}

function stop(): never {
  throw new Stopped('the store closes');
}
