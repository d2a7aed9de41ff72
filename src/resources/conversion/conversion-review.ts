/** The ConversionReview that a webhook is sent, and the one that it answers. */
import { isObject } from '../../base/index.ts';
import {
  aggregateText,
  deepClone,
  fieldErrorText,
  type JsonObject,
  validateAnnotations,
  validateLabels,
} from '../../api/index.ts';
import { encodeJson } from '../stored/encoding.ts';

const group = 'apiextensions.k8s.io';
const knownVersions: readonly string[] = ['v1', 'v1beta1'];

interface ConversionOrder {
  readonly uid: string;
  /** `group/version` that is wanted. */
  readonly desired: string;
  readonly objects: readonly JsonObject[];
  /** Versions of ConversionReview that the webhook knows, the liked ones first. */
  readonly reviewVersions: readonly string[];
}

const versionOf = ({ reviewVersions }: ConversionOrder): string =>
  reviewVersions.find((version) => knownVersions.includes(version)) ?? 'v1';

/** The body of a call. */
export function conversionBody(order: ConversionOrder): Uint8Array {
  const { uid, desired, objects } = order;
  return encodeJson({
    kind: 'ConversionReview',
    apiVersion: `${group}/${versionOf(order)}`,
    request: { uid, desiredAPIVersion: desired, objects },
  });
}
const textIn = (object: JsonObject, field: string): string => (typeof object[field] === 'string' ? object[field] : '');

/** A group version kind as Go prints it. */
export const kindText = (object: JsonObject): string =>
  `${textIn(object, 'apiVersion')}, Kind=${textIn(object, 'kind')}`;

/**
 * The objects of an answer in the order of the request. Throws an Error with upstream's text when it is no good answer.
 */
export function readConversion(answer: unknown, order: ConversionOrder): readonly JsonObject[] {
  const review = isObject(answer) ? answer : {};
  const first = order.objects[0] ?? {};
  const failed = (reason: string): Error => new Error(`conversion webhook for ${kindText(first)} failed: ${reason}`);
  const beta = versionOf(order) === 'v1beta1';
  if (!beta && kindText(review) !== `${group}/v1, Kind=ConversionReview`)
    throw failed(`expected webhook response of ${group}/v1, Kind=ConversionReview, got ${kindText(review)}`);
  const { response } = review;
  if (!isObject(response)) throw failed('no response provided');
  if (!beta && response['uid'] !== order.uid)
    throw failed(`expected response.uid=${JSON.stringify(order.uid)}, got ${JSON.stringify(textIn(response, 'uid'))}`);
  const result = isObject(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') {
    const message = textIn(result, 'message');
    throw failed(message === '' ? `response.result.status was '${textIn(result, 'status')}', not 'Success'` : message);
  }
  const objects = Array.isArray(response['convertedObjects']) ? (response['convertedObjects'] as unknown[]) : [];
  if (objects.length !== order.objects.length)
    throw new Error(
      `conversion webhook for ${kindText(first)} returned ${String(objects.length)} objects, expected ` +
        `${String(order.objects.length)}`,
    );
  return order.objects.map((original, index) =>
    checked(original, objects[index], { desired: order.desired, index, single: objects.length === 1 }),
  );
}

interface Place {
  readonly desired: string;
  readonly index: number;
  readonly single: boolean;
}

/** The converted object with the metadata of the original, but for labels and annotations. */
function checked(original: JsonObject, value: unknown, { desired, index, single }: Place): JsonObject {
  const object = isObject(value) ? value : {};
  const about = `conversion webhook for ${kindText(original)} returned invalid`;
  const kind = `${about}${single ? ' object at index 0' : ` converted object at index ${String(index)}`}`;
  if (object['apiVersion'] !== desired)
    throw new Error(`${kind}: invalid groupVersion (expected ${desired}, received ${textIn(object, 'apiVersion')})`);
  if (object['kind'] !== original['kind'])
    throw new Error(`${kind}: invalid kind (expected ${textIn(original, 'kind')}, received ${textIn(object, 'kind')})`);
  const other = otherIdentity(original, object);
  if (other !== undefined)
    throw new Error(`${about}${single ? ' object' : ` converted object at index ${String(index)}`}: ${other}`);
  try {
    return { ...object, metadata: restoredMetadata(original, object) };
  } catch (error) {
    throw new Error(
      `${about} metadata${single ? '' : ` in object at index ${String(index)}`}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function otherIdentity(original: JsonObject, object: JsonObject): string | undefined {
  const [before, after] = [original, object].map(({ metadata }) => (isObject(metadata) ? metadata : {})) as [
    JsonObject,
    JsonObject,
  ];
  for (const [field, name] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    if (textIn(before, field) !== textIn(after, field))
      return `must have the same ${name}: ${textIn(before, field)} != ${textIn(after, field)}`;
  }
  return undefined;
}

function restoredMetadata(original: JsonObject, object: JsonObject): JsonObject {
  if (!('metadata' in object)) throw new Error('missing metadata in converted object');
  const given = object['metadata'];
  if (!isObject(given)) throw new Error(`invalid metadata of type ${goType(given)} in converted object`);
  const metadata = (isObject(original['metadata']) ? deepClone(original['metadata']) : {}) as JsonObject;
  for (const field of ['labels', 'annotations'] as const) {
    const value = given[field];
    if (value === undefined || value === null) delete metadata[field];
    else metadata[field] = textMap(field, value);
  }
  return metadata;
}

function textMap(field: 'labels' | 'annotations', value: unknown): JsonObject {
  if (!isObject(value)) throw new Error(`invalid metadata.${field} of type ${goType(value)} in converted object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new Error(`metadata.${field}[${key}] must be a string, but is ${goType(text)} in converted object`);
  }
  const texts = value as Record<string, string>;
  const errors =
    field === 'labels' ? validateLabels(texts, 'metadata.labels') : validateAnnotations(texts, 'metadata.annotation');
  if (errors.length > 0)
    throw new Error(aggregateText(errors.map((error) => `${error.field}: ${fieldErrorText(error)}`)));
  return value;
}

/** The type of a parsed JSON value as Go prints it (%T). */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
