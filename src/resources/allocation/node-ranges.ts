/** Allocates the pod ranges of Nodes. */
import { invalid, invalidError, type JsonObject, metadataOf } from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import type { Operation, Store } from '../../state/index.ts';
import { encodeJson } from '../stored/encoding.ts';
import { textOf } from '../writing/metadata.ts';
import type { Allocation } from './allocation.ts';

export const nodeRangePrefix = '/allocations/podcidrs/';
export const nodeRangeKey = (range: string): string => `${nodeRangePrefix}${range.replace('/', '_')}`;

/** The pod ranges of all Nodes; the Nodes themselves need not be read for them. */
export const takenNodeRanges = (store: Pick<Store, 'range'>): readonly string[] =>
  store
    .range({ prefix: nodeRangePrefix })
    .records.map(({ key }) => key.slice(nodeRangePrefix.length).replace('_', '/'));

/** The pod ranges that a Node says it has. */
export function rangesOf(node: { readonly spec?: unknown }): readonly string[] {
  const { podCIDR, podCIDRs } = (node.spec ?? {}) as { readonly podCIDR?: unknown; readonly podCIDRs?: unknown };
  const all = [podCIDR, ...(Array.isArray(podCIDRs) ? podCIDRs : [])].filter(
    (range) => typeof range === 'string' && range !== '',
  );
  return [...new Set(all as string[])];
}

export function putNodeRange(range: string, node: string): Operation {
  return {
    type: 'put',
    key: nodeRangeKey(range),
    value: encodeJson({ name: node }),
    revisionAt: -1,
    index: { uid: '', labels: {}, fields: {}, owners: [] },
  };
}

/**
 * The keys of ranges that the Node did not hold before; 422 for one that another Node has. So two nodes that start at
 * once never share one.
 */
export function takeNodeRanges(store: Store, object: JsonObject, held: readonly string[]): Allocation {
  const name = textOf(metadataOf(object)['name']);
  // A key under the Node's own name is no hindrance: that the Node exists already is for its own key to say.
  const holder = (range: string): string | undefined =>
    store.get(nodeRangeKey(range))?.object<{ readonly name: string }>().name;
  const fresh = rangesOf(object).filter((range) => !held.includes(range) && holder(range) !== name);
  const taken = fresh.find((range) => holder(range) !== undefined);
  if (taken !== undefined)
    throw invalidError({
      group: '',
      kind: 'Node',
      name,
      errors: [invalid('spec.podCIDR', taken, 'provided range is already allocated to another node')],
    });
  return {
    compares: fresh.map((range) => ({ key: nodeRangeKey(range), revision: 0 as Revision })),
    operations: fresh.map((range) => putNodeRange(range, name)),
  };
}

export function releaseNodeRanges(ranges: readonly string[]): readonly Operation[] {
  return ranges.map((range) => ({ type: 'delete', key: nodeRangeKey(range) }));
}
