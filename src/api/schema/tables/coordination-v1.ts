/** Types and resources of coordination.k8s.io, version v1, in the form that type-entry.ts reads. */

export const coordinationV1 = `
Lease@
  # A lock that one holder at a time keeps by renewing it.
  resource leases lease namespaced *
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:LeaseSpec

LeaseList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Lease

LeaseSpec
  holderIdentity*:1:s
  leaseDurationSeconds*:2:i32
  acquireTime*:3:mt
  renewTime*:4:mt
  leaseTransitions*:5:i32
  strategy*:6:s
  preferredHolder*:7:s
`;
