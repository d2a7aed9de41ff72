import { canonicalObject, conformObject } from '../../decoding/index.ts';
import { deepClone, deepFreeze, fieldErrorText } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { findKind, optionalResources, type ServedResource } from '../../schema/index.ts';
import { behaviourOf } from '../index.ts';

interface Checked {
  readonly object: KubeObject;
  /** `field: text` of each error, sorted. */
  readonly errors: readonly string[];
}

function infoOf(apiVersion: string, kind: string): ServedResource {
  const [first = '', second] = apiVersion.split('/');
  const served = second === undefined ? findKind('', first, kind) : findKind(first, second, kind);
  const info = served ?? optionalResources([apiVersion]).find((one) => one.kind === kind);
  if (info === undefined) throw new Error(`no kind ${kind} in ${apiVersion}`);
  return info;
}

function texts(errors: readonly { readonly field: string }[] | undefined): string[] {
  return (errors ?? [])
    .map((error) => `${error.field}: ${fieldErrorText(error as Parameters<typeof fieldErrorText>[0])}`)
    .sort();
}

function canonical(info: ServedResource, body: JsonObject): JsonObject {
  return canonicalObject(info.type, deepClone(body));
}

/** As the body of a request is read. */
function conformed(info: ServedResource, body: JsonObject): JsonObject {
  return conformObject(info.type, deepClone(body)).object;
}

/** What a create makes of `body`, without metadata checks: defaults, preparation, validation. */
export function created(body: JsonObject): Checked {
  const info = infoOf(String(body['apiVersion']), String(body['kind']));
  const behaviour = behaviourOf(info);
  const object = conformed(info, {
    ...body,
    metadata: {
      name: 'x',
      ...(info.namespaced ? { namespace: 'n' } : {}),
      creationTimestamp: '2024-01-01T00:00:00Z',
      ...(body['metadata'] as JsonObject | undefined),
    },
  });
  behaviour.defaults?.(object);
  behaviour.prepareForCreate?.(object);
  const refusals = texts(behaviour.beginAllocation?.(object, ['IPv4']));
  const errors = refusals.length > 0 ? refusals : texts(behaviour.validate?.(object as unknown as KubeObject));
  return { object: deepFreeze(canonical(info, object)) as unknown as KubeObject, errors };
}

/** The warnings that come with the creation of `body`. */
export function warned(body: JsonObject): readonly string[] {
  const info = infoOf(String(body['apiVersion']), String(body['kind']));
  const behaviour = behaviourOf(info);
  const object = conformed(info, { ...body, metadata: { name: 'x', ...(body['metadata'] as JsonObject | undefined) } });
  behaviour.defaults?.(object);
  const made = behaviour.prepareForCreate?.(object) ?? [];
  return [...made, ...(behaviour.warnings?.(object as unknown as KubeObject) ?? [])];
}

/** What an update makes of `change` applied to a copy of `old`; `subresource` '' for the object itself. */
export function updated(old: KubeObject, change: (object: JsonObject) => void, subresource = ''): Checked {
  const info = infoOf(old.apiVersion, old.kind);
  const behaviour = behaviourOf(info);
  const object = deepClone(old) as unknown as JsonObject;
  change(object);
  behaviour.defaults?.(object);
  const way = subresource === '' ? behaviour : behaviour.subresources?.[subresource];
  way?.prepareForUpdate?.(object, old);
  const checked = object as unknown as KubeObject;
  const errors =
    subresource === '' && behaviour.validateUpdate === undefined
      ? behaviour.validate?.(checked)
      : way?.validateUpdate?.(checked, old);
  const refusals = subresource === '' ? texts(behaviour.beginAllocation?.(object, ['IPv4'], old)) : [];
  return {
    object: deepFreeze(canonical(info, object)) as unknown as KubeObject,
    errors: refusals.length > 0 ? refusals : texts(errors),
  };
}

/** The table row of an object as of `now` (RFC 3339). */
export function rowOf(object: KubeObject, now = '2024-01-01T01:00:00Z'): readonly unknown[] {
  return behaviourOf(infoOf(object.apiVersion, object.kind)).row(object, Date.parse(now));
}
