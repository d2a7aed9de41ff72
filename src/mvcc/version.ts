/** One version of one key, and the cache of parsed objects. */
import type { Revision } from '../base/index.ts';
import type { RecordIndex, StoredRecord, StoreEvent } from './record.ts';
import type { Slab } from './slabs.ts';

/**
 * Bytes of JSON whose parsed objects are kept: of those that were read again, and of those that were read once. A
 * re-parse is cheap, an object takes three to four times the room of its JSON, and a reader of every object of a
 * cluster once must not fill memory with them. The second is so small that such objects die young: those that live
 * through some collections of young garbage stay until a full one.
 */
const keptBytesMax = 7 * 1024 * 1024;
const triedBytesMax = 128 * 1024;

/** Versions in two generations: when the young one is full, the old one leaves. */
class Generations {
  readonly #bytesMax: number;
  readonly #leave: (version: Version) => void;
  #young = new Set<Version>();
  #old = new Set<Version>();
  #youngBytes = 0;

  constructor(bytesMax: number, leave: (version: Version) => void) {
    this.#bytesMax = bytesMax;
    this.#leave = leave;
  }

  add(version: Version): void {
    this.#young.add(version);
    this.#youngBytes += version.size;
    if (this.#youngBytes < this.#bytesMax / 2) return;
    const leaving = this.#old;
    this.#old = this.#young;
    this.#young = new Set();
    this.#youngBytes = 0;
    for (const old of leaving) this.#leave(old);
  }

  /** Whether it was here; it no longer is. */
  take(version: Version): boolean {
    return this.#young.delete(version) || this.#old.delete(version);
  }
}

/**
 * Remembers which versions hold a parsed object, and takes the oldest back when there are too many. After Johnson and
 * Shasha's 2Q: what was read once leaves soon, but its name is remembered for as long as it could have been kept, so
 * that a second read keeps it.
 */
export class ObjectCache {
  readonly #kept = new Generations(keptBytesMax, (version) => {
    version.forget();
  });
  readonly #remembered = new Generations(keptBytesMax, () => undefined);
  readonly #tried = new Generations(triedBytesMax, (version) => {
    if (version.readAgain) {
      this.#kept.add(version);
      return;
    }
    version.forget();
    this.#remembered.add(version);
  });

  add(version: Version): void {
    if (this.#remembered.take(version)) this.#kept.add(version);
    else this.#tried.add(version);
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const key in value) deepFreeze((value as Record<string, unknown>)[key]);
}

interface VersionFields {
  readonly key: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  /** Where its bytes are. */
  readonly slab: Slab;
  readonly index: RecordIndex;
  /** Where the revision's digits stand in the bytes; -1 when nowhere. */
  readonly revisionAt: number;
  /** Wall-clock ms; 0 when the key does not expire. */
  readonly expiresAt: number;
  /** True for the version that a deletion leaves. */
  readonly deleted: boolean;
  /** The change's place within its transaction. */
  readonly order: number;
  readonly cache: ObjectCache;
}

/**
 * One version of one key. Versions of a key form a chain from the newest to the oldest one still readable. There may be
 * millions: each is one object for the garbage collector, and its bytes become another one only when they are read.
 */
export class Version implements StoredRecord {
  readonly key: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  readonly index: RecordIndex;
  readonly revisionAt: number;
  readonly expiresAt: number;
  readonly deleted: boolean;
  readonly order: number;
  readonly size: number;
  /** The version before; cut when no readable revision can reach it. */
  older: Version | undefined = undefined;
  /** The transaction's, for those who hear of the change. */
  trace: string | undefined = undefined;
  /** There is a newer one. */
  replaced = false;
  /** The parsed object at hand was asked for more than once. */
  readAgain = false;
  readonly #cache: ObjectCache;
  #block: Buffer;
  #start: number;
  #bytes: Uint8Array | undefined = undefined;
  #object: unknown = undefined;

  constructor(fields: VersionFields) {
    this.key = fields.key;
    this.revision = fields.revision;
    this.createRevision = fields.createRevision;
    this.index = fields.index;
    this.revisionAt = fields.revisionAt;
    this.expiresAt = fields.expiresAt;
    this.deleted = fields.deleted;
    this.order = fields.order;
    this.size = fields.slab.size;
    this.#cache = fields.cache;
    this.#block = fields.slab.block;
    this.#start = fields.slab.start;
  }

  /** Whether the parsed object is at hand. */
  get parsed(): boolean {
    return this.#object !== undefined;
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= this.view());
  }

  view(): Uint8Array {
    return this.#block.subarray(this.#start, this.#start + this.size);
  }

  copyTo(target: Buffer, at: number): void {
    this.#block.copy(target, at, this.#start, this.#start + this.size);
  }

  /** The bytes go to another place, since those beside them are short-lived. */
  move(slabs: { put(bytes: Uint8Array): Slab }): void {
    const { block, start } = slabs.put(this.view());
    this.#block = block;
    this.#start = start;
    this.#bytes = undefined;
  }

  object<T = unknown>(): T {
    if (this.#object === undefined) {
      const { buffer, byteOffset, length } = this.view();
      this.#object = JSON.parse(Buffer.from(buffer, byteOffset, length).toString('utf8'));
      deepFreeze(this.#object);
      this.#cache.add(this);
    } else this.readAgain = true;
    return this.#object as T;
  }

  forget(): void {
    this.#object = undefined;
    this.readAgain = false;
  }

  /** The version of this key that a reader at `revision` sees; undefined when the key did not exist then. */
  at(revision: Revision): Version | undefined {
    let version: Version | undefined = this;
    while (version !== undefined && version.revision > revision) version = version.older;
    return version === undefined || version.deleted ? undefined : version;
  }
}

/** What a version that is or was the newest of its key means to a watcher. */
export function eventOf(record: Version): StoreEvent {
  const { older, revision, trace } = record;
  const type = record.deleted ? 'delete' : 'put';
  const event =
    older === undefined || older.deleted
      ? ({ type, revision, record } as const)
      : ({ type, revision, record, previous: older } as const);
  return trace === undefined ? event : { ...event, trace };
}
