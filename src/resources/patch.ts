import {
  applyServerSide, behaviourOf, conflict, type Conformed, conformObject, DecodeError, deepClone, findKind, invalid, invalidError, type JsonObject, jsonPatch, type KubeObject, mergePatch, type ResourceInfo,
  strategicPatch, unsupportedMediaType, verbatim, metadataOf,
} from '../api/index.ts';
import { checkName, settleNamespace } from './body.ts';
import { decodeText } from './encoding.ts';
import { resourceOf, textOf } from './metadata.ts';
import { apiVersionOf, customOwnership } from './ownership.ts';
import { parseApplyBody, parsePatchBody, type PatchType, patchTypeOf, patchTypes } from './patch-body.ts';
import type { WritePath } from './ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from './service.ts';
import { changeObject } from './update.ts';

export type PatchContext = WriteContext & { readonly force: boolean };

/** PATCH of an object or of a subresource that writes its object. */
export function patchObject(path: WritePath, target: Target, body: RequestBody, context: PatchContext): Promise<WriteResult> {
  const type = patchTypeOf(body.contentType);
  if (type === 'application/strategic-merge-patch+json' && target.info.custom !== undefined) throw unsupportedMediaType(patchTypes.filter((known) => known !== type));
  if (type === 'application/apply-patch+yaml') return apply(path, target, body, context);
  const change = patchFunction(type, target.info.type, body);
  // Of a strategic patch upstream shows the patch in its errors, of the others what they made.
  const shown = type === 'application/strategic-merge-patch+json' ? { shown: goText(parsePatchBody(type, decodeText(body.bytes))) } : {};
  return changeObject(path, {
    target, context, createsMissing: false,
    modify: (existing) => patched(target, { ...context, ...shown }, change(deepClone(existing) as unknown as JsonObject)),
  });
}

/** A value as Go prints it (%+v). */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (value === null) return '<nil>';
  if (typeof value !== 'object') return String(value);
  return `map[${Object.keys(value).sort().map((key) => `${key}:${goText((value as JsonObject)[key])}`).join(' ')}]`;
}

/** The patch as a function of the object, its body parsed once. */
export function patchFunction(type: Exclude<PatchType, 'application/apply-patch+yaml'>, schemaType: string, body: RequestBody): (object: JsonObject) => unknown {
  const parsed = parsePatchBody(type, decodeText(body.bytes));
  if (type === 'application/json-patch+json') return (object) => jsonPatch(object, parsed as never);
  if (type === 'application/merge-patch+json') return (object) => mergePatch(object, parsed as never);
  return (object) => strategicPatch(object, parsed as never, schemaType);
}

/** What a patch made is read again like a body: its types are checked, its order is the schema's, its defaults are filled in. */
function patched({ info, namespace }: Target, context: WriteContext & { readonly shown?: string }, value: unknown): JsonObject {
  const object = decodePatched(value, info, context);
  const { apiVersion, kind } = object;
  if (apiVersion !== apiVersionOf(info) || kind !== info.kind) {
    throw refusedPatch(JSON.stringify(value), conversionText(info, textOf(apiVersion), textOf(kind)));
  }
  behaviourOf(info).defaults?.(object);
  settleNamespace(info, namespace, object);
  return object;
}

/** Why an object of this kind cannot be one of `info`, in upstream's words. */
function conversionText(info: ResourceInfo, apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  if (findKind(group ?? '', version ?? '', kind) === undefined) return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  return `converting (${version ?? ''}.${kind}) to (${info.group === '' ? 'core' : (info.group.split('.')[0] ?? '')}.${info.kind}): unknown conversion`;
}

/** 422 on `patch`: what the patch made (or the patch itself) is no object of the kind. */
function refusedPatch(shown: string, message: string): Error {
  return invalidError({ group: '', kind: '', name: '', errors: [invalid('patch', verbatim(JSON.stringify(shown)), message)] });
}

/** Reads what a patch made of an object; `shown` is what an error message shows of it. */
export function decodePatched(value: unknown, of: ResourceInfo | string, context: Pick<WriteContext, 'fieldValidation' | 'warn'> & { readonly shown?: string }): JsonObject {
  const refuse = (message: string): Error => refusedPatch(context.shown ?? JSON.stringify(value), message);
  let conformed: Conformed;
  try {
    conformed = typeof of !== 'string' && of.custom !== undefined
      ? of.custom.conform(value, refuse)
      : conformObject(typeof of === 'string' ? of : of.type, value, { strict: context.fieldValidation !== 'Ignore' });
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  if (conformed.strictErrors.length > 0 && context.fieldValidation === 'Strict') throw refuse(`strict decoding error: ${conformed.strictErrors.join(', ')}`);
  for (const text of context.fieldValidation === 'Ignore' ? [] : conformed.strictErrors) context.warn(text);
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
      apiVersion: apiVersionOf(info), kind: info.kind, ...customOwnership(info, subresource),
    });
    const result = decodePatched(object, info, { ...context, fieldValidation: 'Ignore' });
    behaviourOf(info).defaults?.(result);
    const metadata = metadataOf(result);
    if (textOf(metadata['name']) === '') metadata['name'] = name;
    settleNamespace(info, namespace, result);
    const uid = textOf(metadata['uid']);
    if (existing === undefined && uid !== '') throw conflict(resourceOf(info), name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
    return result;
  };
  return changeObject(path, { target, context, modify, createsMissing: subresource === '', owned: true });
}

/** A name in what is applied must be that of the URL; none means that one. */
function checkConfig({ name }: Target, config: JsonObject): void {
  const metadata = config['metadata'] as JsonObject | undefined;
  if (textOf(metadata?.['name']) !== '') checkName(config, name);
}
