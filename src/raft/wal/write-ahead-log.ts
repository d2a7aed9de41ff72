/** The write-ahead log: segments on disk, one write and one sync a batch. */
import {
  assert,
  type Clock,
  type Disk,
  DiskError,
  type DiskFile,
  errorMessage,
  limits,
  type Logger,
  type LogIndex,
} from '../../base/index.ts';
import type { HardState } from '../core/index.ts';
import { type Batch, encodeFrame, encodeHeader, format, headerBytes } from './frame.ts';
import { recover, type Recovered, type Segment, segmentName } from './recovery.ts';

export interface WriteAheadLogOptions {
  readonly disk: Disk;
  /** For the segments alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Size that a segment is laid out for in advance. */
  readonly segmentBytes?: number | undefined;
  /** Looks at what the log holds before anything is changed; what it throws ends the opening. */
  readonly check?: ((found: Recovered) => void) | undefined;
}

/** The options with their defaults. */
type LayOut = WriteAheadLogOptions & { readonly segmentBytes: number };

/** Zeros that are written at a time when a segment is laid out. */
const layOutBytes = 1024 * 1024;

/**
 * The log on disk. Segments are laid out in advance (zeroed and synced), which makes syncs cheaper and lets the log
 * know that the disk is full before anything depends on it.
 */
export class WriteAheadLog {
  readonly #options: LayOut;
  /** Oldest first; the last one is written to. */
  readonly #segments: Segment[];
  /** The last segment, open for writing; opened with its first batch. */
  #file: DiskFile | undefined;
  /** The newest hard state on disk: the first batch of a segment repeats it. */
  #hardState: HardState | undefined;
  /** A batch is being written: one at a time. */
  #writing = false;
  /** The next segment, laid out and synced, waiting under another name. */
  #prepared: DiskFile | undefined;
  #preparing: Promise<void> | undefined;
  #closed = false;
  /** The next batch begins a new segment. */
  #turnOver = false;
  /** Why no next segment could be laid out; undefined when one is there or under way. */
  shortage: DiskError | undefined;
  /** How long the last batch took to be durable, in ms. */
  lastSyncMs = 0;

  constructor(options: LayOut, recovered: Recovered) {
    this.#options = options;
    this.#segments = [...recovered.segments];
    this.#hardState = recovered.hardState;
  }

  /** Bytes of all frames on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Bytes that can be written before the next new segment is needed. */
  get roomBytes(): number {
    const current = this.#segments[this.#segments.length - 1];
    const left = current === undefined ? 0 : Math.max(0, this.#options.segmentBytes - current.bytes);
    return this.#prepared === undefined ? left : left + this.#options.segmentBytes;
  }

  /** Whether another segment stands ready, or could not yet be known not to. */
  get prepared(): boolean {
    return this.#prepared !== undefined;
  }

  /**
   * Writes one batch and syncs it: durable when it resolves. One call at a time. Rejects with DiskError; after `full`
   * it may be called again.
   */
  async append(batch: Batch): Promise<void> {
    assert(!this.#writing, 'one batch is written at a time');
    this.#writing = true;
    try {
      await this.#append(batch);
    } finally {
      this.#writing = false;
    }
  }

  /** Lays out the next segment unless it is there. Never rejects: `shortage` says what went wrong. */
  prepare(): Promise<void> {
    if (this.#prepared !== undefined || this.#closed) return Promise.resolve();
    this.#preparing ??= this.#prepare().finally(() => {
      this.#preparing = undefined;
    });
    return this.#preparing;
  }

  /** Removes the segments whose entries all lie at or below `index`, which a durable snapshot covers. */
  async deleteThrough(index: LogIndex): Promise<void> {
    const { disk, folder } = this.#options;
    let removed = false;
    while (this.#segments.length > 1 && (this.#segments[0] as Segment).lastIndex <= index) {
      const segment = this.#segments.shift() as Segment;
      await disk.remove(segment.path);
      removed = true;
    }
    if (removed) await disk.syncFolder(folder);
  }

  /** The next batch begins a new segment: what was written before can then go as a whole. */
  turnOver(): void {
    this.#turnOver = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#preparing;
    await this.#file?.close();
    await this.#prepared?.close();
  }

  async #append(batch: Batch): Promise<void> {
    const { clock, segmentBytes } = this.#options;
    let segment = this.#segments[this.#segments.length - 1];
    const size = batch.entries.reduce((sum, entry) => sum + entry.data.length + 32, 320);
    if (segment === undefined || this.#turnOver || (segment.bytes + size > segmentBytes && segment.bytes > headerBytes))
      segment = await this.#rotate();
    this.#file ??= await this.#options.disk.open(segment.path, 'write');
    const fresh = segment.bytes === headerBytes;
    // The first batch of a segment repeats the hard state, so that the segments before it can go.
    const hardState = batch.hardState ?? (fresh ? this.#hardState : undefined);
    const full = hardState === undefined ? batch : { ...batch, hardState: fresh ? hardState : this.#brief(hardState) };
    const frame = encodeFrame(full, { segment: segment.number, position: segment.bytes }, this.#options.disk.cipher);
    const startedAt = clock.monotonic();
    if (fresh) await this.#file.write([encodeHeader(segment.number), frame], 0);
    else await this.#file.write([frame], segment.bytes);
    await this.#file.dataSync();
    this.lastSyncMs = clock.monotonic() - startedAt;
    segment.bytes += frame.length;
    this.#hardState = hardState ?? this.#hardState;
    const last = Math.max(batch.base?.index ?? 0, batch.entries[batch.entries.length - 1]?.index ?? 0);
    segment.lastIndex = Math.max(segment.lastIndex, last) as LogIndex;
  }

  /** Whose data it is stands in each segment once. */
  #brief(hardState: HardState): HardState {
    const { term, vote, commit, identity } = hardState;
    return identity === this.#hardState?.identity ? { term, vote, commit } : hardState;
  }

  async #rotate(): Promise<Segment> {
    const { disk, folder } = this.#options;
    await this.prepare();
    const prepared = this.#prepared;
    if (prepared === undefined) throw this.shortage ?? new DiskError('input-output', folder);
    const number = (this.#segments[this.#segments.length - 1]?.number ?? 0) + 1;
    const path = `${folder}/${segmentName(number)}`;
    await disk.rename(this.#preparedPath, path);
    await disk.syncFolder(folder);
    await this.#file?.close();
    this.#file = prepared;
    this.#prepared = undefined;
    const segment: Segment = { number, path, lastIndex: 0 as LogIndex, bytes: headerBytes, format };
    this.#segments.push(segment);
    this.#turnOver = false;
    void this.prepare();
    return segment;
  }

  get #preparedPath(): string {
    return `${this.#options.folder}/next.tmp`;
  }

  async #prepare(): Promise<void> {
    const { disk, segmentBytes, log } = this.#options;
    let file: DiskFile | undefined;
    try {
      file = await disk.open(this.#preparedPath, 'create');
      const zeros = new Uint8Array(Math.min(layOutBytes, segmentBytes));
      for (let at = 0; at < segmentBytes; at += zeros.length)
        await file.write([zeros.subarray(0, Math.min(zeros.length, segmentBytes - at))], at);
      await file.dataSync();
      this.#prepared = file;
      if (this.shortage !== undefined)
        log.info('prepared the next log segment: there is space again', { path: this.#preparedPath });
      this.shortage = undefined;
    } catch (error) {
      await file?.close().catch(() => undefined);
      await disk.remove(this.#preparedPath).catch(() => undefined);
      const first = this.shortage === undefined;
      this.shortage = error instanceof DiskError ? error : new DiskError('input-output', this.#preparedPath, error);
      if (first)
        log.warn('cannot prepare the next log segment', {
          path: this.#preparedPath,
          error: errorMessage(error),
        });
    }
  }
}

/**
 * Opens the log of a folder, or begins one. Throws CorruptError, or DiskError when the first segment cannot be made.
 */
export async function openWriteAheadLog(
  options: WriteAheadLogOptions,
): Promise<{ readonly wal: WriteAheadLog; readonly recovered: Recovered }> {
  const { disk, folder, log } = options;
  await disk.makeFolder(folder);
  const recovered = await recover(disk, folder, options.check);
  if (recovered.cutBytes > 0)
    log.warn('cut the end of the log: a write was interrupted', { folder, bytes: recovered.cutBytes });
  const wal = new WriteAheadLog({ ...options, segmentBytes: options.segmentBytes ?? limits.segmentBytes }, recovered);
  // What an older program wrote stays as it is: it must not take what this one adds for its own.
  if ((recovered.segments.at(-1)?.format ?? format) < format) wal.turnOver();
  if (recovered.segments.length === 0) {
    await wal.prepare();
    if (wal.shortage !== undefined) throw wal.shortage;
  } else void wal.prepare();
  return { wal, recovered };
}
