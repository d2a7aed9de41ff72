/** The keys by which the store knows shards, their owners and drained members. */
import type { Revision } from '../base/index.ts';
import type { Compare, Operation, Store, Transaction } from '../state/index.ts';
import { shardsCount } from './shard.ts';

/**
 * A shard as its key says. A life is one run of a member's process: what an earlier one left under way is fenced too.
 */
interface ShardRow {
  readonly owner: string;
  readonly life: string;
  /** Raised by each move. */
  readonly epoch: number;
}

/** Keys of the store's own books: no API group has such a name. */
export const shardPrefix = '/ownership/shards/';
const drainedPrefix = '/ownership/drained/';
export const shardKey = (shard: number): string => `${shardPrefix}${String(shard).padStart(2, '0')}`;

const codec = { encode: (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value)) };
const put = (key: string, value: object): Operation => ({
  type: 'put',
  key,
  value: codec.encode(value),
  revisionAt: -1,
  index: { uid: '', labels: {}, fields: {}, owners: [] },
});

/** All shards with the revisions of their keys; undefined where there is no owner yet. */
export function shardRecords(
  store: Pick<Store, 'get'>,
): readonly { readonly row: ShardRow | undefined; readonly revision: Revision }[] {
  return Array.from({ length: shardsCount }, (_, shard) => {
    const record = store.get(shardKey(shard));
    return { row: record?.object<ShardRow>(), revision: record?.revision ?? (0 as Revision) };
  });
}

export function ownersOf(store: Pick<Store, 'get'>): readonly (ShardRow | undefined)[] {
  return shardRecords(store).map(({ row }) => row);
}

/**
 * The transaction that makes `owners` true, on condition that nobody moved those shards meanwhile; undefined when it is
 * true already.
 */
export function moveShards(
  store: Pick<Store, 'get'>,
  owners: readonly (Omit<ShardRow, 'epoch'> | undefined)[],
): Transaction | undefined {
  const compares: Compare[] = [];
  const operations: Operation[] = [];
  for (const [shard, { row, revision }] of shardRecords(store).entries()) {
    const next = owners[shard];
    if (next === undefined || (row?.owner === next.owner && row.life === next.life)) continue;
    compares.push({ key: shardKey(shard), revision });
    operations.push(put(shardKey(shard), { owner: next.owner, life: next.life, epoch: (row?.epoch ?? 0) + 1 }));
  }
  return operations.length === 0 ? undefined : { compares, operations };
}

/** Members that an operator wants free of shards. */
export function drainedMembers(store: Pick<Store, 'range'>): ReadonlySet<string> {
  return new Set(store.range({ prefix: drainedPrefix }).records.map(({ key }) => key.slice(drainedPrefix.length)));
}

/** Takes a member's shards away, or lets it have some again. Harmless when it is done twice. */
export async function setDrained(store: Pick<Store, 'transact'>, member: string, drained: boolean): Promise<void> {
  const key = `${drainedPrefix}${member}`;
  await store.transact({ compares: [], operations: [drained ? put(key, {}) : { type: 'delete', key }] });
}
