/** Types and resources of node.k8s.io, version v1, in the form that type-entry.ts reads. */

export const nodeV1 = `
Overhead
  # What pods of a class need beside their containers.
  podFixed:1:{}q
    # Amounts for each pod.

RuntimeClass@
  # A container runtime configuration that pods can select.
  resource runtimeclasses runtimeclass cluster *
  metadata+:1:meta/v1.ObjectMeta
  handler!+:2:s
    # Handler of the container runtime on the nodes. It cannot be changed.
  overhead*:3:Overhead
    # What its pods need beside their containers.
  scheduling*:4:Scheduling
    # Which nodes have the handler.

RuntimeClassList@
  # A list of objects of the kind RuntimeClass.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]RuntimeClass

Scheduling
  # Which nodes pods of a class may be placed on.
  nodeSelector:1:{}s(mapatomic)
    # Labels of the nodes, added to those of the pod.
  tolerations:2:[]core/v1.Toleration(atomic)
    # Taints of the nodes, added to those of the pod.
`;
