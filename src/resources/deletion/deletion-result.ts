/** What a delete request answers. */
import type { KubeObject, ResourceInfo } from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import type { DeletionOptions } from '../client.ts';
import { converted } from '../conversion/index.ts';
import type { WritePorts } from '../ports.ts';
import type { DeleteResult, Target, WriteContext } from '../service.ts';
import { recordFor } from '../stored/versions.ts';

/** A request that an object be deleted, and the object as it was found. */
export interface Deletion {
  readonly target: Target;
  readonly options: DeletionOptions;
  readonly context: WriteContext;
  readonly record: StoredRecord;
}

/** The answer about a stored version of the object, in the version of the request. */
export async function shownResult(
  ports: WritePorts,
  info: ResourceInfo,
  type: DeleteResult['type'],
  record: StoredRecord,
): Promise<DeleteResult> {
  await converted(ports, info, [record]);
  const shown = recordFor(info, record);
  return {
    type,
    get object() {
      return shown.object<KubeObject>();
    },
    record: shown,
  };
}
