/** Allocates the pod ranges of Nodes. */
import {
  addressBits,
  invalid,
  invalidError,
  type JsonObject,
  metadataOf,
  type Network,
  networkText,
  parseCidr,
} from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import type { Operation, Store } from '../../state/index.ts';
import { encodeJson } from '../stored/encoding.ts';
import { textOf } from '../writing/metadata.ts';
import type { Allocation } from './allocation.ts';

export const nodeRangePrefix = '/allocations/podcidrs/';
/** One network has one key, however its text is written. */
export function nodeRangeKey(range: string): string {
  const network = parseCidr(range);
  return `${nodeRangePrefix}${(network === undefined ? range : networkText(network)).replace('/', '_')}`;
}

const rangeOfKey = (key: string): string => key.slice(nodeRangePrefix.length).replace('_', '/');

/**
 * Those of the pod ranges that Nodes have which could share addresses with this one, itself included. Neither the Nodes
 * are read nor the ranges elsewhere: a node that comes costs the same among thousands.
 */
export function nodeRangesNear(store: Pick<Store, 'get' | 'range'>, range: Network): readonly string[] {
  const wider = Array.from({ length: range.prefix }, (_, prefix) => networkText({ ...range, prefix })).filter(
    (text) => store.get(nodeRangeKey(text)) !== undefined,
  );
  const { records } = store.range({ prefix: `${nodeRangePrefix}${startOfAllWithin(range)}` });
  return [...wider, ...records.map(({ key }) => rangeOfKey(key))];
}

/**
 * How the preferred text of each range within this one begins: the whole parts of its address, of IPv6 those before the
 * first zero, where the text may leave some out.
 */
function startOfAllWithin({ family, bits, prefix }: Network): string {
  const [partBits, mark, radix] = family === 'IPv4' ? ([8, '.', 10] as const) : ([16, ':', 16] as const);
  let start = '';
  for (let end = partBits; end <= prefix; end += partBits) {
    const part = (bits >> BigInt(addressBits[family] - end)) & ((1n << BigInt(partBits)) - 1n);
    if (part === 0n && family === 'IPv6') break;
    start += `${part.toString(radix)}${mark}`;
  }
  // The last part of an address has no mark behind it.
  return prefix === addressBits[family] ? start.slice(0, -1) : start;
}

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
