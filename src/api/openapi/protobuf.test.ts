import test from 'ava';
import { readBytes, readTag, readVarint, wireReader } from '../protobuf/wire-reader.ts';
import { openapiV2 } from './documents.ts';
import { openapiV2Protobuf } from './protobuf.ts';

/**
 * The values of a field that stands below the messages of these numbers, the last number being its own: texts, or
 * numbers.
 */
function at(bytes: Uint8Array, [field, ...below]: readonly number[]): readonly (string | number)[] {
  const reader = wireReader(bytes);
  const found: (string | number)[] = [];
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    if (tag.wire === 0) {
      const value = Number(readVarint(reader));
      if (tag.field === field) found.push(value);
    } else {
      const value = readBytes(reader);
      if (tag.field === field) found.push(...(below.length === 0 ? [Buffer.from(value).toString()] : at(value, below)));
    }
  }
  return found;
}

const document = {
  swagger: '2.0',
  info: { title: 'K', version: '1' },
  paths: {
    '/clouds': {
      get: {
        operationId: 'list',
        parameters: [{ name: 'limit', in: 'query', type: 'integer', uniqueItems: true }, { $ref: '#/parameters/p' }],
        responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Cloud' } } },
        'x-kubernetes-action': 'list',
      },
      post: { parameters: [{ name: 'body', in: 'body', required: true, schema: { type: 'object' } }], responses: {} },
      parameters: [{ name: 'name', in: 'path', required: true, type: 'string' }],
    },
  },
  definitions: {
    Cloud: {
      type: 'object',
      required: ['a', 'b'],
      properties: {
        list: { type: 'array', items: { type: 'string' } },
        map: { additionalProperties: { type: 'integer' } },
        open: { additionalProperties: true },
      },
      'x-kubernetes-group-version-kind': [{ kind: 'Cloud' }],
    },
  },
  securityDefinitions: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
  security: [{ BearerToken: [] }],
};

const table: readonly (readonly [what: string, path: readonly number[], values: readonly (string | number)[]])[] = [
  ['the version', [1], ['2.0']],
  ['the title', [2, 1], ['K']],
  ['paths by name', [8, 2, 1], ['/clouds']],
  ['an operation', [8, 2, 2, 2, 5], ['list']],
  ['a parameter of the query', [8, 2, 2, 2, 8, 1, 2, 3, 4], ['limit']],
  ['its type', [8, 2, 2, 2, 8, 1, 2, 3, 6], ['integer']],
  ['its uniqueness', [8, 2, 2, 2, 8, 1, 2, 3, 20], [1]],
  ['a parameter elsewhere', [8, 2, 2, 2, 8, 2, 1], ['#/parameters/p']],
  ['a body', [8, 2, 2, 4, 8, 1, 1, 5, 22, 1], ['object']],
  ['a parameter of the path', [8, 2, 2, 9, 1, 2, 4, 5], ['string']],
  ['an answer', [8, 2, 2, 2, 9, 1, 2, 1, 2, 1, 1], ['#/definitions/Cloud']],
  ['an extension', [8, 2, 2, 2, 13, 1], ['x-kubernetes-action']],
  ['its value, as YAML', [8, 2, 2, 2, 13, 2, 2], ['"list"\n']],
  ['definitions by name', [9, 1, 1], ['Cloud']],
  ['what is required', [9, 1, 2, 19], ['a', 'b']],
  ['properties by name', [9, 1, 2, 25, 1, 1], ['list', 'map', 'open']],
  ['items', [9, 1, 2, 25, 1, 2, 23, 1, 22, 1], ['string']],
  ['values of a map', [9, 1, 2, 25, 1, 2, 21, 1, 22, 1], ['integer']],
  ['any values', [9, 1, 2, 25, 1, 2, 21, 2], [1]],
  ['kinds', [9, 1, 2, 31, 2, 2], ['[{"kind":"Cloud"}]\n']],
  ['a way to authenticate', [13, 1, 2, 2, 2], ['authorization']],
  ['its use', [12, 1, 1], ['BearerToken']],
];
const bytes = openapiV2Protobuf(document);
for (const [what, path, values] of table)
  test(`in protobuf: ${what}`, (t) => {
    t.deepEqual(at(bytes, path), values);
  });

test('the whole document has every definition and path', (t) => {
  const whole = openapiV2();
  const made = openapiV2Protobuf(whole);
  t.deepEqual(at(made, [9, 1, 1]), Object.keys(whole['definitions'] as object));
  t.deepEqual(at(made, [8, 2, 1]), Object.keys(whole['paths'] as object));
});
