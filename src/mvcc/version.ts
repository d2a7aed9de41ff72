import type { Revision } from '../base/index.ts';
import type { RecordIndex, StoredRecord } from './record.ts';

/** Bytes of JSON whose parsed objects are kept, in two generations. A re-parse is cheap; an object takes three to four times the room of its JSON. */
const parsedBytesMax = 16 * 1024 * 1024;

/** Remembers which versions hold a parsed object and takes the oldest half back when there are too many. */
export class ObjectCache {
  #young: Version[] = [];
  #old: Version[] = [];
  #youngBytes = 0;

  add(version: Version): void {
    this.#young.push(version);
    this.#youngBytes += version.bytes.length;
    if (this.#youngBytes < parsedBytesMax / 2) return;
    for (const old of this.#old) old.forget();
    this.#old = this.#young;
    this.#young = [];
    this.#youngBytes = 0;
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const key in value) deepFreeze((value as Record<string, unknown>)[key]);
}

export interface VersionFields {
  readonly key: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  readonly bytes: Uint8Array;
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

/** One version of one key. Versions of a key form a chain from the newest to the oldest one still readable. */
export class Version implements StoredRecord {
  readonly key: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  readonly bytes: Uint8Array;
  readonly index: RecordIndex;
  readonly revisionAt: number;
  readonly expiresAt: number;
  readonly deleted: boolean;
  readonly order: number;
  /** The version before; cut when no readable revision can reach it. */
  older: Version | undefined = undefined;
  readonly #cache: ObjectCache;
  #object: unknown = undefined;

  constructor(fields: VersionFields) {
    this.key = fields.key;
    this.revision = fields.revision;
    this.createRevision = fields.createRevision;
    this.bytes = fields.bytes;
    this.index = fields.index;
    this.revisionAt = fields.revisionAt;
    this.expiresAt = fields.expiresAt;
    this.deleted = fields.deleted;
    this.order = fields.order;
    this.#cache = fields.cache;
  }

  object<T = unknown>(): T {
    if (this.#object === undefined) {
      const { buffer, byteOffset, length } = this.bytes;
      this.#object = JSON.parse(Buffer.from(buffer, byteOffset, length).toString('utf8'));
      deepFreeze(this.#object);
      this.#cache.add(this);
    }
    return this.#object as T;
  }

  forget(): void {
    this.#object = undefined;
  }

  /** The version of this key that a reader at `revision` sees; undefined when the key did not exist then. */
  at(revision: Revision): Version | undefined {
    let version: Version | undefined = this;
    while (version !== undefined && version.revision > revision) version = version.older;
    return version === undefined || version.deleted ? undefined : version;
  }
}

/** `value` with the digits of `revision` put in at `at`, replacing `replaced` bytes. Always a copy, so that no caller's buffer is kept alive. */
export function withRevision(value: Uint8Array, revision: Revision, place: { readonly at: number; readonly replaced: number }): Uint8Array {
  if (place.at < 0) return copyOf(value);
  const digits = String(revision);
  const bytes = Buffer.allocUnsafe(value.length - place.replaced + digits.length);
  bytes.set(place.at === value.length ? value : value.subarray(0, place.at), 0);
  for (let i = 0; i < digits.length; i++) bytes[place.at + i] = digits.charCodeAt(i);
  bytes.set(value.subarray(place.at + place.replaced), place.at + digits.length);
  return bytes;
}

/** A copy in memory that small records share, which costs far less than an allocation each. */
export function copyOf(value: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(value.length);
  bytes.set(value);
  return bytes;
}
