/** What a node uses of the Container Runtime Interface (runtime.v1), in the form that schema.ts reads. */

import { criMessages } from './cri-messages.ts';

export const criTable = `
package runtime.v1

service ImageService
  ImageFsInfo
  ImageStatus
  ListImages
  PullImage
  RemoveImage

service RuntimeService
  Attach
  ContainerStats
  ContainerStatus
  CreateContainer
  Exec
  GetContainerEvents GetEventsRequest ContainerEventResponse stream
  ListContainers
  ListPodSandbox
  PodSandboxStatus
  RemoveContainer
  RemovePodSandbox
  ReopenContainerLog
  RunPodSandbox
  RuntimeConfig
  StartContainer
  Status
  StopContainer
  StopPodSandbox
  UpdateContainerResources
  Version

values CgroupDriver
  SYSTEMD 0
  CGROUPFS 1

values ContainerEventType
  CONTAINER_CREATED_EVENT 0
  CONTAINER_STARTED_EVENT 1
  CONTAINER_STOPPED_EVENT 2
  CONTAINER_DELETED_EVENT 3

values ContainerState
  CONTAINER_CREATED 0
  CONTAINER_RUNNING 1
  CONTAINER_EXITED 2
  CONTAINER_UNKNOWN 3

values MountPropagation
  PROPAGATION_PRIVATE 0
  PROPAGATION_HOST_TO_CONTAINER 1
  PROPAGATION_BIDIRECTIONAL 2

values NamespaceMode
  POD 0
  CONTAINER 1
  NODE 2
  TARGET 3

values PodSandboxState
  SANDBOX_READY 0
  SANDBOX_NOTREADY 1

values SecurityProfile.ProfileType
  RuntimeDefault 0
  Unconfined 1
  Localhost 2

values SupplementalGroupsPolicy
  Merge 0
  Strict 1
${criMessages}`;
