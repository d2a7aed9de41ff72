/** What a write answers. */
import type { JsonObject, KubeObject, ResourceInfo } from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { type ConversionPorts, converted } from '../conversion/index.ts';
import type { WriteResult } from '../service.ts';
import { recordFor } from '../stored/versions.ts';

/** The object is parsed only when it is asked for. */
class StoredResult implements WriteResult {
  readonly record: StoredRecord;
  readonly created: boolean;

  constructor(record: StoredRecord, created: boolean) {
    this.record = record;
    this.created = created;
  }

  get object(): KubeObject {
    return this.record.object<KubeObject>();
  }
}

/** The answer of a committed write, in the version of the request. */
export function storedResult(info: ResourceInfo, record: StoredRecord, created: boolean): WriteResult {
  return new StoredResult(recordFor(info, record), created);
}

/** The answer of a write that is committed now: its record is first brought to the version of the request. */
export async function committedResult(
  ports: ConversionPorts,
  info: ResourceInfo,
  record: StoredRecord,
  created: boolean,
): Promise<WriteResult> {
  const converting = converted(ports, info, [record]);
  if (converting !== undefined) await converting;
  return storedResult(info, record, created);
}

/** The answer of a write that stored nothing. */
export function madeResult(object: JsonObject, created: boolean): WriteResult {
  return { object: object as KubeObject, created };
}
