/** Field ownership (managedFields) of creates and updates. */
import {
  apiVersionOf,
  type JsonObject,
  type KubeObject,
  type MergeNode,
  type ResourceInfo,
  managedFieldsSteps,
  metadataOf,
} from '../../api/index.ts';
import type { Steps } from '../../base/index.ts';
import type { WritePorts } from '../ports.ts';
import type { WriteContext } from '../service.ts';

/** What the record of owners needs to know of a custom resource, beyond its type. */
export function customOwnership(
  info: ResourceInfo,
  subresource: string,
): { readonly node?: MergeNode; readonly ignored?: readonly (readonly string[])[] } {
  return info.custom === undefined ? {} : { node: info.custom.node, ignored: info.custom.ignoredFields(subresource) };
}

interface OwnedWrite {
  readonly info: ResourceInfo;
  readonly object: JsonObject;
  readonly context: WriteContext;
  readonly subresource?: string;
  /** The stored object; absent for a new one. */
  readonly existing?: KubeObject;
  readonly large: boolean;
}

/**
 * Settles managedFields from what the client sent, defaults included, before admission and preparation change it: what
 * the server adds by itself nobody owns.
 */
export function* ownershipSteps(
  ports: WritePorts,
  { info, object, context, subresource = '', existing, large }: OwnedWrite,
): Steps<undefined> {
  const entries = yield* managedFieldsSteps({
    before: existing,
    after: object,
    type: info.type,
    manager: context.fieldManager,
    now: ports.clock.now(),
    subresource,
    apiVersion: apiVersionOf(info),
    large,
    ...customOwnership(info, subresource),
  });
  const metadata = metadataOf(object);
  if (entries.length > 0) metadata['managedFields'] = entries;
  else delete metadata['managedFields'];
  return undefined;
}
