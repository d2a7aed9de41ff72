/** Brings stored custom objects to the version of a request, by their conversion webhook. */
import { type JsonObject, type ResourceInfo, serverTimeout, StatusError } from '../../api/index.ts';
import { errorMessage, limits } from '../../base/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { resourceOf } from '../writing/metadata.ts';
import type { WritePorts } from '../ports.ts';
import {
  isReadable,
  isStorable,
  NotConverted,
  rememberRecord,
  rememberStored,
  storageInfo,
} from '../stored/versions.ts';
import { postReview } from '../webhook-client.ts';
import { conversionBody, kindText, readConversion } from './conversion-review.ts';

/** What a conversion needs of the write path. */
export type ConversionPorts = Pick<WritePorts, 'store' | 'random' | 'callWebhook'>;

/** How long a webhook may take (as upstream), in seconds. */
const timeoutSeconds = 30;
/** Objects of one review, and calls under way for one reader: a list of any length costs a bounded amount of memory. */
const { conversionObjectsMax: objectsMax, conversionBytesMax: bytesMax } = limits;
/** Reads that are tried anew because other writers came between. */
const readsMax = 32;

/** Calls under way, so that a second reader of the same record waits for the first one's. */
const underway = new WeakMap<ResourceInfo, WeakMap<StoredRecord, Promise<void>>>();

/**
 * Makes the records readable in the version of `info`. Undefined: they are. Rejects with StatusError when the webhook
 * fails.
 */
export function converted(
  ports: ConversionPorts,
  info: ResourceInfo,
  records: readonly StoredRecord[],
): Promise<void> | undefined {
  if (info.custom?.conversion === undefined) return undefined;
  const missing = records.filter((record) => !isReadable(info, record));
  return missing.length === 0 ? undefined : convertRecords(ports, info, missing);
}

async function convertRecords(
  ports: ConversionPorts,
  info: ResourceInfo,
  records: readonly StoredRecord[],
): Promise<void> {
  let calls = underway.get(info);
  if (calls === undefined) underway.set(info, (calls = new WeakMap()));
  const known = calls;
  const others = records.map((record) => known.get(record)).filter((call) => call !== undefined);
  const own = records.filter((record) => !known.has(record));
  for (const batch of batchesOf(own)) {
    const call = convertBatch(ports, info, batch).finally(() => {
      for (const record of batch) known.delete(record);
    });
    for (const record of batch) known.set(record, call);
    await call;
  }
  await Promise.all(others);
}

async function convertBatch(ports: ConversionPorts, info: ResourceInfo, batch: readonly StoredRecord[]): Promise<void> {
  const made = await convertObjects(
    ports,
    info,
    batch.map((record) => record.object<JsonObject>()),
  );
  for (const [index, record] of batch.entries()) rememberRecord(info, record, made[index] as JsonObject);
}

/**
 * Batches of a bounded number and size, all objects of one in the same version: errors name the version of the first.
 */
function batchesOf(records: readonly StoredRecord[]): readonly (readonly StoredRecord[])[] {
  const batches: StoredRecord[][] = [];
  let bytes = 0;
  let version: unknown;
  for (const record of records) {
    const last = batches.at(-1);
    const own = record.object<JsonObject>()['apiVersion'];
    bytes += record.bytes.length;
    if (last !== undefined && last.length < objectsMax && bytes <= bytesMax && own === version) {
      last.push(record);
      continue;
    }
    batches.push([record]);
    bytes = record.bytes.length;
    version = own;
  }
  return batches;
}

/** Asks the webhook of `info` for its version of the objects. Rejects with StatusError when it gives none. */
export async function convertObjects(
  ports: ConversionPorts,
  info: ResourceInfo,
  objects: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const { clientConfig = {}, reviewVersions = [] } = info.custom?.conversion ?? {};
  const order = { uid: ports.random.uuid(), desired: `${info.group}/${info.version}`, objects, reviewVersions };
  let answer: unknown;
  try {
    if (ports.callWebhook === undefined) throw new Error('this server calls no webhooks');
    answer = await postReview(
      ports.callWebhook,
      { clientConfig, timeoutSeconds },
      { store: ports.store, body: conversionBody(order) },
    );
  } catch (error) {
    throw new StatusError('', `conversion webhook for ${kindText(objects[0] ?? {})} failed: ${errorMessage(error)}`, {
      code: 500,
    });
  }
  try {
    return readConversion(answer, order);
  } catch (error) {
    throw new StatusError('', errorMessage(error), { code: 500 });
  }
}

/** Makes an object of the version of `info` ready to be stored. Undefined: it is. */
export function storable(ports: ConversionPorts, info: ResourceInfo, object: JsonObject): Promise<void> | undefined {
  if (info.custom?.conversion === undefined || isStorable(info, object)) return undefined;
  const storage = storageInfo(info);
  return convertObjects(ports, storage, [object]).then(([made]) => {
    const { object: stored } =
      storage.custom?.conform(made, (problem) => new StatusError('', problem, { code: 500 })) ?? {};
    if (stored !== undefined) rememberStored(object, stored);
  });
}

/**
 * Reads in the version of `info`: `records` are those that the read will probably see, converted in batches before.
 * What came between is converted when the read meets it, and the read begins anew.
 */
export async function readConverted<T>(
  ports: ConversionPorts,
  info: ResourceInfo,
  records: () => readonly StoredRecord[],
  read: () => T,
): Promise<T> {
  if (info.custom?.conversion === undefined) return read();
  for (let reads = 1; reads <= readsMax; reads++) {
    await converted(ports, info, records());
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NotConverted)) throw error;
      await converted(ports, info, [error.record]);
    }
  }
  throw serverTimeout(resourceOf(info), 'list', 1);
}
