import {
  applyServerSide, behaviourOf, type Conformed, conformObject, DecodeError, deepClone, invalid, invalidError, type JsonObject, jsonPatch, type KubeObject, mergePatch, StatusError,
  strategicPatch, verbatim,
} from '../api/index.ts';
import { checkName, settleNamespace } from './body.ts';
import { decodeText } from './encoding.ts';
import { metadataOf, textOf } from './metadata.ts';
import { apiVersionOf } from './ownership.ts';
import { parseApplyBody, parsePatchBody } from './patch-body.ts';
import type { WritePath } from './ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from './service.ts';
import { changeObject } from './update.ts';

export type PatchContext = WriteContext & { readonly force: boolean };

const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'] as const;
export type PatchType = typeof patchTypes[number];

/** The kind of patch that a content type names; 415 for any other. */
export function patchTypeOf(contentType: string): PatchType {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const found = patchTypes.find((known) => known === type);
  if (found !== undefined) return found;
  throw new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`);
}

/** PATCH of an object or of a subresource that writes its object. */
export function patchObject(path: WritePath, target: Target, body: RequestBody, context: PatchContext): Promise<WriteResult> {
  const type = patchTypeOf(body.contentType);
  if (type === 'application/apply-patch+yaml') return apply(path, target, body, context);
  const change = patchFunction(type, target.info.type, body);
  return changeObject(path, {
    target, context, createsMissing: false,
    modify: (existing) => patched(target, context, change(deepClone(existing) as unknown as JsonObject)),
  });
}

/** The patch as a function of the object, its body parsed once. */
export function patchFunction(type: Exclude<PatchType, 'application/apply-patch+yaml'>, schemaType: string, body: RequestBody): (object: JsonObject) => unknown {
  const parsed = parsePatchBody(type, decodeText(body.bytes));
  if (type === 'application/json-patch+json') return (object) => jsonPatch(object, parsed as never);
  if (type === 'application/merge-patch+json') return (object) => mergePatch(object, parsed as never);
  return (object) => strategicPatch(object, parsed as never, schemaType);
}

/** What a patch made is read again like a body: its types are checked, its order is the schema's, its defaults are filled in. */
function patched({ info, namespace }: Target, context: WriteContext, value: unknown): JsonObject {
  const object = decodePatched(value, info.type, context);
  const { apiVersion, kind } = object;
  if (apiVersion !== apiVersionOf(info) || kind !== info.kind) {
    const message = `${textOf(kind)} in version ${JSON.stringify(textOf(apiVersion))} cannot be handled as a ${info.kind}`;
    throw invalidError({ group: '', kind: '', name: '', errors: [invalid('patch', verbatim(JSON.stringify(JSON.stringify(value))), message)] });
  }
  behaviourOf(info).defaults?.(object);
  settleNamespace(info, namespace, object);
  return object;
}

/** Reads what a patch made of an object; bad results are 422 on `patch`, as upstream has it. */
export function decodePatched(value: unknown, type: string, context: Pick<WriteContext, 'fieldValidation' | 'warn'>): JsonObject {
  const refuse = (message: string): Error => invalidError({ group: '', kind: '', name: '', errors: [invalid('patch', verbatim(JSON.stringify(JSON.stringify(value))), message)] });
  let conformed: Conformed;
  try {
    conformed = conformObject(type, value, { strict: context.fieldValidation !== 'Ignore' });
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  if (conformed.strictErrors.length > 0 && context.fieldValidation === 'Strict') throw refuse(`strict decoding error: ${conformed.strictErrors.join(', ')}`);
  for (const text of conformed.strictErrors) context.warn(text);
  return conformed.object;
}

/** Server-side apply: what the manager wants, merged by ownership; a missing object is created. */
function apply(path: WritePath, target: Target, body: RequestBody, context: PatchContext): Promise<WriteResult> {
  const config = parseApplyBody(body.bytes);
  checkConfig(target, config);
  const { info, name, namespace, subresource } = target;
  const modify = (existing: KubeObject | undefined): JsonObject => {
    const { object } = applyServerSide({
      live: existing, config: deepClone(config), type: info.type, manager: context.fieldManager, force: context.force, now: path.clock.now(), subresource,
      apiVersion: apiVersionOf(info),
    });
    const result = decodePatched(object, info.type, { ...context, fieldValidation: 'Ignore' });
    behaviourOf(info).defaults?.(result);
    const metadata = metadataOf(result);
    if (textOf(metadata['name']) === '') metadata['name'] = name;
    settleNamespace(info, namespace, result);
    return result;
  };
  return changeObject(path, { target, context, modify, createsMissing: subresource === '', owned: true });
}

/** A name in what is applied must be that of the URL; none means that one. */
function checkConfig({ name }: Target, config: JsonObject): void {
  const metadata = config['metadata'] as JsonObject | undefined;
  if (textOf(metadata?.['name']) !== '') checkName(config, name);
}
