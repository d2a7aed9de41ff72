/** The key space as chunks of bytes and back, and its hash. */
import { Packr } from 'msgpackr';
import { assert, FormatError, type Revision } from '../base/index.ts';
import { KeySpace, type KeySpaceOptions, type TimeMark } from './key-space.ts';
import { CompactedError } from './record.ts';
import { SharedTexts } from './shared-texts.ts';
import type { Slabs } from './slabs.ts';
import { type ObjectCache, Version } from './version.ts';

const codec = new Packr({ useRecords: false, variableMapSize: true });
const format = 1;

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
  #next = '';
  #buffer: Buffer | undefined;
  #state: 'header' | 'keys' | 'done' = 'header';

  constructor(space: KeySpace) {
    this.#space = space;
    this.revision = space.revision;
    this.#header = { format, revision: space.revision, floor: space.oldest, marks: [...space.marks] };
    this.#unpin = space.pin();
  }

  /** The next chunk of about `bytes`; undefined after the last. */
  next(bytes = 128 * 1024): Uint8Array | undefined {
    if (this.#state === 'done') return undefined;
    if (this.#state === 'header') {
      this.#state = 'keys';
      return copyOf(codec.pack(this.#header));
    }
    const rows = this.#rows(bytes);
    if (rows.length > 0) return this.#packed(rows, bytes);
    this.close();
    return undefined;
  }

  close(): void {
    this.#state = 'done';
    this.#unpin();
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
      if (versions.length > 0) rows.push([head.key, versions]);
      for (const row of versions) size += row[6].length + 128;
      this.#next = `${head.key}\0`;
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
  readonly #changes: Version[] = [];
  readonly #texts = new SharedTexts((text) => this.#detached(text));
  /** Short texts are copied through it. */
  readonly #scratch = Buffer.allocUnsafeSlow(4096);

  constructor(options: KeySpaceOptions = {}) {
    this.#options = options;
  }

  /** Throws FormatError. */
  add(chunk: Uint8Array): void {
    const value: unknown = codec.unpack(chunk);
    if (this.#space === undefined) {
      const header = value as Header;
      if (header.format !== format) throw new FormatError('the state in a snapshot', header.format, [format]);
      this.#space = new KeySpace(this.#options, header);
      return;
    }
    for (const row of value as readonly KeyRow[]) this.#addKey(this.#space, row);
  }

  /** The key space; call once, after the last chunk. */
  finish(): KeySpace {
    const space = this.#space;
    assert(space !== undefined, 'a snapshot has a header');
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
    const key = this.#detached(name);
    let head: Version | undefined;
    for (const row of rows) {
      const version = versionOf(key, row, { slabs: space.longLived, cache: space.cache, texts: this.#texts });
      version.older = head;
      if (head !== undefined) head.replaced = true;
      if (version.revision > space.oldest) this.#changes.push(version);
      head = version;
    }
    if (head !== undefined) space.restore(head);
  }
}

/**
 * A hash of all that is readable at a revision, taken in steps while the key space goes on changing: equal on replicas
 * that applied the same entries.
 */
export class StateHasher {
  readonly revision: Revision;
  readonly #space: KeySpace;
  readonly #unpin: () => void;
  #high = 0x811c9dc5;
  #low = 0x9e3779b9;
  #next: string | undefined = '';

  /** Throws CompactedError. */
  constructor(space: KeySpace, revision: Revision = space.revision) {
    if (revision < space.oldest) throw new CompactedError(revision, space.oldest);
    this.revision = revision;
    this.#space = space;
    this.#unpin = space.pin();
  }

  /** Hashes about `bytes` more; true when all is done. */
  step(bytes = 256 * 1024): boolean {
    const from = this.#next;
    if (from === undefined) return true;
    let size = 0;
    this.#next = undefined;
    this.#space.scan(from, (head) => {
      const version = head.at(this.revision);
      if (version !== undefined) this.#add(version);
      size += 64 + (version?.size ?? 0);
      if (size >= bytes) this.#next = `${head.key}\0`;
      return size < bytes;
    });
    if (this.#next === undefined) this.close();
    return this.#next === undefined;
  }

  get digest(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  close(): void {
    this.#unpin();
  }

  #mix(value: number): void {
    this.#high = Math.imul(this.#high ^ value, 0x01000193);
    this.#low = Math.imul(this.#low ^ value, 0x85ebca6b) ^ (this.#low >>> 13);
  }

  #add(version: Version): void {
    for (let i = 0; i < version.key.length; i++) this.#mix(version.key.charCodeAt(i));
    this.#mix(version.revision);
    this.#mix(version.createRevision);
    for (const byte of version.view()) this.#mix(byte);
  }
}

/** The hash in one step. */
export function stateHash(space: KeySpace, revision: Revision = space.revision): string {
  const hasher = new StateHasher(space, revision);
  while (!hasher.step()) continue;
  return hasher.digest;
}
