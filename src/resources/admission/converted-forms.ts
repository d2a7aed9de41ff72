/** The forms that conversion webhooks made of a request's objects, kept for the length of the request. */
import { deepClone, type JsonObject, type ResourceInfo } from '../../api/index.ts';
import { assert } from '../../base/index.ts';
import { convertObjects } from '../conversion/index.ts';
import type { WritePorts } from '../ports.ts';
import type { AdmissionRequest } from './request.ts';

/**
 * What conversion webhooks made of the objects of a request, by version and text: plug-ins change a request's object in
 * place.
 */
const formsOf = new WeakMap<AdmissionRequest, Map<string, JsonObject>>();

const keyOf = ({ group, version }: ResourceInfo, object: JsonObject): string =>
  `${group}/${version} ${JSON.stringify(object)}`;
const apiVersionOf = ({ group, version }: ResourceInfo): string => `${group}/${version}`;

/** Whether objects get from one version of a kind to another by a webhook only. */
export function convertsByWebhook(from: ResourceInfo, to: ResourceInfo): boolean {
  return from !== to && to.custom?.conversion !== undefined;
}

/**
 * Prepares the objects for those who look at the request in the version of `to`. Undefined: they are. Rejects with
 * StatusError when the webhook fails.
 */
export function prepareForms(
  request: AdmissionRequest,
  ports: WritePorts,
  { to, objects }: { readonly to: ResourceInfo; readonly objects: readonly JsonObject[] },
): Promise<void> | undefined {
  const known = formsOf.get(request) ?? new Map<string, JsonObject>();
  formsOf.set(request, known);
  const missing = objects.filter(
    (object) =>
      object['kind'] === to.kind && object['apiVersion'] !== apiVersionOf(to) && !known.has(keyOf(to, object)),
  );
  return missing.length === 0
    ? undefined
    : convertObjects(
        ports,
        to,
        missing.map((object) => deepClone(object)),
      ).then((made) => {
        for (const [index, object] of missing.entries()) known.set(keyOf(to, object), made[index] ?? object);
      });
}

/** Prepares a request's own objects. */
export function prepareRequest(
  request: AdmissionRequest,
  ports: WritePorts,
  to: ResourceInfo,
): Promise<void> | undefined {
  if (!convertsByWebhook(request.info, to) || request.subresource === 'scale') return undefined;
  return prepareForms(request, ports, {
    to,
    objects: [request.object, request.old as JsonObject | undefined].filter((object) => object !== undefined),
  });
}

/** What was prepared. */
export function formOf(request: AdmissionRequest, to: ResourceInfo, object: JsonObject): JsonObject {
  if (object['apiVersion'] === apiVersionOf(to)) return object;
  const form = formsOf.get(request)?.get(keyOf(to, object));
  assert(form !== undefined, `an object of ${to.resource}.${to.group} is converted before it is shown`);
  return deepClone(form);
}
