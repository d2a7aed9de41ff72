import {
  type CustomResourceDefinition,
  deepClone,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  timeText,
  withCondition,
  metadataOf,
} from '../api/index.ts';
import type { StoredRecord } from '../state/index.ts';
import { commit, putOperation } from './commit.ts';
import { type Deletion, shownResult } from './deletion-result.ts';
import type { WritePath } from './ports.ts';
import type { DeleteResult } from './service.ts';

const cleanup = 'customresourcecleanup.apiextensions.k8s.io';

export function isDefinitions(info: ResourceInfo): boolean {
  return info.group === 'apiextensions.k8s.io' && info.resource === 'customresourcedefinitions';
}

/**
 * A definition ends in two steps, since its objects go first: the first request marks it and holds it by a finalizer,
 * which its controller takes away. `remove`: nothing holds it any more. Undefined: another writer came first.
 */
export async function beginDefinitionDeletion(
  path: WritePath,
  { record, context, target: { info } }: Deletion,
): Promise<DeleteResult | 'remove' | undefined> {
  const definition = record.object<CustomResourceDefinition>();
  if (definition.metadata.deletionTimestamp !== undefined)
    return (definition.metadata.finalizers ?? []).length === 0 ? 'remove' : shownResult(path, info, 'deleting', record);
  const object = deepClone(definition) as unknown as JsonObject;
  const metadata = metadataOf(object);
  const now = timeText(path.clock.now());
  const finalizers = definition.metadata.finalizers ?? [];
  metadata['deletionTimestamp'] = now;
  metadata['finalizers'] = finalizers.includes(cleanup) ? finalizers : [...finalizers, cleanup];
  const terminating = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  object['status'] = {
    ...definition.status,
    conditions: withCondition(definition.status?.conditions ?? [], terminating, now),
  };
  if (context.dryRun) return { type: 'deleting', object: object as unknown as KubeObject };
  const result = await commit(path, {
    compares: [{ key: record.key, revision: record.revision }],
    operations: [putOperation({ info, object })],
  });
  return result.committed ? shownResult(path, info, 'deleting', result.records[0] as StoredRecord) : undefined;
}
