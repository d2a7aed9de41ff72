/** Takes over what a policy or webhook made of a request's object. */
import { conformObject, deepEqual, type JsonObject, type ResourceInfo } from '../../../api/index.ts';
import type { WritePorts } from '../../ports.ts';
import { convertsByWebhook, prepareForms } from '../converted-forms.ts';
import type { AdmissionRequest } from '../request.ts';
import { completeObject } from '../../writing/defaults.ts';
import { inVersion } from '../request-attributes.ts';

/**
 * The way back of what somebody was shown of a request's object in the version of `info`, and changed. Throws Error
 * when it is no such object any more.
 */
export async function takenBack(
  patched: JsonObject,
  {
    request,
    info,
    ports,
    strict = false,
  }: {
    readonly request: AdmissionRequest;
    readonly info: ResourceInfo;
    readonly ports: WritePorts;
    readonly strict?: boolean | undefined;
  },
): Promise<JsonObject> {
  const object = request.object ?? {};
  if (object['kind'] !== request.info.kind) return patched;
  if (request.subresource !== 'scale') {
    if (convertsByWebhook(info, request.info))
      await prepareForms(request, ports, { to: request.info, objects: [patched] });
    return reread(inVersion(patched, { from: info, to: request.info, request }), request.info, {
      strict,
      settings: ports.settings,
    });
  }
  const replicas = (patched['spec'] as JsonObject | undefined)?.['replicas'] ?? 0;
  return { ...object, spec: { ...(object['spec'] as JsonObject), replicas } };
}

/** What was changed is read like a body: checked, in order, with its defaults. */
function reread(
  value: JsonObject,
  info: ResourceInfo,
  { strict, settings }: { readonly strict: boolean; readonly settings: WritePorts['settings'] },
): JsonObject {
  const refuse = (message: string): Error => new Error(message);
  const { object, strictErrors } =
    info.custom === undefined ? conformObject(info.type, value, { strict }) : info.custom.conform(value, refuse);
  if (strict && strictErrors.length > 0) throw new Error(`strict decoding error: ${strictErrors.join(', ')}`);
  completeObject(settings, info, object);
  return object;
}

/** Puts what was made in the object's place. Answers whether it is another. */
export function replaceObject(object: JsonObject, after: JsonObject): boolean {
  if (deepEqual(after, object)) return false;
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, after);
  return true;
}
