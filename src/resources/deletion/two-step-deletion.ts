/** Deletion of the kinds whose contents are removed before they are: Namespaces and CustomResourceDefinitions. */

import { behaviourOf, deepClone, type JsonObject, type KubeObject, timeText } from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { commit, putOperation } from '../stored/commit.ts';
import { type Deletion, shownResult } from './deletion-result.ts';
import type { WritePorts } from '../ports.ts';
import type { DeleteResult } from '../service.ts';

/**
 * The first request marks the object, which stays until a controller has removed what belongs to it. `remove`: the kind
 * does not hold the object (any more). Undefined: another writer came first.
 */
export async function beginTwoStepDeletion(
  ports: WritePorts,
  { record, context, options, target: { info } }: Deletion,
): Promise<DeleteResult | 'remove' | undefined> {
  const behaviour = behaviourOf(info);
  if (behaviour.beginDeletion === undefined) return 'remove';
  const stored = record.object<KubeObject>();
  if (stored.metadata.deletionTimestamp !== undefined)
    return behaviour.isHeld?.(stored) === true ? shownResult(ports, info, 'deleting', record) : 'remove';
  const object = deepClone(record.object<JsonObject>());
  behaviour.beginDeletion(object, { now: timeText(ports.clock.now()), propagation: options.propagation });
  if (context.dryRun) return { type: 'deleting', object: object as KubeObject };
  const result = await commit(ports, {
    compares: [{ key: record.key, revision: record.revision }],
    operations: [putOperation({ info, object })],
  });
  return result.committed ? shownResult(ports, info, 'deleting', result.records[0] as StoredRecord) : undefined;
}
