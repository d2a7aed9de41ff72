/** Writes operations in the form of OpenAPI v2 and v3. */

import type { JsonObject } from '../object.ts';
import { definitionName } from './definition-name.ts';
import { dialects, reference } from './dialect.ts';
import type { Operation, Parameter, PathOperations } from './operation.ts';

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const watchMediaTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const patchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const answerWords: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** A path item of OpenAPI v3. */
export function pathItemV3(item: PathOperations): JsonObject {
  return pathItem(item, operationV3, parameterV3);
}

/** A path item of OpenAPI v2. */
export function pathItemV2(item: PathOperations): JsonObject {
  return pathItem(item, operationV2, parameterV2);
}

function pathItem(
  item: PathOperations,
  operationOf: (operation: Operation, query: readonly Parameter[]) => JsonObject,
  parameterOf: (parameter: Parameter) => JsonObject,
): JsonObject {
  const shared = sharedParameters(item);
  const taken = new Set(shared.map(({ name }) => name));
  const methods = item.operations.map(
    (operation) =>
      [
        operation.method,
        operationOf(
          operation,
          operation.query.filter(({ name }) => !taken.has(name)),
        ),
      ] as const,
  );
  return { ...Object.fromEntries(methods), ...(shared.length === 0 ? {} : { parameters: shared.map(parameterOf) }) };
}

/**
 * What all operations of a path take stands beside them, once. `pretty` belongs to every path whose answers are
 * objects.
 */
function sharedParameters({ path, operations, query }: PathOperations): readonly Parameter[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match): Parameter => ({
    name: match[1] ?? '',
    type: 'string',
    in: 'path',
  }));
  const [first, ...others] = operations;
  const everywhere = (first?.query ?? []).filter(({ name }) =>
    others.every((operation) => operation.query.some((parameter) => parameter.name === name)),
  );
  const plain = operations.every(({ action }) => action === 'connect' || action === 'discover');
  const all: readonly Parameter[] = [
    ...names,
    ...query,
    ...everywhere,
    ...(plain ? [] : [{ name: 'pretty', type: 'string', in: 'query' } as const]),
  ];
  return [...all].sort((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : left.in < right.in ? -1 : 1,
  );
}

function parameterV3(parameter: Parameter): JsonObject {
  return {
    name: parameter.name,
    in: parameter.in,
    ...requiredInPaths(parameter),
    schema: { type: parameter.type, uniqueItems: true },
  };
}

function parameterV2(parameter: Parameter): JsonObject {
  return {
    uniqueItems: true,
    type: parameter.type,
    name: parameter.name,
    in: parameter.in,
    ...requiredInPaths(parameter),
  };
}

function requiredInPaths(parameter: Parameter): JsonObject {
  return parameter.in === 'path' ? { required: true } : {};
}

function operationV3(operation: Operation, query: readonly Parameter[]): JsonObject {
  const { body } = operation;
  return {
    tags: [operation.tag],
    operationId: operation.id,
    ...(query.length === 0 ? {} : { parameters: query.map(parameterV3) }),
    ...(body === undefined ? {} : { requestBody: requestBodyV3(operation, body) }),
    responses: Object.fromEntries([
      ...Object.entries(operation.answers).map(([code, type]) => [code, answerV3(code, type, operation)]),
      ['401', { description: 'Unauthorized' }],
    ]),
    ...extensions(operation),
  };
}

function requestBodyV3(operation: Operation, body: NonNullable<Operation['body']>): JsonObject {
  return {
    content: contentV3(body.type, bodyMediaTypes(operation)),
    ...(body.required ? { required: true } : {}),
  };
}

function bodyMediaTypes({ action, media }: Operation): readonly string[] {
  return media?.consumes ?? (action === 'patch' ? patchMediaTypes : ['*/*']);
}

function answerV3(code: string, type: string, operation: Operation): JsonObject {
  return { description: answerWords[code] ?? '', content: contentV3(type, answerMediaTypes(type, operation)) };
}

function answerMediaTypes(type: string, { action, media }: Operation): readonly string[] {
  if (media !== undefined) return media.produces;
  if (action === 'connect') return ['*/*'];
  if (type === 'text') return ['text/plain', ...mediaTypes];
  return action === 'list' || action === 'watch' || action === 'watchlist'
    ? [...mediaTypes, ...watchMediaTypes]
    : mediaTypes;
}

function askMediaTypes({ action, media }: Operation): readonly string[] {
  return media?.consumes ?? (action === 'patch' ? patchMediaTypes : action === 'discover' ? mediaTypes : ['*/*']);
}

function contentV3(type: string, media: readonly string[]): JsonObject {
  const schema = type === 'text' ? { type: 'string' } : reference(dialects.v3, definitionName(type));
  return Object.fromEntries([...media].sort().map((name) => [name, { schema }]));
}

function operationV2(operation: Operation, query: readonly Parameter[]): JsonObject {
  const { body } = operation;
  const parameters = [
    ...(body === undefined
      ? []
      : [
          {
            name: 'body',
            in: 'body',
            ...(body.required ? { required: true } : {}),
            schema: reference(dialects.v2, definitionName(body.type)),
          },
        ]),
    ...query.map(parameterV2),
  ];
  return {
    ...(askMediaTypes(operation).length === 0 ? {} : { consumes: askMediaTypes(operation) }),
    produces: answerMediaTypes(Object.values(operation.answers)[0] ?? '', operation),
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: Object.fromEntries([
      ...Object.entries(operation.answers).map(([code, type]) => [code, answerV2(code, type)]),
      ['401', { description: 'Unauthorized' }],
    ]),
    ...extensions(operation),
  };
}

function answerV2(code: string, type: string): JsonObject {
  return {
    description: answerWords[code] ?? '',
    schema: type === 'text' ? { type: 'string' } : reference(dialects.v2, definitionName(type)),
  };
}

function extensions(operation: Operation): JsonObject {
  if (operation.kind === undefined) return {};
  const { group, version, kind } = operation.kind;
  return { 'x-kubernetes-action': operation.action, 'x-kubernetes-group-version-kind': { group, version, kind } };
}
