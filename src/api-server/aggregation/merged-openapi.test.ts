import test from 'ava';
import type { JsonObject } from '../../api/index.ts';
import { mergedOpenapi } from './merged-openapi.ts';

const ref = (name: string): object => ({ $ref: `#/definitions/${name}` });
const own = {
  swagger: '2.0',
  paths: { '/api/v1/pods': { get: ref('Pod') } },
  definitions: {
    Pod: { type: 'object' },
    Meta: { type: 'object', properties: { name: { type: 'string' } } },
    Same: { type: 'string' },
  },
} as unknown as JsonObject;
const other = {
  paths: {
    '/apis/w.example/v1/clouds': { get: ref('Cloud') },
    '/apis/w.example/v1beta1/clouds': { get: ref('Old') },
    '/version': { get: ref('Info') },
  },
  definitions: {
    Cloud: { properties: { metadata: ref('Meta'), same: ref('Same'), loop: ref('Cloud') } },
    Meta: { type: 'object' },
    Same: { type: 'string' },
    Old: {},
    Info: {},
  },
} as unknown as JsonObject;

test('the paths of a group version bring their definitions; a differing definition gets another name', (t) => {
  const merged = mergedOpenapi(own, other, '/apis/w.example/v1');
  t.deepEqual(Object.keys(merged['paths'] as object), ['/api/v1/pods', '/apis/w.example/v1/clouds']);
  t.deepEqual(merged['definitions'] as object, {
    ...(own['definitions'] as object),
    Cloud: { properties: { metadata: ref('Meta_v2'), same: ref('Same'), loop: ref('Cloud') } },
    Meta_v2: { type: 'object' },
  });
});

test('a document without the group, or of another shape, adds nothing', (t) => {
  t.deepEqual(mergedOpenapi(own, other, '/apis/w.example/v2'), own);
  t.deepEqual(mergedOpenapi(own, { paths: [], definitions: 'x' } as unknown as JsonObject, '/apis/w.example/v1'), own);
});
