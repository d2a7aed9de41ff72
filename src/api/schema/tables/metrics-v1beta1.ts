/** Types and resources of metrics.k8s.io, version v1beta1, in the form that type-entry.ts reads. */

export const metricsV1beta1 = `
ContainerMetrics
  # What a container uses.
  name!+:1:s
    # Name of the container.
  usage!+:2:{}q
    # Average CPU usage over the window, and the memory working set at its end.

NodeMetrics@
  # CPU and memory usage of a node.
  resource nodes - cluster get,list
  metadata+:1:meta/v1.ObjectMeta
  timestamp!+:2:t
    # End of the window over which the usage was measured.
  window!+:3:s
    # Length of the window, such as 15s.
  usage!+:4:{}q
    # Average CPU usage over the window, and the memory working set at its end.

NodeMetricsList@
  # A list of objects of the kind NodeMetrics.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]NodeMetrics

PodMetrics@
  # CPU and memory usage of a pod's running containers.
  resource pods - namespaced get,list
  metadata+:1:meta/v1.ObjectMeta
  timestamp!+:2:t
    # End of the window over which the usage was measured.
  window!+:3:s
    # Length of the window, such as 15s.
  containers!+:4:[]ContainerMetrics
    # Usage of each container.

PodMetricsList@
  # A list of objects of the kind PodMetrics.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PodMetrics
`;
