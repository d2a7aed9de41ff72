/** Which changes of Nodes concern the machine's network. */
import { type Node, podRangesOf, resources, sameResource } from '../api/index.ts';
import type { ObjectChange, ResourceView } from '../resources/index.ts';

/**
 * Tells of a change whether a node came, went or moved, or got the range of its pods: most writes of nodes are their
 * heartbeats.
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

const placeOf = ({ spec, status }: Node): string =>
  [...(status?.addresses ?? []).map(({ address }) => address), ...podRangesOf(spec)].join(' ').trim();
