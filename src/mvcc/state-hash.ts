/** The hash of a key space, by which replicas and backups are compared. */
import type { Revision } from '../base/index.ts';
import type { KeySpace } from './key-space.ts';
import { CompactedError } from './record.ts';
import type { Version } from './version.ts';

/**
 * What a hash covers: 1, of programs before, sees keys, revisions and bytes; 2 sees the index and the expiry as well.
 */
export type HashFormat = 1 | 2;

/**
 * A hash of all that is readable at a revision, taken in steps while the key space goes on changing: equal on replicas
 * that applied the same entries.
 */
export class StateHasher {
  readonly revision: Revision;
  readonly #space: KeySpace;
  readonly #format: HashFormat;
  readonly #unpin: () => void;
  #high = 0x811c9dc5;
  #low = 0x9e3779b9;
  #next: string | undefined = '';

  /** Throws CompactedError. */
  constructor(space: KeySpace, revision: Revision = space.revision, format: HashFormat = 2) {
    if (revision < space.oldest) throw new CompactedError(revision, space.oldest);
    this.revision = revision;
    this.#space = space;
    this.#format = format;
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
    this.#addCharacters(version.key);
    this.#mix(version.revision);
    this.#mix(version.createRevision);
    for (const byte of version.view()) this.#mix(byte);
    if (this.#format === 1) return;
    const { revision, createRevision, expiresAt, index } = version;
    for (const number of [revision, createRevision, expiresAt]) this.#mix(Math.floor(number / 2 ** 32));
    this.#mix(expiresAt);
    this.#addText(index.uid);
    this.#addTexts(index.labels);
    this.#addTexts(index.fields);
    this.#mix(index.owners.length);
    for (const owner of index.owners) this.#addText(owner);
  }

  /** In the order of the names: replicas may have got them in another. */
  #addTexts(texts: Readonly<Record<string, string>>): void {
    const names = Object.keys(texts).sort();
    this.#mix(names.length);
    for (const name of names) {
      this.#addText(name);
      this.#addText(texts[name] ?? '');
    }
  }

  #addText(text: string): void {
    this.#mix(text.length);
    this.#addCharacters(text);
  }

  #addCharacters(text: string): void {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
  }
}

/** The hash in one step. */
export function stateHash(space: KeySpace, revision: Revision = space.revision, format: HashFormat = 2): string {
  const hasher = new StateHasher(space, revision, format);
  while (!hasher.step()) continue;
  return hasher.digest;
}
