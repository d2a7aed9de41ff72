import type { JsonObject } from '../object.ts';
import { allResources, type ResourceInfo, sha256 } from '../schema/index.ts';
import { customDefinitions, customReferences, listTypeOf } from './custom-schema.ts';
import { definitionsOf } from './definitions.ts';
import { type Dialect, dialects } from './dialect.ts';
import { pathItemV2, pathItemV3 } from './render-operation.ts';
import { discoveryPath, pathsOf, rootPath } from './resource-paths.ts';

const info = { title: 'Kubernetes', version: '1.33' };
const bearer = { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' };

/** Raised whenever the documents change in a way that the tables do not show; part of every hash. */
const edition = 1;

/** The one document of OpenAPI v2: the definitions and the paths of these resources. Made anew at each call. */
export function openapiV2(resources: readonly ResourceInfo[] = allResources()): JsonObject {
  const paths = resources.flatMap(pathsOf).map((item) => [item.path, pathItemV2(item)] as const);
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(sortedByName(paths)),
    definitions: definitionsFor(resources, dialects.v2),
    securityDefinitions: { BearerToken: bearer },
    security: [{ BearerToken: [] }],
  };
}

/** `/openapi/v3`: where the document of each group version is, with a hash that changes when the document does. */
export function openapiV3Index(all: readonly ResourceInfo[] = allResources()): JsonObject {
  const paths = servedGroupVersions(all).map(({ group, version }) => {
    const key = rootPath(group, version).slice(1);
    return [key, { serverRelativeURL: `/openapi/v3/${key}?hash=${documentHash(group, version, all)}` }] as const;
  });
  return { paths: Object.fromEntries(sortedByName(paths)) };
}

/** The document of one group version; undefined when nothing is served there. Made anew at each call. */
export function openapiV3(group: string, version: string, all: readonly ResourceInfo[] = allResources()): JsonObject | undefined {
  const resources = all.filter((resource) => resource.group === group && resource.version === version);
  if (resources.length === 0) return undefined;
  const paths = [discoveryPath(group, version), ...resources.flatMap(pathsOf)].map((item) => [item.path, pathItemV3(item)] as const);
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(sortedByName(paths)),
    components: { schemas: definitionsFor(resources, dialects.v3), securitySchemes: { BearerToken: bearer } },
  };
}

const hashes = new Map<string, string>();

/** In hexadecimal digits, as it stands in the index; also fit for an ETag. */
export function documentHash(group: string, version: string, all: readonly ResourceInfo[] = allResources()): string {
  const key = `${group}/${version}`;
  const changing = all.some((resource) => resource.custom !== undefined && resource.group === group && resource.version === version);
  const known = changing ? undefined : hashes.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify([edition, openapiV3(group, version, all)]);
  const hash = [...sha256(text)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
  if (!changing) hashes.set(key, hash);
  return hash;
}

function servedGroupVersions(all: readonly ResourceInfo[]): readonly { readonly group: string; readonly version: string }[] {
  return [...new Map(all.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values()];
}

function definitionsFor(resources: readonly ResourceInfo[], dialect: Dialect): JsonObject {
  const custom = new Map(resources.flatMap((resource) => customDefinitions(resource, dialect)));
  return definitionsOf([...usedTypes(resources), ...(custom.size === 0 ? [] : customReferences)], dialect, custom);
}

function sortedByName<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Types that stand by themselves in requests and answers; definitionsOf adds what they refer to. */
function usedTypes(resources: readonly ResourceInfo[]): readonly string[] {
  const types = new Set(['meta/v1.APIResourceList', 'meta/v1.DeleteOptions', 'meta/v1.Patch', 'meta/v1.Status']);
  for (const resource of resources) {
    const { type, verbs, subresources } = resource;
    types.add(type);
    if (verbs.includes('list')) types.add(listTypeOf(resource));
    for (const subresource of subresources) if (!subresource.kind.endsWith('Options')) types.add(subresource.type);
  }
  return [...types];
}
