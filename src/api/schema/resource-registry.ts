import { assert } from '../../base/index.ts';
import type { GroupResource } from '../object.ts';
import type { ServedResource, SubresourceInfo } from './resource.ts';
import { optionalResourceLines, resourceLines } from './tables/resources.ts';
import { typeOfKind } from './type-registry.ts';

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

/** Resources that have one store behind several group versions: where it is, and the version objects are stored in. */
const sharedStorage: Readonly<Record<string, { readonly storage: GroupResource; readonly version: string }>> = {
  'events.k8s.io/events': { storage: { group: '', resource: 'events' }, version: 'v1' },
  'autoscaling/horizontalpodautoscalers': {
    storage: { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
    version: 'v2',
  },
};

let resources: readonly ServedResource[] | undefined;
let optional: readonly ServedResource[] | undefined;
const byResource = new Map<string, ServedResource>();
const byKind = new Map<string, ServedResource>();

/** Every built-in resource that is always served, group by group in the order of discovery. */
export function allResources(): readonly ServedResource[] {
  if (resources === undefined) {
    resources = readResources(resourceLines);
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
  optional ??= readResources(optionalResourceLines);
  return optional.filter(({ group, version }) => groupVersions.includes(`${group}/${version}`));
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

interface Heading {
  readonly group: string;
  readonly version: string;
}

function readResources(lines: string): readonly ServedResource[] {
  const found: ServedResource[] = [];
  let heading: Heading = { group: '', version: '' };
  for (const line of lines.split('\n')) {
    if (line.startsWith('# ')) heading = readHeading(line);
    else if (line !== '') found.push(readResource(line, heading));
  }
  return found;
}

function readHeading(line: string): Heading {
  const [group = '', version = ''] = (line.split(' ')[1] ?? '').split('/');
  return { group: group === 'core' ? '' : group, version };
}

function readResource(line: string, { group, version }: Heading): ServedResource {
  const [resource = '', singular = '', kind = '', scope = '', verbs = '', ...rest] = line.split(' ');
  const option = (name: string): string[] =>
    rest.filter((word) => word.startsWith(name)).flatMap((word) => word.slice(name.length).split(','));
  const subresources = rest
    .filter((word) => word.startsWith('sub:'))
    .flatMap((word) => word.slice('sub:'.length).split(';'));
  const shared = sharedStorage[`${group}/${resource}`];
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    resource,
    singular,
    namespaced: scope === 'namespaced',
    shortNames: option('short='),
    categories: option('categories='),
    verbs: readVerbs(verbs),
    type: requiredType({ group, version, kind }),
    subresources: subresources.map((text) => readSubresource(text, { group, version })),
    storage: shared?.storage ?? { group, resource },
    storageVersion: shared?.version ?? version,
  };
}

function readSubresource(text: string, heading: Heading): SubresourceInfo {
  const [name = '', fullKind = '', verbs = ''] = text.split('=');
  const dot = fullKind.lastIndexOf('.');
  const { group, version } = dot < 0 ? heading : readHeading(`# ${fullKind.slice(0, dot)}`);
  const kind = fullKind.slice(dot + 1);
  return { name, kind, group, version, verbs: readVerbs(verbs), type: typeOfKind({ group, version, kind }) ?? '' };
}

function readVerbs(text: string): readonly string[] {
  return text === '*' ? everyVerb : text.split(',');
}

function requiredType(kind: { readonly group: string; readonly version: string; readonly kind: string }): string {
  const type = typeOfKind(kind);
  assert(type !== undefined, `the tables have the kind ${kind.group}/${kind.version} ${kind.kind}`);
  return type;
}
