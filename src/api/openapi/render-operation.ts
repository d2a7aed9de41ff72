import type { JsonObject } from '../object.ts';
import { definitionName } from './definition-name.ts';
import { dialects, reference } from './dialect.ts';
import type { Operation, Parameter, PathOperations } from './operation.ts';

const mediaTypes = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const patchMediaTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];
const answerWords: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** A path item of OpenAPI v3. */
export function pathItemV3({ path, operations, query }: PathOperations): JsonObject {
  const parameters = [...pathNames(path).map(pathParameterV3), ...sortedQuery(query, operations).map(queryParameterV3)];
  return { ...Object.fromEntries(operations.map((operation) => [operation.method, operationV3(operation)])), ...(parameters.length === 0 ? {} : { parameters }) };
}

/** A path item of OpenAPI v2. */
export function pathItemV2({ path, operations, query }: PathOperations): JsonObject {
  const parameters = [...pathNames(path).map(pathParameterV2), ...sortedQuery(query, operations).map(queryParameterV2)];
  return { ...Object.fromEntries(operations.map((operation) => [operation.method, operationV2(operation)])), ...(parameters.length === 0 ? {} : { parameters }) };
}

function pathNames(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}

/** `pretty` belongs to every path whose answers are objects. */
function sortedQuery(query: readonly Parameter[], operations: readonly Operation[]): readonly Parameter[] {
  if (operations.every(({ action }) => action === 'connect' || action === 'discover')) return query;
  return [...query, { name: 'pretty', type: 'string' }];
}

function pathParameterV3(name: string): JsonObject {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
}

function queryParameterV3({ name, type }: Parameter): JsonObject {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

function pathParameterV2(name: string): JsonObject {
  return { uniqueItems: true, type: 'string', name, in: 'path', required: true };
}

function queryParameterV2({ name, type }: Parameter): JsonObject {
  return { uniqueItems: true, type, name, in: 'query' };
}

function operationV3(operation: Operation): JsonObject {
  const { body } = operation;
  return {
    tags: [operation.tag],
    operationId: operation.id,
    ...(operation.query.length === 0 ? {} : { parameters: operation.query.map(queryParameterV3) }),
    ...(body === undefined ? {} : { requestBody: { content: contentV3(body.type, bodyMediaTypes(operation)), ...(body.required ? { required: true } : {}) } }),
    responses: Object.fromEntries([...Object.entries(operation.answers).map(([code, type]) => [code, answerV3(code, type, operation)]), ['401', { description: 'Unauthorized' }]]),
    ...extensions(operation),
  };
}

function bodyMediaTypes(operation: Operation): readonly string[] {
  return operation.action === 'patch' ? [...patchMediaTypes].sort() : ['*/*'];
}

function answerV3(code: string, type: string, operation: Operation): JsonObject {
  return { description: answerWords[code] ?? '', content: contentV3(type, answerMediaTypes(type, operation)) };
}

function answerMediaTypes(type: string, { action }: Operation): readonly string[] {
  if (action === 'connect') return ['*/*'];
  if (type === 'text') return [...mediaTypes, 'text/plain'];
  return action === 'list' ? [...mediaTypes, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'] : mediaTypes;
}

function contentV3(type: string, media: readonly string[]): JsonObject {
  const schema = type === 'text' ? { type: 'string' } : reference(dialects.v3, definitionName(type));
  return Object.fromEntries(media.map((name) => [name, { schema }]));
}

function operationV2(operation: Operation): JsonObject {
  const { body } = operation;
  const parameters = [
    ...(body === undefined ? [] : [{ name: 'body', in: 'body', ...(body.required ? { required: true } : {}), schema: reference(dialects.v2, definitionName(body.type)) }]),
    ...operation.query.map(queryParameterV2),
  ];
  return {
    consumes: operation.action === 'patch' ? patchMediaTypes : ['*/*'],
    produces: operation.action === 'connect' ? ['*/*'] : ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'],
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: Object.fromEntries([...Object.entries(operation.answers).map(([code, type]) => [code, answerV2(code, type)]), ['401', { description: 'Unauthorized' }]]),
    ...extensions(operation),
  };
}

function answerV2(code: string, type: string): JsonObject {
  return { description: answerWords[code] ?? '', schema: type === 'text' ? { type: 'string' } : reference(dialects.v2, definitionName(type)) };
}

function extensions(operation: Operation): JsonObject {
  if (operation.kind === undefined) return {};
  const { group, version, kind } = operation.kind;
  return { 'x-kubernetes-action': operation.action, 'x-kubernetes-group-version-kind': { group, version, kind } };
}
