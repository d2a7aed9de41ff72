/** The messages of the Container Runtime Interface that a node uses: a part of cri-table.ts. */

export const criMessages = `
message AttachRequest
  container_id:1:s
  stdin:2:b
  tty:3:b
  stdout:4:b
  stderr:5:b

message AttachResponse
  url:1:s

message AuthConfig
  username:1:s
  password:2:s
  auth:3:s
  server_address:4:s
  identity_token:5:s
  registry_token:6:s

message Capability
  add_capabilities:1:[]s
  drop_capabilities:2:[]s
  add_ambient_capabilities:3:[]s

message Container
  id:1:s
  pod_sandbox_id:2:s
  metadata:3:ContainerMetadata
  image:4:ImageSpec
  image_ref:5:s
  state:6:ContainerState
  created_at:7:i64
  labels:8:m
  annotations:9:m
  image_id:10:s

message CDIDevice
  name:1:s

message ContainerConfig
  metadata:1:ContainerMetadata
  image:2:ImageSpec
  command:3:[]s
  args:4:[]s
  working_dir:5:s
  envs:6:[]KeyValue
  mounts:7:[]Mount
  devices:8:[]Device
  labels:9:m
  annotations:10:m
  log_path:11:s
  stdin:12:b
  stdin_once:13:b
  tty:14:b
  linux:15:LinuxContainerConfig
  CDI_devices:17:[]CDIDevice

message ContainerEventResponse
  container_id:1:s
  container_event_type:2:ContainerEventType
  created_at:3:i64

message ContainerFilter
  id:1:s
  pod_sandbox_id:3:s
  label_selector:4:m

message ContainerMetadata
  name:1:s
  attempt:2:u32

message ContainerStats
  cpu:2:CpuUsage
  memory:3:MemoryUsage
  writable_layer:4:FilesystemUsage

message ContainerStatsRequest
  container_id:1:s

message ContainerStatsResponse
  stats:1:ContainerStats

message ContainerStatus
  id:1:s
  metadata:2:ContainerMetadata
  state:3:ContainerState
  created_at:4:i64
  started_at:5:i64
  finished_at:6:i64
  exit_code:7:i32
  image:8:ImageSpec
  image_ref:9:s
  reason:10:s
  message:11:s
  labels:12:m
  annotations:13:m
  log_path:15:s
  image_id:17:s

message ContainerStatusRequest
  container_id:1:s
  verbose:2:b

message ContainerStatusResponse
  status:1:ContainerStatus
  info:2:m

message CpuUsage
  timestamp:1:i64
  usage_core_nano_seconds:2:u64?
  usage_nano_cores:3:u64?

message CreateContainerRequest
  pod_sandbox_id:1:s
  config:2:ContainerConfig
  sandbox_config:3:PodSandboxConfig

message CreateContainerResponse
  container_id:1:s

message Device
  container_path:1:s
  host_path:2:s
  permissions:3:s

message ExecRequest
  container_id:1:s
  cmd:2:[]s
  tty:3:b
  stdin:4:b
  stdout:5:b
  stderr:6:b

message ExecResponse
  url:1:s

message FilesystemIdentifier
  mountpoint:1:s

message FilesystemUsage
  timestamp:1:i64
  fs_id:2:FilesystemIdentifier
  used_bytes:3:u64?
  inodes_used:4:u64?

message GetEventsRequest

message IDMapping
  host_id:1:u32
  container_id:2:u32
  length:3:u32

message Image
  id:1:s
  repo_tags:2:[]s
  repo_digests:3:[]s
  size:4:u64
  uid:5:i64?
  username:6:s
  spec:7:ImageSpec
  pinned:8:b

message ImageFilter
  image:1:ImageSpec

message ImageFsInfoRequest

message ImageFsInfoResponse
  image_filesystems:1:[]FilesystemUsage

message ImageSpec
  image:1:s
  annotations:2:m
  user_specified_image:18:s
  runtime_handler:19:s

message ImageStatusRequest
  image:1:ImageSpec
  verbose:2:b

message ImageStatusResponse
  image:1:Image
  info:2:m

message KeyValue
  key:1:s
  value:2:s

message LinuxContainerConfig
  resources:1:LinuxContainerResources
  security_context:2:LinuxContainerSecurityContext

message LinuxContainerResources
  cpu_period:1:i64
  cpu_quota:2:i64
  cpu_shares:3:i64
  memory_limit_in_bytes:4:i64
  oom_score_adj:5:i64
  cpuset_cpus:6:s
  cpuset_mems:7:s
  unified:9:m
  memory_swap_limit_in_bytes:10:i64

message LinuxContainerSecurityContext
  capabilities:1:Capability
  privileged:2:b
  namespace_options:3:NamespaceOption
  selinux_options:4:SELinuxOption
  run_as_user:5:i64?
  run_as_username:6:s
  readonly_rootfs:7:b
  supplemental_groups:8:[]i64
  apparmor_profile:9:s
  seccomp_profile_path:10:s
  no_new_privs:11:b
  run_as_group:12:i64?
  masked_paths:13:[]s
  readonly_paths:14:[]s
  seccomp:15:SecurityProfile
  apparmor:16:SecurityProfile
  supplemental_groups_policy:17:SupplementalGroupsPolicy

message LinuxPodSandboxConfig
  cgroup_parent:1:s
  security_context:2:LinuxSandboxSecurityContext
  sysctls:3:m
  resources:5:LinuxContainerResources

message LinuxPodSandboxStatus
  namespaces:1:Namespace

message LinuxRuntimeConfiguration
  cgroup_driver:1:CgroupDriver

message LinuxSandboxSecurityContext
  namespace_options:1:NamespaceOption
  selinux_options:2:SELinuxOption
  run_as_user:3:i64?
  readonly_rootfs:4:b
  supplemental_groups:5:[]i64
  privileged:6:b
  seccomp_profile_path:7:s
  run_as_group:8:i64?
  seccomp:9:SecurityProfile
  apparmor:10:SecurityProfile
  supplemental_groups_policy:11:SupplementalGroupsPolicy

message ListContainersRequest
  filter:1:ContainerFilter

message ListContainersResponse
  containers:1:[]Container

message ListImagesRequest
  filter:1:ImageFilter

message ListImagesResponse
  images:1:[]Image

message ListPodSandboxRequest
  filter:1:PodSandboxFilter

message ListPodSandboxResponse
  items:1:[]PodSandbox

message MemoryUsage
  timestamp:1:i64
  working_set_bytes:2:u64?
  available_bytes:3:u64?
  usage_bytes:4:u64?
  rss_bytes:5:u64?
  page_faults:6:u64?
  major_page_faults:7:u64?

message Mount
  container_path:1:s
  host_path:2:s
  readonly:3:b
  selinux_relabel:4:b
  propagation:5:MountPropagation
  uidMappings:6:[]IDMapping
  gidMappings:7:[]IDMapping
  recursive_read_only:8:b
  image:9:ImageSpec
  image_sub_path:10:s

message Namespace
  options:2:NamespaceOption

message NamespaceOption
  network:1:NamespaceMode
  pid:2:NamespaceMode
  ipc:3:NamespaceMode
  target_id:4:s
  userns_options:5:UserNamespace

message PodIP
  ip:1:s

message PodSandbox
  id:1:s
  metadata:2:PodSandboxMetadata
  state:3:PodSandboxState
  created_at:4:i64
  labels:5:m
  annotations:6:m
  runtime_handler:7:s

message PodSandboxConfig
  metadata:1:PodSandboxMetadata
  hostname:2:s
  log_directory:3:s
  labels:6:m
  annotations:7:m
  linux:8:LinuxPodSandboxConfig

message PodSandboxFilter
  id:1:s
  label_selector:3:m

message PodSandboxMetadata
  name:1:s
  uid:2:s
  namespace:3:s
  attempt:4:u32

message PodSandboxNetworkStatus
  ip:1:s
  additional_ips:2:[]PodIP

message PodSandboxStatus
  id:1:s
  metadata:2:PodSandboxMetadata
  state:3:PodSandboxState
  created_at:4:i64
  network:5:PodSandboxNetworkStatus
  linux:6:LinuxPodSandboxStatus
  labels:7:m
  annotations:8:m
  runtime_handler:9:s

message PodSandboxStatusRequest
  pod_sandbox_id:1:s
  verbose:2:b

message PodSandboxStatusResponse
  status:1:PodSandboxStatus
  info:2:m
  timestamp:4:i64

message PullImageRequest
  image:1:ImageSpec
  auth:2:AuthConfig

message PullImageResponse
  image_ref:1:s

message RemoveContainerRequest
  container_id:1:s

message RemoveContainerResponse

message RemoveImageRequest
  image:1:ImageSpec

message RemoveImageResponse

message RemovePodSandboxRequest
  pod_sandbox_id:1:s

message RemovePodSandboxResponse

message ReopenContainerLogRequest
  container_id:1:s

message ReopenContainerLogResponse

message RunPodSandboxRequest
  config:1:PodSandboxConfig
  runtime_handler:2:s

message RunPodSandboxResponse
  pod_sandbox_id:1:s

message RuntimeCondition
  type:1:s
  status:2:b
  reason:3:s
  message:4:s

message RuntimeConfigRequest

message RuntimeConfigResponse
  linux:1:LinuxRuntimeConfiguration

message RuntimeHandler
  name:1:s
  features:2:RuntimeHandlerFeatures

message RuntimeHandlerFeatures
  recursive_read_only_mounts:1:b
  user_namespaces:2:b

message RuntimeStatus
  conditions:1:[]RuntimeCondition

message SELinuxOption
  user:1:s
  role:2:s
  type:3:s
  level:4:s

message SecurityProfile
  profile_type:1:SecurityProfile.ProfileType
  localhost_ref:2:s

message StartContainerRequest
  container_id:1:s

message StartContainerResponse

message StatusRequest
  verbose:1:b

message StatusResponse
  status:1:RuntimeStatus
  info:2:m
  runtime_handlers:3:[]RuntimeHandler

message StopContainerRequest
  container_id:1:s
  timeout:2:i64

message StopContainerResponse

message StopPodSandboxRequest
  pod_sandbox_id:1:s

message StopPodSandboxResponse

message UpdateContainerResourcesRequest
  container_id:1:s
  linux:2:LinuxContainerResources
  annotations:4:m

message UpdateContainerResourcesResponse

message UserNamespace
  mode:1:NamespaceMode
  uids:2:[]IDMapping
  gids:3:[]IDMapping

message VersionRequest
  version:1:s

message VersionResponse
  version:1:s
  runtime_name:2:s
  runtime_version:3:s
  runtime_api_version:4:s
`;
