import { assert, delay, DiskError } from '../base/index.ts';
import type { Persist, Snapshot } from '../raft/core/index.ts';
import { type WriteAheadLog, writeSnapshot } from '../raft/wal/index.ts';
import type { StoreOptions } from './options.ts';
import type { SnapshotReceiver } from './snapshot-receiver.ts';
import type { Snapshotter } from './snapshotter.ts';

/** Pause between two tries to write to a full disk. */
const fullDiskRetryMs = 500;
/** Syncs that an operator is told of. */
const syncsKept = 256;

/** Makes durable what the core asks for, one request at a time. */
export class LogWriter {
  readonly #options: StoreOptions;
  readonly #wal: WriteAheadLog;
  readonly #snapshotter: Snapshotter;
  readonly #receiver: SnapshotReceiver;
  #closed = false;
  #writing: Promise<void> = Promise.resolve();
  /** How long the last syncs took, in a ring. */
  readonly #syncs: number[] = [];
  #written = 0;

  constructor(options: StoreOptions, parts: { readonly wal: WriteAheadLog; readonly snapshotter: Snapshotter; readonly receiver: SnapshotReceiver }) {
    this.#options = options;
    this.#wal = parts.wal;
    this.#snapshotter = parts.snapshotter;
    this.#receiver = parts.receiver;
  }

  /** Resolves when it is durable. A full disk is waited out, since the core counts on the write; any other DiskError is final. */
  write(persist: Persist): Promise<void> {
    const writing = this.#write(persist);
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  /** Waits for a write under way, and gives up one that waits for space. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  /** The median and the longest of the last syncs, in ms. */
  get syncMs(): { readonly median: number; readonly longest: number } {
    const sorted = [...this.#syncs].sort((a, b) => a - b);
    return { median: sorted[sorted.length >>> 1] ?? 0, longest: sorted.at(-1) ?? 0 };
  }

  async #write(persist: Persist): Promise<void> {
    const { snapshot, hardState, entries } = persist;
    const base = snapshot === undefined ? {} : { base: { index: snapshot.index, term: snapshot.term } };
    for (let tries = 0; ; tries++) {
      try {
        // The snapshot goes to disk before the log says that it follows it.
        if (snapshot !== undefined) await this.#keep(snapshot);
        await this.#wal.append({ ...base, hardState, entries });
        this.#syncs[this.#written++ % syncsKept] = this.#wal.lastSyncMs;
        return;
      } catch (error) {
        if (!(error instanceof DiskError) || error.code !== 'full' || this.#closed) throw error;
        if (tries === 0) this.#options.log.error('The disk is full: writes wait until there is space', { folder: this.#options.folder });
        await delay(this.#options.timers, fullDiskRetryMs);
      }
    }
  }

  async #keep(snapshot: Snapshot): Promise<void> {
    await this.#snapshotter.settled();
    const received = this.#receiver.peek(snapshot.index);
    assert(received !== undefined, 'a snapshot is installed from the chunks that came for it');
    const chunks = received.chunks.values();
    const { disk, folder } = this.#options;
    await writeSnapshot({ disk, folder: `${folder}/snapshots`, mark: snapshot, next: () => chunks.next().value });
    this.#snapshotter.installed(snapshot.index);
  }
}
