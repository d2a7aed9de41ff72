import test from 'ava';
import { findType, tableNames, typeNames, typeSchema } from '../index.ts';

test('every struct that a field refers to is in the tables', (t) => {
  for (const table of tableNames()) {
    for (const name of typeNames(table)) {
      for (const field of typeSchema(name).fields.values()) {
        t.true(field.ref === undefined || findType(field.ref) !== undefined, `${name}.${field.name}`);
        t.true(
          field.mapKeys === undefined ||
            field.mapKeys.every((key) => field.ref !== undefined && typeSchema(field.ref).fields.has(key)),
          `keys of ${name}.${field.name}`,
        );
      }
    }
  }
});

test('field numbers are unique within a message', (t) => {
  for (const table of tableNames()) {
    for (const name of typeNames(table)) {
      const numbers = [...typeSchema(name).fields.values()]
        .filter((field) => field.protobuf > 0)
        .map((field) => [...(field.protobufInside ?? []), field.protobuf].join('/'));
      t.is(new Set(numbers).size, numbers.length, name);
    }
  }
});
