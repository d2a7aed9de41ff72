import { deepClone, type JsonObject, type KubeObject, timeText, metadataOf } from '../api/index.ts';
import type { StoredRecord } from '../state/index.ts';
import { commit, putOperation } from './commit.ts';
import type { Deletion } from './deletion-result.ts';
import type { WritePath } from './ports.ts';
import type { DeleteResult } from './service.ts';

interface NamespaceObject extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
}

/**
 * A namespace ends in two steps: the first request marks it Terminating, and it goes when the namespace controller has
 * emptied it and spec.finalizers with it. `remove`: nothing holds it any more. Undefined: another writer came first.
 */
export async function beginNamespaceDeletion(
  path: WritePath,
  { record, context, options, target: { info } }: Deletion,
): Promise<DeleteResult | 'remove' | undefined> {
  const namespace = record.object<NamespaceObject>();
  const held = (namespace.spec?.finalizers ?? []).length > 0;
  if (namespace.metadata.deletionTimestamp !== undefined)
    return held ? { type: 'deleting', object: namespace, record } : 'remove';
  const object = deepClone(namespace) as unknown as JsonObject;
  const metadata = metadataOf(object);
  metadata['deletionTimestamp'] = timeText(path.clock.now());
  if (options.propagation === 'Orphan' || options.propagation === 'Foreground') {
    const finalizer = options.propagation === 'Orphan' ? 'orphan' : 'foregroundDeletion';
    metadata['finalizers'] = [
      ...((metadata['finalizers'] as string[] | undefined) ?? []).filter((one) => one !== finalizer),
      finalizer,
    ];
  }
  object['status'] = { ...(object['status'] as JsonObject | undefined), phase: 'Terminating' };
  if (context.dryRun) return { type: 'deleting', object: object as unknown as KubeObject };
  const result = await commit(path, {
    compares: [{ key: record.key, revision: record.revision }],
    operations: [putOperation({ info, object })],
  });
  if (!result.committed) return undefined;
  const stored = result.records[0] as StoredRecord;
  return {
    type: 'deleting',
    get object() {
      return stored.object<KubeObject>();
    },
    record: stored,
  };
}
