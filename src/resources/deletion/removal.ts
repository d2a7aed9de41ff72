/** Removes an object from the store. */
import type { KubeObject, ResourceInfo } from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { commit } from '../stored/commit.ts';
import type { WritePorts } from '../ports.ts';

/**
 * Takes a stored object away, with what was allocated for it, if `record` is still its newest version. Answers the
 * record at the revision of the deletion, or undefined when another writer came first.
 */
export async function removeObject(
  ports: WritePorts,
  info: ResourceInfo,
  record: StoredRecord,
): Promise<StoredRecord | undefined> {
  const result = await commit(ports, {
    compares: [{ key: record.key, revision: record.revision }],
    operations: [{ type: 'delete', key: record.key }, ...ports.allocator.release(info, record.object<KubeObject>())],
  });
  return result.committed ? (result.records[0] ?? record) : undefined;
}
