import type { GroupResource } from '../../api/index.ts';

/** The collections that the agent reads or writes. */
export const resources = {
  pods: { group: '', resource: 'pods' },
  services: { group: '', resource: 'services' },
  nodes: { group: '', resource: 'nodes' },
  configMaps: { group: '', resource: 'configmaps' },
  secrets: { group: '', resource: 'secrets' },
  serviceAccounts: { group: '', resource: 'serviceaccounts' },
  events: { group: '', resource: 'events' },
  persistentVolumes: { group: '', resource: 'persistentvolumes' },
  persistentVolumeClaims: { group: '', resource: 'persistentvolumeclaims' },
  endpointSlices: { group: 'discovery.k8s.io', resource: 'endpointslices' },
  networkPolicies: { group: 'networking.k8s.io', resource: 'networkpolicies' },
  leases: { group: 'coordination.k8s.io', resource: 'leases' },
} as const satisfies Record<string, GroupResource>;

/** Whether two name the same collection. */
export const sameResource = (one: GroupResource, other: GroupResource): boolean =>
  one.resource === other.resource && one.group === other.group;
