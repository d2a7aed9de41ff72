/** Types and resources of node.k8s.io, version v1, in the form that type-entry.ts reads. */

export const nodeV1 = `
Overhead
  podFixed:1:{}q

RuntimeClass@
  # A container runtime configuration that pods can select.
  resource runtimeclasses runtimeclass cluster *
  metadata+:1:meta/v1.ObjectMeta
  handler!+:2:s
  overhead*:3:Overhead
  scheduling*:4:Scheduling

RuntimeClassList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]RuntimeClass

Scheduling
  nodeSelector:1:{}s(mapatomic)
  tolerations:2:[]core/v1.Toleration(atomic)
`;
