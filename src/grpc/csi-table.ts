/** Services and messages of the Container Storage Interface (csi.v1), in the form that schema.ts reads. */

export const csiTable = `
package csi.v1

service Controller
  ControllerExpandVolume
  ControllerGetCapabilities
  ControllerGetVolume
  ControllerModifyVolume
  ControllerPublishVolume
  ControllerUnpublishVolume
  CreateSnapshot
  CreateVolume
  DeleteSnapshot
  DeleteVolume
  GetCapacity
  ListSnapshots
  ListVolumes
  ValidateVolumeCapabilities

service GroupController
  CreateVolumeGroupSnapshot
  DeleteVolumeGroupSnapshot
  GetVolumeGroupSnapshot
  GroupControllerGetCapabilities

service Identity
  GetPluginCapabilities
  GetPluginInfo
  Probe

service Node
  NodeExpandVolume
  NodeGetCapabilities
  NodeGetInfo
  NodeGetVolumeStats
  NodePublishVolume
  NodeStageVolume
  NodeUnpublishVolume
  NodeUnstageVolume

values ControllerServiceCapability.RPC.Type
  UNKNOWN 0
  CREATE_DELETE_VOLUME 1
  PUBLISH_UNPUBLISH_VOLUME 2
  LIST_VOLUMES 3
  GET_CAPACITY 4
  CREATE_DELETE_SNAPSHOT 5
  LIST_SNAPSHOTS 6
  CLONE_VOLUME 7
  PUBLISH_READONLY 8
  EXPAND_VOLUME 9
  LIST_VOLUMES_PUBLISHED_NODES 10
  VOLUME_CONDITION 11
  GET_VOLUME 12
  SINGLE_NODE_MULTI_WRITER 13
  MODIFY_VOLUME 14

values GroupControllerServiceCapability.RPC.Type
  UNKNOWN 0
  CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT 1

values NodeServiceCapability.RPC.Type
  UNKNOWN 0
  STAGE_UNSTAGE_VOLUME 1
  GET_VOLUME_STATS 2
  EXPAND_VOLUME 3
  VOLUME_CONDITION 4
  SINGLE_NODE_MULTI_WRITER 5
  VOLUME_MOUNT_GROUP 6

values PluginCapability.Service.Type
  UNKNOWN 0
  CONTROLLER_SERVICE 1
  VOLUME_ACCESSIBILITY_CONSTRAINTS 2
  GROUP_CONTROLLER_SERVICE 3

values PluginCapability.VolumeExpansion.Type
  UNKNOWN 0
  ONLINE 1
  OFFLINE 2

values VolumeCapability.AccessMode.Mode
  UNKNOWN 0
  SINGLE_NODE_WRITER 1
  SINGLE_NODE_READER_ONLY 2
  MULTI_NODE_READER_ONLY 3
  MULTI_NODE_SINGLE_WRITER 4
  MULTI_NODE_MULTI_WRITER 5
  SINGLE_NODE_SINGLE_WRITER 6
  SINGLE_NODE_MULTI_WRITER 7

values VolumeUsage.Unit
  UNKNOWN 0
  BYTES 1
  INODES 2

message CapacityRange
  required_bytes:1:i64
  limit_bytes:2:i64

message ControllerExpandVolumeRequest
  volume_id:1:s
  capacity_range:2:CapacityRange
  secrets:3:m
  volume_capability:4:VolumeCapability

message ControllerExpandVolumeResponse
  capacity_bytes:1:i64
  node_expansion_required:2:b

message ControllerGetCapabilitiesRequest

message ControllerGetCapabilitiesResponse
  capabilities:1:[]ControllerServiceCapability

message ControllerGetVolumeRequest
  volume_id:1:s

message ControllerGetVolumeResponse
  volume:1:Volume
  status:2:ControllerGetVolumeResponse.VolumeStatus

message ControllerGetVolumeResponse.VolumeStatus
  published_node_ids:1:[]s
  volume_condition:2:VolumeCondition

message ControllerModifyVolumeRequest
  volume_id:1:s
  secrets:2:m
  mutable_parameters:3:m

message ControllerModifyVolumeResponse

message ControllerPublishVolumeRequest
  volume_id:1:s
  node_id:2:s
  volume_capability:3:VolumeCapability
  readonly:4:b
  secrets:5:m
  volume_context:6:m

message ControllerPublishVolumeResponse
  publish_context:1:m

message ControllerServiceCapability
  rpc:1:ControllerServiceCapability.RPC|type

message ControllerServiceCapability.RPC
  type:1:ControllerServiceCapability.RPC.Type

message ControllerUnpublishVolumeRequest
  volume_id:1:s
  node_id:2:s
  secrets:3:m

message ControllerUnpublishVolumeResponse

message CreateSnapshotRequest
  source_volume_id:1:s
  name:2:s
  secrets:3:m
  parameters:4:m

message CreateSnapshotResponse
  snapshot:1:Snapshot

message CreateVolumeGroupSnapshotRequest
  name:1:s
  source_volume_ids:2:[]s
  secrets:3:m
  parameters:4:m

message CreateVolumeGroupSnapshotResponse
  group_snapshot:1:VolumeGroupSnapshot

message CreateVolumeRequest
  name:1:s
  capacity_range:2:CapacityRange
  volume_capabilities:3:[]VolumeCapability
  parameters:4:m
  secrets:5:m
  volume_content_source:6:VolumeContentSource
  accessibility_requirements:7:TopologyRequirement
  mutable_parameters:8:m

message CreateVolumeResponse
  volume:1:Volume

message DeleteSnapshotRequest
  snapshot_id:1:s
  secrets:2:m

message DeleteSnapshotResponse

message DeleteVolumeGroupSnapshotRequest
  group_snapshot_id:1:s
  snapshot_ids:2:[]s
  secrets:3:m

message DeleteVolumeGroupSnapshotResponse

message DeleteVolumeRequest
  volume_id:1:s
  secrets:2:m

message DeleteVolumeResponse

message GetCapacityRequest
  volume_capabilities:1:[]VolumeCapability
  parameters:2:m
  accessible_topology:3:Topology

message GetCapacityResponse
  available_capacity:1:i64
  maximum_volume_size:2:i64?
  minimum_volume_size:3:i64?

message GetPluginCapabilitiesRequest

message GetPluginCapabilitiesResponse
  capabilities:1:[]PluginCapability

message GetPluginInfoRequest

message GetPluginInfoResponse
  name:1:s
  vendor_version:2:s
  manifest:3:m

message GetVolumeGroupSnapshotRequest
  group_snapshot_id:1:s
  snapshot_ids:2:[]s
  secrets:3:m

message GetVolumeGroupSnapshotResponse
  group_snapshot:1:VolumeGroupSnapshot

message GroupControllerGetCapabilitiesRequest

message GroupControllerGetCapabilitiesResponse
  capabilities:1:[]GroupControllerServiceCapability

message GroupControllerServiceCapability
  rpc:1:GroupControllerServiceCapability.RPC|type

message GroupControllerServiceCapability.RPC
  type:1:GroupControllerServiceCapability.RPC.Type

message ListSnapshotsRequest
  max_entries:1:i32
  starting_token:2:s
  source_volume_id:3:s
  snapshot_id:4:s
  secrets:5:m

message ListSnapshotsResponse
  entries:1:[]ListSnapshotsResponse.Entry
  next_token:2:s

message ListSnapshotsResponse.Entry
  snapshot:1:Snapshot

message ListVolumesRequest
  max_entries:1:i32
  starting_token:2:s

message ListVolumesResponse
  entries:1:[]ListVolumesResponse.Entry
  next_token:2:s

message ListVolumesResponse.Entry
  volume:1:Volume
  status:2:ListVolumesResponse.VolumeStatus

message ListVolumesResponse.VolumeStatus
  published_node_ids:1:[]s
  volume_condition:2:VolumeCondition

message NodeExpandVolumeRequest
  volume_id:1:s
  volume_path:2:s
  capacity_range:3:CapacityRange
  staging_target_path:4:s
  volume_capability:5:VolumeCapability
  secrets:6:m

message NodeExpandVolumeResponse
  capacity_bytes:1:i64

message NodeGetCapabilitiesRequest

message NodeGetCapabilitiesResponse
  capabilities:1:[]NodeServiceCapability

message NodeGetInfoRequest

message NodeGetInfoResponse
  node_id:1:s
  max_volumes_per_node:2:i64
  accessible_topology:3:Topology

message NodeGetVolumeStatsRequest
  volume_id:1:s
  volume_path:2:s
  staging_target_path:3:s

message NodeGetVolumeStatsResponse
  usage:1:[]VolumeUsage
  volume_condition:2:VolumeCondition

message NodePublishVolumeRequest
  volume_id:1:s
  publish_context:2:m
  staging_target_path:3:s
  target_path:4:s
  volume_capability:5:VolumeCapability
  readonly:6:b
  secrets:7:m
  volume_context:8:m

message NodePublishVolumeResponse

message NodeServiceCapability
  rpc:1:NodeServiceCapability.RPC|type

message NodeServiceCapability.RPC
  type:1:NodeServiceCapability.RPC.Type

message NodeStageVolumeRequest
  volume_id:1:s
  publish_context:2:m
  staging_target_path:3:s
  volume_capability:4:VolumeCapability
  secrets:5:m
  volume_context:6:m

message NodeStageVolumeResponse

message NodeUnpublishVolumeRequest
  volume_id:1:s
  target_path:2:s

message NodeUnpublishVolumeResponse

message NodeUnstageVolumeRequest
  volume_id:1:s
  staging_target_path:2:s

message NodeUnstageVolumeResponse

message PluginCapability
  service:1:PluginCapability.Service|type
  volume_expansion:2:PluginCapability.VolumeExpansion|type

message PluginCapability.Service
  type:1:PluginCapability.Service.Type

message PluginCapability.VolumeExpansion
  type:1:PluginCapability.VolumeExpansion.Type

message ProbeRequest

message ProbeResponse
  ready:1:b?

message Snapshot
  size_bytes:1:i64
  snapshot_id:2:s
  source_volume_id:3:s
  creation_time:4:time
  ready_to_use:5:b
  group_snapshot_id:6:s

message Topology
  segments:1:m

message TopologyRequirement
  requisite:1:[]Topology
  preferred:2:[]Topology

message ValidateVolumeCapabilitiesRequest
  volume_id:1:s
  volume_context:2:m
  volume_capabilities:3:[]VolumeCapability
  parameters:4:m
  secrets:5:m
  mutable_parameters:6:m

message ValidateVolumeCapabilitiesResponse
  confirmed:1:ValidateVolumeCapabilitiesResponse.Confirmed
  message:2:s

message ValidateVolumeCapabilitiesResponse.Confirmed
  volume_context:1:m
  volume_capabilities:2:[]VolumeCapability
  parameters:3:m
  mutable_parameters:4:m

message Volume
  capacity_bytes:1:i64
  volume_id:2:s
  volume_context:3:m
  content_source:4:VolumeContentSource
  accessible_topology:5:[]Topology

message VolumeCapability
  block:1:VolumeCapability.BlockVolume|access_type
  mount:2:VolumeCapability.MountVolume|access_type
  access_mode:3:VolumeCapability.AccessMode

message VolumeCapability.AccessMode
  mode:1:VolumeCapability.AccessMode.Mode

message VolumeCapability.BlockVolume

message VolumeCapability.MountVolume
  fs_type:1:s
  mount_flags:2:[]s
  volume_mount_group:3:s

message VolumeCondition
  abnormal:1:b
  message:2:s

message VolumeContentSource
  snapshot:1:VolumeContentSource.SnapshotSource|type
  volume:2:VolumeContentSource.VolumeSource|type

message VolumeContentSource.SnapshotSource
  snapshot_id:1:s

message VolumeContentSource.VolumeSource
  volume_id:1:s

message VolumeGroupSnapshot
  group_snapshot_id:1:s
  snapshots:2:[]Snapshot
  creation_time:3:time
  ready_to_use:4:b

message VolumeUsage
  available:1:i64
  total:2:i64
  used:3:i64
  unit:4:VolumeUsage.Unit
`;
