/** Reads the object of a request's body. */
import {
  badRequest,
  behaviourOf,
  decodeSteps,
  type JsonObject,
  type ResourceInfo,
  metadataOf,
} from '../../api/index.ts';
import { atOnce, type Steps } from '../../base/index.ts';
import { encodeJson } from '../stored/encoding.ts';
import { textOf } from './metadata.ts';
import type { RequestBody, WriteContext } from '../service.ts';

class ValueBody implements RequestBody {
  readonly contentType: string;
  readonly value: unknown;
  #bytes: Uint8Array | undefined;

  constructor(value: unknown, contentType: string) {
    this.value = value;
    this.contentType = contentType;
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= encodeJson(this.value));
  }
}

/** The body of a caller in this process: no text is made of it unless somebody wants to see one. */
export function valueBody(value: unknown, contentType = 'application/json'): RequestBody {
  return new ValueBody(value, contentType);
}

/** Decodes a body as an object of `type`, passing on the decoder's warnings. */
export function decodeBody(
  body: RequestBody,
  type: string,
  context: Pick<WriteContext, 'fieldValidation' | 'warn'>,
  alsoVersions: readonly string[] = [],
): JsonObject {
  return atOnce(bodySteps(body, { type, context, alsoVersions }));
}

interface WantedBody {
  readonly type: string;
  readonly context: Pick<WriteContext, 'fieldValidation' | 'warn'>;
  readonly alsoVersions?: readonly string[];
}

function* bodySteps(body: RequestBody, { type, context, alsoVersions = [] }: WantedBody): Steps<JsonObject> {
  const { fieldValidation } = context;
  const { object, warnings } = yield* decodeSteps({ body, type, fieldValidation, alsoVersions });
  for (const warning of warnings) context.warn(warning);
  return object;
}

/** Decodes a body as an object of the resource, custom or built in, in steps. */
export function* resourceSteps(
  body: RequestBody,
  info: ResourceInfo,
  context: Pick<WriteContext, 'fieldValidation' | 'warn'>,
): Steps<JsonObject> {
  if (info.custom === undefined) {
    const decoded = yield* bodySteps(body, { type: info.type, context });
    const problem = behaviourOf(info).unreadable?.(decoded);
    if (problem !== undefined)
      throw badRequest(
        `${info.kind} in version ${JSON.stringify(info.version)} cannot be handled as a ${info.kind}: ${problem}`,
      );
    return decoded;
  }
  const { object, warnings } = yield* info.custom.decode({
    contentType: body.contentType,
    bytes: body.bytes,
    yaml: body.yaml,
    fieldValidation: context.fieldValidation,
  });
  for (const warning of warnings) context.warn(warning);
  return object;
}

/** The namespace of the request becomes the object's; a different one in the body is refused. */
export function settleNamespace(
  info: Pick<ResourceInfo, 'namespaced'>,
  namespace: string | undefined,
  object: JsonObject,
): void {
  const metadata = metadataOf(object);
  const given = textOf(metadata['namespace']);
  if (!info.namespaced) {
    delete metadata['namespace'];
    return;
  }
  if (given !== '' && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  metadata['namespace'] = namespace;
}

/** The name in the body must be that of the URL. */
export function checkName(object: JsonObject, name: string): void {
  const given = textOf(metadataOf(object)['name']);
  if (given === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
