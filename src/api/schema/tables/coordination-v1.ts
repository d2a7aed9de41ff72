/** Types and resources of coordination.k8s.io, version v1, in the form that type-entry.ts reads. */

export const coordinationV1 = `
Lease@
  # A lock that one holder at a time keeps by renewing it.
  resource leases lease namespaced *
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:LeaseSpec

LeaseList@
  # A list of objects of the kind Lease.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Lease

LeaseSpec
  # Who holds a lease, and until when.
  holderIdentity*:1:s
    # Who holds it.
  leaseDurationSeconds*:2:i32
    # How long it holds after it was renewed, in seconds.
  acquireTime*:3:mt
    # When the holder got it.
  renewTime*:4:mt
    # When the holder last renewed it.
  leaseTransitions*:5:i32
    # How often it changed hands.
  strategy*:6:s
    # How the holder is chosen when several are there.
  preferredHolder*:7:s
    # Who should hold it next.
`;
