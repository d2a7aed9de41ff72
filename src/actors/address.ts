/** The addresses of resource actors. */
import { bucketOf } from './shard-map.ts';

/**
 * A resource's address: `kind/shard/namespace/name`, for example `deployments.apps/3/default/web`; cluster-wide:
 * namespace `_`.
 */
interface ResourceAddress {
  /** The plural, with the group unless it is the core one, as in a custom resource definition's name. */
  readonly kind: string;
  readonly shard: number;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The address of a resource; its shard follows from its kind and name, so every member computes the same. */
export function resourceAddress(
  kind: string,
  object: { readonly namespace?: string | undefined; readonly name: string },
  shards: number,
): string {
  const key = `${object.namespace ?? '_'}/${object.name}`;
  return `${kind}/${bucketOf(`${kind}/${key}`, shards)}/${key}`;
}

/** Undefined for what is no address, or one whose shard is not the resource's own. */
export function parseResourceAddress(address: string, shards: number): ResourceAddress | undefined {
  const [kind = '', shard = '', namespace = '', name = '', ...more] = address.split('/');
  if (kind === '' || namespace === '' || name === '' || more.length > 0) return undefined;
  const object = { namespace: namespace === '_' ? undefined : namespace, name };
  return resourceAddress(kind, object, shards) === address ? { kind, shard: Number(shard), ...object } : undefined;
}
