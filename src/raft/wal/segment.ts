/** One segment as it lies on disk: its header, marks and frames, and where it ends. */
import { type Cipher, type Disk, type LogIndex } from '../../base/index.ts';
import { CorruptError, readOrDamage } from './corrupt.ts';
import { type Batch, decodeFrame, decodeHeader, frameAt, headerBytes, marksFrom, nextFrame } from './frame.ts';
import { type Mark, marksEnd, newestMark } from './mark.ts';

export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Where its frames begin: behind the marks, or right behind the header in segments of an earlier version. */
  readonly from: number;
  /** The largest index of its entries that no later batch has replaced. */
  lastIndex: LogIndex;
  /** Bytes of its header and frames. */
  bytes: number;
  /** The newest mark in its head; undefined before the first batch and in segments of an earlier version. */
  mark: Mark | undefined;
  /** Of its header; undefined while it has none. */
  readonly format?: number | undefined;
}

/** Whether its newest mark speaks of a batch that is not there. */
export const isMissing = ({ mark, bytes }: Pick<Segment, 'mark' | 'bytes'>): boolean => (mark?.end ?? 0) > bytes;

/** A segment with its bytes. */
export interface ReadSegment {
  readonly segment: Segment;
  readonly bytes: Uint8Array;
  /** Its header is not whole: a crash interrupted its beginning, in an earlier version. */
  readonly headless: boolean;
  /** Where its last whole frame begins; `segment.from` when there is none. */
  readonly lastFrame: number;
}

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.log`;

export async function segmentsOf(disk: Disk, folder: string): Promise<readonly string[]> {
  return (await disk.list(folder)).filter((name) => /^\d{8}\.log$/.test(name));
}

/**
 * Counts a batch in the last of these segments. Those before it hold no more than what it leaves of the log: a segment
 * with a long end that was replaced must not wait for a snapshot of entries that are no more.
 */
export function countBatch(segments: readonly Segment[], { base, entries }: Pick<Batch, 'base' | 'entries'>): void {
  const left = base?.index ?? (entries[0]?.index ?? Number.POSITIVE_INFINITY) - 1;
  for (const segment of segments) segment.lastIndex = Math.min(segment.lastIndex, left) as LogIndex;
  const last = segments.at(-1);
  const newest = entries.at(-1)?.index ?? base?.index ?? 0;
  if (last !== undefined) last.lastIndex = Math.max(last.lastIndex, newest) as LogIndex;
}

/** A file's bytes. Throws CorruptError when the disk cannot read them. */
async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    return await readOrDamage(file, path, { position: 0, length: await file.size() });
  } finally {
    await file.close();
  }
}

type Take = (batch: Batch, position: number, segment: Segment) => void;

/** Reads a segment and hands out its batches in order, up to the first that is not whole. */
export async function readSegment(disk: Disk, path: string, take: Take): Promise<ReadSegment> {
  const number = Number(path.slice(-12, -4));
  const bytes = await readWhole(disk, path);
  const version = decodeHeader(bytes, number);
  const from = version === undefined || version >= marksFrom ? marksEnd : headerBytes;
  const mark = from === marksEnd ? newestMark(bytes, number) : undefined;
  const segment: Segment = { number, path, from, lastIndex: 0 as LogIndex, bytes: from, mark, format: version };
  const lastFrame = version === undefined ? from : readFrames(segment, bytes, { take, cipher: disk.cipher });
  return { segment, bytes, headless: version === undefined, lastFrame };
}

function readFrames(
  segment: Segment,
  bytes: Uint8Array,
  { take, cipher }: { readonly take: Take; readonly cipher: Cipher | undefined },
): number {
  let last = segment.from;
  for (;;) {
    const frame = frameAt(bytes, { segment: segment.number, position: segment.bytes });
    if (frame === undefined) return last;
    const batch = decodeFrame(frame, cipher);
    take(batch, segment.bytes, segment);
    last = segment.bytes;
    segment.bytes += frame.length;
  }
}

/**
 * How many bytes after the last whole frame are not zero. A frame further on proves that the place where reading
 * stopped had been synced, because a batch is written only after the one before it is durable; so has every segment but
 * the last one.
 */
export function checkEnd({ segment, bytes, headless }: ReadSegment, last: boolean): number {
  // In an earlier version the header travelled with the first batch: torn apart, that batch may be whole and yet was
  // never acknowledged.
  const broken = nextFrame(bytes, segment.number, headless ? headerBytes + 1 : segment.bytes) !== undefined;
  if (broken) throw new CorruptError(segment.path, segment.bytes, 'whole batches follow a broken one');
  if (headless && segment.mark !== undefined) throw new CorruptError(segment.path, 0, 'its header is broken');
  const from = headless ? 0 : segment.bytes;
  const end = endOfContent(bytes, from);
  if (last) return end - from;
  if (end > from || from === 0)
    throw new CorruptError(segment.path, segment.bytes, 'a batch is broken and later segments exist');
  if (isMissing(segment))
    throw new CorruptError(segment.path, segment.bytes, 'a batch is missing and later segments exist');
  return 0;
}

/**
 * The position after the last byte that is not zero. Most of a new segment is zeros, so four are looked at together.
 */
function endOfContent(bytes: Uint8Array, from: number): number {
  let end = bytes.length;
  const aligned =
    bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2) : new Int32Array(0);
  while (end > from && end % 4 !== 0 && bytes[end - 1] === 0) end -= 1;
  if (end % 4 === 0) while (end - 4 >= from && aligned[(end >>> 2) - 1] === 0) end -= 4;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}
