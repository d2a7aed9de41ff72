/** Compares the allocated values with the objects that hold them, at start. */
import { holdsForService, type IPAddress, resources } from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import type { Operation, Store } from '../../state/index.ts';
import { commit } from '../stored/commit.ts';
import { collectionPrefix } from '../stored/key.ts';
import { readObjects } from '../stored/reading.ts';
import { addressKey } from './service-addresses.ts';
import { nodeRangeKey, nodeRangePrefix, putNodeRange, rangesOf } from './node-ranges.ts';
import { nodePortKey, nodePortPrefix, putNodePort } from './node-ports.ts';
import { addressesOf, nodePortsOf, serviceSpec } from './service-shape.ts';

interface Repair {
  readonly operations: readonly Operation[];
  readonly compares: readonly { readonly key: string; readonly revision: Revision }[];
}

/**
 * Frees addresses, ports and pod ranges that nobody holds and takes those that are held without a key. Run once at
 * start.
 */
export async function repairAllocations(store: Store): Promise<number> {
  const { operations, compares } = planRepair(store);
  if (operations.length === 0) return 0;
  const result = await commit({ store }, { compares, operations });
  return result.committed ? operations.length : 0;
}

/** What has to be written so that the keys say what the Services say. */
function planRepair(store: Store): Repair {
  const addresses = new Set<string>();
  const ports = new Map<number, { readonly namespace: string; readonly name: string }>();
  for (const service of readObjects(store, resources.services)) {
    for (const address of addressesOf(serviceSpec(service))) addresses.add(addressKey(address));
    const holder = { namespace: service.metadata.namespace ?? '', name: service.metadata.name ?? '' };
    for (const port of nodePortsOf(serviceSpec(service))) ports.set(port, holder);
  }
  const operations: Operation[] = [];
  const compares: { key: string; revision: Revision }[] = [];
  const free = (key: string, revision: Revision): void => {
    operations.push({ type: 'delete', key });
    compares.push({ key, revision });
  };
  for (const record of store.range({
    prefix: collectionPrefix(resources.ipAddresses),
  }).records) {
    if (holdsForService(record.object<IPAddress>()) && !addresses.has(record.key)) free(record.key, record.revision);
  }
  for (const record of store.range({ prefix: nodePortPrefix }).records) {
    if (!ports.has(Number(record.key.slice(nodePortPrefix.length)))) free(record.key, record.revision);
  }
  for (const [port, holder] of ports) {
    if (store.get(nodePortKey(port)) !== undefined) continue;
    operations.push(putNodePort(port, holder));
    compares.push({ key: nodePortKey(port), revision: 0 as Revision });
  }
  const ranges = new Map<string, string>();
  for (const node of readObjects(store, resources.nodes))
    for (const range of rangesOf(node)) ranges.set(nodeRangeKey(range), node.metadata.name ?? '');
  for (const record of store.range({ prefix: nodeRangePrefix }).records)
    if (!ranges.has(record.key)) free(record.key, record.revision);
  for (const [key, node] of ranges) {
    if (store.get(key) !== undefined) continue;
    operations.push(putNodeRange(key.slice(nodeRangePrefix.length), node));
    compares.push({ key, revision: 0 as Revision });
  }
  return { operations, compares };
}
