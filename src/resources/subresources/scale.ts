/** The subresource scale. */
import { atOnce } from '../../base/index.ts';
import {
  apiVersionOf,
  applyServerSide,
  badRequest,
  deepClone,
  type FieldError,
  invalid,
  invalidError,
  type JsonObject,
  type KubeObject,
  metadataOf,
  notFound,
  ownersOfScale,
  ownersOfScaled,
  type ReplicasPlace,
  type ResourceInfo,
  updateManagedFields,
  validateObjectMeta,
  writeScale,
} from '../../api/index.ts';
import { checkName, decodeBody, settleNamespace } from '../writing/body.ts';
import { patchTypeOf, readApplied, readPatch } from '../writing/patch-body.ts';
import { resourceOf, textOf } from '../writing/metadata.ts';
import { decodeApplied, decodePatched, type PatchContext, tellStrictError } from '../writing/patch.ts';
import type { WritePorts } from '../ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { noReplicas, scaleOf, scaleWith } from '../stored/scale-object.ts';
import { changeObject } from '../writing/update.ts';

const scaleType = 'autoscaling/v1.Scale';
/** How owners know a Scale. */
const owned = { type: scaleType, apiVersion: 'autoscaling/v1', subresource: 'scale' } as const;

/** What becomes of a Scale, its managedFields settled. */
type Modify = (scale: KubeObject) => JsonObject;

/** PUT of /scale. */
export async function updateScale(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: WriteContext,
): Promise<WriteResult> {
  const scale = decodeBody(body, scaleType, context);
  checkName(scale, target.name);
  settleNamespace(target.info, target.namespace, scale);
  const uid = textOf(metadataOf(scale)['uid']);
  return changeScale(ports, target, {
    context,
    modify: (live) => written(ports, context, live, deepClone(scale)),
    ...(uid === '' ? {} : { uid }),
  });
}

/** PATCH of /scale. */
export async function patchScale(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: PatchContext,
): Promise<WriteResult> {
  const type = patchTypeOf(body.contentType);
  if (type === 'application/apply-patch+yaml')
    return changeScale(ports, target, { context, modify: (live) => applied(ports, context, live, body) });
  const modify: Modify = (live) => {
    const patch = atOnce(readPatch(type, scaleType, body));
    return written(
      ports,
      context,
      live,
      decodePatched(atOnce(patch.change(live as JsonObject)), scaleType, { context, patch }),
    );
  };
  return changeScale(ports, target, { context, modify });
}

/** A Scale after an ordinary write: the writer owns what it changed. */
function written(ports: WritePorts, { fieldManager }: WriteContext, live: KubeObject, scale: JsonObject): JsonObject {
  const managedFields = updateManagedFields({
    ...owned,
    before: live,
    after: scale,
    manager: fieldManager,
    now: ports.clock.now(),
  });
  return { ...scale, metadata: { ...metadataOf(scale), managedFields } };
}

/** A Scale after server-side apply. */
function applied(ports: WritePorts, context: PatchContext, live: KubeObject, body: RequestBody): JsonObject {
  const config = readApplied(scaleType, body);
  const { object } = applyServerSide({
    ...owned,
    kind: 'Scale',
    live,
    config: deepClone(config.config),
    manager: context.fieldManager,
    force: context.force,
    now: ports.clock.now(),
  });
  tellStrictError(config, context);
  return decodeApplied(object, scaleType);
}

interface ScaleChange {
  readonly context: WriteContext;
  readonly modify: Modify;
  readonly uid?: string | undefined;
}

async function changeScale(
  ports: WritePorts,
  target: Target,
  { modify, ...change }: ScaleChange,
): Promise<WriteResult> {
  const { info } = target;
  const place = replicasPlace(info);
  const result = await changeObject(ports, {
    ...change,
    target,
    createsMissing: false,
    bodyBytes: 0,
    owned: true,
    modify: (existing) => {
      if (existing === undefined) throw notFound(resourceOf(info), target.name);
      const shown = scaleWith(info, existing, noReplicas);
      const scale = modify({
        ...shown,
        metadata: { ...shown.metadata, managedFields: ownersOfScale(existing.metadata.managedFields, place) },
      });
      checkName(scale, target.name);
      settleNamespace(info, target.namespace, scale);
      return scaled(info, existing, scale);
    },
  });
  return { object: scaleOf(info, result.object), created: false };
}

function replicasPlace(info: ResourceInfo): ReplicasPlace {
  const path = (info.custom?.scale?.specReplicasPath ?? '.spec.replicas').split('.').filter((part) => part !== '');
  return { apiVersion: apiVersionOf(info), path };
}

/** What is wrong with a Scale; its metadata is checked though nothing of it is kept. */
function scaleErrors(scale: JsonObject, replicas: number): FieldError[] {
  const errors = validateObjectMeta(metadataOf(scale) as KubeObject['metadata'], { namespaced: true });
  return replicas < 0 ? [...errors, invalid('spec.replicas', replicas, 'must be greater than or equal to 0')] : errors;
}

/** The object behind a Scale, with its replicas and their owners. */
function scaled(info: ResourceInfo, existing: KubeObject, scale: JsonObject): JsonObject {
  const { resourceVersion, managedFields } = metadataOf(scale) as KubeObject['metadata'];
  const replicas = ((scale['spec'] as JsonObject | undefined)?.['replicas'] ?? 0) as number;
  const errors = info.custom === undefined ? scaleErrors(scale, replicas) : [];
  if (errors.length > 0)
    throw invalidError({ group: 'autoscaling', kind: 'Scale', name: existing.metadata.name ?? '', errors });
  if (replicas === noReplicas)
    throw badRequest(`the spec replicas field ${JSON.stringify(info.custom?.scale?.specReplicasPath)} cannot be empty`);
  const object = deepClone(existing) as JsonObject;
  if (info.custom?.scale !== undefined) writeScale(info.custom.scale, object, replicas);
  else object['spec'] = { ...(object['spec'] as JsonObject), replicas };
  const metadata = metadataOf(object);
  const owners = ownersOfScaled(existing.metadata.managedFields, managedFields ?? [], replicasPlace(info));
  if (owners.length > 0) metadata['managedFields'] = owners;
  else delete metadata['managedFields'];
  // Without a version of its own, a Scale is one of the object that was just read.
  if (textOf(resourceVersion) !== '') metadata['resourceVersion'] = resourceVersion;
  return object;
}
