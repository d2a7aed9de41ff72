/** The service that tells monitoring agents what pods hold (pod resources, v1), in the form that schema.ts reads. */

export const podResourcesTable = `
package v1

service PodResourcesLister
  Get GetPodResourcesRequest GetPodResourcesResponse
  GetAllocatableResources AllocatableResourcesRequest AllocatableResourcesResponse
  List ListPodResourcesRequest ListPodResourcesResponse

message AllocatableResourcesRequest

message AllocatableResourcesResponse
  devices:1:[]ContainerDevices
  cpu_ids:2:[]i64
  memory:3:[]ContainerMemory

message CDIDevice
  name:1:s

message ClaimResource
  cdi_devices:1:[]CDIDevice
  driver_name:2:s
  pool_name:3:s
  device_name:4:s

message ContainerDevices
  resource_name:1:s
  device_ids:2:[]s
  topology:3:TopologyInfo

message ContainerMemory
  memory_type:1:s
  size:2:u64
  topology:3:TopologyInfo

message ContainerResources
  name:1:s
  devices:2:[]ContainerDevices
  cpu_ids:3:[]i64
  memory:4:[]ContainerMemory
  dynamic_resources:5:[]DynamicResource

message DynamicResource
  claim_name:2:s
  claim_namespace:3:s
  claim_resources:4:[]ClaimResource

message GetPodResourcesRequest
  pod_name:1:s
  pod_namespace:2:s

message GetPodResourcesResponse
  pod_resources:1:PodResources

message ListPodResourcesRequest

message ListPodResourcesResponse
  pod_resources:1:[]PodResources

message NUMANode
  ID:1:i64

message PodResources
  name:1:s
  namespace:2:s
  containers:3:[]ContainerResources

message TopologyInfo
  nodes:1:[]NUMANode
`;
