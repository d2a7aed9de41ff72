/** A request as policies and webhooks see it: in the version that they match. */
import {
  apiVersionOf,
  behaviourOf,
  deepClone,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
} from '../../api/index.ts';
import { scaleWith } from '../stored/scale-object.ts';
import { storageInfo, toStorage } from '../stored/versions.ts';
import { convertsByWebhook, formOf } from './converted-forms.ts';
import type { AdmissionRequest } from './request.ts';

interface KindName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function kindOf(object: JsonObject | undefined, info: ResourceInfo): KindName {
  const { apiVersion, kind } = object ?? {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    return { group: info.group, version: info.version, kind: info.kind };
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first, kind } : { group: first, version: second, kind };
}

/** An object of `from` in the version of `to`, which serves the same stored objects. */
export function inVersion(
  object: JsonObject,
  { from, to, request }: { readonly from: ResourceInfo; readonly to: ResourceInfo; readonly request: AdmissionRequest },
): JsonObject {
  if (from === to) return object;
  if (convertsByWebhook(from, to)) return formOf(request, to, object);
  const stored = storageInfo(from) === from ? deepClone(object) : toStorage(from, object);
  const converted = storageInfo(to) === to ? stored : (behaviourOf(to).fromStorage?.(stored) ?? stored);
  return { ...converted, kind: to.kind, apiVersion: apiVersionOf(to) };
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: '' } as const;

function optionsOf({ operation, dryRun, options }: AdmissionRequest): JsonObject | null {
  const kind = optionKinds[operation];
  return kind === ''
    ? null
    : { kind, apiVersion: 'meta.k8s.io/v1', ...options, ...(dryRun ? { dryRun: ['All'] } : {}) };
}

/**
 * What a webhook sees of an object: its Scale, or the object in the version of `info`; what is no object of the
 * resource (a Binding) as it is.
 */
export function shownObject(object: JsonObject, request: AdmissionRequest, info: ResourceInfo): JsonObject {
  const { info: own, subresource } = request;
  if (object['kind'] !== own.kind) return object;
  return subresource === 'scale'
    ? (scaleWith(own, object as KubeObject, 0) as JsonObject)
    : inVersion(object, { from: own, to: info, request });
}

const named = (field: string, text: string | undefined): JsonObject =>
  text === undefined || text === '' ? {} : { [field]: text };

/** What is told about a request besides its objects: as webhooks get it, and as expressions see it. */
export function requestAttributes(request: AdmissionRequest, info: ResourceInfo): JsonObject {
  const { subresource, operation, user, dryRun } = request;
  const own = request.info;
  const original = request.object ?? (request.old as JsonObject | undefined);
  const [kind, ownKind] = [info, own].map((one) =>
    kindOf(original === undefined ? undefined : shownObject(original, request, one), one),
  );
  const { group: apiGroup, version, resource } = info;
  return {
    kind,
    resource: { group: apiGroup, version, resource },
    ...named('subResource', subresource),
    requestKind: ownKind,
    requestResource: { group: own.group, version: own.version, resource: own.resource },
    ...named('requestSubResource', subresource),
    ...named('name', request.name),
    ...named('namespace', own.group === '' && own.resource === 'namespaces' ? request.name : request.namespace),
    operation,
    userInfo: {
      username: user.name,
      ...named('uid', user.uid),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun,
    options: optionsOf(request),
  } as JsonObject;
}
