/** What actors need of the map of shards, and the hash behind it. */
import { fnv1a } from '../base/index.ts';

/**
 * Which member owns which slice of the resources. The map itself is kept in the store; this is what actors need of it.
 */
export interface ShardMap {
  /** This process. */
  readonly self: string;
  readonly shards: number;
  /** Undefined while a shard has no owner. */
  ownerOf(shard: number): string | undefined;
  /** Called after owners changed. */
  onChange(listener: () => void): () => void;
}

/** The map of a member that is alone: it owns everything. */
export function soleOwner(self: string, shards: number): ShardMap {
  return { self, shards, ownerOf: () => self, onChange: () => () => undefined };
}

/** Which of so many buckets a key falls into (FNV-1a over its UTF-16 units): the same on every member. */
export function bucketOf(key: string, buckets: number): number {
  return fnv1a(key) % buckets;
}
