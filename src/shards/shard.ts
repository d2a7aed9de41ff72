/** The shard of a controller's key. */
import { fnv1a } from '../base/index.ts';

/** How many shards there are. It never changes: each member must put a key into the same one. */
export const shardsCount = 32;

/** The shard of what only one member may do at a time and has no keys to share out. */
export const schedulerShard = 0;

/** The shard whose owner writes the Leases of nodes. */
export const leaseWriterShard = 1;

/** FNV-1a over the UTF-16 units of `controller/key`. */
export function shardOf(controller: string, key: string): number {
  const value = fnv1a(`${controller}/${key}`);
  // The low bits alone are poor for names that differ in the last letter only.
  return ((value ^ (value >>> 15)) >>> 0) % shardsCount;
}
