/** The services of device plug-ins (v1beta1), in the form that schema.ts reads. */

export const deviceTable = `
package v1beta1

service DevicePlugin
  Allocate
  GetDevicePluginOptions Empty DevicePluginOptions
  GetPreferredAllocation PreferredAllocationRequest PreferredAllocationResponse
  ListAndWatch Empty ListAndWatchResponse stream
  PreStartContainer

service Registration
  Register RegisterRequest Empty

message AllocateRequest
  container_requests:1:[]ContainerAllocateRequest

message AllocateResponse
  container_responses:1:[]ContainerAllocateResponse

message CDIDevice
  name:1:s

message ContainerAllocateRequest
  devices_ids:1:[]s

message ContainerAllocateResponse
  envs:1:m
  mounts:2:[]Mount
  devices:3:[]DeviceSpec
  annotations:4:m
  cdi_devices:5:[]CDIDevice

message ContainerPreferredAllocationRequest
  available_deviceIDs:1:[]s
  must_include_deviceIDs:2:[]s
  allocation_size:3:i32

message ContainerPreferredAllocationResponse
  deviceIDs:1:[]s

message Device
  ID:1:s
  health:2:s
  topology:3:TopologyInfo

message DevicePluginOptions
  pre_start_required:1:b
  get_preferred_allocation_available:2:b

message DeviceSpec
  container_path:1:s
  host_path:2:s
  permissions:3:s

message Empty

message ListAndWatchResponse
  devices:1:[]Device

message Mount
  container_path:1:s
  host_path:2:s
  read_only:3:b

message NUMANode
  ID:1:i64

message PreStartContainerRequest
  devices_ids:1:[]s

message PreStartContainerResponse

message PreferredAllocationRequest
  container_requests:1:[]ContainerPreferredAllocationRequest

message PreferredAllocationResponse
  container_responses:1:[]ContainerPreferredAllocationResponse

message RegisterRequest
  version:1:s
  endpoint:2:s
  resource_name:3:s
  options:4:DevicePluginOptions

message TopologyInfo
  nodes:1:[]NUMANode
`;
