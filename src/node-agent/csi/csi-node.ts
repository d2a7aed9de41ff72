/** What the API shows of a node's drivers: its CSINode, and the labels and the annotation of its Node. Pure. */
import type { CSINode, CSINodeDriver, Node } from '../../api/index.ts';
import type { NodeInfo } from './node-service.ts';

const nodeIdAnnotation = 'csi.volume.kubernetes.io/nodeid';

/** The entry of a driver. */
export function driverEntry(name: string, info: NodeInfo): CSINodeDriver {
  const { nodeId, maxVolumesPerNode, accessibleTopology } = info;
  return {
    name,
    nodeID: nodeId,
    topologyKeys: Object.keys(accessibleTopology?.segments ?? {}).toSorted(),
    allocatable: maxVolumesPerNode > 0 ? { count: maxVolumesPerNode } : undefined,
  };
}

/** The drivers with one set, or without it; undefined: they are so already. */
export function changedDrivers(
  shown: CSINode | undefined,
  name: string,
  entry: CSINodeDriver | undefined,
): readonly CSINodeDriver[] | undefined {
  const drivers = shown?.spec.drivers ?? [];
  const known = drivers.find((driver) => driver.name === name);
  if (JSON.stringify(known === undefined ? undefined : plain(known)) === JSON.stringify(entry && plain(entry)))
    return undefined;
  const others = drivers.filter((driver) => driver.name !== name);
  return entry === undefined ? others : [...others, entry];
}

const plain = ({ name, nodeID, topologyKeys = [], allocatable }: CSINodeDriver): unknown => [
  name,
  nodeID,
  topologyKeys,
  allocatable?.count ?? 0,
];

/**
 * The change of a Node's metadata that makes a driver's place known; undefined: it is. Throws when a label has another
 * value: the driver and somebody else do not agree where the node is.
 */
export function placeOf(
  node: Pick<Node, 'metadata'>,
  name: string,
  info: NodeInfo,
):
  | { readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> }
  | undefined {
  const { labels = {}, annotations = {} } = node.metadata;
  const segments = info.accessibleTopology?.segments ?? {};
  for (const [key, value] of Object.entries(segments))
    if ((labels[key] ?? value) !== value)
      throw new Error(
        `detected topology value collision: driver reported "${key}":"${value}" ` +
          `but existing label is "${key}":"${labels[key]}"`,
      );
  const ids = parseIds(annotations[nodeIdAnnotation]);
  const isKnown = ids[name] === info.nodeId && Object.entries(segments).every(([key, value]) => labels[key] === value);
  if (isKnown) return undefined;
  return { labels: segments, annotations: { [nodeIdAnnotation]: JSON.stringify({ ...ids, [name]: info.nodeId }) } };
}

function parseIds(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}
