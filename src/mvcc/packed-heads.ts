/** Newest versions of neighbours, packed so that the garbage collector has little to look at. */
import type { Revision } from '../base/index.ts';
import { emptyIndex, type RecordIndex } from './record.ts';
import { type ObjectCache, Version } from './version.ts';

/*
 * Numbers of one entry: revision (0 when it was dropped), createRevision, expiresAt, revisionAt, order, where its bytes
 * begin, where its key begins and ends in the text. The index stands as JSON between the end of the key and the next
 * key; nothing does for an empty one. One more entry holds where everything ends.
 */
const stride = 8;
const [atRevision, atCreateRevision, atExpiresAt, atRevisionAt, atOrder, atStart, atKey, atKeyEnd] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const;

type IndexRow = readonly [RecordIndex['uid'], RecordIndex['labels'], RecordIndex['fields'], RecordIndex['owners']];

function isEmpty(index: RecordIndex): boolean {
  if (index === emptyIndex) return true;
  const { uid, labels, fields, owners } = index;
  if (uid !== '' || owners.length > 0) return false;
  for (const _ in labels) return false;
  for (const _ in fields) return false;
  return true;
}

/**
 * Newest versions that have outlived the history, some dozens of neighbours in three objects: a text, numbers and a
 * block of bytes. The garbage collector then has little to look at, however many keys there are. A version is made
 * again when it is read.
 */
export class PackedHeads {
  readonly #text: string;
  readonly #numbers: Float64Array;
  readonly #block: Buffer;
  readonly #cache: ObjectCache;
  /** Entries, those that were dropped included. */
  readonly length: number;
  /** Entries that are left. */
  count: number;

  /** `versions`: in the order of their keys; none is a deletion or has an older one. */
  constructor(versions: readonly Version[], cache: ObjectCache) {
    const { length } = versions;
    this.length = length;
    this.count = length;
    this.#cache = cache;
    const numbers = new Float64Array((length + 1) * stride);
    const block = Buffer.allocUnsafeSlow(versions.reduce((sum, { size }) => sum + size, 0));
    const texts: string[] = [];
    let [start, place] = [0, 0];
    for (let position = 0; position < length; position++) {
      const version = versions[position] as Version;
      const { key, index } = version;
      const row = isEmpty(index)
        ? ''
        : JSON.stringify([index.uid, index.labels, index.fields, index.owners] satisfies IndexRow);
      texts.push(key, row);
      const at = position * stride;
      numbers[at + atRevision] = version.revision;
      numbers[at + atCreateRevision] = version.createRevision;
      numbers[at + atExpiresAt] = version.expiresAt;
      numbers[at + atRevisionAt] = version.revisionAt;
      numbers[at + atOrder] = version.order;
      numbers[at + atStart] = start;
      numbers[at + atKey] = place;
      numbers[at + atKeyEnd] = place + key.length;
      version.copyTo(block, start);
      start += version.size;
      place += key.length + row.length;
    }
    numbers[length * stride + atStart] = start;
    numbers[length * stride + atKey] = place;
    this.#numbers = numbers;
    this.#block = block;
    this.#text = texts.join('');
  }

  /** The position of a key; -1 when it is not here or was dropped. */
  find(key: string): number {
    const position = this.lowerBound(key);
    return position < this.length && this.#keyAt(position) === key && this.#number(position, atRevision) > 0
      ? position
      : -1;
  }

  /** The first position whose key is >= `key`, dropped ones included. */
  lowerBound(key: string): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keyAt(middle) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Undefined when it was dropped. */
  at(position: number, key = this.#keyAt(position)): Version | undefined {
    const revision = this.#number(position, atRevision);
    if (revision === 0) return undefined;
    const start = this.#number(position, atStart);
    return new Version({
      key,
      revision: revision as Revision,
      createRevision: this.#number(position, atCreateRevision) as Revision,
      expiresAt: this.#number(position, atExpiresAt),
      revisionAt: this.#number(position, atRevisionAt),
      order: this.#number(position, atOrder),
      deleted: false,
      cache: this.#cache,
      slab: { block: this.#block, start, size: this.#number(position + 1, atStart) - start },
      index: this.#indexAt(position),
    });
  }

  /** Forgets an entry: there is a newer version elsewhere. */
  drop(position: number): void {
    this.#numbers[position * stride + atRevision] = 0;
    this.count -= 1;
  }

  /** Entries before `position` that are left. */
  countBefore(position: number): number {
    if (this.count === this.length) return position;
    let count = 0;
    for (let at = 0; at < position; at++) if (this.#number(at, atRevision) > 0) count += 1;
    return count;
  }

  #number(position: number, field: number): number {
    return this.#numbers[position * stride + field] as number;
  }

  #keyAt(position: number): string {
    return this.#text.slice(this.#number(position, atKey), this.#number(position, atKeyEnd));
  }

  #indexAt(position: number): RecordIndex {
    const [from, to] = [this.#number(position, atKeyEnd), this.#number(position + 1, atKey)];
    if (from === to) return emptyIndex;
    const [uid, labels, fields, owners] = JSON.parse(this.#text.slice(from, to)) as IndexRow;
    return { uid, labels, fields, owners };
  }
}
