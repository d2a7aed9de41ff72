/** What decoding needs to know about the fields of a type, prepared once. */

import { type FieldSchema, typeSchema } from '../schema/index.ts';
import { type Read, readerOf } from './scalar.ts';

/**
 * What reading a field needs of the tables, in one shape for all fields: a walk over many types then costs a third
 * less.
 */
export interface FieldPlan {
  readonly name: string;
  /** Its place in wire order. */
  readonly position: number;
  readonly schema: FieldSchema;
  readonly map: boolean;
  readonly list: boolean;
  /** Written by upstream's encoder whatever it holds. */
  readonly always: boolean;
  /** An empty list or map is left out. */
  readonly omitsEmpty: boolean;
  /** An empty scalar (false, 0, '') is left out. */
  readonly omitsZero: boolean;
  /** The struct that it holds; '' for anything else. */
  readonly struct: string;
  /** Fields of a JSON schema that hold a schema or something simpler. */
  readonly schemaOr: boolean;
  /** A map whose values are texts without a form of their own. */
  readonly texts: boolean;
  readonly read: Read;
}

/** How a struct is read. */
export interface StructPlan {
  /** As Go's errors name it. */
  readonly goName: string;
  readonly byName: ReadonlyMap<string, FieldPlan>;
  readonly inWireOrder: readonly FieldPlan[];
  /** How many of its fields are always written. */
  readonly alwaysCount: number;
}

const plans = new Map<string, StructPlan>();

/** The plan of a type of the tables: always the same one. */
export function planOf(type: string): StructPlan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const inWireOrder = [...typeSchema(type).fields.values()].map(fieldPlan);
  const made: StructPlan = {
    goName: type.slice(type.indexOf('.') + 1),
    byName: new Map(inWireOrder.map((field) => [field.name, field])),
    inWireOrder,
    alwaysCount: inWireOrder.filter(({ always }) => always).length,
  };
  plans.set(type, made);
  return made;
}

function fieldPlan(schema: FieldSchema, position: number): FieldPlan {
  const { name, map, list, omitEmpty, keepsEmpty, ref = '', format = '' } = schema;
  return {
    name,
    position,
    schema,
    map,
    list,
    always: !omitEmpty,
    omitsEmpty: omitEmpty && !keepsEmpty,
    omitsZero: omitEmpty && !keepsEmpty,
    struct: ref,
    schemaOr: format.startsWith('schema-or-'),
    texts: map && !list && ref === '' && schema.type === 'string',
    read: readerOf(schema.type),
  };
}
