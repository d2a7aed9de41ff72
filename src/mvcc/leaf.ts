/** A leaf of the tree: neighbouring keys, in part packed. */
import { PackedHeads } from './packed-heads.ts';
import type { ObjectCache, Version } from './version.ts';

/** Keys of a leaf and children of an inner node, at most. */
export const fanOut = 64;
/**
 * So many heads that outlived the history make packing worth it: fewer beside packed ones, which are copied again.
 */
const outlivedMin = fanOut / 2;
const outlivedMinBeside = fanOut / 4;
/** Larger values stay by themselves. */
const packedBytesMax = 16 * 1024;

/** Neighbouring keys with their newest versions: each key is either among `keys` or packed. */
export interface Leaf {
  readonly leaf: true;
  keys: string[];
  heads: Version[];
  packed: PackedHeads | undefined;
  /** Heads that are not deletions, packed ones included. */
  live: number;
  /** Heads that have outlived the history since the last packing, about. */
  outlived: number;
}

export const newLeaf = (): Leaf => ({ leaf: true, keys: [], heads: [], packed: undefined, live: 0, outlived: 0 });

export const liveOf = (version: Version | undefined): number => (version === undefined || version.deleted ? 0 : 1);

/** Keys in the leaf, those of deletions included. */
export const sizeOf = (leaf: Leaf): number => leaf.keys.length + (leaf.packed?.count ?? 0);

/** The first position whose key is >= `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  // Keys often come in order.
  if (high > 0 && (keys[high - 1] as string) < key) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findIn({ keys, heads, packed }: Leaf, key: string): Version | undefined {
  const position = lowerBound(keys, key);
  if (keys[position] === key) return heads[position];
  const place = packed?.find(key) ?? -1;
  return place < 0 ? undefined : packed?.at(place, key);
}

/** Live keys smaller than `key`. */
export function rankIn({ keys, heads, packed }: Leaf, key: string): number {
  let rank = packed === undefined ? 0 : packed.countBefore(packed.lowerBound(key));
  const end = lowerBound(keys, key);
  for (let position = 0; position < end; position++) rank += liveOf(heads[position]);
  return rank;
}

/** Visits the heads with key >= `from` in order. False when `visit` ended it. */
export function walkLeaf({ keys, heads, packed }: Leaf, from: string, visit: (head: Version) => boolean): boolean {
  let position = lowerBound(keys, from);
  for (let place = packed?.lowerBound(from) ?? 0; packed !== undefined && place < packed.length; place++) {
    const head = packed.at(place);
    if (head === undefined) continue;
    for (; position < keys.length && (keys[position] as string) < head.key; position++)
      if (!visit(heads[position] as Version)) return false;
    if (!visit(head)) return false;
  }
  for (; position < heads.length; position++) if (!visit(heads[position] as Version)) return false;
  return true;
}

/** Makes all versions again, so that the leaf can be divided or joined. */
export function unpack(leaf: Leaf): void {
  if (leaf.packed === undefined) return;
  const heads = headsOf(leaf);
  leaf.outlived += leaf.packed.count;
  leaf.heads = heads;
  leaf.keys = heads.map(({ key }) => key);
  leaf.packed = undefined;
}

function headsOf(leaf: Leaf): Version[] {
  const heads: Version[] = [];
  walkLeaf(leaf, '', (head) => {
    heads.push(head);
    return true;
  });
  return heads;
}

/**
 * One more head has outlived the history, which ends at `floor`: packs all that have when there are enough, and says
 * so.
 */
export function pack(leaf: Leaf, floor: number, cache: ObjectCache): boolean {
  leaf.outlived += 1;
  if (leaf.outlived < (leaf.packed === undefined ? outlivedMin : outlivedMinBeside)) return false;
  leaf.outlived = 0;
  const mayPack = (head: Version): boolean =>
    head.revision <= floor && !head.deleted && head.older === undefined && !head.parsed && head.size <= packedBytesMax;
  const heads = headsOf(leaf);
  const unpacked = heads.filter((head) => !mayPack(head));
  leaf.packed = new PackedHeads(heads.filter(mayPack), cache);
  leaf.heads = unpacked;
  leaf.keys = unpacked.map(({ key }) => key);
  return true;
}
