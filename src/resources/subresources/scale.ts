import { badRequest, deepClone, invalid, invalidError, type JsonObject, type KubeObject, metadataOf, notFound, type ResourceInfo, writeScale } from '../../api/index.ts';
import { checkName, decodeBody, settleNamespace } from '../body.ts';
import { patchTypeOf, readApplied, readPatch } from '../patch-body.ts';
import { resourceOf, textOf } from '../metadata.ts';
import { decodeApplied, decodePatched, type PatchContext, tellStrictError } from '../patch.ts';
import type { WritePath } from '../ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { scaleOf } from './scale-object.ts';
import { changeObject } from '../update.ts';

const scaleType = 'autoscaling/v1.Scale';

/** PUT of /scale. */
export async function updateScale(path: WritePath, target: Target, body: RequestBody, context: WriteContext): Promise<WriteResult> {
  const scale = decodeBody(body, scaleType, context);
  checkName(scale, target.name);
  settleNamespace(target.info, target.namespace, scale);
  return changeScale(path, target, context, () => deepClone(scale));
}

/** PATCH of /scale. */
export async function patchScale(path: WritePath, target: Target, body: RequestBody, context: PatchContext): Promise<WriteResult> {
  const type = patchTypeOf(body.contentType);
  if (type === 'application/apply-patch+yaml') {
    return changeScale(path, target, context, (scale) => {
      const applied = readApplied(body);
      tellStrictError(applied, context);
      return decodeApplied({ ...scale, spec: { ...(scale['spec'] as JsonObject), ...(applied.config['spec'] as JsonObject | undefined) } }, scaleType);
    });
  }
  return changeScale(path, target, context, (scale) => {
    const patch = readPatch(type, scaleType, body);
    return decodePatched(patch.change(scale), scaleType, { context, patch });
  });
}

async function changeScale(path: WritePath, target: Target, context: WriteContext, modify: (scale: JsonObject) => JsonObject): Promise<WriteResult> {
  const { info } = target;
  const result = await changeObject(path, {
    target, context, createsMissing: false,
    modify: (existing) => {
      if (existing === undefined) throw notFound(resourceOf(info), target.name);
      const scale = modify(deepClone(scaleOf(info, existing)) as unknown as JsonObject);
      return scaled(info, existing, scale);
    },
  });
  return { object: scaleOf(info, result.object), created: false };
}

function scaled(info: ResourceInfo, existing: KubeObject, scale: JsonObject): JsonObject {
  const name = existing.metadata.name ?? '';
  const given = metadataOf(scale);
  if (textOf(given['name']) !== name) throw badRequest(`the name of the object (${textOf(given['name'])}) does not match the name on the URL (${name})`);
  const replicas = ((scale['spec'] as JsonObject | undefined)?.['replicas'] ?? 0) as number;
  if (info.custom === undefined && replicas < 0) throw invalidError({ group: 'autoscaling', kind: 'Scale', name, errors: [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')] });
  const object = deepClone(existing) as unknown as JsonObject;
  if (info.custom?.scale !== undefined) writeScale(info.custom.scale, object, replicas);
  else object['spec'] = { ...(object['spec'] as JsonObject), replicas };
  const metadata = metadataOf(object);
  // Without a version of its own, a Scale is one of the object that was just read.
  if (textOf(given['resourceVersion']) !== '') metadata['resourceVersion'] = given['resourceVersion'];
  return object;
}
