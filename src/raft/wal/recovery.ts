/** What the log on disk says after a restart: torn ends are cut, damage is refused, and what is missing is named. */
import { type Disk, FormatError, type LogIndex } from '../../base/index.ts';
import { type Entry, type HardState, type Identity, type LogEnd, noEntry, reaches } from '../core/index.ts';
import { CorruptError, ForeignError } from './corrupt.ts';
import { type Batch, decodeHeader, encodeHeader, format, formatMin, headerBytes } from './frame.ts';
import { encodeMark, type Mark, marksEnd, slotOf } from './mark.ts';
import { checkEnd, countBatch, isMissing, readSegment, type ReadSegment, type Segment, segmentsOf } from './segment.ts';

/** The newest batches are not there, although the marks say that they were written. */
interface LostEnd {
  readonly path: string;
  readonly position: number;
  /** They had been durable. Otherwise a crash may have interrupted the very last of them, which nobody had heard of. */
  readonly known: boolean;
}

/** What the log says after a restart. */
export interface Recovered {
  /** Its commit hint is as of the last batch that is there, term and vote are the newest that were written. */
  readonly hardState: HardState | undefined;
  /** The snapshot that the entries follow; index 0 when none was ever installed. */
  readonly base: LogEnd;
  readonly entries: readonly Entry[];
  readonly segments: readonly Segment[];
  /** Bytes that were cut from the end: a write that a crash interrupted. */
  readonly cutBytes: number;
  readonly lost: LostEnd | undefined;
  /** Up to where this member may have acknowledged what it does not hold any more; index 0 for nothing. */
  readonly owed: LogEnd;
}

/** Replays batches in order: a new base empties the log, an entry replaces itself and all after it. */
class Replay {
  hardState: HardState | undefined;
  base: LogEnd = noEntry;
  entries: Entry[] = [];

  get end(): LogEnd {
    return this.entries.at(-1) ?? this.base;
  }

  add(batch: Batch, where: { readonly path: string; readonly position: number }): void {
    if (batch.base !== undefined) {
      this.base = batch.base;
      this.entries = [];
    }
    if (batch.hardState !== undefined) this.hardState = this.#identified(batch, batch.hardState, where.path);
    for (const entry of batch.entries) {
      const first = this.entries[0]?.index ?? entry.index;
      // Below the first: what stood there was deleted behind a snapshot, and the replaced end before it does not
      // matter.
      const place = Math.max(0, entry.index - first);
      if (place > this.entries.length)
        throw new CorruptError(where.path, where.position, `entry ${entry.index} does not follow the one before`);
      this.entries.length = place;
      this.entries.push(entry);
    }
  }

  /** A frame that names nobody is of whom the ones before it name. Only a new base may begin another life. */
  #identified({ base }: Batch, hardState: HardState, path: string): HardState {
    const [known, found] = [this.hardState?.identity, hardState.identity];
    if (found === undefined) return known === undefined ? hardState : { ...hardState, identity: known };
    const joined = known?.timeline === '' && known.incarnation === found.incarnation && known.member === found.member;
    const same = known !== undefined && nameOf(known) === nameOf(found);
    if (known !== undefined && !joined && !same && base === undefined)
      throw new ForeignError(path, `it is of ${nameOf(found)}, what lies before it of ${nameOf(known)}`);
    return hardState;
  }
}

/** Who this is, in words. */
export const nameOf = ({ member, timeline, incarnation }: Identity): string =>
  `member ${member}, timeline ${timeline === '' ? '(none yet)' : timeline}, incarnation ${incarnation}`;

/** Looks at the headers of all segments before anything is believed or called damage. Throws FormatError. */
export async function refuseOtherFormats(disk: Disk, folder: string): Promise<void> {
  const readable = Array.from({ length: format - formatMin + 1 }, (_, i) => formatMin + i);
  for (const name of await segmentsOf(disk, folder)) {
    const path = `${folder}/${name}`;
    const file = await disk.open(path, 'read');
    let version: number | undefined;
    try {
      // A header that cannot be read is for the reading of the whole file to judge.
      const head = await file.read(0, headerBytes).catch(() => new Uint8Array(0));
      version = decodeHeader(head, Number(name.slice(0, 8)));
    } finally {
      await file.close();
    }
    if (version !== undefined && !readable.includes(version)) throw new FormatError(path, version, readable);
  }
}

/** The log as it was read, with the bytes of its last segment. */
interface Inspected {
  readonly recovered: Recovered;
  readonly last: ReadSegment | undefined;
}

/**
 * Reads all segments and changes nothing. Only the end of the last one may be torn or missing; any other damage is a
 * CorruptError. Throws FormatError.
 */
export async function inspectLog(disk: Disk, folder: string): Promise<Recovered> {
  return (await inspect(disk, folder)).recovered;
}

async function inspect(disk: Disk, folder: string): Promise<Inspected> {
  await refuseOtherFormats(disk, folder);
  const names = await segmentsOf(disk, folder);
  const replay = new Replay();
  const segments: Segment[] = [];
  let cutBytes = 0;
  let last: ReadSegment | undefined;
  for (const [place, name] of names.entries()) {
    const path = `${folder}/${name}`;
    const number = Number(name.slice(0, 8));
    const before = last?.segment.number ?? number - 1;
    if (number !== before + 1) throw new CorruptError(path, 0, `segment ${before + 1} is missing`);
    last = await readSegment(disk, path, (batch, position, segment) => {
      replay.add(batch, { path, position });
      countBatch([...segments, segment], batch);
    });
    const older = (last.segment.format ?? format) < (segments.at(-1)?.format ?? 0);
    if (older) throw new ForeignError(path, 'an older program wrote it than the segment before it');
    cutBytes = checkEnd(last, place === names.length - 1);
    segments.push(last.segment);
  }
  const mark = last?.segment.mark;
  if (last !== undefined && mark?.followed === true)
    throw new CorruptError(last.segment.path, last.segment.bytes, `segment ${last.segment.number + 1} is missing`);
  // The last one to go is a segment that something was written to.
  const [first] = segments;
  if (first !== undefined && first.number > 1 && segments.every(({ bytes, from }) => bytes === from))
    throw new CorruptError(first.path, 0, `segment ${first.number - 1} is missing`);
  const { base, entries } = replay;
  return { recovered: { base, entries, segments, cutBytes, ...judge(replay, segments) }, last };
}

/** What the newest mark says about the end that was read. */
function judge(replay: Replay, segments: readonly Segment[]): Pick<Recovered, 'hardState' | 'lost' | 'owed'> {
  const { hardState, end } = replay;
  const last = segments.at(-1);
  // A segment that was begun and not written to has none: then that of the one before holds.
  const mark = last?.mark ?? segments.at(-2)?.mark;
  if (last === undefined || mark === undefined) return { hardState, lost: undefined, owed: noEntry };
  const missing = isMissing(last);
  // Where no batch came after the one that the mark speaks of, the mark has the newest term and vote.
  const isNewest = mark === last.mark ? last.bytes <= mark.end : last.bytes === last.from;
  const { term, vote } = mark.hardState;
  const owed = missing && reaches(mark.last, mark.owed) ? mark.last : mark.owed;
  const { path, bytes: position } = last;
  return {
    // The hint speaks of the log behind it, which is not the one that is there.
    hardState:
      isNewest && (hardState?.term !== term || hardState.vote !== vote)
        ? { ...mark.hardState, commit: hardState?.commit ?? (0 as LogIndex), identity: hardState?.identity }
        : hardState,
    lost: missing ? { path, position, known: position < mark.position || mark.position === mark.end } : undefined,
    owed: reaches(end, owed) ? noEntry : owed,
  };
}

/** As `inspectLog`; cuts a torn end, and makes durable what was read. */
export async function recover(disk: Disk, folder: string, check?: (found: Recovered) => void): Promise<Recovered> {
  const { recovered, last } = await inspect(disk, folder);
  check?.(recovered);
  if (last === undefined) return recovered;
  const due = dueMark(last.segment, recovered);
  if (due !== undefined) last.bytes.set(encodeMark(due), slotOf(due.sequence));
  await writeAgain(disk, last);
  if (due !== undefined) last.segment.mark = due;
  await disk.syncFolder(folder);
  const before = recovered.segments.at(-2);
  if (before !== undefined) await follow(disk, before);
  return recovered;
}

/**
 * The mark that the last segment lacks: a crash came between a batch and its mark, and the batch counts from now on.
 * Without a mark nothing would miss it, or the segment after it, when the disk loses them. Undefined when none is due.
 */
function dueMark(segment: Segment, { entries, base, hardState, owed }: Recovered): Mark | undefined {
  const { from, bytes, mark } = segment;
  if (hardState === undefined || from !== marksEnd || bytes <= (mark?.end ?? from)) return undefined;
  const { index, term } = entries.at(-1) ?? base;
  return { ...placeOf(segment), followed: false, last: { index, term }, owed, hardState };
}

/**
 * Writes again what may not be durable although it was read, and syncs it: the last batch, which was written only after
 * the one before it was durable, the head, and the zeros behind them, which clear away what a crash tore. A sync alone
 * would not do: where one has failed before, the operating system shows the bytes, takes them for clean and never
 * writes them (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020).
 */
async function writeAgain(disk: Disk, { segment, bytes, headless, lastFrame }: ReadSegment): Promise<void> {
  const file = await disk.open(segment.path, 'write');
  try {
    const end = headless ? headerBytes : segment.bytes;
    const zeros = new Uint8Array(Math.max(0, bytes.length - end));
    await file.write([headless ? encodeHeader(segment.number) : bytes.subarray(0, segment.from)], 0);
    const last = Math.min(lastFrame, end);
    await file.write([bytes.subarray(last, end), zeros], last);
    await file.dataSync();
  } finally {
    await file.close();
  }
}

/** Where the next mark of a segment goes that says that all its frames are durable. */
const placeOf = ({ number, bytes, mark }: Segment): Pick<Mark, 'segment' | 'sequence' | 'position' | 'end'> => ({
  segment: number,
  sequence: (mark?.sequence ?? 0) + 1,
  position: bytes,
  end: bytes,
});

/** The mark in a segment's head that a later one was begun. */
export function followedMark(segment: Segment): Mark | undefined {
  return segment.mark && { ...segment.mark, ...placeOf(segment), followed: true };
}

/** Says in the head of the last but one segment that the last one was begun, if a crash came between. */
async function follow(disk: Disk, segment: Segment): Promise<void> {
  const mark = segment.mark?.followed === true ? segment.mark : followedMark(segment);
  if (mark === undefined) return;
  const file = await disk.open(segment.path, 'write');
  try {
    await file.write([encodeMark(mark)], slotOf(mark.sequence));
    await file.dataSync();
  } finally {
    await file.close();
  }
  segment.mark = mark;
}
