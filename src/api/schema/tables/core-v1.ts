/** Types and resources of the core group, version v1, in the form that type-entry.ts reads. */

export const coreV1 = `
AWSElasticBlockStoreVolumeSource
  volumeID!+:1:s
  fsType:2:s
  partition:3:i32
  readOnly:4:b

Affinity
  nodeAffinity*:1:NodeAffinity
  podAffinity*:2:PodAffinity
  podAntiAffinity*:3:PodAntiAffinity

AppArmorProfile
  type!+:1:s(enum=Localhost,RuntimeDefault,Unconfined)
  localhostProfile*:2:s

AttachedVolume
  name!+:1:s
  devicePath!+:2:s

AvoidPods
  preferAvoidPods:1:[]PreferAvoidPodsEntry

AzureDiskVolumeSource
  diskName!+:1:s
  diskURI!+:2:s
  cachingMode*:3:s(enum=None,ReadOnly,ReadWrite;default="ReadWrite")
  fsType*:4:s(default="ext4")
  readOnly*:5:b(default=false)
  kind*:6:s(enum=Dedicated,Managed,Shared;default="Shared")

AzureFilePersistentVolumeSource
  secretName!+:1:s
  shareName!+:2:s
  readOnly:3:b
  secretNamespace*+:4:s

AzureFileVolumeSource
  secretName!+:1:s
  shareName!+:2:s
  readOnly:3:b

Binding@
  # Binds a pod to a node.
  resource bindings binding namespaced create
  metadata+:1:meta/v1.ObjectMeta
  target!+:2:ObjectReference

CSIPersistentVolumeSource
  driver!+:1:s
  volumeHandle!+:2:s
  readOnly:3:b
  fsType:4:s
  volumeAttributes:5:{}s
  controllerPublishSecretRef*:6:SecretReference
  nodeStageSecretRef*:7:SecretReference
  nodePublishSecretRef*:8:SecretReference
  controllerExpandSecretRef*:9:SecretReference
  nodeExpandSecretRef*:10:SecretReference

CSIVolumeSource
  driver!+:1:s
  readOnly*:2:b
  fsType*:3:s
  volumeAttributes:4:{}s
  nodePublishSecretRef*:5:LocalObjectReference

Capabilities
  add:1:[]s(atomic)
  drop:2:[]s(atomic)

CephFSPersistentVolumeSource
  monitors!+:1:[]s(atomic)
  path:2:s
  user:3:s
  secretFile:4:s
  secretRef*:5:SecretReference
  readOnly:6:b

CephFSVolumeSource
  monitors!+:1:[]s(atomic)
  path:2:s
  user:3:s
  secretFile:4:s
  secretRef*:5:LocalObjectReference
  readOnly:6:b

CinderPersistentVolumeSource
  volumeID!+:1:s
  fsType:2:s
  readOnly:3:b
  secretRef*:4:SecretReference

CinderVolumeSource
  volumeID!+:1:s
  fsType:2:s
  readOnly:3:b
  secretRef*:4:LocalObjectReference

ClientIPConfig
  timeoutSeconds*:1:i32

ClusterTrustBundleProjection
  name*:1:s
  signerName*:2:s
  labelSelector*:3:meta/v1.LabelSelector
  optional*:5:b
  path!+:4:s

ComponentCondition
  type!+:1:s
  status!+:2:s
  message:3:s
  error:4:s

ComponentStatus@
  # Health of a control plane component. Deprecated.
  resource componentstatuses componentstatus cluster get,list short=cs
  metadata+:1:meta/v1.ObjectMeta
  conditions:2:[]ComponentCondition(map=type;patch=merge;key=type)

ComponentStatusList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ComponentStatus

ConfigMap@
  # Configuration data for pods to consume as environment variables, arguments or files.
  resource configmaps configmap namespaced * short=cm
  metadata+:1:meta/v1.ObjectMeta
  immutable*:4:b
    # If true, the data cannot be changed until the object is deleted and created again.
  data:2:{}s
    # UTF-8 text by key. A mounted ConfigMap has one file for each key.
  binaryData:3:{}bytes
    # Binary values, base64 encoded, by key. Keys must not overlap with those of data.

ConfigMapEnvSource
  name:1/1:s(default="")
  optional*:2:b

ConfigMapKeySelector~
  name:1/1:s(default="")
  key!+:2:s
  optional*:3:b

ConfigMapList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ConfigMap

ConfigMapNodeConfigSource
  namespace!+:1:s
  name!+:2:s
  uid:3:s
  resourceVersion:4:s
  kubeletConfigKey!+:5:s

ConfigMapProjection
  name:1/1:s(default="")
  items:2:[]KeyToPath(atomic)
  optional*:4:b

ConfigMapVolumeSource
  name:1/1:s(default="")
  items:2:[]KeyToPath(atomic)
  defaultMode*:3:i32
  optional*:4:b

Container
  # A container that runs in a pod.
  name!+:1:s
    # Name of the container, unique in the pod. Immutable.
  image:2:s
    # Image to run.
  command:3:[]s(atomic)
    # Command to run instead of the image's entry point. $(NAME) expands to an environment variable.
  args:4:[]s(atomic)
    # Arguments of the command. Defaults to those of the image. $(NAME) expands to an environment variable.
  workingDir:5:s
    # Working directory of the command. Defaults to that of the image.
  ports:6:[]ContainerPort(map=containerPort,protocol;patch=merge;key=containerPort)
    # Ports that the container exposes. The list is informational: unlisted ports can be reached too.
  envFrom:19:[]EnvFromSource(atomic)
    # ConfigMaps and Secrets whose keys become environment variables.
  env:7:[]EnvVar(map=name;patch=merge;key=name)
    # Environment variables of the container.
  resources+:8:ResourceRequirements
    # Resource requests and limits of the container.
  resizePolicy:23:[]ContainerResizePolicy(atomic)
    # Whether the container is restarted when a resource is resized.
  restartPolicy*:24:s
    # For init containers only. Always makes the init container a sidecar, which runs alongside the app containers.
  volumeMounts:9:[]VolumeMount(map=mountPath;patch=merge;key=mountPath)
    # Volumes of the pod to mount into the container's file system.
  volumeDevices:21:[]VolumeDevice(map=devicePath;patch=merge;key=devicePath)
    # Block devices to map into the container.
  livenessProbe*:10:Probe
    # Periodic check of whether the container is alive. The container is restarted if it fails.
  readinessProbe*:11:Probe
    # Periodic check of whether the container can serve requests. While it fails, services send the pod no traffic.
  startupProbe*:22:Probe
    # Check of whether the application has started. The other probes begin after it has succeeded.
  lifecycle*:12:Lifecycle
    # Actions to run right after the container starts and before it stops.
  terminationMessagePath:13:s
    # File from which the container's termination message is read.
  terminationMessagePolicy:20:s(enum=FallbackToLogsOnError,File)
    # Source of the termination message: File, or FallbackToLogsOnError to use the logs when a failed container left the
    # file empty.
  imagePullPolicy:14:s(enum=Always,IfNotPresent,Never)
    # When the image is pulled: Always, IfNotPresent or Never. Defaults to Always for the tag latest, otherwise to
    # IfNotPresent.
  securityContext*:15:SecurityContext
    # Security settings of the container. They override those of the pod.
  stdin:16:b
    # Whether the container's standard input is kept open.
  stdinOnce:17:b
  tty:18:b
    # Whether the container gets a terminal. Requires stdin.

ContainerImage
  names+:1:[]s(atomic)
  sizeBytes:2:i64

ContainerPort
  name:1:s
    # Name by which services can refer to the port.
  hostPort:2:i32
    # Port number on the node.
  containerPort!+:3:i32
    # Port number in the pod.
  protocol:4:s(enum=SCTP,TCP,UDP;default="TCP")
    # Protocol of the port: TCP, UDP or SCTP. Defaults to TCP.
  hostIP:5:s

ContainerResizePolicy
  resourceName!+:1:s
  restartPolicy!+:2:s

ContainerState
  waiting*:1:ContainerStateWaiting
  running*:2:ContainerStateRunning
  terminated*:3:ContainerStateTerminated

ContainerStateRunning
  startedAt+:1:t

ContainerStateTerminated
  exitCode!+:1:i32
  signal:2:i32
  reason:3:s
  message:4:s
  startedAt+:5:t
  finishedAt+:6:t
  containerID:7:s

ContainerStateWaiting
  reason:1:s
  message:2:s

ContainerStatus
  name!+:1:s
  state+:2:ContainerState
  lastState+:3:ContainerState
  ready!+:4:b
  restartCount!+:5:i32
  image!+:6:s
  imageID!+:7:s
  containerID:8:s
  started*:9:b
  allocatedResources:10:{}q
  resources*:11:ResourceRequirements
  volumeMounts:12:[]VolumeMountStatus(map=mountPath;patch=merge;key=mountPath)
  user*:13:ContainerUser
  allocatedResourcesStatus:14:[]ResourceStatus(map=name;patch=merge;key=name)
  stopSignal*:15:s(enum=SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,
    SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,
    SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,
    SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,
    SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,
    SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)

ContainerUser
  linux*:1:LinuxContainerUser

DaemonEndpoint
  Port!+:1:i32

DownwardAPIProjection
  items:1:[]DownwardAPIVolumeFile(atomic)

DownwardAPIVolumeFile
  path!+:1:s
  fieldRef*:2:ObjectFieldSelector
  resourceFieldRef*:3:ResourceFieldSelector
  mode*:4:i32

DownwardAPIVolumeSource
  items:1:[]DownwardAPIVolumeFile(atomic)
  defaultMode*:2:i32

EmptyDirVolumeSource
  medium:1:s
  sizeLimit*:2:q

EndpointAddress~
  ip!+:1:s
  hostname:3:s
  nodeName*:4:s
  targetRef*:2:ObjectReference

EndpointPort~
  name:1:s
  port!+:2:i32
  protocol:3:s(enum=SCTP,TCP,UDP)
  appProtocol*:4:s

EndpointSubset
  addresses:1:[]EndpointAddress(atomic)
  notReadyAddresses:2:[]EndpointAddress(atomic)
  ports:3:[]EndpointPort(atomic)

Endpoints@
  # Network addresses that implement a service. Deprecated: use EndpointSlice.
  resource endpoints endpoints namespaced * short=ep
  metadata+:1:meta/v1.ObjectMeta
  subsets:2:[]EndpointSubset(atomic)

EndpointsList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Endpoints

EnvFromSource
  prefix:1:s
  configMapRef*:2:ConfigMapEnvSource
  secretRef*:3:SecretEnvSource

EnvVar
  name!+:1:s
    # Name of the environment variable.
  value:2:s
    # Value of the variable. $(NAME) expands to a variable defined earlier; $$ is an escaped dollar sign.
  valueFrom*:3:EnvVarSource
    # Source of the value. Cannot be combined with a non-empty value.

EnvVarSource
  fieldRef*:1:ObjectFieldSelector
  resourceFieldRef*:2:ResourceFieldSelector
  configMapKeyRef*:3:ConfigMapKeySelector
  secretKeyRef*:4:SecretKeySelector

EphemeralContainer
  name!+:1/1:s
  image:1/2:s
  command:1/3:[]s(atomic)
  args:1/4:[]s(atomic)
  workingDir:1/5:s
  ports:1/6:[]ContainerPort(map=containerPort,protocol;patch=merge;key=containerPort)
  envFrom:1/19:[]EnvFromSource(atomic)
  env:1/7:[]EnvVar(map=name;patch=merge;key=name)
  resources+:1/8:ResourceRequirements
  resizePolicy:1/23:[]ContainerResizePolicy(atomic)
  restartPolicy*:1/24:s
  volumeMounts:1/9:[]VolumeMount(map=mountPath;patch=merge;key=mountPath)
  volumeDevices:1/21:[]VolumeDevice(map=devicePath;patch=merge;key=devicePath)
  livenessProbe*:1/10:Probe
  readinessProbe*:1/11:Probe
  startupProbe*:1/22:Probe
  lifecycle*:1/12:Lifecycle
  terminationMessagePath:1/13:s
  terminationMessagePolicy:1/20:s(enum=FallbackToLogsOnError,File)
  imagePullPolicy:1/14:s(enum=Always,IfNotPresent,Never)
  securityContext*:1/15:SecurityContext
  stdin:1/16:b
  stdinOnce:1/17:b
  tty:1/18:b
  targetContainerName:2:s

EphemeralContainerCommon
  name+:1:s
  image:2:s
  command:3:[]s
  args:4:[]s
  workingDir:5:s
  ports:6:[]ContainerPort
  envFrom:19:[]EnvFromSource
  env:7:[]EnvVar
  resources+:8:ResourceRequirements
  resizePolicy:23:[]ContainerResizePolicy
  restartPolicy*:24:s
  volumeMounts:9:[]VolumeMount
  volumeDevices:21:[]VolumeDevice
  livenessProbe*:10:Probe
  readinessProbe*:11:Probe
  startupProbe*:22:Probe
  lifecycle*:12:Lifecycle
  terminationMessagePath:13:s
  terminationMessagePolicy:20:s
  imagePullPolicy:14:s
  securityContext*:15:SecurityContext
  stdin:16:b
  stdinOnce:17:b
  tty:18:b

EphemeralVolumeSource
  volumeClaimTemplate*:1:PersistentVolumeClaimTemplate

Event@
  # Report of something that happened to an object. Events are removed after a short time.
  resource events event namespaced * short=ev
  metadata!+:1:meta/v1.ObjectMeta
  involvedObject!+:2:ObjectReference
  reason:3:s
  message:4:s
  source+:5:EventSource
  firstTimestamp+:6:t
  lastTimestamp+:7:t
  count:8:i32
  type:9:s
  eventTime+:10:mt
  series*:11:EventSeries
  action:12:s
  related*:13:ObjectReference
  reportingComponent+:14:s
  reportingInstance+:15:s

EventList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Event

EventSeries
  count:1:i32
  lastObservedTime+:2:mt

EventSource
  component:1:s
  host:2:s

ExecAction
  command:1:[]s(atomic)

FCVolumeSource
  targetWWNs:1:[]s(atomic)
  lun*:2:i32
  fsType:3:s
  readOnly:4:b
  wwids:5:[]s(atomic)

FlexPersistentVolumeSource
  driver!+:1:s
  fsType:2:s
  secretRef*:3:SecretReference
  readOnly:4:b
  options:5:{}s

FlexVolumeSource
  driver!+:1:s
  fsType:2:s
  secretRef*:3:LocalObjectReference
  readOnly:4:b
  options:5:{}s

FlockerVolumeSource
  datasetName:1:s
  datasetUUID:2:s

GCEPersistentDiskVolumeSource
  pdName!+:1:s
  fsType:2:s
  partition:3:i32
  readOnly:4:b

GRPCAction
  port!+:1:i32
  service*+:2:s(default="")

GitRepoVolumeSource
  repository!+:1:s
  revision:2:s
  directory:3:s

GlusterfsPersistentVolumeSource
  endpoints!+:1:s
  path!+:2:s
  readOnly:3:b
  endpointsNamespace*:4:s

GlusterfsVolumeSource
  endpoints!+:1:s
  path!+:2:s
  readOnly:3:b

HTTPGetAction
  path:1:s
  port!+:2:ios
  host:3:s
  scheme:4:s(enum=HTTP,HTTPS)
  httpHeaders:5:[]HTTPHeader(atomic)

HTTPHeader
  name!+:1:s
  value!+:2:s

HostAlias
  ip!+:1:s
  hostnames:2:[]s(atomic)

HostIP
  ip!+:1:s

HostPathVolumeSource
  path!+:1:s
  type*:2:s(enum=,BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket)

ISCSIPersistentVolumeSource
  targetPortal!+:1:s
  iqn!+:2:s
  lun!+:3:i32
  iscsiInterface:4:s(default="default")
  fsType:5:s
  readOnly:6:b
  portals:7:[]s(atomic)
  chapAuthDiscovery:8:b
  chapAuthSession:11:b
  secretRef*:10:SecretReference
  initiatorName*:12:s

ISCSIVolumeSource
  targetPortal!+:1:s
  iqn!+:2:s
  lun!+:3:i32
  iscsiInterface:4:s(default="default")
  fsType:5:s
  readOnly:6:b
  portals:7:[]s(atomic)
  chapAuthDiscovery:8:b
  chapAuthSession:11:b
  secretRef*:10:LocalObjectReference
  initiatorName*:12:s

ImageVolumeSource
  reference:1:s
  pullPolicy:2:s(enum=Always,IfNotPresent,Never)

KeyToPath
  key!+:1:s
  path!+:2:s
  mode*:3:i32

Lifecycle
  postStart*:1:LifecycleHandler
  preStop*:2:LifecycleHandler
  stopSignal*:3:s(enum=SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,
    SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,
    SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,
    SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,
    SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,
    SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)

LifecycleHandler
  exec*:1:ExecAction
  httpGet*:2:HTTPGetAction
  tcpSocket*:3:TCPSocketAction
  sleep*:4:SleepAction

LimitRange@
  # Minimum, maximum and default resources of the pods, containers and claims in a namespace.
  resource limitranges limitrange namespaced * short=limits
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:LimitRangeSpec

LimitRangeItem
  type!+:1:s
    # Kind of object that the limits apply to: Pod, Container or PersistentVolumeClaim.
  max:2:{}q
    # Maximum amount of each resource.
  min:3:{}q
    # Minimum amount of each resource.
  default:4:{}q
    # Limits of containers that do not set any.
  defaultRequest:5:{}q
    # Requests of containers that do not set any.
  maxLimitRequestRatio:6:{}q
    # Maximum ratio of limit to request for each resource.

LimitRangeList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]LimitRange

LimitRangeSpec
  limits!+:1:[]LimitRangeItem(atomic)

LinuxContainerUser
  uid!+:1:i64
  gid!+:2:i64
  supplementalGroups:3:[]i64(atomic)

List
  metadata*:1:meta/v1.ListMeta
  items:2:[]raw

LoadBalancerIngress
  ip:1:s
  hostname:2:s
  ipMode*:3:s
  ports:4:[]PortStatus(atomic)

LoadBalancerStatus
  ingress:1:[]LoadBalancerIngress(atomic)

LocalObjectReference~
  name:1:s(default="")

LocalVolumeSource
  path!+:1:s
  fsType*:2:s

ModifyVolumeStatus
  targetVolumeAttributesClassName:1:s
  status!+:2:s(enum=InProgress,Infeasible,Pending)

NFSVolumeSource
  server!+:1:s
  path!+:2:s
  readOnly:3:b

Namespace@
  # A scope for names. Deleting a namespace deletes all objects in it.
  resource namespaces namespace cluster create,delete,get,list,patch,update,watch short=ns
  subresource finalize Namespace update
  subresource status Namespace get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:NamespaceSpec
  status+:3:NamespaceStatus

NamespaceCondition
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:4:t
  reason:5:s
  message:6:s

NamespaceList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Namespace

NamespaceSpec
  finalizers:1:[]s(atomic)

NamespaceStatus
  phase:1:s(enum=Active,Terminating)
  conditions:2:[]NamespaceCondition(map=type;patch=merge;key=type)

Node@
  # A machine that runs pods.
  resource nodes node cluster * short=no
  subresource proxy NodeProxyOptions create,delete,get,patch,update
  subresource status Node get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:NodeSpec
  status+:3:NodeStatus

NodeAddress
  type!+:1:s
  address!+:2:s

NodeAffinity
  requiredDuringSchedulingIgnoredDuringExecution*:1:NodeSelector
  preferredDuringSchedulingIgnoredDuringExecution:2:[]PreferredSchedulingTerm(atomic)

NodeCondition
  type!+:1:s
  status!+:2:s
  lastHeartbeatTime+:3:t
  lastTransitionTime+:4:t
  reason:5:s
  message:6:s

NodeConfigSource
  configMap*:2:ConfigMapNodeConfigSource

NodeConfigStatus
  assigned*:1:NodeConfigSource
  active*:2:NodeConfigSource
  lastKnownGood*:3:NodeConfigSource
  error:4:s

NodeDaemonEndpoints
  kubeletEndpoint+:1:DaemonEndpoint

NodeFeatures
  supplementalGroupsPolicy*:1:b

NodeList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Node

NodeProxyOptions@
  path:1:s

NodeRuntimeHandler
  name+:1:s
  features*:2:NodeRuntimeHandlerFeatures

NodeRuntimeHandlerFeatures
  recursiveReadOnlyMounts*:1:b
  userNamespaces*:2:b

NodeSelector~
  nodeSelectorTerms!+:1:[]NodeSelectorTerm(atomic)

NodeSelectorRequirement
  key!+:1:s
  operator!+:2:s(enum=DoesNotExist,Exists,Gt,In,Lt,NotIn)
  values:3:[]s(atomic)

NodeSelectorTerm~
  matchExpressions:1:[]NodeSelectorRequirement(atomic)
  matchFields:2:[]NodeSelectorRequirement(atomic)

NodeSpec
  podCIDR:1:s
    # IP range from which the node's pods get their addresses.
  podCIDRs:7:[]s(set;patch=merge)
  providerID:3:s
  unschedulable:4:b
    # If true, the scheduler places no new pods on the node.
  taints:5:[]Taint(atomic)
    # Taints of the node. Pods that do not tolerate them are kept away.
  configSource*:6:NodeConfigSource
  externalID:2:s

NodeStatus
  capacity:1:{}q
    # Total resources of the node.
  allocatable:2:{}q
    # Resources of the node that are available to pods.
  phase:3:s(enum=Pending,Running,Terminated)
  conditions:4:[]NodeCondition(map=type;patch=merge;key=type)
    # Current conditions of the node, such as Ready and MemoryPressure.
  addresses:5:[]NodeAddress(map=type;patch=merge;key=type)
    # Addresses at which the node can be reached.
  daemonEndpoints+:6:NodeDaemonEndpoints
  nodeInfo+:7:NodeSystemInfo
    # Versions of the node's operating system, kernel, container runtime and agent.
  images:8:[]ContainerImage(atomic)
  volumesInUse:9:[]s(atomic)
  volumesAttached:10:[]AttachedVolume(atomic)
  config*:11:NodeConfigStatus
  runtimeHandlers:12:[]NodeRuntimeHandler(atomic)
  features*:13:NodeFeatures

NodeSwapStatus
  capacity*:1:i64

NodeSystemInfo
  machineID!+:1:s
  systemUUID!+:2:s
  bootID!+:3:s
  kernelVersion!+:4:s
  osImage!+:5:s
  containerRuntimeVersion!+:6:s
  kubeletVersion!+:7:s
  kubeProxyVersion!+:8:s
  operatingSystem!+:9:s
  architecture!+:10:s
  swap*:11:NodeSwapStatus

ObjectFieldSelector~
  apiVersion:1:s
  fieldPath!+:2:s

ObjectReference~
  kind:1:s
  namespace:2:s
  name:3:s
  uid:4:s
  apiVersion:5:s
  resourceVersion:6:s
  fieldPath:7:s

PersistentVolume@
  # A piece of storage in the cluster, with a lifetime independent of any pod.
  resource persistentvolumes persistentvolume cluster * short=pv
  subresource status PersistentVolume get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PersistentVolumeSpec
  status+:3:PersistentVolumeStatus

PersistentVolumeClaim@
  # A request for storage, which is bound to a matching PersistentVolume.
  resource persistentvolumeclaims persistentvolumeclaim namespaced * short=pvc
  subresource status PersistentVolumeClaim get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PersistentVolumeClaimSpec
  status+:3:PersistentVolumeClaimStatus

PersistentVolumeClaimCondition
  type!+:1:s
  status!+:2:s
  lastProbeTime+:3:t
  lastTransitionTime+:4:t
  reason:5:s
  message:6:s

PersistentVolumeClaimList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PersistentVolumeClaim

PersistentVolumeClaimSpec
  accessModes:1:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)
    # Access modes that the volume must support.
  selector*:4:meta/v1.LabelSelector
    # Label query over the volumes that may be bound.
  resources+:2:VolumeResourceRequirements
    # Minimum size of the volume.
  volumeName:3:s
    # Name of the PersistentVolume that the claim is bound to.
  storageClassName*:5:s
    # StorageClass required by the claim. If empty, only volumes without a class match; if missing, the default class is
    # used.
  volumeMode*:6:s(enum=Block,Filesystem)
    # How the volume is presented to the container: Filesystem or Block.
  dataSource*:7:TypedLocalObjectReference
    # Source of the volume's initial content: a snapshot or another claim.
  dataSourceRef*:8:TypedObjectReference
  volumeAttributesClassName*:9:s

PersistentVolumeClaimStatus
  phase:1:s(enum=Bound,Lost,Pending)
  accessModes:2:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)
  capacity:3:{}q
  conditions:4:[]PersistentVolumeClaimCondition(map=type;patch=merge;key=type)
  allocatedResources:5:{}q
  allocatedResourceStatuses:7:{}s(mapgranular;enum=ControllerResizeInProgress,ControllerResizeInfeasible,
    NodeResizeInProgress,NodeResizeInfeasible,NodeResizePending)
  currentVolumeAttributesClassName*:8:s
  modifyVolumeStatus*:9:ModifyVolumeStatus

PersistentVolumeClaimTemplate
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:PersistentVolumeClaimSpec

PersistentVolumeClaimVolumeSource
  claimName!+:1:s
  readOnly:2:b

PersistentVolumeList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PersistentVolume

PersistentVolumeSource
  gcePersistentDisk*:1:GCEPersistentDiskVolumeSource
  awsElasticBlockStore*:2:AWSElasticBlockStoreVolumeSource
  hostPath*:3:HostPathVolumeSource
  glusterfs*:4:GlusterfsPersistentVolumeSource
  nfs*:5:NFSVolumeSource
  rbd*:6:RBDPersistentVolumeSource
  iscsi*:7:ISCSIPersistentVolumeSource
  cinder*:8:CinderPersistentVolumeSource
  cephfs*:9:CephFSPersistentVolumeSource
  fc*:10:FCVolumeSource
  flocker*:11:FlockerVolumeSource
  flexVolume*:12:FlexPersistentVolumeSource
  azureFile*:13:AzureFilePersistentVolumeSource
  vsphereVolume*:14:VsphereVirtualDiskVolumeSource
  quobyte*:15:QuobyteVolumeSource
  azureDisk*:16:AzureDiskVolumeSource
  photonPersistentDisk*:17:PhotonPersistentDiskVolumeSource
  portworxVolume*:18:PortworxVolumeSource
  scaleIO*:19:ScaleIOPersistentVolumeSource
  local*:20:LocalVolumeSource
  storageos*:21:StorageOSPersistentVolumeSource
  csi*:22:CSIPersistentVolumeSource

PersistentVolumeSpec
  capacity:1:{}q
    # Size of the volume.
  gcePersistentDisk*:2/1:GCEPersistentDiskVolumeSource
  awsElasticBlockStore*:2/2:AWSElasticBlockStoreVolumeSource
  hostPath*:2/3:HostPathVolumeSource
  glusterfs*:2/4:GlusterfsPersistentVolumeSource
  nfs*:2/5:NFSVolumeSource
  rbd*:2/6:RBDPersistentVolumeSource
  iscsi*:2/7:ISCSIPersistentVolumeSource
  cinder*:2/8:CinderPersistentVolumeSource
  cephfs*:2/9:CephFSPersistentVolumeSource
  fc*:2/10:FCVolumeSource
  flocker*:2/11:FlockerVolumeSource
  flexVolume*:2/12:FlexPersistentVolumeSource
  azureFile*:2/13:AzureFilePersistentVolumeSource
  vsphereVolume*:2/14:VsphereVirtualDiskVolumeSource
  quobyte*:2/15:QuobyteVolumeSource
  azureDisk*:2/16:AzureDiskVolumeSource
  photonPersistentDisk*:2/17:PhotonPersistentDiskVolumeSource
  portworxVolume*:2/18:PortworxVolumeSource
  scaleIO*:2/19:ScaleIOPersistentVolumeSource
  local*:2/20:LocalVolumeSource
  storageos*:2/21:StorageOSPersistentVolumeSource
  csi*:2/22:CSIPersistentVolumeSource
  accessModes:3:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)
    # Ways in which the volume can be mounted: by one node or by many, read-only or read-write.
  claimRef*:4:ObjectReference(mapgranular)
    # Claim that the volume is bound to.
  persistentVolumeReclaimPolicy:5:s(enum=Delete,Recycle,Retain)
    # Action taken when the claim is deleted: Retain, Delete or Recycle.
  storageClassName:6:s
    # StorageClass of the volume. Empty if it belongs to none.
  mountOptions:7:[]s(atomic)
  volumeMode*:8:s(enum=Block,Filesystem)
  nodeAffinity*:9:VolumeNodeAffinity
    # Nodes from which the volume can be accessed.
  volumeAttributesClassName*:10:s

PersistentVolumeStatus
  phase:1:s(enum=Available,Bound,Failed,Pending,Released)
  message:2:s
  reason:3:s
  lastPhaseTransitionTime*:4:t

PhotonPersistentDiskVolumeSource
  pdID!+:1:s
  fsType:2:s

Pod@
  # A group of containers that run together on one node and share its network and volumes.
  resource pods pod namespaced * short=po categories=all
  subresource attach PodAttachOptions create,get
  subresource binding Binding create
  subresource ephemeralcontainers Pod get,patch,update
  subresource eviction policy/v1.Eviction create
  subresource exec PodExecOptions create,get
  subresource log Pod get
  subresource portforward PodPortForwardOptions create,get
  subresource proxy PodProxyOptions create,delete,get,patch,update
  subresource resize Pod get,patch,update
  subresource status Pod get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PodSpec
  status+:3:PodStatus

PodAffinity
  requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm(atomic)
  preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm(atomic)

PodAffinityTerm
  labelSelector*:1:meta/v1.LabelSelector
  namespaces:2:[]s(atomic)
  topologyKey!+:3:s
  namespaceSelector*:4:meta/v1.LabelSelector
  matchLabelKeys:5:[]s(atomic)
  mismatchLabelKeys:6:[]s(atomic)

PodAntiAffinity
  requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm(atomic)
  preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm(atomic)

PodAttachOptions@
  stdin:1:b
  stdout:2:b
  stderr:3:b
  tty:4:b
  container:5:s

PodCondition
  type!+:1:s
  observedGeneration:7:i64
  status!+:2:s
  lastProbeTime+:3:t
  lastTransitionTime+:4:t
  reason:5:s
  message:6:s

PodDNSConfig
  nameservers:1:[]s(atomic)
  searches:2:[]s(atomic)
  options:3:[]PodDNSConfigOption(atomic)

PodDNSConfigOption
  name:1:s
  value*:2:s

PodExecOptions@
  stdin:1:b
  stdout:2:b
  stderr:3:b
  tty:4:b
  container:5:s
  command+:6:[]s

PodIP
  ip!+:1:s

PodList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Pod

PodLogOptions@
  container:1:s
  follow:2:b
  previous:3:b
  sinceSeconds*:4:i64
  sinceTime*:5:t
  timestamps:6:b
  tailLines*:7:i64
  limitBytes*:8:i64
  insecureSkipTLSVerifyBackend:9:b
  stream*:10:s

PodOS
  name!+:1:s

PodPortForwardOptions@
  ports:1:[]i32

PodProxyOptions@
  path:1:s

PodReadinessGate
  conditionType!+:1:s

PodResourceClaim
  name!+:1:s
  resourceClaimName*:3:s
  resourceClaimTemplateName*:4:s

PodResourceClaimStatus
  name!+:1:s
  resourceClaimName*:2:s

PodSchedulingGate
  name!+:1:s

PodSecurityContext
  seLinuxOptions*:1:SELinuxOptions
  windowsOptions*:8:WindowsSecurityContextOptions
  runAsUser*:2:i64
    # User ID of the containers' processes.
  runAsGroup*:6:i64
  runAsNonRoot*:3:b
    # If true, containers that would run as root do not start.
  supplementalGroups:4:[]i64(atomic)
    # Additional group IDs of the containers' processes.
  supplementalGroupsPolicy*:12:s(enum=Merge,Strict)
  fsGroup*:5:i64
    # Group ID that owns the pod's volumes and is added to every container.
  sysctls:7:[]Sysctl(atomic)
    # Kernel parameters set for the pod.
  fsGroupChangePolicy*:9:s(enum=Always,OnRootMismatch)
  seccompProfile*:10:SeccompProfile
  appArmorProfile*:11:AppArmorProfile
  seLinuxChangePolicy*:13:s

PodSignature
  podController*:1:meta/v1.OwnerReference

PodSpec
  # Desired state of a pod.
  volumes:1:[]Volume(map=name;patch=merge,retainKeys;key=name)
    # Volumes that containers of the pod can mount.
  initContainers:20:[]Container(map=name;patch=merge;key=name)
    # Containers that run to completion, one after another, before the app containers start.
  containers!+:2:[]Container(map=name;patch=merge;key=name)
    # Containers of the pod. At least one is required; none can be added or removed after creation.
  ephemeralContainers:34:[]EphemeralContainer(map=name;patch=merge;key=name)
    # Temporary containers added to a running pod for debugging, through the ephemeralcontainers subresource.
  restartPolicy:3:s(enum=Always,Never,OnFailure)
    # When terminated containers are restarted: Always, OnFailure or Never. Defaults to Always.
  terminationGracePeriodSeconds*:4:i64
    # Seconds that containers have to stop gracefully before they are killed. Defaults to 30.
  activeDeadlineSeconds*:5:i64
    # Seconds that the pod may be active before it is terminated and marked as failed.
  dnsPolicy:6:s(enum=ClusterFirst,ClusterFirstWithHostNet,Default,None)
    # DNS configuration of the pod: ClusterFirst, ClusterFirstWithHostNet, Default or None. Defaults to ClusterFirst.
  nodeSelector:7:{}s(mapatomic)
    # Labels that a node must have for the pod to be scheduled on it.
  serviceAccountName:8:s
    # ServiceAccount whose identity the pod uses towards the API.
  serviceAccount:9:s
    # Deprecated alias of serviceAccountName.
  automountServiceAccountToken*:21:b
    # Whether the service account's token is mounted into the containers.
  nodeName:10:s
    # Node on which the pod runs. If it is set at creation, the scheduler is bypassed.
  hostNetwork:11:b
    # If true, the pod uses the node's network instead of its own.
  hostPID:12:b
    # If true, containers see the processes of the node.
  hostIPC:13:b
    # If true, containers share the IPC namespace of the node.
  shareProcessNamespace*:27:b
    # If true, the containers of the pod share one process namespace.
  securityContext*:14:PodSecurityContext
    # Security settings that apply to all containers of the pod.
  imagePullSecrets:15:[]LocalObjectReference(map=name;patch=merge;key=name)
    # Secrets with the credentials for pulling images from private registries.
  hostname:16:s
    # Host name of the pod. Defaults to the pod's name.
  subdomain:17:s
    # If set, the pod's fully qualified name is <hostname>.<subdomain>.<namespace>.svc.<cluster domain>.
  affinity*:18:Affinity
    # Scheduling constraints: affinity to nodes, and affinity or anti-affinity to other pods.
  schedulerName:19:s
    # Scheduler that places the pod. Defaults to default-scheduler.
  tolerations:22:[]Toleration(atomic)
    # Taints of nodes that the pod tolerates.
  hostAliases:23:[]HostAlias(map=ip;patch=merge;key=ip)
    # Additional entries of the pod's hosts file.
  priorityClassName:24:s
    # PriorityClass that determines the priority of the pod.
  priority*:25:i32
    # Priority of the pod; higher values are more important. Set from the priority class.
  dnsConfig*:26:PodDNSConfig
    # DNS servers, search domains and options, merged with those of the DNS policy.
  readinessGates:28:[]PodReadinessGate(atomic)
    # Additional pod conditions that must be true for the pod to be ready.
  runtimeClassName*:29:s
    # RuntimeClass that selects how the node runs the containers.
  enableServiceLinks*:30:b
    # Whether containers get environment variables that describe the services of the namespace. Defaults to true.
  preemptionPolicy*:31:s(enum=Never,PreemptLowerPriority)
  overhead:32:{}q
  topologySpreadConstraints:33:[]TopologySpreadConstraint(map=topologyKey,whenUnsatisfiable;patch=merge;key=topologyKey)
    # How matching pods are spread across zones, nodes or other topology domains.
  setHostnameAsFQDN*:35:b
  os*:36:PodOS
    # Operating system that the containers need.
  hostUsers*:37:b
  schedulingGates:38:[]PodSchedulingGate(map=name;patch=merge;key=name)
    # While the list is not empty, the pod is not scheduled.
  resourceClaims:39:[]PodResourceClaim(map=name;patch=merge,retainKeys;key=name)
  resources*:40:ResourceRequirements

PodStatus
  observedGeneration:17:i64
  phase:1:s(enum=Failed,Pending,Running,Succeeded,Unknown)
    # Stage of the pod's life: Pending, Running, Succeeded, Failed or Unknown.
  conditions:2:[]PodCondition(map=type;patch=merge;key=type)
    # Current conditions of the pod, such as PodScheduled, Initialized and Ready.
  message:3:s
  reason:4:s
  nominatedNodeName:11:s
  hostIP:5:s
    # IP address of the node on which the pod runs.
  hostIPs:16:[]HostIP(atomic;patch=merge;key=ip)
  podIP:6:s
    # IP address of the pod. Empty until one is assigned.
  podIPs:12:[]PodIP(map=ip;patch=merge;key=ip)
  startTime*:7:t
    # Time at which the node agent accepted the pod.
  initContainerStatuses:10:[]ContainerStatus(atomic)
  containerStatuses:8:[]ContainerStatus(atomic)
    # Current state of each container.
  qosClass:9:s(enum=BestEffort,Burstable,Guaranteed)
    # Quality of service class, derived from requests and limits: Guaranteed, Burstable or BestEffort.
  ephemeralContainerStatuses:13:[]ContainerStatus(atomic)
  resize:14:s
  resourceClaimStatuses:15:[]PodResourceClaimStatus(map=name;patch=merge,retainKeys;key=name)

PodStatusResult@
  metadata*:1:meta/v1.ObjectMeta
  status+:2:PodStatus

PodTemplate@
  # A stored template from which pods can be created.
  resource podtemplates podtemplate namespaced *
  metadata+:1:meta/v1.ObjectMeta
  template+:2:PodTemplateSpec

PodTemplateList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PodTemplate

PodTemplateSpec
  # Labels and spec of the pods created from this template.
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PodSpec

PortStatus
  port!+:1:i32
  protocol!+:2:s(enum=SCTP,TCP,UDP)
  error*:3:s

PortworxVolumeSource
  volumeID!+:1:s
  fsType:2:s
  readOnly:3:b

Preconditions
  uid*:1:s

PreferAvoidPodsEntry
  podSignature+:1:PodSignature
  evictionTime+:2:t
  reason:3:s
  message:4:s

PreferredSchedulingTerm
  weight!+:1:i32
  preference!+:2:NodeSelectorTerm

Probe
  exec*:1/1:ExecAction
    # Runs a command in the container. Exit code 0 is a success.
  httpGet*:1/2:HTTPGetAction
    # Sends an HTTP GET request. Status codes from 200 to 399 are a success.
  tcpSocket*:1/3:TCPSocketAction
    # Opens a TCP connection to a port.
  grpc*:1/4:GRPCAction
    # Calls the gRPC health checking service.
  initialDelaySeconds:2:i32
    # Seconds after the container's start before the first check.
  timeoutSeconds:3:i32
    # Seconds after which a check times out. Defaults to 1.
  periodSeconds:4:i32
    # Seconds between checks. Defaults to 10.
  successThreshold:5:i32
    # Number of consecutive successes after a failure for the probe to succeed. Defaults to 1.
  failureThreshold:6:i32
    # Number of consecutive failures for the probe to fail. Defaults to 3.
  terminationGracePeriodSeconds*:7:i64

ProbeHandler
  exec*:1:ExecAction
  httpGet*:2:HTTPGetAction
  tcpSocket*:3:TCPSocketAction
  grpc*:4:GRPCAction

ProjectedVolumeSource
  sources+:1:[]VolumeProjection(atomic)
  defaultMode*:2:i32

QuobyteVolumeSource
  registry!+:1:s
  volume!+:2:s
  readOnly:3:b
  user:4:s
  group:5:s
  tenant:6:s

RBDPersistentVolumeSource
  monitors!+:1:[]s(atomic)
  image!+:2:s
  fsType:3:s
  pool:4:s(default="rbd")
  user:5:s(default="admin")
  keyring:6:s(default="/etc/ceph/keyring")
  secretRef*:7:SecretReference
  readOnly:8:b

RBDVolumeSource
  monitors!+:1:[]s(atomic)
  image!+:2:s
  fsType:3:s
  pool:4:s(default="rbd")
  user:5:s(default="admin")
  keyring:6:s(default="/etc/ceph/keyring")
  secretRef*:7:LocalObjectReference
  readOnly:8:b

RangeAllocation@
  metadata*:1:meta/v1.ObjectMeta
  range+:2:s
  data+:3:bytes

ReplicationController@
  # Keeps a specified number of pods running. Superseded by ReplicaSet.
  resource replicationcontrollers replicationcontroller namespaced * short=rc categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status ReplicationController get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ReplicationControllerSpec
  status+:3:ReplicationControllerStatus

ReplicationControllerCondition
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

ReplicationControllerList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ReplicationController

ReplicationControllerSpec
  replicas*:1:i32(default=1)
  minReadySeconds:4:i32(default=0)
  selector:2:{}s(mapatomic)
  template*:3:PodTemplateSpec

ReplicationControllerStatus
  replicas!+:1:i32
  fullyLabeledReplicas:2:i32
  readyReplicas:4:i32
  availableReplicas:5:i32
  observedGeneration:3:i64
  conditions:6:[]ReplicationControllerCondition(map=type;patch=merge;key=type)

ResourceClaim
  name!+:1:s
  request:2:s

ResourceFieldSelector~
  containerName:1:s
  resource!+:2:s
  divisor+:3:q

ResourceHealth
  resourceID!+:1:s
  health:2:s

ResourceQuota@
  # Limits on the total resources that a namespace can use.
  resource resourcequotas resourcequota namespaced * short=quota
  subresource status ResourceQuota get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ResourceQuotaSpec
  status+:3:ResourceQuotaStatus

ResourceQuotaList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ResourceQuota

ResourceQuotaSpec
  hard:1:{}q
    # Maximum amount of each resource.
  scopes:2:[]s(atomic;enum=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,
    VolumeAttributesClass)
    # Restricts the quota to pods that match all of these scopes.
  scopeSelector*:3:ScopeSelector

ResourceQuotaStatus
  hard:1:{}q
  used:2:{}q

ResourceRequirements
  limits:1:{}q
    # Maximum amount of each resource.
  requests:2:{}q
    # Minimum amount of each resource that is reserved. Defaults to the limits.
  claims:3:[]ResourceClaim(map=name)

ResourceStatus
  name!+:1:s
  resources:2:[]ResourceHealth(map=resourceID)

SELinuxOptions
  user:1:s
  role:2:s
  type:3:s
  level:4:s

ScaleIOPersistentVolumeSource
  gateway!+:1:s
  system!+:2:s
  secretRef!*+:3:SecretReference
  sslEnabled:4:b
  protectionDomain:5:s
  storagePool:6:s
  storageMode:7:s(default="ThinProvisioned")
  volumeName:8:s
  fsType:9:s(default="xfs")
  readOnly:10:b

ScaleIOVolumeSource
  gateway!+:1:s
  system!+:2:s
  secretRef!*+:3:LocalObjectReference
  sslEnabled:4:b
  protectionDomain:5:s
  storagePool:6:s
  storageMode:7:s(default="ThinProvisioned")
  volumeName:8:s
  fsType:9:s(default="xfs")
  readOnly:10:b

ScopeSelector~
  matchExpressions:1:[]ScopedResourceSelectorRequirement(atomic)

ScopedResourceSelectorRequirement
  scopeName!+:1:s(enum=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,
    VolumeAttributesClass)
  operator!+:2:s(enum=DoesNotExist,Exists,In,NotIn)
  values:3:[]s(atomic)

SeccompProfile
  type!+:1:s(enum=Localhost,RuntimeDefault,Unconfined)
  localhostProfile*:2:s

Secret@
  # Sensitive data such as passwords, tokens and keys.
  resource secrets secret namespaced *
  metadata+:1:meta/v1.ObjectMeta
  immutable*:5:b
    # If true, the data cannot be changed until the object is deleted and created again.
  data:2:{}bytes
    # Base64-encoded values by key.
  stringData:4:{}s
    # Plain-text values by key. Write-only: the server merges them into data, where they replace existing keys.
  type:3:s
    # Purpose of the secret. Some types require certain keys. Defaults to Opaque.

SecretEnvSource
  name:1/1:s(default="")
  optional*:2:b

SecretKeySelector~
  name:1/1:s(default="")
  key!+:2:s
  optional*:3:b

SecretList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Secret

SecretProjection
  name:1/1:s(default="")
  items:2:[]KeyToPath(atomic)
  optional*:4:b

SecretReference~
  name:1:s
  namespace:2:s

SecretVolumeSource
  secretName:1:s
  items:2:[]KeyToPath(atomic)
  defaultMode*:3:i32
  optional*:4:b

SecurityContext
  capabilities*:1:Capabilities
    # Linux capabilities to add or drop.
  privileged*:2:b
    # If true, the container runs with almost all rights of root on the node.
  seLinuxOptions*:3:SELinuxOptions
  windowsOptions*:10:WindowsSecurityContextOptions
  runAsUser*:4:i64
    # User ID of the container's process.
  runAsGroup*:8:i64
    # Primary group ID of the container's process.
  runAsNonRoot*:5:b
    # If true, the container does not start when it would run as root.
  readOnlyRootFilesystem*:6:b
    # Whether the container's root file system is read-only.
  allowPrivilegeEscalation*:7:b
    # Whether a process can gain more privileges than its parent.
  procMount*:9:s(enum=Default,Unmasked)
  seccompProfile*:11:SeccompProfile
    # Seccomp profile, which restricts the system calls of the container.
  appArmorProfile*:12:AppArmorProfile

SerializedReference@
  reference+:1:ObjectReference

Service@
  # A stable address and DNS name for a set of pods.
  resource services service namespaced * short=svc categories=all
  subresource proxy ServiceProxyOptions create,delete,get,patch,update
  subresource status Service get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ServiceSpec
  status+:3:ServiceStatus

ServiceAccount@
  # Identity that processes in pods use towards the API.
  resource serviceaccounts serviceaccount namespaced * short=sa
  subresource token authentication.k8s.io/v1.TokenRequest create
  metadata+:1:meta/v1.ObjectMeta
  secrets:2:[]ObjectReference(map=name;patch=merge;key=name)
  imagePullSecrets:3:[]LocalObjectReference(atomic)
  automountServiceAccountToken*:4:b

ServiceAccountList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ServiceAccount

ServiceAccountTokenProjection
  audience:1:s
  expirationSeconds*:2:i64
  path!+:3:s

ServiceList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Service

ServicePort
  name:1:s
    # Name of the port. Required if the service has several ports.
  protocol:2:s(enum=SCTP,TCP,UDP;default="TCP")
  appProtocol*:6:s
  port!+:3:i32
    # Port number of the service.
  targetPort+:4:ios
    # Port number or name on the pods. Defaults to the value of port.
  nodePort:5:i32
    # Port on every node, for services of type NodePort or LoadBalancer.

ServiceProxyOptions@
  path:1:s

ServiceSpec
  ports:1:[]ServicePort(map=port,protocol;patch=merge;key=port)
    # Ports that the service exposes.
  selector:2:{}s(mapatomic)
    # Labels of the pods that receive the traffic. Without a selector, endpoints must be managed separately.
  clusterIP:3:s
    # IP address of the service in the cluster. None makes the service headless: its name resolves to the pods'
    # addresses.
  clusterIPs:18:[]s(atomic)
  type:4:s(enum=ClusterIP,ExternalName,LoadBalancer,NodePort)
    # How the service is exposed: ClusterIP, NodePort, LoadBalancer or ExternalName. Defaults to ClusterIP.
  externalIPs:5:[]s(atomic)
    # Additional IP addresses for which nodes accept traffic for the service.
  sessionAffinity:7:s(enum=ClientIP,None)
    # ClientIP sends all connections of a client to the same pod; None does not. Defaults to None.
  loadBalancerIP:8:s
  loadBalancerSourceRanges:9:[]s(atomic)
  externalName:10:s
    # External host name that the service's DNS name resolves to. Only for type ExternalName.
  externalTrafficPolicy:11:s(enum=Cluster,Local)
    # Cluster sends external traffic to all ready pods; Local only to those on the node that received it.
  healthCheckNodePort:12:i32
  publishNotReadyAddresses:13:b
    # If true, pods that are not ready are published as endpoints too.
  sessionAffinityConfig*:14:SessionAffinityConfig
  ipFamilies:19:[]s(atomic;enum=,IPv4,IPv6)
  ipFamilyPolicy*:17:s(enum=PreferDualStack,RequireDualStack,SingleStack)
  allocateLoadBalancerNodePorts*:20:b
  loadBalancerClass*:21:s
  internalTrafficPolicy*:22:s(enum=Cluster,Local)
    # Cluster sends traffic from inside the cluster to all ready pods; Local only to those on the client's node.
  trafficDistribution*:23:s

ServiceStatus
  loadBalancer+:1:LoadBalancerStatus
  conditions:2:[]meta/v1.Condition(map=type;patch=merge;key=type)

SessionAffinityConfig
  clientIP*:1:ClientIPConfig

SleepAction
  seconds!+:1:i64

StorageOSPersistentVolumeSource
  volumeName:1:s
  volumeNamespace:2:s
  fsType:3:s
  readOnly:4:b
  secretRef*:5:ObjectReference

StorageOSVolumeSource
  volumeName:1:s
  volumeNamespace:2:s
  fsType:3:s
  readOnly:4:b
  secretRef*:5:LocalObjectReference

Sysctl
  name!+:1:s
  value!+:2:s

TCPSocketAction
  port!+:1:ios
  host:2:s

Taint
  key!+:1:s
  value:2:s
  effect!+:3:s(enum=NoExecute,NoSchedule,PreferNoSchedule)
  timeAdded*:4:t

Toleration
  key:1:s
    # Taint key to match. If empty, with operator Exists, all taints match.
  operator:2:s(enum=Equal,Exists)
    # How the value is compared: Exists or Equal. Defaults to Equal.
  value:3:s
  effect:4:s(enum=NoExecute,NoSchedule,PreferNoSchedule)
    # Taint effect to match: NoSchedule, PreferNoSchedule or NoExecute. If empty, all effects match.
  tolerationSeconds*:5:i64
    # Seconds for which a NoExecute taint is tolerated. If missing, it is tolerated forever.

TopologySelectorLabelRequirement
  key!+:1:s
  values!+:2:[]s(atomic)

TopologySelectorTerm~
  matchLabelExpressions:1:[]TopologySelectorLabelRequirement(atomic)

TopologySpreadConstraint
  maxSkew!+:1:i32
  topologyKey!+:2:s
  whenUnsatisfiable!+:3:s(enum=DoNotSchedule,ScheduleAnyway)
  labelSelector*:4:meta/v1.LabelSelector
  minDomains*:5:i32
  nodeAffinityPolicy*:6:s(enum=Honor,Ignore)
  nodeTaintsPolicy*:7:s(enum=Honor,Ignore)
  matchLabelKeys:8:[]s(atomic)

TypedLocalObjectReference~
  apiGroup*+:1:s
  kind!+:2:s
  name!+:3:s

TypedObjectReference
  apiGroup*+:1:s
  kind!+:2:s
  name!+:3:s
  namespace*:4:s

Volume
  name!+:1:s
    # Name by which containers mount the volume.
  hostPath*:2/1:HostPathVolumeSource
    # File or directory of the node.
  emptyDir*:2/2:EmptyDirVolumeSource
    # Directory that starts empty and shares the pod's lifetime.
  gcePersistentDisk*:2/3:GCEPersistentDiskVolumeSource
  awsElasticBlockStore*:2/4:AWSElasticBlockStoreVolumeSource
  gitRepo*:2/5:GitRepoVolumeSource
  secret*:2/6:SecretVolumeSource
    # Keys of a Secret as files.
  nfs*:2/7:NFSVolumeSource
  iscsi*:2/8:ISCSIVolumeSource
  glusterfs*:2/9:GlusterfsVolumeSource
  persistentVolumeClaim*:2/10:PersistentVolumeClaimVolumeSource
    # Volume bound to a PersistentVolumeClaim.
  rbd*:2/11:RBDVolumeSource
  flexVolume*:2/12:FlexVolumeSource
  cinder*:2/13:CinderVolumeSource
  cephfs*:2/14:CephFSVolumeSource
  flocker*:2/15:FlockerVolumeSource
  downwardAPI*:2/16:DownwardAPIVolumeSource
    # Metadata and resources of the pod as files.
  fc*:2/17:FCVolumeSource
  azureFile*:2/18:AzureFileVolumeSource
  configMap*:2/19:ConfigMapVolumeSource
    # Keys of a ConfigMap as files.
  vsphereVolume*:2/20:VsphereVirtualDiskVolumeSource
  quobyte*:2/21:QuobyteVolumeSource
  azureDisk*:2/22:AzureDiskVolumeSource
  photonPersistentDisk*:2/23:PhotonPersistentDiskVolumeSource
  projected*:2/26:ProjectedVolumeSource
    # Several volume sources combined in one directory.
  portworxVolume*:2/24:PortworxVolumeSource
  scaleIO*:2/25:ScaleIOVolumeSource
  storageos*:2/27:StorageOSVolumeSource
  csi*:2/28:CSIVolumeSource
  ephemeral*:2/29:EphemeralVolumeSource
  image*:2/30:ImageVolumeSource

VolumeDevice
  name!+:1:s
  devicePath!+:2:s

VolumeMount
  name!+:1:s
    # Name of a volume of the pod.
  readOnly:2:b
    # Whether the volume is mounted read-only. Defaults to false.
  recursiveReadOnly*:7:s
  mountPath!+:3:s
    # Path in the container at which the volume is mounted.
  subPath:4:s
    # Path inside the volume to mount. Defaults to the root of the volume.
  mountPropagation*:5:s(enum=Bidirectional,HostToContainer,None)
  subPathExpr:6:s

VolumeMountStatus
  name!+:1:s
  mountPath!+:2:s
  readOnly:3:b
  recursiveReadOnly*:4:s

VolumeNodeAffinity
  required*:1:NodeSelector

VolumeProjection
  secret*:1:SecretProjection
  downwardAPI*:2:DownwardAPIProjection
  configMap*:3:ConfigMapProjection
  serviceAccountToken*:4:ServiceAccountTokenProjection
  clusterTrustBundle*:5:ClusterTrustBundleProjection

VolumeResourceRequirements
  limits:1:{}q
  requests:2:{}q

VolumeSource
  hostPath*:1:HostPathVolumeSource
  emptyDir*:2:EmptyDirVolumeSource
  gcePersistentDisk*:3:GCEPersistentDiskVolumeSource
  awsElasticBlockStore*:4:AWSElasticBlockStoreVolumeSource
  gitRepo*:5:GitRepoVolumeSource
  secret*:6:SecretVolumeSource
  nfs*:7:NFSVolumeSource
  iscsi*:8:ISCSIVolumeSource
  glusterfs*:9:GlusterfsVolumeSource
  persistentVolumeClaim*:10:PersistentVolumeClaimVolumeSource
  rbd*:11:RBDVolumeSource
  flexVolume*:12:FlexVolumeSource
  cinder*:13:CinderVolumeSource
  cephfs*:14:CephFSVolumeSource
  flocker*:15:FlockerVolumeSource
  downwardAPI*:16:DownwardAPIVolumeSource
  fc*:17:FCVolumeSource
  azureFile*:18:AzureFileVolumeSource
  configMap*:19:ConfigMapVolumeSource
  vsphereVolume*:20:VsphereVirtualDiskVolumeSource
  quobyte*:21:QuobyteVolumeSource
  azureDisk*:22:AzureDiskVolumeSource
  photonPersistentDisk*:23:PhotonPersistentDiskVolumeSource
  projected*:26:ProjectedVolumeSource
  portworxVolume*:24:PortworxVolumeSource
  scaleIO*:25:ScaleIOVolumeSource
  storageos*:27:StorageOSVolumeSource
  csi*:28:CSIVolumeSource
  ephemeral*:29:EphemeralVolumeSource
  image*:30:ImageVolumeSource

VsphereVirtualDiskVolumeSource
  volumePath!+:1:s
  fsType:2:s
  storagePolicyName:3:s
  storagePolicyID:4:s

WeightedPodAffinityTerm
  weight!+:1:i32
  podAffinityTerm!+:2:PodAffinityTerm

WindowsSecurityContextOptions
  gmsaCredentialSpecName*:1:s
  gmsaCredentialSpec*:2:s
  runAsUserName*:3:s
  hostProcess*:4:b
`;
