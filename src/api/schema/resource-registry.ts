import type { ResourceInfo } from './resource.ts';

/** Every built-in resource, group by group in the order of discovery. */
export function allResources(): readonly ResourceInfo[] {
  return [];
}

/** The resource of this plural name. */
export function findResource(group: string, version: string, resource: string): ResourceInfo | undefined {
  return allResources().find((info) => info.group === group && info.version === version && info.resource === resource);
}

/** The resource whose objects are of this kind. */
export function findKind(group: string, version: string, kind: string): ResourceInfo | undefined {
  return allResources().find((info) => info.group === group && info.version === version && info.kind === kind);
}

/** The resource in the version that the group prefers. */
export function preferredResource(group: string, resource: string): ResourceInfo | undefined {
  return allResources().find((info) => info.group === group && info.resource === resource);
}
