/** Patches objects. */
import {
  apiVersionOf,
  applySteps,
  badRequest,
  behaviourOf,
  conflict,
  type Conformed,
  conformObject,
  DecodeError,
  deepClone,
  findKind,
  invalid,
  invalidError,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  strictWarnings,
  tooLarge,
  unsupportedMediaType,
  valueExcess,
  verbatim,
  metadataOf,
} from '../../api/index.ts';
import { checkName, settleNamespace } from './body.ts';
import { completeObject } from './defaults.ts';
import { resourceOf, textOf } from './metadata.ts';
import { customOwnership } from './ownership.ts';
import { type AppliedConfig, patchTypeOf, patchTypes, type ReadPatch, readApplied, readPatch } from './patch-body.ts';
import type { WritePorts } from '../ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { bytesOfBody, stepped, type Turn } from './turn.ts';
import { changeObject } from './update.ts';

export type PatchContext = WriteContext & { readonly force: boolean };

/**
 * PATCH of an object or of a subresource that writes its object. A body is read only when there is something to patch.
 */
export function patchObject(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: PatchContext,
): Promise<WriteResult> {
  const type = patchTypeOf(body.contentType);
  if (type === 'application/strategic-merge-patch+json' && target.info.custom !== undefined)
    throw unsupportedMediaType(patchTypes.filter((known) => known !== type));
  if (type === 'application/apply-patch+yaml') return apply(ports, target, body, context);
  return changeObject(ports, {
    target,
    context,
    createsMissing: false,
    bodyBytes: bytesOfBody(target.info, body),
    modify: (existing, turn) => patched(target, context, { type, body, existing, turn, settings: ports.settings }),
  });
}

interface Patching {
  readonly settings: WritePorts['settings'];
  readonly type: ReadPatch['type'];
  readonly body: RequestBody;
  readonly existing: KubeObject | undefined;
  readonly turn: Turn;
}

/**
 * What a patch made is read again like a body: its types are checked, its order is the schema's, its defaults are
 * filled in.
 */
async function patched(target: Target, context: WriteContext, patching: Patching): Promise<JsonObject> {
  const { info, namespace, name } = target;
  const { type, body, existing, turn } = patching;
  const reading = stepped(readPatch(type, info.type, body), turn);
  const patch = reading instanceof Promise ? await reading : reading;
  if (turn !== undefined) await turn();
  const changing = stepped(patch.change(existing as JsonObject), turn);
  const made = changing instanceof Promise ? await changing : changing;
  if (turn !== undefined) await turn();
  const excess = turn === undefined ? undefined : valueExcess(made);
  if (excess !== undefined) throw tooLarge(`patched object: ${excess.message}`, excess);
  const object = decodePatched(made, info, { context, patch });
  if (turn !== undefined) await turn();
  settleKind(info, name, { object, made, patch });
  completeObject(patching.settings, info, object);
  settleNamespace(info, namespace, object);
  return object;
}

/**
 * A patch may not make another kind of an object. A strategic patch never does: what it made is taken for the kind,
 * whatever it says. Of the other patches a missing kind is filled in, but without a version upstream finds none of the
 * fields, not even the name.
 */
function settleKind(
  info: ResourceInfo,
  name: string,
  { object, made, patch }: { readonly object: JsonObject; readonly made: unknown; readonly patch: ReadPatch },
): void {
  const typeMeta = { apiVersion: apiVersionOf(info), kind: info.kind };
  if (patch.type === 'application/strategic-merge-patch+json') {
    Object.assign(object, typeMeta);
    return;
  }
  const [apiVersion, kind] = [textOf(object['apiVersion']), textOf(object['kind'])];
  if (apiVersion === typeMeta.apiVersion && kind === '' && info.custom === undefined) object['kind'] = info.kind;
  else if (apiVersion === '' && info.custom === undefined)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  else if (apiVersion !== typeMeta.apiVersion || kind !== info.kind)
    throw refusedPatch(patch.shown(made), conversionText(info, apiVersion, kind));
}

/** Why an object of this kind cannot be one of `info`, in upstream's words. */
function conversionText(info: ResourceInfo, apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  if (findKind(group ?? '', version ?? '', kind) === undefined)
    return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  return (
    `converting (${version ?? ''}.${kind}) to ` +
    `(${info.group === '' ? 'core' : (info.group.split('.')[0] ?? '')}.${info.kind}): unknown conversion`
  );
}

/** 422 on `patch`: what the patch made (or the patch itself) is no object of the kind. */
function refusedPatch(shown: string, message: string): Error {
  return invalidError({
    group: '',
    kind: '',
    name: '',
    errors: [invalid('patch', verbatim(JSON.stringify(shown)), message)],
  });
}

interface Shaping {
  readonly strict?: boolean;
  readonly converts?: boolean;
  readonly refuse: (message: string) => Error;
}

function shaped(made: unknown, of: ResourceInfo | string, { refuse, ...options }: Shaping): Conformed {
  if (typeof of !== 'string' && of.custom !== undefined) return of.custom.conform(made, refuse);
  try {
    return conformObject(typeof of === 'string' ? of : of.type, made, options);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

/** Reads what a patch made of an object. */
export function decodePatched(
  made: unknown,
  of: ResourceInfo | string,
  { context, patch }: { readonly context: Pick<WriteContext, 'fieldValidation' | 'warn'>; readonly patch: ReadPatch },
): JsonObject {
  const refuse = (message: string): Error => refusedPatch(patch.shown(made), message);
  const strict = context.fieldValidation !== 'Ignore';
  const { object, strictErrors } = shaped(made, of, {
    strict,
    converts: patch.type === 'application/strategic-merge-patch+json',
    refuse,
  });
  const problems = strict ? [...patch.strictErrors, ...strictErrors] : [];
  if (problems.length > 0 && context.fieldValidation === 'Strict')
    throw refuse(`strict decoding error: ${problems.join(', ')}`);
  for (const text of problems) context.warn(text);
  const problem = typeof of === 'string' ? undefined : behaviourOf(of).unreadable?.(object);
  if (problem !== undefined) throw refuse(problem);
  return object;
}

/** Reads what applying made. */
export function decodeApplied(made: unknown, of: ResourceInfo | string): JsonObject {
  return shaped(made, of, { refuse: (message) => refusedPatch(JSON.stringify(made), message) }).object;
}

/** Server-side apply: what the manager wants, merged by ownership; a missing object is created. */
function apply(ports: WritePorts, target: Target, body: RequestBody, context: PatchContext): Promise<WriteResult> {
  const { info, name, namespace, subresource } = target;
  const modify = async (existing: KubeObject | undefined, turn: Turn): Promise<JsonObject> => {
    const applied = readApplied(info.type, body);
    checkConfig(target, applied.config);
    if (turn !== undefined) await turn();
    const steps = applySteps({
      live: existing,
      config: deepClone(applied.config),
      type: info.type,
      manager: context.fieldManager,
      force: context.force,
      now: ports.clock.now(),
      subresource,
      apiVersion: apiVersionOf(info),
      kind: info.kind,
      ...customOwnership(info, subresource),
    });
    const applying = stepped(steps, turn);
    const { object } = applying instanceof Promise ? await applying : applying;
    tellStrictError(applied, context);
    if (turn !== undefined) await turn();
    const result = decodeApplied(object, info);
    if (turn !== undefined) await turn();
    completeObject(ports.settings, info, result);
    const metadata = metadataOf(result);
    if (textOf(metadata['name']) === '') metadata['name'] = name;
    settleNamespace(info, namespace, result);
    const uid = textOf(metadata['uid']);
    if (existing === undefined && uid !== '')
      throw conflict(
        resourceOf(info),
        name,
        `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      );
    return result;
  };
  return changeObject(ports, {
    target,
    context,
    modify,
    bodyBytes: bytesOfBody(info, body),
    createsMissing: subresource === '',
    owned: true,
  });
}

/** Repeated keys of what is applied: refused or told, as the client asks. */
export function tellStrictError(
  { strictError }: AppliedConfig,
  context: Pick<WriteContext, 'fieldValidation' | 'warn'>,
): void {
  if (strictError === undefined || context.fieldValidation === 'Ignore') return;
  if (context.fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${strictError}`);
  for (const text of strictWarnings([strictError])) context.warn(text);
}

/** A name in what is applied must be that of the URL; none means that one. */
function checkConfig({ name }: Target, config: JsonObject): void {
  const metadata = config['metadata'] as JsonObject | undefined;
  if (textOf(metadata?.['name']) !== '') checkName(config, name);
}
