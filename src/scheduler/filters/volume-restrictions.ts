/** The filter VolumeRestrictions: a claim with the access mode ReadWriteOncePod has one pod. */
import type { Filter } from './filter.ts';

const reason = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';

export const volumeRestrictions: Filter = {
  name: 'VolumeRestrictions',
  prepare: (pod, cluster) => {
    const users = pod.claims
      .filter((name) => cluster.lookup.claim(pod.namespace, name)?.spec.accessModes?.includes('ReadWriteOncePod'))
      .flatMap((name) => [...cluster.nodesUsingClaim(`${pod.namespace}/${name}`)]);
    if (users.length === 0) return undefined;
    // Only where the other pod is could it be made to go.
    const holders = new Set(users);
    return (node) => ({ reasons: [reason], resolvable: holders.has(node.name) });
  },
};
