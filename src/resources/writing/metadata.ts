/** The metadata that the server keeps: names, UIDs, timestamps, owners. */
import {
  alreadyExists,
  type FieldError,
  type GroupResource,
  invalidError,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  StatusError,
} from '../../api/index.ts';
import { nameSuffix, type Random } from '../../base/index.ts';

const nameLengthMax = 63;
const suffixLength = 5;

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A name made of a prefix, as upstream makes it: cut so that the whole is a label, then five random letters. */
export function generatedName(prefix: string, random: Random): string {
  return `${prefix.slice(0, nameLengthMax - suffixLength)}${nameSuffix(random, suffixLength)}`;
}

const systemFields = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'];

/** Forgets what a client says of a new object that only the server may: nobody owns such fields. */
export function wipeSystemMetadata(metadata: JsonObject): void {
  for (const field of systemFields) delete metadata[field];
}

/** Sets what only the server may set on a new object. */
export function stampNew(
  metadata: JsonObject,
  values: { readonly uid: string; readonly now: string; readonly namespace: string | undefined },
): void {
  metadata['uid'] = values.uid;
  metadata['creationTimestamp'] = values.now;
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink']) delete metadata[field];
  if (values.namespace === undefined) delete metadata['namespace'];
  else metadata['namespace'] = values.namespace;
}

/** Puts back what an update may not take away from the server (registry/rest BeforeUpdate). */
export function keepSystemMetadata(metadata: JsonObject, old: KubeObject): void {
  if (textOf(metadata['uid']) === '' && old.metadata.uid !== undefined) metadata['uid'] = old.metadata.uid;
  metadata['creationTimestamp'] = old.metadata.creationTimestamp ?? null;
  if (old.metadata.deletionTimestamp !== undefined) metadata['deletionTimestamp'] = old.metadata.deletionTimestamp;
  if (
    old.metadata.deletionGracePeriodSeconds !== undefined &&
    typeof metadata['deletionGracePeriodSeconds'] !== 'number'
  ) {
    metadata['deletionGracePeriodSeconds'] = old.metadata.deletionGracePeriodSeconds;
  }
  delete metadata['selfLink'];
}

/** Owner references that name one UID twice are merged; the text of a warning when that happened. */
export function mergeOwners(metadata: JsonObject): string | undefined {
  const owners = metadata['ownerReferences'];
  if (!Array.isArray(owners) || owners.length < 2) return undefined;
  const seen = new Set<string>();
  const doubles = new Set<string>();
  const kept = (owners as JsonObject[]).filter((owner) => {
    const key = JSON.stringify([
      owner['uid'],
      owner['apiVersion'],
      owner['kind'],
      owner['name'],
      owner['controller'],
      owner['blockOwnerDeletion'],
    ]);
    if (!seen.has(key)) {
      seen.add(key);
      return true;
    }
    doubles.add(textOf(owner['uid']));
    return false;
  });
  if (doubles.size === 0) return undefined;
  metadata['ownerReferences'] = kept;
  return (
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and ' +
    'may reject such requests as early as 1.24; ' +
    `please fix your requests; duplicate UID(s) observed: [${[...doubles].join(' ')}]`
  );
}

/** The group and resource that errors about an object name: those of the request. */
export function resourceOf(info: ResourceInfo): GroupResource {
  return { group: info.group, resource: info.resource };
}

/** 422 with all errors, or nothing when there are none. The kind is named in its storage group, as upstream does. */
export function refuseInvalid(info: ResourceInfo, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError({ group: info.storage.group, kind: info.kind, name, errors });
}

/** 409 for a name that is taken; says when the holder is on its way out. */
export function takenError(info: ResourceInfo, existing: KubeObject | undefined, name: string): StatusError {
  const error = alreadyExists(resourceOf(info), name);
  if (existing?.metadata.deletionTimestamp === undefined) return error;
  return new StatusError(
    'AlreadyExists',
    `object is being deleted: ${error.message}`,
    error.details === undefined ? {} : { details: error.details },
  );
}
