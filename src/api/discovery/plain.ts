/** The discovery documents of single groups and versions. */

import { apiVersionOf } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { type ServedResource, sha256, type SubresourceInfo } from '../schema/index.ts';

/** `/api`: the versions of the core group. `serverAddress` is what clients reach the server by, `host:port`. */
export function apiVersions(resources: readonly ServedResource[], serverAddress: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: versionsOf(resources, ''),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `/apis`: every group but core, in the order in which the resources name them first. */
export function apiGroupList(resources: readonly ServedResource[]): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupNames(resources).map((group) => groupFacts(resources, group)),
  };
}

/** `/apis/<group>`; undefined when nothing is served in the group. */
export function apiGroup(resources: readonly ServedResource[], group: string): JsonObject | undefined {
  if (!groupNames(resources).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFacts(resources, group) };
}

/** `/api/v1` or `/apis/<group>/<version>`; undefined when nothing is served there. */
export function apiResourceList(
  resources: readonly ServedResource[],
  group: string,
  version: string,
): JsonObject | undefined {
  const served = resources.filter((info) => info.group === group && info.version === version);
  if (served.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: served.flatMap((info) => [
      resourceFacts(info),
      ...info.subresources.map((subresource) => subresourceFacts(info, subresource)),
    ]),
  };
}

/** Groups but core, each once. */
export function groupNames(resources: readonly ServedResource[]): readonly string[] {
  return [...new Set(resources.map((info) => info.group))].filter((group) => group !== '');
}

/** Versions of a group, the preferred one first. */
export function versionsOf(resources: readonly ServedResource[], group: string): readonly string[] {
  return [...new Set(resources.filter((info) => info.group === group).map((info) => info.version))];
}

function groupFacts(resources: readonly ServedResource[], group: string): JsonObject {
  const versions = versionsOf(resources, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceFacts(info: ServedResource): JsonObject {
  return {
    name: info.resource,
    singularName: info.singular,
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: info.verbs,
    ...(info.shortNames.length === 0 ? {} : { shortNames: info.shortNames }),
    ...(info.categories.length === 0 ? {} : { categories: info.categories }),
    ...(isStored(info) ? { storageVersionHash: storageVersionHash(info) } : {}),
  };
}

function subresourceFacts(info: ServedResource, subresource: SubresourceInfo): JsonObject {
  const foreign = subresource.group !== info.group || subresource.version !== info.version;
  return {
    name: `${info.resource}/${subresource.name}`,
    singularName: '',
    namespaced: info.namespaced,
    ...(foreign ? { group: subresource.group, version: subresource.version } : {}),
    kind: subresource.kind,
    verbs: subresource.verbs,
  };
}

/** Reviews and computed lists keep nothing; whatever can be watched is stored. */
function isStored(info: ServedResource): boolean {
  return info.verbs.includes('watch');
}

/** Upstream's fingerprint of the version that objects are stored in; clients only compare it. */
function storageVersionHash(info: ServedResource): string {
  const digest = sha256(`${info.storage.group}/${info.storageVersion}/${info.kind}`);
  return btoa(String.fromCharCode(...digest.subarray(0, 8)));
}
