/** Validates columns, subresources and selectable fields of a version. */

import {
  type DefinitionVersion,
  type JsonSchema,
  type PrinterColumn,
  propertyOf,
  valuesOf,
} from '../../custom-schema/index.ts';
import { duplicate, type FieldError, invalid, required, tooMany } from '../../machinery/index.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const selectableFieldsMax = 8;

function simplePathErrors(path: string, at: string): FieldError[] {
  return path.startsWith('.') ? [] : [invalid(at, path, 'must be a simple json path starting with .')];
}

export function columnErrors(columns: readonly PrinterColumn[], path: string): FieldError[] {
  return columns.flatMap(({ name = '', type = '', format = '', jsonPath = '' }, index) => {
    const at = `${path}[${index}]`;
    const types = `must be one of ${columnTypes.join(',')}`;
    return [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(type === ''
        ? [required(`${at}.type`, types)]
        : columnTypes.includes(type)
          ? []
          : [invalid(`${at}.type`, type, types)]),
      ...(format === '' || columnFormats.includes(format)
        ? []
        : [invalid(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`)]),
      ...(jsonPath === '' ? [required(`${at}.JSONPath`)] : simplePathErrors(jsonPath, `${at}.JSONPath`)),
    ];
  });
}

export function subresourceErrors(subresources: DefinitionVersion['subresources'], path: string): FieldError[] {
  const { scale } = subresources ?? {};
  if (scale === undefined) return [];
  const below = (field: 'specReplicasPath' | 'statusReplicasPath', root: string): FieldError[] => {
    const at = `${path}.scale.${field}`;
    const value = scale[field] ?? '';
    if (value === '') return [required(at)];
    const errors = simplePathErrors(value, at);
    return errors.length > 0 || value.startsWith(`.${root}.`)
      ? errors
      : [invalid(at, value, `should be a json path under .${root}`)];
  };
  return [
    ...below('specReplicasPath', 'spec'),
    ...below('statusReplicasPath', 'status'),
    ...selectorPathErrors(scale.labelSelectorPath ?? '', `${path}.scale.labelSelectorPath`),
  ];
}

function selectorPathErrors(value: string, at: string): FieldError[] {
  if (value === '') return [];
  const errors = simplePathErrors(value, at);
  return errors.length > 0 || /^\.(spec|status)\./.test(value)
    ? errors
    : [invalid(at, value, 'should be a json path under either .spec or .status')];
}

/** The schema at a path of plain field names; undefined where it leads nowhere. */
function schemaAt(schema: JsonSchema | undefined, path: string): JsonSchema | undefined {
  let place = schema;
  for (const name of path.replace(/^\./, '').split('.')) place = propertyOf(place, name) ?? valuesOf(place);
  return place;
}

export function selectableFieldErrors(
  { selectableFields = [], schema }: DefinitionVersion,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  const errors = selectableFields.flatMap(({ jsonPath = '' }, index): FieldError[] => {
    const at = `${path}[${index}].jsonPath`;
    if (jsonPath === '') return [required(at)];
    const found =
      jsonPath.startsWith('.') && !jsonPath.includes('[') ? schemaAt(schema?.openAPIV3Schema, jsonPath) : undefined;
    if (found === undefined) return [invalid(at, jsonPath, `is an invalid path: does not refer to a valid field`)];
    const again = seen.has(jsonPath);
    seen.add(jsonPath);
    return [
      ...(jsonPath.startsWith('.metadata') ? [invalid(at, jsonPath, 'must not point to fields in metadata')] : []),
      ...(['string', 'boolean', 'integer'].includes(found.type ?? '')
        ? []
        : [
            invalid(
              at,
              jsonPath,
              'must point to a field of type string, boolean or integer. Enum string fields and strings with ' +
                'formats are allowed.',
            ),
          ]),
      ...(again ? [duplicate(at, jsonPath)] : []),
    ];
  });
  return seen.size > selectableFieldsMax ? [...errors, tooMany(path, seen.size, selectableFieldsMax)] : errors;
}
