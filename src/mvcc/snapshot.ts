/** The key space as chunks of bytes and back. */
import { Packr } from 'msgpackr';
import { assert, FormatError, type Revision } from '../base/index.ts';
import { KeySpace, type KeySpaceOptions, type TimeMark } from './key-space.ts';
import { PieceJoiner, pieceBytes, piecesOf } from './pieces.ts';
import { SharedTexts } from './shared-texts.ts';
import type { Slabs } from './slabs.ts';
import { type ObjectCache, Version } from './version.ts';

const codec = new Packr({ useRecords: false, variableMapSize: true });
/** In format 1 all versions of a key stood in one chunk, however large. */
const format = 2;
const formats = [1, 2];

interface Header {
  readonly format: number;
  readonly revision: Revision;
  readonly floor: Revision;
  readonly marks: readonly TimeMark[];
}

/** revision, createRevision, order, deleted, revisionAt, expiresAt, bytes, uid, labels, fields, owners */
type VersionRow = readonly [
  Revision,
  Revision,
  number,
  boolean,
  number,
  number,
  Uint8Array,
  string,
  Readonly<Record<string, string>>,
  Readonly<Record<string, string>>,
  readonly string[],
];
/** A key and its readable versions, the oldest first. */
type KeyRow = readonly [string, readonly VersionRow[]];

interface DividedKey {
  readonly key: string;
  readonly versions: VersionRow[];
}

function rowOf(version: Version): VersionRow {
  const { revision, createRevision, order, deleted, revisionAt, expiresAt, index } = version;
  return [
    revision,
    createRevision,
    order,
    deleted,
    revisionAt,
    expiresAt,
    version.view(),
    index.uid,
    index.labels,
    index.fields,
    index.owners,
  ];
}

/** About how many bytes a version takes in a chunk. */
const sizeOf = (row: VersionRow): number => row[6].length + 128;

/** The versions of a key that a reader between `floor` and `revision` can see. */
function readable(head: Version, floor: Revision, revision: Revision): VersionRow[] {
  const rows: VersionRow[] = [];
  for (let version: Version | undefined = head; version !== undefined; version = version.older) {
    if (version.revision > revision) continue;
    const base = version.revision <= floor;
    if (!base || !version.deleted) rows.push(rowOf(version));
    if (base) break;
  }
  return rows.reverse();
}

/**
 * Encodes the key space as it stands now, chunk by chunk, while it goes on changing: versions are pinned until `close`
 * or until the last chunk was taken. The chunks depend only on the entries applied, not on when memory was freed.
 */
export class SnapshotEncoder {
  readonly revision: Revision;
  readonly #space: KeySpace;
  readonly #header: Header;
  readonly #unpin: () => void;
  readonly #divided: boolean;
  #next = '';
  #buffer: Buffer | undefined;
  #state: 'header' | 'keys' | 'done' = 'header';
  /** The versions, still to come, of a key that has too many bytes of them for one chunk. */
  #rest: DividedKey | undefined;
  /** What is left of a chunk that travels in pieces. */
  #pieces: Uint8Array[] = [];

  /** `divided: false`: as programs before read it, a key's versions in one chunk, however large. */
  constructor(space: KeySpace, { divided = true }: { readonly divided?: boolean } = {}) {
    this.#space = space;
    this.#divided = divided;
    this.revision = space.revision;
    const { revision, oldest: floor } = space;
    this.#header = { format: divided ? format : 1, revision, floor, marks: [...space.marks] };
    this.#unpin = space.pin();
  }

  /** The next chunk, of about `bytes` and never more than `limits.pieceBytesMax`; undefined after the last. */
  next(bytes = this.#space.chunkBytes): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (piece !== undefined || this.#state === 'done') return piece;
    if (this.#state === 'header') {
      this.#state = 'keys';
      return copyOf(codec.pack(this.#header));
    }
    const rows = this.#rest === undefined ? this.#rows(bytes) : [];
    if (this.#rest !== undefined && rows.length === 0) rows.push(this.#some(this.#rest, bytes));
    if (rows.length > 0) return this.#piece(this.#packed(rows, bytes));
    this.close();
    return undefined;
  }

  close(): void {
    this.#state = 'done';
    this.#unpin();
  }

  /** The chunk, or the first piece of one that is too large. */
  #piece(chunk: Uint8Array): Uint8Array {
    if (!this.#divided || chunk.length <= pieceBytes) return chunk;
    this.#pieces = piecesOf(chunk);
    return this.#pieces.shift() as Uint8Array;
  }

  /** Versions of a divided key for one chunk, one at least. */
  #some({ key, versions }: DividedKey, bytes: number): KeyRow {
    let size = 0;
    const count = versions.findIndex((row) => (size += sizeOf(row)) >= bytes) + 1;
    const taken = versions.splice(0, count === 0 ? versions.length : count);
    if (versions.length === 0) this.#rest = undefined;
    return [key, taken];
  }

  /** The codec would grow a buffer for each chunk. */
  #packed(rows: readonly KeyRow[], bytes: number): Uint8Array {
    this.#buffer ??= Buffer.allocUnsafeSlow(bytes * 2);
    codec.useBuffer(this.#buffer);
    return copyOf(codec.pack(rows));
  }

  #rows(bytes: number): KeyRow[] {
    const rows: KeyRow[] = [];
    let size = 0;
    this.#space.scan(this.#next, (head) => {
      const versions = readable(head, this.#header.floor, this.revision);
      this.#next = `${head.key}\0`;
      const own = versions.reduce((sum, row) => sum + sizeOf(row), 0);
      if (this.#divided && own > bytes) {
        this.#rest = { key: head.key, versions };
        return false;
      }
      if (versions.length > 0) rows.push([head.key, versions]);
      size += own;
      return size < bytes;
    });
    return rows;
  }
}

function versionOf(
  key: string,
  row: VersionRow,
  { slabs, cache, texts }: { readonly slabs: Slabs; readonly cache: ObjectCache; readonly texts: SharedTexts },
): Version {
  const [revision, createRevision, order, deleted, revisionAt, expiresAt, bytes, uid, labels, fields, owners] = row;
  return new Version({
    key,
    revision,
    createRevision,
    order,
    deleted,
    revisionAt,
    expiresAt,
    slab: slabs.put(bytes),
    index: texts.index({ uid, labels, fields, owners }),
    cache,
  });
}

/** A copy of what the encoder will overwrite. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Rebuilds a key space from the chunks of a SnapshotEncoder, given one after the other. */
export class SnapshotDecoder {
  readonly #options: KeySpaceOptions;
  #space: KeySpace | undefined;
  /** The key of the last row and its newest version so far: the next chunk may go on with it. */
  #open: { readonly key: string; head: Version | undefined } | undefined;
  readonly #joiner = new PieceJoiner();
  readonly #changes: Version[] = [];
  readonly #texts = new SharedTexts((text) => this.#detached(text));
  /** Short texts are copied through it. */
  readonly #scratch = Buffer.allocUnsafeSlow(4096);

  constructor(options: KeySpaceOptions = {}) {
    this.#options = options;
  }

  /** Throws FormatError. */
  add(chunk: Uint8Array): void {
    const whole = this.#joiner.add(chunk);
    if (whole === undefined) return;
    const value: unknown = codec.unpack(whole);
    if (this.#space === undefined) {
      const header = value as Header;
      if (!formats.includes(header.format)) throw new FormatError('the state in a snapshot', header.format, formats);
      this.#space = new KeySpace(this.#options, header);
      return;
    }
    for (const row of value as readonly KeyRow[]) this.#addKey(this.#space, row);
  }

  /** The key space; call once, after the last chunk. */
  finish(): KeySpace {
    const space = this.#space;
    assert(space !== undefined, 'a snapshot has a header');
    this.#close(space);
    this.#changes.sort((a, b) => a.revision - b.revision || a.order - b.order);
    for (const change of this.#changes) space.history.push(change);
    return space;
  }

  /** A text that holds on to no other: the codec reads slices of all texts that stood beside each other. */
  #detached(text: string): string {
    return text.length * 3 <= this.#scratch.length
      ? this.#scratch.toString('utf8', 0, this.#scratch.write(text))
      : Buffer.from(text).toString();
  }

  #addKey(space: KeySpace, [name, rows]: KeyRow): void {
    if (this.#open?.key !== name) {
      this.#close(space);
      this.#open = { key: this.#detached(name), head: undefined };
    }
    const { key } = this.#open;
    let { head } = this.#open;
    for (const row of rows) {
      const version = versionOf(key, row, { slabs: space.longLived, cache: space.cache, texts: this.#texts });
      version.older = head;
      if (head !== undefined) head.replaced = true;
      if (version.revision > space.oldest) this.#changes.push(version);
      head = version;
    }
    this.#open.head = head;
  }

  /** No row of the last key comes any more. */
  #close(space: KeySpace): void {
    if (this.#open?.head !== undefined) space.restore(this.#open.head);
    this.#open = undefined;
  }
}
