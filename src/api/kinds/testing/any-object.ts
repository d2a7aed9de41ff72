import type { Json, JsonObject } from '../../object.ts';
import { type FieldSchema, typeSchema } from '../../schema/index.ts';

/** Draws numbers in [0, 1). */
export type Draw = () => number;

const words = [
  '',
  'a',
  'Bad Name',
  'a.b.c/d',
  '*',
  'None',
  '10.0.0.1',
  '10.0.0.0/8',
  '::1',
  'True',
  'Always',
  'Never',
  'TCP',
  '25%',
  'kubernetes.io/x',
  '1',
];
const keys = ['a', 'cpu', 'memory', 'storage', 'x/y', ''];
const integers = [0, 1, -1, 80, 70_000, 2_147_483_647];
const quantities = ['0', '1', '100m', '1Gi', '-1', '1e3', '0.5n', '10000000000000000000000'];
const depthMax = 7;

/** A drawn object of a struct type: fields of their types, odd values and nulls among them. */
export function anyStruct(type: string, draw: Draw, depth = 1): JsonObject {
  const chosen = [...typeSchema(type).fields.values()].filter(
    ({ name }) => name !== 'managedFields' && draw() < (depth < 3 ? 0.7 : 0.35),
  );
  return Object.fromEntries(chosen.map((field) => [field.name, anyValue(field, draw, depth)]));
}

function pick<T>(from: readonly T[], draw: Draw): T {
  return from[Math.floor(draw() * from.length)] as T;
}

function anyValue(field: FieldSchema, draw: Draw, depth: number): unknown {
  if (draw() < 0.03) return null;
  const count = Math.floor(draw() * 3);
  const one = (): unknown => anyOne(field, draw, depth);
  if (field.map)
    return Object.fromEntries(Array.from({ length: count }, () => [pick(keys, draw), field.list ? [one()] : one()]));
  if (field.list) return Array.from({ length: count }, () => (draw() < 0.03 ? null : one()));
  return one();
}

function anyOne(field: FieldSchema, draw: Draw, depth: number): unknown {
  if (field.ref !== undefined) return depth > depthMax ? {} : anyStruct(field.ref, draw, depth + 1);
  switch (field.type) {
    case 'string':
      return field.enum !== undefined && draw() < 0.7 ? pick(field.enum, draw) : pick(words, draw);
    case 'boolean':
      return draw() < 0.5;
    case 'integer':
      return pick(integers, draw);
    case 'number':
      return draw() * 3;
    case 'quantity':
      return pick(quantities, draw);
    case 'int-or-string':
      return pick<Json>([0, 80, -1, '25%', 'http', 'x y'], draw);
    case 'time':
      return pick(['2024-01-01T00:00:00Z', '2030-01-01T00:00:00Z'], draw);
    case 'micro-time':
      return '2024-01-01T00:00:00.000001Z';
    case 'bytes':
      return pick(['', 'YQ=='], draw);
    case 'any':
      return field.format === undefined
        ? { a: 1 }
        : field.format === 'schema-or-bool'
          ? draw() < 0.5
          : { type: 'string' };
    case 'object':
      return {};
  }
}
