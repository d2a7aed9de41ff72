/** Finds the built-in resources, which the tables name beside their kinds. */

import type { GroupResource } from '../object.ts';
import type { ServedResource, SubresourceInfo } from './resource.ts';
import { tables } from './tables/index.ts';
import { readResourceEntry, type ResourceEntry } from './type-entry.ts';
import { tableEntries, typeOfKind } from './type-registry.ts';

const everyVerb: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

let resources: readonly ServedResource[] | undefined;
let optional: readonly ServedResource[] | undefined;
const byResource = new Map<string, ServedResource>();
const byKind = new Map<string, ServedResource>();

/** Every built-in resource that is always served, group by group in the order of discovery. */
export function allResources(): readonly ServedResource[] {
  if (resources === undefined) {
    resources = readResources({ optional: false });
    for (const info of resources) {
      byResource.set(`${info.group}/${info.version}/${info.resource}`, info);
      byKind.set(`${info.group}/${info.version}/${info.kind}`, info);
    }
  }
  return resources;
}

/**
 * The resources of group versions (`admissionregistration.k8s.io/v1alpha1`) that are not served unless one asks for
 * them.
 */
export function optionalResources(groupVersions: readonly string[]): readonly ServedResource[] {
  optional ??= readResources({ optional: true });
  return optional.filter(({ group, version }) => groupVersions.includes(`${group}/${version}`));
}

/**
 * The resource that a reference of Troupe's own means, whether it is served or not: in `version`, or absent in the one
 * that the group prefers.
 */
export function knownResource(
  { group, resource }: GroupResource,
  version: string | undefined,
): ServedResource | undefined {
  optional ??= readResources({ optional: true });
  const isMeant = (info: ServedResource): boolean =>
    info.group === group && info.resource === resource && (version === undefined || info.version === version);
  return allResources().find(isMeant) ?? optional.find(isMeant);
}

/** The resource of this plural name. */
export function findResource(group: string, version: string, resource: string): ServedResource | undefined {
  allResources();
  return byResource.get(`${group}/${version}/${resource}`);
}

/** The resource whose objects are of this kind. */
export function findKind(group: string, version: string, kind: string): ServedResource | undefined {
  allResources();
  return byKind.get(`${group}/${version}/${kind}`);
}

/** The resource in the version that the group prefers. */
export function preferredResource(group: string, resource: string): ServedResource | undefined {
  return allResources().find((info) => info.group === group && info.resource === resource);
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

function readResources({ optional: wanted }: { readonly optional: boolean }): readonly ServedResource[] {
  return Object.entries(tables)
    .filter(([, table]) => (table.optional ?? false) === wanted)
    .flatMap(([prefix, table]) => resourcesOfTable(prefix, table));
}

/** In the order of their plural names, which is that of discovery. */
function resourcesOfTable(prefix: string, { group, version }: GroupVersion): readonly ServedResource[] {
  const found: ServedResource[] = [];
  for (const [kind, entry] of tableEntries(prefix)) {
    const read = readResourceEntry(entry);
    if (read !== undefined) found.push(servedResource(read, { group, version, kind, type: `${prefix}.${kind}` }));
  }
  return found.sort((left, right) => (left.resource < right.resource ? -1 : 1));
}

interface KindOfTable extends GroupVersion {
  readonly kind: string;
  readonly type: string;
}

function servedResource(read: ResourceEntry, { group, version, kind, type }: KindOfTable): ServedResource {
  const [resource = '', singular = '', scope = '', verbs = '', ...options] = read.resource;
  const option = (name: string): string | undefined =>
    options.find((word) => word.startsWith(name))?.slice(name.length);
  const stored = option('stored=');
  const storage = stored === undefined ? { group, version } : readGroupVersion(stored);
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    resource,
    singular: singular === '-' ? '' : singular,
    namespaced: scope === 'namespaced',
    shortNames: option('short=')?.split(',') ?? [],
    categories: option('categories=')?.split(',') ?? [],
    verbs: readVerbs(verbs),
    type,
    subresources: read.subresources.map((words) => readSubresource(words, { group, version })),
    storage: { group: storage.group, resource },
    storageVersion: storage.version,
  };
}

function readSubresource(words: readonly string[], own: GroupVersion): SubresourceInfo {
  const [name = '', fullKind = '', verbs = ''] = words;
  const dot = fullKind.lastIndexOf('.');
  const { group, version } = dot < 0 ? own : readGroupVersion(fullKind.slice(0, dot));
  const kind = fullKind.slice(dot + 1);
  return { name, kind, group, version, verbs: readVerbs(verbs), type: typeOfKind({ group, version, kind }) ?? '' };
}

function readGroupVersion(text: string): GroupVersion {
  const [group = '', version = ''] = text.split('/');
  return { group: group === 'core' ? '' : group, version };
}

function readVerbs(text: string): readonly string[] {
  return text === '*' ? everyVerb : text.split(',');
}
