/** What an update through a subresource may change. */
import {
  behaviourOf,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  type SubresourceBehaviour,
} from '../../api/index.ts';

/** Writes to a status keep everything else as it was. */
const statusOnly: SubresourceBehaviour = {
  prepareForUpdate(object: JsonObject, old: KubeObject) {
    const kept = ['status', 'metadata'];
    for (const field of Object.keys(object)) if (!kept.includes(field)) delete object[field];
    for (const [field, value] of Object.entries(old)) if (!kept.includes(field)) object[field] = value;
  },
  validateUpdate: () => [],
};

/**
 * What a way of writing an object (status, approval, ephemeralcontainers …) may change; for kinds that do not say, the
 * status only.
 */
export function subresourceBehaviour(info: ResourceInfo, subresource: string): SubresourceBehaviour {
  return behaviourOf(info).subresources?.[subresource] ?? statusOnly;
}
