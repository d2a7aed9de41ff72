/** What Raft wants persisted, made durable one request at a time. */
import { assert, delay, DiskError, type LogIndex } from '../base/index.ts';
import type { Persist, Snapshot } from '../raft/core/index.ts';
import { type WriteAheadLog, writeSnapshot } from '../raft/wal/index.ts';
import type { StoreOptions } from './options.ts';
import type { SnapshotReceiver, Snapshotter } from './snapshot/index.ts';

/** Pause between two tries to write to a full disk. */
const fullDiskRetryMs = 500;
/** Syncs in the figures for operators. */
const syncsKept = 256;

/** Makes durable what the core asks for, one request at a time. */
export class LogWriter {
  readonly #options: StoreOptions;
  readonly #wal: WriteAheadLog;
  readonly #snapshotter: Snapshotter;
  readonly #receiver: SnapshotReceiver;
  #closed = false;
  /** The last write that was asked for; never rejects. */
  #writing: Promise<void> = Promise.resolve();
  /** How long the last syncs took, in a ring. */
  readonly #syncs: number[] = [];
  /** Writes that succeeded: the ring's next place. */
  #written = 0;
  /** The last entry on this disk. Falls back when a leader replaces the tail. */
  #durable: LogIndex;
  /** Those who wait for an entry to be on disk. */
  #waiting: { readonly index: LogIndex; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(
    options: StoreOptions,
    parts: {
      readonly durable: LogIndex;
      readonly wal: WriteAheadLog;
      readonly snapshotter: Snapshotter;
      readonly receiver: SnapshotReceiver;
    },
  ) {
    this.#options = options;
    this.#wal = parts.wal;
    this.#durable = parts.durable;
    this.#snapshotter = parts.snapshotter;
    this.#receiver = parts.receiver;
  }

  /**
   * Resolves when it is durable. A full disk is waited out, since the core counts on the write; any other DiskError is
   * final.
   */
  write(persist: Persist): Promise<void> {
    const writing = this.#write(persist);
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  /**
   * Resolves when the committed entry at `index` is on this disk; rejects when a snapshot takes its place or the writer
   * closes before.
   */
  reached(index: LogIndex): Promise<void> {
    if (index <= this.#durable) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ index, resolve, reject });
    });
  }

  /** Waits for a write under way, and gives up one that waits for space. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    this.#giveUpWaiting('the log is closed');
  }

  #giveUpWaiting(reason: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }

  #advance(index: LogIndex): void {
    this.#durable = index;
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting.filter((other) => other.index <= index)) waiting.resolve();
    this.#waiting = this.#waiting.filter((other) => other.index > index);
  }

  /** The median and the longest of the last syncs, in ms; sorted when read, so not for each status. */
  get syncMs(): { readonly median: number; readonly longest: number } {
    const sorted = [...this.#syncs].sort((a, b) => a - b);
    return { median: sorted[sorted.length >>> 1] ?? 0, longest: sorted.at(-1) ?? 0 };
  }

  async #write(persist: Persist): Promise<void> {
    const { snapshot, hardState, entries } = persist;
    const base = snapshot === undefined ? undefined : { index: snapshot.index, term: snapshot.term };
    for (let tries = 0; ; tries++) {
      try {
        // The snapshot goes to disk before the log says that it follows it.
        if (snapshot !== undefined) await this.#keep({ ...persist, snapshot });
        await this.#wal.append({ base, hardState, entries });
        this.#syncs[this.#written++ % syncsKept] = this.#wal.lastSyncMs;
        this.#advance(entries.at(-1)?.index ?? snapshot?.index ?? this.#durable);
        return;
      } catch (error) {
        if (!(error instanceof DiskError) || error.code !== 'full' || this.#closed) throw error;
        if (tries === 0)
          this.#options.log.error('the disk is full: writes wait until there is space', {
            folder: this.#options.folder,
          });
        await delay(this.#options.timers, fullDiskRetryMs);
      }
    }
  }

  async #keep({ snapshot, hardState: { identity } }: Persist & { readonly snapshot: Snapshot }): Promise<void> {
    this.#giveUpWaiting('a snapshot of the leader takes the place of the log');
    await this.#snapshotter.settled();
    const received = this.#receiver.peek(snapshot.index);
    assert(received !== undefined, 'a snapshot is installed from the chunks that came for it');
    const chunks = received.chunks.values();
    const { disk, folder } = this.#options;
    const bytes = await writeSnapshot({
      disk,
      folder: `${folder}/snapshots`,
      mark: { ...snapshot, identity },
      next: () => chunks.next().value,
    });
    this.#snapshotter.installed(snapshot.index, bytes);
  }
}
