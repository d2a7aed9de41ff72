/** Deletes the objects of a collection. */
import { StatusError } from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import type { DeletionOptions } from '../client.ts';
import { admitDeletion, deleteObject } from './deletion.ts';
import { listObjects } from '../reading/listing.ts';
import { parseKey } from '../stored/key.ts';
import type { WritePorts } from '../ports.ts';
import type { ListRequest, ListResult, Target, WriteContext } from '../service.ts';

/** How many objects of a collection are being deleted at the same time. */
const parallelMax = 64;

interface CollectionDeletion {
  readonly target: Target;
  readonly list: ListRequest;
  readonly options: DeletionOptions;
  readonly context: WriteContext;
}

/**
 * DELETE of a collection: each object by itself; those that are gone meanwhile are passed over. Answers what was
 * listed.
 */
export async function deleteCollection(
  ports: WritePorts,
  { target, list, options, context }: CollectionDeletion,
): Promise<ListResult> {
  await admitDeletion(ports, { target, context, options, old: undefined });
  const found = await listObjects(ports, target, list);
  for (let start = 0; start < found.records.length; start += parallelMax) {
    const batch = found.records.slice(start, start + parallelMax);
    await Promise.all(batch.map((record) => deleteOne(ports, { target, list, options, context }, record)));
  }
  return found;
}

async function deleteOne(
  ports: WritePorts,
  { target, options, context }: CollectionDeletion,
  record: StoredRecord,
): Promise<void> {
  const { namespace, name } = parseKey(record.key);
  try {
    await deleteObject(ports, { ...target, namespace, name }, options, context);
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
  }
}
