/** Snapshot files: written aside, synced, renamed. */
import { type Cipher, CipherError, type Disk, type DiskFile, FormatError, type LogIndex } from '../../base/index.ts';
import type { Identity, SnapshotMark } from '../core/index.ts';
import { CorruptError, readOrDamage } from './corrupt.ts';
import { crc32c } from './crc32c.ts';

/*
 * A snapshot file: magic u32 | format u32, then chunks of length u32 | crc u32 | bytes. The first chunk is the mark as
 * JSON. The last one is empty, and in place of its own checksum stands one of the checksums before it: a length that
 * rots to nothing does not end a file early, and neither does a chunk that is missing. Formats 1 and 2 had no such
 * trailer; they are still read, when nothing follows their end. In formats 2 and 7 the chunks behind the mark are
 * sealed, each bound to its position. One flipped bit makes neither 4 nor 7 another format that is read. A later format
 * is a number below 128 that no flipped bit makes of one of these (the next are 8 and 11): an old program then tells it
 * from damage, and refuses it instead of repairing it.
 */
const magic = 0x54525053;
const formats: ReadonlyMap<number, { readonly sealed: boolean; readonly trailer: boolean }> = new Map([
  [1, { sealed: false, trailer: false }],
  [2, { sealed: true, trailer: false }],
  [4, { sealed: false, trailer: true }],
  [7, { sealed: true, trailer: true }],
]);
const format = 4;
const sealedFormat = 7;
const lead = 8;

const nameOf = (index: LogIndex): string => `${String(index).padStart(16, '0')}.snapshot`;

function word(first: number, second: number): Uint8Array {
  const bytes = new Uint8Array(lead);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, first);
  view.setUint32(4, second);
  return bytes;
}

/** Stands for all the checksums of the chunks, in their order. */
class Trailer {
  #crc = 0;

  add(crc: number): void {
    this.#crc = crc32c(word(this.#crc, crc));
  }

  get crc(): number {
    return this.#crc;
  }
}

/** So much is written before it is synced: the log's syncs would have to wait for all of it at the end. */
const syncedBytes = 8 * 1024 * 1024;

/** The mark of a snapshot on disk, and whose it is; older programs did not say. */
export type KeptMark = SnapshotMark & { readonly identity?: Identity | undefined };

/** Takes the next chunk of the state machine's bytes; undefined after the last. */
type ChunkSource = () => Uint8Array | undefined;

/**
 * Writes a snapshot aside, syncs it and renames it into place; then removes older ones. Between two chunks other work
 * gets its turn. Rejects with DiskError and leaves the snapshot before it in place.
 */
export async function writeSnapshot(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly mark: KeptMark;
  readonly next: ChunkSource;
}): Promise<number> {
  const { disk, folder, next } = options;
  const { index, term, configuration, identity } = options.mark;
  const mark = { index, term, configuration, identity };
  await disk.makeFolder(folder);
  const aside = `${folder}/next.tmp`;
  const path = `${folder}/${nameOf(mark.index)}`;
  const file = await disk.open(aside, 'create');
  let bytes: number;
  try {
    bytes = await writeChunks(file, mark, { next, cipher: disk.cipher });
    await file.dataSync();
  } catch (error) {
    await file.close().catch(() => undefined);
    await disk.remove(aside).catch(() => undefined);
    throw error;
  }
  await file.close();
  await disk.rename(aside, path);
  await disk.syncFolder(folder);
  for (const name of await disk.list(folder)) if (name !== nameOf(mark.index)) await disk.remove(`${folder}/${name}`);
  await disk.syncFolder(folder);
  return bytes;
}

async function writeChunks(
  file: DiskFile,
  mark: KeptMark,
  { next, cipher }: { readonly next: ChunkSource; readonly cipher: Cipher | undefined },
): Promise<number> {
  let [position, synced] = [0, 0];
  const trailer = new Trailer();
  const syncNowAndThen = (): Promise<void> => {
    if (position - synced < syncedBytes) return Promise.resolve();
    synced = position;
    return file.dataSync();
  };
  const put = async (...chunks: Uint8Array[]): Promise<void> => {
    await file.write(chunks, position);
    for (const chunk of chunks) position += chunk.length;
    await syncNowAndThen();
  };
  const head = new TextEncoder().encode(JSON.stringify(mark));
  const putChunk = async (chunk: Uint8Array): Promise<void> => {
    const crc = crc32c(chunk);
    trailer.add(crc);
    await put(word(chunk.length, crc), chunk);
  };
  await put(word(magic, cipher === undefined ? format : sealedFormat));
  await putChunk(head);
  for (let plain = next(); plain !== undefined; plain = next())
    await putChunk(cipher === undefined ? plain : cipher.seal(plain, word(0, position)));
  await put(word(0, trailer.crc));
  return position;
}

/**
 * Reads the newest snapshot and hands its chunks out in order; undefined when there is none. Throws CorruptError,
 * FormatError.
 */
export async function readSnapshot(
  disk: Disk,
  folder: string,
  take: (chunk: Uint8Array) => void,
): Promise<KeptMark | undefined> {
  const paths = (await disk.list(folder))
    .filter((name) => name.endsWith('.snapshot'))
    .map((name) => `${folder}/${name}`);
  const newest = paths.pop();
  if (newest === undefined) return undefined;
  const mark = await readFile(disk, newest, take);
  // Should the disk lose the newest, one that could not be deleted takes its place: the cipher still needs its key.
  if (disk.cipher !== undefined) for (const path of paths) await readFile(disk, path, () => undefined).catch(() => {});
  return mark;
}

async function readFile(disk: Disk, path: string, take: (chunk: Uint8Array) => void): Promise<KeptMark | undefined> {
  const file = await disk.open(path, 'read');
  try {
    return await readChunks(file, path, { take, cipher: disk.cipher });
  } finally {
    await file.close();
  }
}

function isLaterFormat(found: number): boolean {
  const flippedBits = (known: number): number => (found ^ known).toString(2).replaceAll('0', '').length;
  return found < 128 && [...formats.keys()].every((known) => flippedBits(known) > 1);
}

async function readChunks(
  file: DiskFile,
  path: string,
  { take, cipher }: { readonly take: (chunk: Uint8Array) => void; readonly cipher: Cipher | undefined },
): Promise<KeptMark> {
  let position = 0;
  const words = async (): Promise<readonly [number, number]> => {
    const bytes = await readOrDamage(file, path, { position, length: lead });
    if (bytes.length < lead) throw new CorruptError(path, position, 'the snapshot ends too early');
    position += lead;
    const view = new DataView(bytes.buffer, bytes.byteOffset, lead);
    return [view.getUint32(0), view.getUint32(4)];
  };
  const [foundMagic, foundFormat] = await words();
  if (foundMagic !== magic) throw new CorruptError(path, 0, 'it is not a snapshot');
  const found = formats.get(foundFormat);
  if (found === undefined)
    throw isLaterFormat(foundFormat)
      ? new FormatError(path, foundFormat, [...formats.keys()])
      : new CorruptError(path, 4, `its format ${foundFormat} is none that a program writes`);
  if (found.sealed && cipher === undefined)
    throw new CipherError('no-key', `${path} is encrypted and no key was given`);
  const trailer = new Trailer();
  const end = (crc: number, size: number): boolean => crc === (found.trailer ? trailer.crc : 0) && position === size;
  let mark: KeptMark | undefined;
  for (;;) {
    const place = word(0, position);
    const [length, crc] = await words();
    if (length === 0) {
      if (mark === undefined || !end(crc, await file.size()))
        throw new CorruptError(path, position - lead, 'the snapshot ends in the middle');
      return mark;
    }
    const chunk = await readOrDamage(file, path, { position, length });
    if (chunk.length < length || crc32c(chunk) !== crc)
      throw new CorruptError(path, position, 'a chunk of the snapshot has a wrong checksum');
    position += length;
    trailer.add(crc);
    if (mark === undefined) mark = JSON.parse(new TextDecoder().decode(chunk)) as KeptMark;
    else take(found.sealed && cipher !== undefined ? cipher.open(chunk, place) : chunk);
  }
}
