/** Puts together the OpenAPI documents of the server. */

import type { JsonObject } from '../object.ts';
import type { ResourceInfo } from '../custom/index.ts';
import { allResources, sha256 } from '../schema/index.ts';
import { customDefinitions, customReferences, listTypeOf } from './custom-schema.ts';
import { definitionsOf } from './definitions.ts';
import { type Dialect, dialects } from './dialect.ts';
import { pathItemV2, pathItemV3 } from './render-operation.ts';
import type { PathOperations } from './operation.ts';
import { pathsOf, rootPath } from './resource-paths.ts';
import { resourceListPath, rootPaths } from './root-paths.ts';

const info = { title: 'Kubernetes', version: '1.33' };
const bearer = { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' };

/** Raised whenever the documents change in a way that the tables do not show; part of every hash. */
const edition = 4;

/** The one document of OpenAPI v2: the definitions and the paths of these resources. Computed at each call. */
export function openapiV2(resources: readonly ResourceInfo[] = allResources()): JsonObject {
  const versions = servedGroupVersions(resources.filter(isBuiltIn));
  const items = [
    ...rootPaths(groupsOf(resources)),
    ...versions.map(({ group, version }) => resourceListPath(group, version)),
    ...resources.flatMap(pathsOf),
  ];
  const paths = items.map((item) => [item.path, pathItemV2(item)] as const);
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(sortedByName(paths)),
    definitions: definitionsFor(resources, dialects.v2, bodiesOf(items)),
    securityDefinitions: { BearerToken: bearer },
    security: [{ BearerToken: [] }],
  };
}

/**
 * `/openapi/v3`: where the document of each group version and of each root path is, with a hash that changes when the
 * document does.
 */
export function openapiV3Index(all: readonly ResourceInfo[] = allResources()): JsonObject {
  const keys = [
    ...rootPaths(groupsOf(all)).map(({ path }) => path.slice(1, -1)),
    ...servedGroupVersions(all).map(({ group, version }) => rootPath(group, version).slice(1)),
  ];
  const paths = keys.map(
    (key) => [key, { serverRelativeURL: `/openapi/v3/${key}?hash=${openapiV3Hash(key, all)}` }] as const,
  );
  return { paths: Object.fromEntries(sortedByName(paths)) };
}

/**
 * The document of one key of the index, such as `apis/apps/v1` or `version`; undefined when nothing is served there.
 * Computed at each call.
 */
export function openapiV3(key: string, all: readonly ResourceInfo[] = allResources()): JsonObject | undefined {
  const resources = all.filter((resource) => rootPath(resource.group, resource.version) === `/${key}`);
  const [first] = resources;
  const items =
    first === undefined
      ? rootPaths(groupsOf(all)).filter(({ path }) => path === `/${key}/`)
      : [...discoveryOf(first), ...resources.flatMap(pathsOf)];
  if (items.length === 0) return undefined;
  const schemas = definitionsFor(resources, dialects.v3, bodiesOf(items));
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(sortedByName(items.map((item) => [item.path, pathItemV3(item)] as const))),
    components: { ...(Object.keys(schemas).length === 0 ? {} : { schemas }), securitySchemes: { BearerToken: bearer } },
  };
}

function discoveryOf(first: ResourceInfo): readonly PathOperations[] {
  return isBuiltIn(first) ? [resourceListPath(first.group, first.version)] : [];
}

const hashes = new Map<string, string>();

/** Of the document of one key, in hexadecimal digits, as it stands in the index; also fit for an ETag. */
export function openapiV3Hash(key: string, all: readonly ResourceInfo[]): string {
  const changing = all.some(
    (resource) => resource.custom !== undefined && rootPath(resource.group, resource.version) === `/${key}`,
  );
  const known = changing ? undefined : hashes.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify([edition, openapiV3(key, all)]);
  const hash = [...sha256(text)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
  if (!changing) hashes.set(key, hash);
  return hash;
}

function servedGroupVersions(
  all: readonly ResourceInfo[],
): readonly { readonly group: string; readonly version: string }[] {
  return [...new Map(all.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values()];
}

const isBuiltIn = ({ custom }: ResourceInfo): boolean => custom === undefined;

/** Groups whose discovery the documents tell of: as in Kubernetes not those of custom kinds alone. */
function groupsOf(all: readonly ResourceInfo[]): readonly string[] {
  return [...new Set(all.filter(isBuiltIn).map(({ group }) => group))];
}

/** Types that the operations take and answer with. */
function bodiesOf(items: readonly PathOperations[]): readonly string[] {
  return items
    .flatMap(({ operations }) =>
      operations.flatMap(({ body, answers }) => [
        ...(body === undefined ? [] : [body.type]),
        ...Object.values(answers),
      ]),
    )
    .filter((type) => type !== 'text');
}

function definitionsFor(resources: readonly ResourceInfo[], dialect: Dialect, bodies: readonly string[]): JsonObject {
  const custom = new Map(resources.flatMap((resource) => customDefinitions(resource, dialect)));
  return definitionsOf(
    [...bodies, ...ownTypes(resources), ...(custom.size === 0 ? [] : customReferences)],
    dialect,
    custom,
  );
}

function sortedByName<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Types of resources that no operation may name; definitionsOf adds what they refer to. */
function ownTypes(resources: readonly ResourceInfo[]): readonly string[] {
  return resources.flatMap((resource) => [
    resource.type,
    ...(resource.verbs.includes('list') ? [listTypeOf(resource)] : []),
  ]);
}
