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
import { type HardState, type LogEnd, noEntry, reaches } from '../core/index.ts';
import { CorruptError } from './corrupt.ts';
import { type Batch, encodeFrame, encodeHeader, format } from './frame.ts';
import { encodeMark, type Mark, marksEnd, slotOf } from './mark.ts';
import { followedMark, recover, type Recovered } from './recovery.ts';
import { countBatch, isMissing, type Segment, segmentName } from './segment.ts';

export interface WriteAheadLogOptions {
  readonly disk: Disk;
  /** For the segments alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** A snapshot says that there was a log: one without segments is damage. */
  readonly begun?: boolean | undefined;
  /** Size that a segment is laid out for in advance. */
  readonly segmentBytes?: number | undefined;
  /** Looks at what the log holds before anything is changed; what it throws ends the opening. */
  readonly check?: ((found: Recovered) => void) | undefined;
}

/** What is appended: each batch says the hard state, so that the segments before it can go. */
type Appended = Batch & { readonly hardState: HardState };

/** The options with their defaults. */
type LayOut = WriteAheadLogOptions & { readonly segmentBytes: number };

/** So long after the last batch a log counts as idle. */
const idleMs = 150;

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
  /** The newest hard state on disk. */
  #hardState: HardState | undefined;
  /** Where the log ends with the newest batch. */
  #last: LogEnd;
  /** What was acknowledged, lost and not yet got again: each mark repeats it. Index 0 for nothing. */
  #owed: LogEnd;
  /** When the newest batch was durable, in monotonic ms. */
  #appendedAt = 0;
  /** The mark that an idle log writes, on its way. */
  #confirming: Promise<void> | undefined;
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
    this.#last = recovered.entries.at(-1) ?? recovered.base;
    this.#owed = recovered.owed;
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
  async append(batch: Appended): Promise<void> {
    assert(!this.#writing, 'one batch is written at a time');
    this.#writing = true;
    try {
      await this.#append(batch);
    } finally {
      this.#writing = false;
    }
  }

  /**
   * Says on disk that the newest batch is durable, once nothing was appended for a while: from then on, a start can
   * tell that it was lost from a write that a crash interrupted. Rejects with DiskError.
   */
  confirm(options: { readonly atOnce?: boolean | undefined } = {}): Promise<void> {
    const segment = this.#segments.at(-1);
    const mark = segment?.mark;
    const idle = options.atOnce === true || this.#options.clock.monotonic() - this.#appendedAt >= idleMs;
    if (this.#writing || !idle || segment === undefined || mark === undefined || mark.position === mark.end)
      return this.#confirming ?? Promise.resolve();
    // What the disk has lost is confirmed by nobody.
    if (isMissing(segment)) return Promise.resolve();
    this.#confirming ??= this.#mark(segment, { ...mark, sequence: mark.sequence + 1, position: mark.end }).finally(
      () => {
        this.#confirming = undefined;
      },
    );
    return this.#confirming;
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
    while (this.#isFollowed() && (this.#segments[0] as Segment).lastIndex <= index) {
      // One that cannot be deleted is tried again with the next snapshot, and those behind it wait: no gap may arise.
      await disk.remove((this.#segments[0] as Segment).path).catch(ignoreMissing);
      this.#segments.shift();
      removed = true;
    }
    if (removed) await disk.syncFolder(folder);
  }

  /**
   * Whether a segment behind the first one holds the hard state on the disk: a new one does with its first batch. A
   * full disk may have kept one empty.
   */
  #isFollowed(): boolean {
    return this.#segments.some(({ bytes, from }, place) => place > 0 && bytes > from);
  }

  /** The next batch begins a new segment: what was written before can then go as a whole. */
  turnOver(): void {
    this.#turnOver = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#preparing;
    await this.confirm({ atOnce: true }).catch(() => undefined);
    await this.#file?.close();
    await this.#prepared?.close();
  }

  /** Begins the log: its first segment. Rejects with DiskError. */
  async begin(): Promise<void> {
    await this.#rotate();
  }

  async #append(batch: Appended): Promise<void> {
    const { clock, segmentBytes } = this.#options;
    await this.#confirming;
    let segment = this.#segments[this.#segments.length - 1];
    if (segment !== undefined) await this.#keepOwed(segment);
    const size = batch.entries.reduce((sum, entry) => sum + entry.data.length + 32, 320);
    if (
      segment === undefined ||
      this.#turnOver ||
      (segment.bytes + size > segmentBytes && segment.bytes > segment.from)
    )
      segment = await this.#rotate();
    this.#file ??= await this.#options.disk.open(segment.path, 'write');
    const first = segment.bytes === segment.from;
    const full = first ? batch : { ...batch, hardState: this.#brief(batch.hardState) };
    const frame = encodeFrame(full, { segment: segment.number, position: segment.bytes }, this.#options.disk.cipher);
    const mark = this.#markOf(batch, segment, frame.length);
    const startedAt = clock.monotonic();
    await this.#write(this.#file, frame, mark);
    await this.#file.dataSync();
    this.#appendedAt = clock.monotonic();
    this.lastSyncMs = this.#appendedAt - startedAt;
    segment.bytes = mark.end;
    segment.mark = mark;
    countBatch(this.#segments, batch);
    this.#hardState = mark.hardState;
    this.#last = mark.last;
    this.#owed = mark.owed;
  }

  /**
   * The newest mark speaks of batches that are lost. Another one says what is there and what is owed, before a batch
   * takes their place: of that, a crash may take the mark.
   */
  async #keepOwed(segment: Segment): Promise<void> {
    const { mark, bytes: end } = segment;
    if (mark === undefined || !isMissing(segment)) return;
    const { index, term } = this.#last;
    const sequence = mark.sequence + 1;
    await this.#mark(segment, { ...mark, sequence, position: end, end, last: { index, term }, owed: this.#owed });
  }

  /** What the head of the segment says of a batch: written with it, durable by the same sync. */
  #markOf(batch: Appended, segment: Segment, length: number): Mark {
    const { number, bytes: position, mark } = segment;
    const last = batch.entries.at(-1) ?? batch.base ?? this.#last;
    return {
      segment: number,
      sequence: (mark?.sequence ?? 0) + 1,
      position,
      end: position + length,
      followed: false,
      last: { index: last.index, term: last.term },
      owed: reaches(last, this.#owed) ? noEntry : this.#owed,
      hardState: batch.hardState,
    };
  }

  /**
   * Writes a batch and its mark. What a full disk took of it is cleared away: it must not stand in front of what comes
   * later.
   */
  async #write(file: DiskFile, frame: Uint8Array, mark: Mark): Promise<void> {
    try {
      await file.write([frame], mark.position);
      await file.write([encodeMark(mark)], slotOf(mark.sequence));
    } catch (error) {
      const laidOut = Math.max(this.#options.segmentBytes, mark.position);
      const size = await file.size();
      if (size > laidOut) await file.truncate(laidOut);
      const torn = Math.min(mark.end, size, laidOut) - mark.position;
      if (torn > 0) await file.write([new Uint8Array(torn)], mark.position);
      await file.dataSync();
      throw error;
    }
  }

  /** Writes a mark alone, and syncs it. */
  async #mark(segment: Segment, mark: Mark): Promise<void> {
    this.#file ??= await this.#options.disk.open(segment.path, 'write');
    await this.#file.write([encodeMark(mark)], slotOf(mark.sequence));
    await this.#file.dataSync();
    segment.mark = mark;
  }

  /** Whose data it is stands in each segment once, in its first batch. */
  #brief(hardState: HardState): HardState {
    const { term, vote, commit, identity } = hardState;
    return identity === this.#hardState?.identity ? { term, vote, commit } : hardState;
  }

  async #rotate(): Promise<Segment> {
    const { disk, folder } = this.#options;
    await this.prepare();
    const prepared = this.#prepared;
    if (prepared === undefined) throw this.shortage ?? new DiskError('input-output', folder);
    const before = this.#segments.at(-1);
    const number = (before?.number ?? 0) + 1;
    const path = `${folder}/${segmentName(number)}`;
    await disk.rename(this.#preparedPath, path);
    await disk.syncFolder(folder);
    const followed = before && followedMark(before);
    if (before !== undefined && followed !== undefined) await this.#mark(before, followed);
    await this.#file?.close();
    this.#file = prepared;
    this.#prepared = undefined;
    const segment: Segment = {
      number,
      path,
      from: marksEnd,
      lastIndex: 0 as LogIndex,
      bytes: marksEnd,
      mark: undefined,
      format,
    };
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
      const header = encodeHeader((this.#segments.at(-1)?.number ?? 0) + 1);
      const zeros = new Uint8Array(Math.min(layOutBytes, segmentBytes));
      for (let at = 0; at < segmentBytes; at += zeros.length)
        await file.write([zeros.subarray(0, Math.min(zeros.length, segmentBytes - at))], at);
      await file.write([header], 0);
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

function ignoreMissing(error: unknown): void {
  if (!(error instanceof DiskError) || error.code !== 'not-found') throw error;
}

/**
 * Opens the log of a folder, or begins one. Throws CorruptError, or DiskError when the first segment cannot be made.
 */
export async function openWriteAheadLog(
  options: WriteAheadLogOptions,
): Promise<{ readonly wal: WriteAheadLog; readonly recovered: Recovered }> {
  const { disk, folder, log, begun = false } = options;
  await disk.makeFolder(folder);
  const recovered = await recover(disk, folder, options.check);
  if (recovered.segments.length === 0 && begun)
    throw new CorruptError(folder, 0, 'no segment of the log is there, although the snapshot beside it had one');
  if (recovered.cutBytes > 0)
    log.warn('cut the end of the log: a write was interrupted', { folder, bytes: recovered.cutBytes });
  const wal = new WriteAheadLog({ ...options, segmentBytes: options.segmentBytes ?? limits.segmentBytes }, recovered);
  // What an older program wrote stays as it is: it must not take what this one adds for its own.
  if ((recovered.segments.at(-1)?.format ?? format) < format) wal.turnOver();
  if (recovered.segments.length === 0) await wal.begin();
  else void wal.prepare();
  return { wal, recovered };
}
