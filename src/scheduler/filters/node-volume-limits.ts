/** The filter NodeVolumeLimits: a node takes as many volumes of a CSI driver as the driver said. */
import type { CSINode } from '../../api/index.ts';
import type { Lookup } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import { driverVolumes } from '../pod-volumes.ts';
import type { Filter, Rejection } from './filter.ts';

const full: Rejection = { reasons: ['node(s) exceed max volume count'], resolvable: true };

const limitOf = (node: CSINode | undefined, driver: string): number | undefined =>
  node?.spec.drivers?.find(({ name }) => name === driver)?.allocatable?.count;

/** The ids of a driver's volumes that the node's pods use; one that several use counts once. */
function volumesInUse(node: NodeState, driver: string, lookup: Lookup): Set<string> {
  const ids = new Set<string>();
  for (const pod of node.pods.values())
    if (pod.claims.length + pod.inlineDrivers.length > 0)
      for (const volume of driverVolumes(pod, lookup)) if (volume.driver === driver) ids.add(volume.id);
  return ids;
}

export const nodeVolumeLimits: Filter = {
  name: 'NodeVolumeLimits',
  prepare: (pod, { lookup }) => {
    if (pod.claims.length + pod.inlineDrivers.length === 0) return undefined;
    const wanted = Map.groupBy(driverVolumes(pod, lookup), ({ driver }) => driver);
    if (wanted.size === 0) return undefined;
    return (node) => {
      const csiNode = lookup.csiNode(node.name);
      for (const [driver, volumes] of wanted) {
        const limit = limitOf(csiNode, driver);
        if (limit === undefined) continue;
        const ids = volumesInUse(node, driver, lookup);
        for (const { id } of volumes) ids.add(id);
        if (ids.size > limit) return full;
      }
      return undefined;
    };
  },
};
