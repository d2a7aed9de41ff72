/** What the log on disk says after a restart: torn ends are cut, damage is refused. */
import { type Cipher, type Disk, FormatError, type LogIndex, type Term } from '../../base/index.ts';
import type { Entry, HardState, Identity } from '../core/index.ts';
import { CorruptError, ForeignError } from './corrupt.ts';
import { type Batch, decodeFrame, decodeHeader, format, formatMin, frameAt, headerBytes, nextFrame } from './frame.ts';

export interface Segment {
  readonly number: number;
  readonly path: string;
  /** The largest entry index in it. */
  lastIndex: LogIndex;
  /** Bytes of its header and frames. */
  bytes: number;
  /** Of its header; undefined while it has none. */
  format?: number | undefined;
}

/** What the log says after a restart. */
export interface Recovered {
  readonly hardState: HardState | undefined;
  /** The snapshot that the entries follow; index 0 when none was ever installed. */
  readonly base: { readonly index: LogIndex; readonly term: Term };
  readonly entries: readonly Entry[];
  readonly segments: readonly Segment[];
  /** Bytes that were cut from the end: a write that a crash interrupted. */
  readonly cutBytes: number;
}

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.log`;

async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

/** Replays batches in order: a new base empties the log, an entry replaces itself and all after it. */
class Replay {
  hardState: HardState | undefined;
  base = { index: 0 as LogIndex, term: 0 as Term };
  entries: Entry[] = [];

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

const segmentsOf = async (disk: Disk, folder: string): Promise<readonly string[]> =>
  (await disk.list(folder)).filter((name) => /^\d{8}\.log$/.test(name));

/** Looks at the headers of all segments before anything is believed or called damage. Throws FormatError. */
export async function refuseOtherFormats(disk: Disk, folder: string): Promise<void> {
  const readable = Array.from({ length: format - formatMin + 1 }, (_, i) => formatMin + i);
  for (const name of await segmentsOf(disk, folder)) {
    const path = `${folder}/${name}`;
    const file = await disk.open(path, 'read');
    let version: number | undefined;
    try {
      version = decodeHeader(await file.read(0, headerBytes), Number(name.slice(0, 8)));
    } finally {
      await file.close();
    }
    if (version !== undefined && !readable.includes(version)) throw new FormatError(path, version, readable);
  }
}

/**
 * Reads all segments and changes nothing. Only the end of the last one may be torn; any other damage is a CorruptError.
 * Throws FormatError.
 */
export async function inspectLog(disk: Disk, folder: string): Promise<Recovered> {
  await refuseOtherFormats(disk, folder);
  const names = await segmentsOf(disk, folder);
  const replay = new Replay();
  const segments: Segment[] = [];
  let cutBytes = 0;
  for (const [position, name] of names.entries()) {
    const segment: Segment = {
      number: Number(name.slice(0, 8)),
      path: `${folder}/${name}`,
      lastIndex: 0 as LogIndex,
      bytes: headerBytes,
    };
    const before = segments[segments.length - 1];
    if (before !== undefined && segment.number !== before.number + 1)
      throw new CorruptError(segment.path, 0, `segment ${before.number + 1} is missing`);
    const bytes = await readWhole(disk, segment.path);
    segment.format = decodeHeader(bytes, segment.number);
    if (segment.format !== undefined && segment.format < (before?.format ?? 0))
      throw new ForeignError(segment.path, 'an older program wrote it than the segment before it');
    readSegment(segment, bytes, { replay, cipher: disk.cipher });
    cutBytes = checkEnd(segment, bytes, position === names.length - 1);
    segments.push(segment);
  }
  return { hardState: replay.hardState, base: replay.base, entries: replay.entries, segments, cutBytes };
}

/** As `inspectLog`; cuts a torn end, and makes durable what was read. */
export async function recover(disk: Disk, folder: string, check?: (found: Recovered) => void): Promise<Recovered> {
  const recovered = await inspectLog(disk, folder);
  check?.(recovered);
  const last = recovered.segments[recovered.segments.length - 1];
  if (last !== undefined) await makeDurable(disk, folder, { segment: last, cutBytes: recovered.cutBytes });
  return recovered;
}

function readSegment(
  segment: Segment,
  bytes: Uint8Array,
  { replay, cipher }: { readonly replay: Replay; readonly cipher: Cipher | undefined },
): void {
  if (decodeHeader(bytes, segment.number) === undefined) return;
  for (;;) {
    const frame = frameAt(bytes, { segment: segment.number, position: segment.bytes });
    if (frame === undefined) return;
    const batch = decodeFrame(frame, cipher);
    replay.add(batch, { path: segment.path, position: segment.bytes });
    for (const entry of batch.entries) segment.lastIndex = Math.max(segment.lastIndex, entry.index) as LogIndex;
    segment.bytes += frame.length;
  }
}

/**
 * How many bytes after the last whole frame are not zero. A frame further on proves that the place where reading
 * stopped had been synced, because a batch is written only after the one before it is durable; so has every segment but
 * the last one.
 */
function checkEnd(segment: Segment, bytes: Uint8Array, last: boolean): number {
  const headless = decodeHeader(bytes, segment.number) === undefined;
  // The header travels with the first batch: torn apart, that batch may be whole and yet was never acknowledged.
  const broken = nextFrame(bytes, segment.number, headless ? headerBytes + 1 : segment.bytes) !== undefined;
  if (broken) throw new CorruptError(segment.path, segment.bytes, 'whole batches follow a broken one');
  const from = headless ? 0 : segment.bytes;
  const end = endOfContent(bytes, from);
  if (!last && (end > from || from === 0))
    throw new CorruptError(segment.path, segment.bytes, 'a batch is broken and later segments exist');
  return end - from;
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

/**
 * Zeroes the torn end, so that nothing of it is ever read again, and syncs: a process that was killed may have left
 * bytes that the operating system still shows but that no disk has yet.
 */
async function makeDurable(
  disk: Disk,
  folder: string,
  { segment, cutBytes }: { readonly segment: Segment; readonly cutBytes: number },
): Promise<void> {
  const file = await disk.open(segment.path, 'write');
  try {
    const from = segment.bytes === headerBytes ? 0 : segment.bytes;
    if (cutBytes > 0) await file.write([new Uint8Array(cutBytes + segment.bytes - from)], from);
    await file.dataSync();
  } finally {
    await file.close();
  }
  await disk.syncFolder(folder);
}
