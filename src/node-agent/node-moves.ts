/** Which changes of Nodes concern the machine's network. */
import { type Node, podRangesOf, resources, sameResource, zoneOf } from '../api/index.ts';
import type { ObjectChange, ResourceView } from '../resources/index.ts';

/**
 * Tells of a change whether a node came, went or moved (to other addresses, or another zone), or got the range of its
 * pods: most writes of nodes are their heartbeats.
 */
export function nodeMoves(view: ResourceView): (change: ObjectChange) => boolean {
  const known = new Map<string, string>();
  return ({ resource, object }) => {
    if (!sameResource(resource, resources.nodes)) return false;
    const { name = '' } = object.metadata;
    const node = view.get<Node>(resources.nodes, undefined, name);
    const place = node === undefined ? '' : placeOf(node);
    if (place === (known.get(name) ?? '')) return false;
    if (place === '') known.delete(name);
    else known.set(name, place);
    return true;
  };
}

/** The zone that a node says it is in. */

const placeOf = (node: Node): string =>
  [
    ...(node.status?.addresses ?? []).map(({ address }) => address),
    ...podRangesOf(node.spec),
    ...[zoneOf(node) ?? ''].map((zone) => (zone === '' ? '' : `in ${zone}`)),
  ]
    .join(' ')
    .trim();
