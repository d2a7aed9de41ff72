/** The kind ConfigMap: defaults, validation and Table columns. */

import type { ConfigMap, Sent } from '../../objects/index.ts';
import {
  byteLength,
  configMapKey,
  deepEqual,
  type FieldError,
  forbidden,
  invalid,
  tooLong,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { invalids } from '../checks.ts';
import { strategy } from '../strategy.ts';
import { base64Length } from './base64.ts';

/** All values of a ConfigMap or Secret together. */
export const dataBytesMax = 1024 * 1024;

const configMapOf = (object: object): Sent<ConfigMap> => object as Sent<ConfigMap>;

/** Keys about which there is nothing to say; all others are looked at closely. */
const plainKey = /^[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,252}$/;

function dataErrors(object: KubeObject): FieldError[] {
  const { data = {}, binaryData = {} } = configMapOf(object);
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    if (!plainKey.test(key)) errors.push(...invalids(`data[${key}]`, key, configMapKey(key)));
    if (binaryData[key] !== undefined)
      errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    bytes += byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    if (!plainKey.test(key)) errors.push(...invalids(`binaryData[${key}]`, key, configMapKey(key)));
    bytes += base64Length(value);
  }
  if (bytes > dataBytesMax) errors.push(tooLong('', '', dataBytesMax));
  return errors;
}

/** What an object with `immutable: true` may no longer change. */
export function immutableDataErrors(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const changed = fields.filter((field) => !deepEqual(object[field] ?? {}, old[field] ?? {}));
  return [
    ...(object['immutable'] === true ? [] : [forbidden('immutable', detail)]),
    ...changed.map((field) => forbidden(field, detail)),
  ];
}

export const configMapBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  quota: { plainCount: true },
  validate: dataErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  validateUpdate: (object, old) => [...immutableDataErrors(object, old, ['data', 'binaryData']), ...dataErrors(object)],
  columns: [nameColumn, column('Data', 'Number of entries.'), ageColumn],
  row(object, now) {
    const { data = {}, binaryData = {} } = configMapOf(object);
    return [object.metadata.name ?? '', Object.keys(data).length + Object.keys(binaryData).length, ageOf(object, now)];
  },
};
