/** Types and resources of the core group, version v1, in the form that type-entry.ts reads. */

export const coreV1 = `
AWSElasticBlockStoreVolumeSource
  # A disk of AWS EBS. Volumes of this kind need a CSI driver.
  volumeID!+:1:s
    # ID of the EBS volume.
  fsType:2:s
    # File system to mount, such as ext4.
  partition:3:i32
    # Partition to mount. 0 or empty: the whole disk.
  readOnly:4:b
    # Whether the volume is mounted read-only.

Affinity
  # Rules that draw a pod to nodes or to other pods, or keep it away.
  nodeAffinity*:1:NodeAffinity
    # Which nodes suit the pod.
  podAffinity*:2:PodAffinity
    # Which pods should run near it.
  podAntiAffinity*:3:PodAntiAffinity
    # Which pods should run elsewhere.

AppArmorProfile
  # The AppArmor profile of a pod or container.
  type!+:1:s(enum=Localhost,RuntimeDefault,Unconfined)
    # Which profile: RuntimeDefault, Unconfined, or Localhost for one of the node.
  localhostProfile*:2:s
    # Name of a profile that is loaded on the node. Only for Localhost.

AttachedVolume
  # A volume that is attached to a node.
  name!+:1:s
    # Unique name of the volume.
  devicePath!+:2:s
    # Where the node has the device.

AvoidPods
  # Pods that a node would rather not run.
  preferAvoidPods:1:[]PreferAvoidPodsEntry
    # The pods, each by its controller.

AzureDiskVolumeSource
  # A disk of Azure. Volumes of this kind need a CSI driver.
  diskName!+:1:s
    # Name of the disk in its storage.
  diskURI!+:2:s
    # URI of the disk in its storage.
  cachingMode*:3:s(enum=None,ReadOnly,ReadWrite;default="ReadWrite")
    # Caching on the host: None, ReadOnly or ReadWrite.
  fsType*:4:s(default="ext4")
    # File system to mount, such as ext4.
  readOnly*:5:b(default=false)
    # Whether the volume is mounted read-only.
  kind*:6:s(enum=Dedicated,Managed,Shared;default="Shared")
    # Shared, Dedicated or Managed, by the account that holds the disk.

AzureFilePersistentVolumeSource
  # A file share of Azure. Volumes of this kind need a CSI driver.
  secretName!+:1:s
    # Secret with the name and key of the storage account.
  shareName!+:2:s
    # Name of the share.
  readOnly:3:b
    # Whether the share is mounted read-only.
  secretNamespace*+:4:s
    # Namespace of the Secret. Default: that of the claim.

AzureFileVolumeSource
  # A file share of Azure. Volumes of this kind need a CSI driver.
  secretName!+:1:s
    # Secret with the name and key of the storage account.
  shareName!+:2:s
    # Name of the share.
  readOnly:3:b
    # Whether the share is mounted read-only.

Binding@
  # Binds a pod to a node.
  resource bindings binding namespaced create
  metadata+:1:meta/v1.ObjectMeta
  target!+:2:ObjectReference
    # Node that the pod is given to.

CSIPersistentVolumeSource
  # A volume that a CSI driver provides.
  driver!+:1:s
    # Name of the CSI driver.
  volumeHandle!+:2:s
    # Name of the volume at the driver. It cannot be changed.
  readOnly:3:b
    # Whether the volume is mounted read-only.
  fsType:4:s
    # File system to mount, such as ext4.
  volumeAttributes:5:{}s
    # Attributes of the volume, for the driver.
  controllerPublishSecretRef*:6:SecretReference
    # Secret for attaching the volume to a node, and for detaching it.
  nodeStageSecretRef*:7:SecretReference
    # Secret for preparing the volume on a node.
  nodePublishSecretRef*:8:SecretReference
    # Secret for mounting the volume into a pod.
  controllerExpandSecretRef*:9:SecretReference
    # Secret for growing the volume at the driver.
  nodeExpandSecretRef*:10:SecretReference
    # Secret for growing the file system on the node.

CSIVolumeSource
  # A volume that a CSI driver makes for one pod.
  driver!+:1:s
    # Name of the CSI driver.
  readOnly*:2:b
    # Whether the volume is mounted read-only.
  fsType*:3:s
    # File system to mount, such as ext4. Empty: the driver decides.
  volumeAttributes:4:{}s
    # Attributes of the volume, for the driver.
  nodePublishSecretRef*:5:LocalObjectReference
    # Secret of the pod's namespace for mounting the volume.

Capabilities
  # Linux capabilities that a container gains or loses.
  add:1:[]s(atomic)
    # Capabilities it gains beside the runtime's defaults.
  drop:2:[]s(atomic)
    # Capabilities it loses. ALL: every one.

CephFSPersistentVolumeSource
  # A folder of CephFS. Volumes of this kind need a CSI driver.
  monitors!+:1:[]s(atomic)
    # Addresses of the Ceph monitors.
  path:2:s
    # Folder to mount. Default: the root.
  user:3:s
    # User at Ceph. Default: admin.
  secretFile:4:s
    # File on the node with the user's key.
  secretRef*:5:SecretReference
    # Secret with the user's key. It goes before secretFile.
  readOnly:6:b
    # Whether the volume is mounted read-only.

CephFSVolumeSource
  # A folder of CephFS. Volumes of this kind need a CSI driver.
  monitors!+:1:[]s(atomic)
    # Addresses of the Ceph monitors.
  path:2:s
    # Folder to mount. Default: the root.
  user:3:s
    # User at Ceph. Default: admin.
  secretFile:4:s
    # File on the node with the user's key.
  secretRef*:5:LocalObjectReference
    # Secret with the user's key. It goes before secretFile.
  readOnly:6:b
    # Whether the volume is mounted read-only.

CinderPersistentVolumeSource
  # A volume of OpenStack Cinder. Volumes of this kind need a CSI driver.
  volumeID!+:1:s
    # ID of the Cinder volume.
  fsType:2:s
    # File system to mount, such as ext4.
  readOnly:3:b
    # Whether the volume is mounted read-only.
  secretRef*:4:SecretReference
    # Secret with the parameters for OpenStack.

CinderVolumeSource
  # A volume of OpenStack Cinder. Volumes of this kind need a CSI driver.
  volumeID!+:1:s
    # ID of the Cinder volume.
  fsType:2:s
    # File system to mount, such as ext4.
  readOnly:3:b
    # Whether the volume is mounted read-only.
  secretRef*:4:LocalObjectReference
    # Secret with the parameters for OpenStack.

ClientIPConfig
  # How a Service keeps clients with their pod by address.
  timeoutSeconds*:1:i32
    # How long a client stays with its pod, in seconds.

ClusterTrustBundleProjection
  # Certificates of ClusterTrustBundles, as one file.
  name*:1:s
    # The one bundle to read. Not with signerName.
  signerName*:2:s
    # All bundles of this signer. Not with name.
  labelSelector*:3:meta/v1.LabelSelector
    # Which of the signer's bundles. Empty: all; absent: none.
  optional*:5:b
    # Whether the pod may start without the bundle.
  path!+:4:s
    # File to write, relative to the volume.

ComponentCondition
  # Whether a component is healthy.
  type!+:1:s
    # What the condition is about: Healthy.
  status!+:2:s
    # True, False or Unknown.
  message:3:s
    # What the component said.
  error:4:s
    # Code of the failure.

ComponentStatus@
  # Health of a control plane component. Deprecated.
  resource componentstatuses componentstatus cluster get,list short=cs
  metadata+:1:meta/v1.ObjectMeta
  conditions:2:[]ComponentCondition(map=type;patch=merge;key=type)
    # What was found out about the component.

ComponentStatusList@
  # A list of objects of the kind ComponentStatus.
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
  # All keys of an object, as environment variables.
  name:1/1:s(default="")
    # Name of the object.
  optional*:2:b
    # Whether the container may start without the object.

ConfigMapKeySelector~
  # One key of an object.
  name:1/1:s(default="")
    # Name of the object.
  key!+:2:s
    # The key whose value is meant.
  optional*:3:b
    # Whether the container may start without the object or the key.

ConfigMapList@
  # A list of objects of the kind ConfigMap.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ConfigMap

ConfigMapNodeConfigSource
  # A ConfigMap as configuration of a node. No longer used by Kubernetes.
  namespace!+:1:s
    # Namespace of the ConfigMap.
  name!+:2:s
    # Name of the ConfigMap.
  uid:3:s
    # UID of the ConfigMap.
  resourceVersion:4:s
    # Version of the ConfigMap.
  kubeletConfigKey!+:5:s
    # Key of the ConfigMap that holds the configuration.

ConfigMapProjection
  # Keys of an object, as files of a projected volume.
  name:1/1:s(default="")
    # Name of the object.
  items:2:[]KeyToPath(atomic)
    # The keys, and their files. Empty: each key is a file of its name.
  optional*:4:b
    # Whether the pod may start without the object or its keys.

ConfigMapVolumeSource
  # Keys of an object, as the files of a volume.
  name:1/1:s(default="")
    # Name of the object.
  items:2:[]KeyToPath(atomic)
    # The keys, and their files. Empty: each key is a file of its name.
  defaultMode*:3:i32
    # Mode of the files, unless their item has one. Default: 0644.
  optional*:4:b
    # Whether the pod may start without the object or its keys.

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
    # Whether stdin is closed once the first client that attached has gone.
  tty:18:b
    # Whether the container gets a terminal. Requires stdin.

ContainerImage
  # An image that is on a node.
  names+:1:[]s(atomic)
    # Names of the image, with tags and digests.
  sizeBytes:2:i64
    # Size of the image, in bytes.

ContainerPort
  # A port of a container.
  name:1:s
    # Name by which services can refer to the port.
  hostPort:2:i32
    # Port number on the node.
  containerPort!+:3:i32
    # Port number in the pod.
  protocol:4:s(enum=SCTP,TCP,UDP;default="TCP")
    # Protocol of the port: TCP, UDP or SCTP. Defaults to TCP.
  hostIP:5:s
    # Address of the node on which hostPort is opened. Default: all.

ContainerResizePolicy
  # What happens to a container when one of its resources is resized.
  resourceName!+:1:s
    # The resource: cpu or memory.
  restartPolicy!+:2:s
    # NotRequired, or RestartContainer to restart it for the change.

ContainerState
  # What a container does now; one of the three is set.
  waiting*:1:ContainerStateWaiting
    # It has not started; says why.
  running*:2:ContainerStateRunning
    # It runs; says since when.
  terminated*:3:ContainerStateTerminated
    # It has ended; says how.

ContainerStateRunning
  # A container that runs.
  startedAt+:1:t
    # When it started.

ContainerStateTerminated
  # A container that has ended.
  exitCode!+:1:i32
    # Exit code of its first process.
  signal:2:i32
    # Signal that ended it.
  reason:3:s
    # Why it ended, as one word for programs.
  message:4:s
    # Why it ended, as text for people.
  startedAt+:5:t
    # When it started.
  finishedAt+:6:t
    # When it ended.
  containerID:7:s
    # ID of the container, as runtime://id.

ContainerStateWaiting
  # A container that has not started.
  reason:1:s
    # Why it waits, as one word for programs.
  message:2:s
    # Why it waits, as text for people.

ContainerStatus
  # What a node observes of one container.
  name!+:1:s
    # Name of the container in the pod.
  state+:2:ContainerState
    # What the container does now.
  lastState+:3:ContainerState
    # How it ended last time, if it was restarted.
  ready!+:4:b
    # Whether it has passed its readiness probe, or has none.
  restartCount!+:5:i32
    # How often it was restarted.
  image!+:6:s
    # Image that it runs.
  imageID!+:7:s
    # Digest of that image.
  containerID:8:s
    # ID of the container, as runtime://id.
  started*:9:b
    # Whether it has passed its startup probe, or has none.
  allocatedResources:10:{}q
    # Requests that the node has granted it.
  resources*:11:ResourceRequirements
    # Requests and limits that hold for it now.
  volumeMounts:12:[]VolumeMountStatus(map=mountPath;patch=merge;key=mountPath)
    # How its volumes are mounted.
  user*:13:ContainerUser
    # User that its first process started as.
  allocatedResourcesStatus:14:[]ResourceStatus(map=name;patch=merge;key=name)
    # State of the devices that it was given.
  stopSignal*:15:s(enum=SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,
    SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,
    SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,
    SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,
    SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,
    SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)
    # Signal that stops it.

ContainerUser
  # User that a container runs as.
  linux*:1:LinuxContainerUser
    # User and groups on Linux.

DaemonEndpoint
  # Port of a node's agent.
  Port!+:1:i32
    # The port's number.

DownwardAPIProjection
  # Facts about the pod, as files of a projected volume.
  items:1:[]DownwardAPIVolumeFile(atomic)
    # The facts, and their files.

DownwardAPIVolumeFile
  # A file with one fact about the pod.
  path!+:1:s
    # File to write, relative to the volume.
  fieldRef*:2:ObjectFieldSelector
    # Field of the pod: its name, namespace, UID, labels or annotations.
  resourceFieldRef*:3:ResourceFieldSelector
    # Request or limit of one of its containers.
  mode*:4:i32
    # Mode of the file. Default: that of the volume.

DownwardAPIVolumeSource
  # Facts about the pod, as the files of a volume.
  items:1:[]DownwardAPIVolumeFile(atomic)
    # The facts, and their files.
  defaultMode*:2:i32
    # Mode of the files, unless their item has one. Default: 0644.

EmptyDirVolumeSource
  # An empty folder that lives as long as the pod.
  medium:1:s
    # Empty for the disk of the node, or Memory.
  sizeLimit*:2:q
    # How much it may hold.

EndpointAddress~
  # One address of an Endpoints object.
  ip!+:1:s
    # The address. Loopback and link-local ones are refused.
  hostname:3:s
    # Host name of the endpoint.
  nodeName*:4:s
    # Node of the endpoint.
  targetRef*:2:ObjectReference
    # Object behind the address, usually a pod.

EndpointPort~
  # A port of endpoints.
  name:1:s
    # Name of the port, as in the Service.
  port!+:2:i32
    # The port's number.
  protocol:3:s(enum=SCTP,TCP,UDP)
    # TCP, UDP or SCTP.
  appProtocol*:4:s
    # Protocol that is spoken there, such as kubernetes.io/h2c.

EndpointSubset
  # Addresses that share their ports.
  addresses:1:[]EndpointAddress(atomic)
    # Addresses that are ready.
  notReadyAddresses:2:[]EndpointAddress(atomic)
    # Addresses that are not ready.
  ports:3:[]EndpointPort(atomic)
    # Ports of all these addresses.

Endpoints@
  # Network addresses that implement a service. Deprecated: use EndpointSlice.
  resource endpoints endpoints namespaced * short=ep
  metadata+:1:meta/v1.ObjectMeta
  subsets:2:[]EndpointSubset(atomic)
    # Groups of addresses with their ports.

EndpointsList@
  # A list of objects of the kind Endpoints.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Endpoints

EnvFromSource
  # An object whose keys become environment variables.
  prefix:1:s
    # Put before the name of each variable.
  configMapRef*:2:ConfigMapEnvSource
    # ConfigMap to read.
  secretRef*:3:SecretEnvSource
    # Secret to read.

EnvVar
  # An environment variable.
  name!+:1:s
    # Name of the environment variable.
  value:2:s
    # Value of the variable. $(NAME) expands to a variable defined earlier; $$ is an escaped dollar sign.
  valueFrom*:3:EnvVarSource
    # Source of the value. Cannot be combined with a non-empty value.

EnvVarSource
  # Where the value of a variable comes from; one of them is set.
  fieldRef*:1:ObjectFieldSelector
    # Field of the pod, such as metadata.name or status.podIP.
  resourceFieldRef*:2:ResourceFieldSelector
    # Request or limit of a container.
  configMapKeyRef*:3:ConfigMapKeySelector
    # Key of a ConfigMap.
  secretKeyRef*:4:SecretKeySelector
    # Key of a Secret.

EphemeralContainer
  # A container that is added to a running pod, usually to debug it.
  name!+:1/1:s
    # Name of the container; no other of the pod has it.
  image:1/2:s
    # Image to run.
  command:1/3:[]s(atomic)
    # Program to run. Default: the image's entry point.
  args:1/4:[]s(atomic)
    # Arguments of the program. Default: the image's.
  workingDir:1/5:s
    # Folder to start in. Default: the image's.
  ports:1/6:[]ContainerPort(map=containerPort,protocol;patch=merge;key=containerPort)
    # Not allowed for ephemeral containers.
  envFrom:1/19:[]EnvFromSource(atomic)
    # Objects whose keys become environment variables.
  env:1/7:[]EnvVar(map=name;patch=merge;key=name)
    # Environment variables.
  resources+:1/8:ResourceRequirements
    # Not allowed for ephemeral containers, which use what the pod has.
  resizePolicy:1/23:[]ContainerResizePolicy(atomic)
    # What happens when resources are resized.
  restartPolicy*:1/24:s
    # Not allowed for ephemeral containers.
  volumeMounts:1/9:[]VolumeMount(map=mountPath;patch=merge;key=mountPath)
    # Volumes of the pod to mount. subPath is not allowed.
  volumeDevices:1/21:[]VolumeDevice(map=devicePath;patch=merge;key=devicePath)
    # Block devices of the pod to show to the container.
  livenessProbe*:1/10:Probe
    # Not allowed for ephemeral containers.
  readinessProbe*:1/11:Probe
    # Not allowed for ephemeral containers.
  startupProbe*:1/22:Probe
    # Not allowed for ephemeral containers.
  lifecycle*:1/12:Lifecycle
    # Not allowed for ephemeral containers.
  terminationMessagePath:1/13:s
    # File in the container whose content tells why it ended.
  terminationMessagePolicy:1/20:s(enum=FallbackToLogsOnError,File)
    # File, or FallbackToLogsOnError to use the end of its log after a failure.
  imagePullPolicy:1/14:s(enum=Always,IfNotPresent,Never)
    # When to pull the image: Always, IfNotPresent or Never.
  securityContext*:1/15:SecurityContext
    # User, capabilities and other security settings.
  stdin:1/16:b
    # Whether it has a standard input that clients can attach to.
  stdinOnce:1/17:b
    # Whether stdin is closed once the first client that attached has gone.
  tty:1/18:b
    # Whether it has a terminal. Needs stdin.
  targetContainerName:2:s
    # Container whose processes it sees. Empty: it sees the pod's.

EphemeralContainerCommon
  # A container that is added to a running pod, usually to debug it.
  name+:1:s
    # Name of the container; no other of the pod has it.
  image:2:s
    # Image to run.
  command:3:[]s
    # Program to run. Default: the image's entry point.
  args:4:[]s
    # Arguments of the program. Default: the image's.
  workingDir:5:s
    # Folder to start in. Default: the image's.
  ports:6:[]ContainerPort
    # Not allowed for ephemeral containers.
  envFrom:19:[]EnvFromSource
    # Objects whose keys become environment variables.
  env:7:[]EnvVar
    # Environment variables.
  resources+:8:ResourceRequirements
    # Not allowed for ephemeral containers, which use what the pod has.
  resizePolicy:23:[]ContainerResizePolicy
    # What happens when resources are resized.
  restartPolicy*:24:s
    # Not allowed for ephemeral containers.
  volumeMounts:9:[]VolumeMount
    # Volumes of the pod to mount. subPath is not allowed.
  volumeDevices:21:[]VolumeDevice
    # Block devices of the pod to show to the container.
  livenessProbe*:10:Probe
    # Not allowed for ephemeral containers.
  readinessProbe*:11:Probe
    # Not allowed for ephemeral containers.
  startupProbe*:22:Probe
    # Not allowed for ephemeral containers.
  lifecycle*:12:Lifecycle
    # Not allowed for ephemeral containers.
  terminationMessagePath:13:s
    # File in the container whose content tells why it ended.
  terminationMessagePolicy:20:s
    # File, or FallbackToLogsOnError to use the end of its log after a failure.
  imagePullPolicy:14:s
    # When to pull the image: Always, IfNotPresent or Never.
  securityContext*:15:SecurityContext
    # User, capabilities and other security settings.
  stdin:16:b
    # Whether it has a standard input that clients can attach to.
  stdinOnce:17:b
    # Whether stdin is closed once the first client that attached has gone.
  tty:18:b
    # Whether it has a terminal. Needs stdin.

EphemeralVolumeSource
  # A volume with a claim that is made for the pod and goes with it.
  volumeClaimTemplate*:1:PersistentVolumeClaimTemplate
    # The claim to make; its name is that of pod and volume.

Event@
  # Report of something that happened to an object. Events are removed after a short time.
  resource events event namespaced * short=ev
  metadata!+:1:meta/v1.ObjectMeta
  involvedObject!+:2:ObjectReference
    # Object that the event is about.
  reason:3:s
    # Why it happened, as one word for programs.
  message:4:s
    # What happened, as text for people.
  source+:5:EventSource
    # Who saw it.
  firstTimestamp+:6:t
    # When it was first seen.
  lastTimestamp+:7:t
    # When it was last seen.
  count:8:i32
    # How often it was seen.
  type:9:s
    # Normal or Warning.
  eventTime+:10:mt
    # When it was first seen, to the microsecond.
  series*:11:EventSeries
    # How it went on, if it was seen again and again.
  action:12:s
    # What was done or failed.
  related*:13:ObjectReference
    # A second object that has to do with it.
  reportingComponent+:14:s
    # Name of the controller that reports it.
  reportingInstance+:15:s
    # Which instance of the controller.

EventList@
  # A list of objects of the kind Event.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Event

EventSeries
  # An event that was seen again and again.
  count:1:i32
    # How often so far.
  lastObservedTime+:2:mt
    # When it was last seen.

EventSource
  # Who saw an event.
  component:1:s
    # Name of the component.
  host:2:s
    # Node that it ran on.

ExecAction
  # A command to run in the container.
  command:1:[]s(atomic)
    # The command and its arguments. No shell is involved. Exit code 0 is success.

FCVolumeSource
  # A Fibre Channel device.
  targetWWNs:1:[]s(atomic)
    # World-wide names of the targets.
  lun*:2:i32
    # Number of the unit at the target.
  fsType:3:s
    # File system to mount, such as ext4.
  readOnly:4:b
    # Whether the volume is mounted read-only.
  wwids:5:[]s(atomic)
    # World-wide identifiers, instead of targetWWNs and lun.

FlexPersistentVolumeSource
  # A volume of a Flexvolume driver. Use CSI drivers instead.
  driver!+:1:s
    # Name of the driver.
  fsType:2:s
    # File system to mount, such as ext4.
  secretRef*:3:SecretReference
    # Secret with what the driver needs.
  readOnly:4:b
    # Whether the volume is mounted read-only.
  options:5:{}s
    # Options for the driver.

FlexVolumeSource
  # A volume of a Flexvolume driver. Use CSI drivers instead.
  driver!+:1:s
    # Name of the driver.
  fsType:2:s
    # File system to mount, such as ext4.
  secretRef*:3:LocalObjectReference
    # Secret with what the driver needs.
  readOnly:4:b
    # Whether the volume is mounted read-only.
  options:5:{}s
    # Options for the driver.

FlockerVolumeSource
  # A data set of Flocker, which no longer exists.
  datasetName:1:s
    # Name of the data set. Use datasetUUID.
  datasetUUID:2:s
    # UUID of the data set.

GCEPersistentDiskVolumeSource
  # A disk of Google Compute Engine. Volumes of this kind need a CSI driver.
  pdName!+:1:s
    # Name of the disk.
  fsType:2:s
    # File system to mount, such as ext4.
  partition:3:i32
    # Partition to mount. 0 or empty: the whole disk.
  readOnly:4:b
    # Whether the volume is mounted read-only.

GRPCAction
  # A call of the gRPC health service.
  port!+:1:i32
    # Port to call.
  service*+:2:s(default="")
    # Service that the health check is about. Empty: the server.

GitRepoVolumeSource
  # A clone of a Git repository. Not safe: use an init container.
  repository!+:1:s
    # URL of the repository.
  revision:2:s
    # Commit to check out.
  directory:3:s
    # Folder to clone into. A dot: the volume itself.

GlusterfsPersistentVolumeSource
  # A volume of Glusterfs, which Kubernetes no longer supports.
  endpoints!+:1:s
    # Endpoints object with the servers.
  path!+:2:s
    # Name of the volume.
  readOnly:3:b
    # Whether the volume is mounted read-only.
  endpointsNamespace*:4:s
    # Namespace of the Endpoints object. Default: that of the claim.

GlusterfsVolumeSource
  # A volume of Glusterfs, which Kubernetes no longer supports.
  endpoints!+:1:s
    # Endpoints object with the servers.
  path!+:2:s
    # Name of the volume.
  readOnly:3:b
    # Whether the volume is mounted read-only.

HTTPGetAction
  # A GET request over HTTP.
  path:1:s
    # Path to ask for.
  port!+:2:ios
    # Number or name of the port.
  host:3:s
    # Host to connect to. Default: the pod's address.
  scheme:4:s(enum=HTTP,HTTPS)
    # HTTP or HTTPS. Certificates are not checked.
  httpHeaders:5:[]HTTPHeader(atomic)
    # Headers to send.

HTTPHeader
  # A header of a request.
  name!+:1:s
    # Name of the header.
  value!+:2:s
    # Its value.

HostAlias
  # A line of the pod's hosts file.
  ip!+:1:s
    # Address.
  hostnames:2:[]s(atomic)
    # Names for the address.

HostIP
  # An address of the node.
  ip!+:1:s
    # The address.

HostPathVolumeSource
  # A file or folder of the node. Dangerous: it opens the node to the pod.
  path!+:1:s
    # Where it is on the node. Links are followed.
  type*:2:s(enum=,BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket)
    # What must be there, and whether it is made. Empty: anything.

ISCSIPersistentVolumeSource
  # An iSCSI disk.
  targetPortal!+:1:s
    # Address of the target, with its port if that is not 3260.
  iqn!+:2:s
    # Qualified name of the target.
  lun!+:3:i32
    # Number of the unit at the target.
  iscsiInterface:4:s(default="default")
    # Interface of the initiator. Default: default (tcp).
  fsType:5:s
    # File system to mount, such as ext4.
  readOnly:6:b
    # Whether the volume is mounted read-only.
  portals:7:[]s(atomic)
    # Further addresses of the target.
  chapAuthDiscovery:8:b
    # Whether discovery is authenticated by CHAP.
  chapAuthSession:11:b
    # Whether sessions are authenticated by CHAP.
  secretRef*:10:SecretReference
    # Secret for CHAP.
  initiatorName*:12:s
    # Name of the initiator.

ISCSIVolumeSource
  # An iSCSI disk.
  targetPortal!+:1:s
    # Address of the target, with its port if that is not 3260.
  iqn!+:2:s
    # Qualified name of the target.
  lun!+:3:i32
    # Number of the unit at the target.
  iscsiInterface:4:s(default="default")
    # Interface of the initiator. Default: default (tcp).
  fsType:5:s
    # File system to mount, such as ext4.
  readOnly:6:b
    # Whether the volume is mounted read-only.
  portals:7:[]s(atomic)
    # Further addresses of the target.
  chapAuthDiscovery:8:b
    # Whether discovery is authenticated by CHAP.
  chapAuthSession:11:b
    # Whether sessions are authenticated by CHAP.
  secretRef*:10:LocalObjectReference
    # Secret for CHAP.
  initiatorName*:12:s
    # Name of the initiator.

ImageVolumeSource
  # An image or artifact whose files are mounted read-only.
  reference:1:s
    # Image to mount.
  pullPolicy:2:s(enum=Always,IfNotPresent,Never)
    # When to pull it: Always, IfNotPresent or Never.

KeyToPath
  # A key of an object, and the file it becomes.
  key!+:1:s
    # The key.
  path!+:2:s
    # File to write, relative to the volume. Not above it.
  mode*:3:i32
    # Mode of the file. Default: that of the volume.

Lifecycle
  # What is done after a container starts and before it stops.
  postStart*:1:LifecycleHandler
    # Done right after the start. If it fails, the container is ended.
  preStop*:2:LifecycleHandler
    # Done before the container is stopped, within the grace period.
  stopSignal*:3:s(enum=SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,
    SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,
    SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,
    SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,
    SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,
    SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)
    # Signal that stops the container. Default: the image's, else SIGTERM.

LifecycleHandler
  # What to do; one of them is set.
  exec*:1:ExecAction
    # Runs a command in the container.
  httpGet*:2:HTTPGetAction
    # Sends a GET request.
  tcpSocket*:3:TCPSocketAction
    # Not supported. Kept for old objects.
  sleep*:4:SleepAction
    # Waits.

LimitRange@
  # Minimum, maximum and default resources of the pods, containers and claims in a namespace.
  resource limitranges limitrange namespaced * short=limits
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:LimitRangeSpec

LimitRangeItem
  # Limits for one kind of thing.
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
  # A list of objects of the kind LimitRange.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]LimitRange

LimitRangeSpec
  # Limits for pods, containers and claims of a namespace.
  limits!+:1:[]LimitRangeItem(atomic)
    # The limits, each for one kind of thing.

LinuxContainerUser
  # User and groups of a process on Linux.
  uid!+:1:i64
    # User.
  gid!+:2:i64
    # Primary group.
  supplementalGroups:3:[]i64(atomic)
    # Further groups.

List
  # A list of objects of any kinds.
  metadata*:1:meta/v1.ListMeta
    # Facts about the list, such as its resource version.
  items:2:[]raw
    # Objects of the list.

LoadBalancerIngress
  # An address by which a load balancer is reached.
  ip:1:s
    # IP address.
  hostname:2:s
    # Host name.
  ipMode*:3:s
    # VIP, or Proxy if traffic must go through the load balancer.
  ports:4:[]PortStatus(atomic)
    # State of its ports.

LoadBalancerStatus
  # State of a load balancer.
  ingress:1:[]LoadBalancerIngress(atomic)
    # Addresses by which it is reached.

LocalObjectReference~
  # An object of the same namespace.
  name:1:s(default="")
    # Name of the object.

LocalVolumeSource
  # A disk or folder of one node.
  path!+:1:s
    # Where it is on the node.
  fsType*:2:s
    # File system to mount, if the path is a block device.

ModifyVolumeStatus
  # A change of a volume's attributes that is under way.
  targetVolumeAttributesClassName:1:s
    # VolumeAttributesClass that is being applied.
  status!+:2:s(enum=InProgress,Infeasible,Pending)
    # Pending, InProgress or Infeasible.

NFSVolumeSource
  # A folder that an NFS server exports.
  server!+:1:s
    # Name or address of the server.
  path!+:2:s
    # Exported folder.
  readOnly:3:b
    # Whether the folder is mounted read-only.

Namespace@
  # A scope for names. Deleting a namespace deletes all objects in it.
  resource namespaces namespace cluster create,delete,get,list,patch,update,watch short=ns
  subresource finalize Namespace update
  subresource status Namespace get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:NamespaceSpec
  status+:3:NamespaceStatus

NamespaceCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastTransitionTime+:4:t
    # When the status last changed.
  reason:5:s
    # Cause of the status, as one word for programs.
  message:6:s
    # Cause of the status, as text for people.

NamespaceList@
  # A list of objects of the kind Namespace.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Namespace

NamespaceSpec
  # Desired state of a namespace.
  finalizers:1:[]s(atomic)
    # Who still has to clean up before the namespace can go.

NamespaceStatus
  # Observed state of a namespace.
  phase:1:s(enum=Active,Terminating)
    # Active or Terminating.
  conditions:2:[]NamespaceCondition(map=type;patch=merge;key=type)
    # What keeps the namespace from going.

Node@
  # A machine that runs pods.
  resource nodes node cluster * short=no
  subresource proxy NodeProxyOptions create,delete,get,patch,update
  subresource status Node get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:NodeSpec
  status+:3:NodeStatus

NodeAddress
  # An address of a node.
  type!+:1:s
    # InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS.
  address!+:2:s
    # The address.

NodeAffinity
  # Which nodes suit a pod.
  requiredDuringSchedulingIgnoredDuringExecution*:1:NodeSelector
    # Nodes that it may be placed on. Changes of labels later do not move it.
  preferredDuringSchedulingIgnoredDuringExecution:2:[]PreferredSchedulingTerm(atomic)
    # Nodes that are preferred, by weight.

NodeCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastHeartbeatTime+:3:t
    # When the condition was last confirmed.
  lastTransitionTime+:4:t
    # When the status last changed.
  reason:5:s
    # Cause of the status, as one word for programs.
  message:6:s
    # Cause of the status, as text for people.

NodeConfigSource
  # Where a node's configuration comes from. No longer used by Kubernetes.
  configMap*:2:ConfigMapNodeConfigSource
    # ConfigMap with the configuration.

NodeConfigStatus
  # Which configuration a node uses. No longer used by Kubernetes.
  assigned*:1:NodeConfigSource
    # Configuration that it is to use.
  active*:2:NodeConfigSource
    # Configuration that it uses.
  lastKnownGood*:3:NodeConfigSource
    # Configuration that it falls back to.
  error:4:s
    # Why it does not use the assigned one.

NodeDaemonEndpoints
  # Ports of a node's agents.
  kubeletEndpoint+:1:DaemonEndpoint
    # Port of the kubelet.

NodeFeatures
  # What the container runtime of a node can do.
  supplementalGroupsPolicy*:1:b
    # Whether pods may choose how their groups are made up.

NodeList@
  # A list of objects of the kind Node.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Node

NodeProxyOptions@
  # Options of a request that is passed on.
  path:1:s
    # Path to ask for, from the root of the target.

NodeRuntimeHandler
  # A handler of the node's container runtime.
  name+:1:s
    # Name of the handler. Empty: the default one.
  features*:2:NodeRuntimeHandlerFeatures
    # What it can do.

NodeRuntimeHandlerFeatures
  # What a runtime handler can do.
  recursiveReadOnlyMounts*:1:b
    # Whether mounts can be read-only with all mounts below them.
  userNamespaces*:2:b
    # Whether pods can have users of their own.

NodeSelector~
  # Which nodes are meant: those that match any of the terms.
  nodeSelectorTerms!+:1:[]NodeSelectorTerm(atomic)
    # The terms, of which one must match.

NodeSelectorRequirement
  # A condition on one label or field.
  key!+:1:s
    # The label or field.
  operator!+:2:s(enum=DoesNotExist,Exists,Gt,In,Lt,NotIn)
    # In, NotIn, Exists, DoesNotExist, Gt or Lt.
  values:3:[]s(atomic)
    # Values to compare with: none for Exists and DoesNotExist, one number for Gt and Lt.

NodeSelectorTerm~
  # Conditions that must all hold. Without any, no node matches.
  matchExpressions:1:[]NodeSelectorRequirement(atomic)
    # Conditions on labels.
  matchFields:2:[]NodeSelectorRequirement(atomic)
    # Conditions on fields. Only metadata.name is known.

NodeSpec
  # Desired state of a node.
  podCIDR:1:s
    # IP range from which the node's pods get their addresses.
  podCIDRs:7:[]s(set;patch=merge)
    # Ranges of addresses for its pods, one for each IP family.
  providerID:3:s
    # ID of the machine at its cloud provider.
  unschedulable:4:b
    # If true, the scheduler places no new pods on the node.
  taints:5:[]Taint(atomic)
    # Taints of the node. Pods that do not tolerate them are kept away.
  configSource*:6:NodeConfigSource
    # No longer used by Kubernetes.
  externalID:2:s
    # No longer used by Kubernetes.

NodeStatus
  # Observed state of a node.
  capacity:1:{}q
    # Total resources of the node.
  allocatable:2:{}q
    # Resources of the node that are available to pods.
  phase:3:s(enum=Pending,Running,Terminated)
    # No longer filled. See the conditions.
  conditions:4:[]NodeCondition(map=type;patch=merge;key=type)
    # Current conditions of the node, such as Ready and MemoryPressure.
  addresses:5:[]NodeAddress(map=type;patch=merge;key=type)
    # Addresses at which the node can be reached.
  daemonEndpoints+:6:NodeDaemonEndpoints
    # Ports of the node's agents.
  nodeInfo+:7:NodeSystemInfo
    # Versions of the node's operating system, kernel, container runtime and agent.
  images:8:[]ContainerImage(atomic)
    # Images that are on the node.
  volumesInUse:9:[]s(atomic)
    # Attached volumes that pods use.
  volumesAttached:10:[]AttachedVolume(atomic)
    # The attached volumes.
  config*:11:NodeConfigStatus
    # No longer used by Kubernetes.
  runtimeHandlers:12:[]NodeRuntimeHandler(atomic)
    # Handlers of the container runtime.
  features*:13:NodeFeatures
    # What the container runtime can do.

NodeSwapStatus
  # Swap of a node.
  capacity*:1:i64
    # How much there is, in bytes.

NodeSystemInfo
  # Machine and software of a node.
  machineID!+:1:s
    # ID of the installation, as in /etc/machine-id.
  systemUUID!+:2:s
    # UUID of the hardware.
  bootID!+:3:s
    # ID of the current boot.
  kernelVersion!+:4:s
    # Version of the kernel.
  osImage!+:5:s
    # Name of the operating system, as in /etc/os-release.
  containerRuntimeVersion!+:6:s
    # Name and version of the container runtime.
  kubeletVersion!+:7:s
    # Version of the node's agent.
  kubeProxyVersion!+:8:s
    # No longer filled.
  operatingSystem!+:9:s
    # Operating system, such as linux.
  architecture!+:10:s
    # Architecture, such as amd64.
  swap*:11:NodeSwapStatus
    # Swap of the node.

ObjectFieldSelector~
  # A field of the pod.
  apiVersion:1:s
    # Version of the schema that the path is about. Default: v1.
  fieldPath!+:2:s
    # Path of the field, such as metadata.name.

ObjectReference~
  # Names any object.
  kind:1:s
    # Kind of the object.
  namespace:2:s
    # Namespace of the object.
  name:3:s
    # Name of the object.
  uid:4:s
    # UID of the object.
  apiVersion:5:s
    # API group and version of the object.
  resourceVersion:6:s
    # Version of the object that is meant.
  fieldPath:7:s
    # Part of the object that is meant, such as spec.containers{web}.

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
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastProbeTime+:3:t
    # When the condition was last looked at.
  lastTransitionTime+:4:t
    # When the status last changed.
  reason:5:s
    # Cause of the status, as one word for programs.
  message:6:s
    # Cause of the status, as text for people.

PersistentVolumeClaimList@
  # A list of objects of the kind PersistentVolumeClaim.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PersistentVolumeClaim

PersistentVolumeClaimSpec
  # What a claim asks for.
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
    # Object whose data the new volume starts with: a snapshot, a claim, or one of a kind that a populator knows.
  volumeAttributesClassName*:9:s
    # VolumeAttributesClass of the volume. It may be changed.

PersistentVolumeClaimStatus
  # What a claim got.
  phase:1:s(enum=Bound,Lost,Pending)
    # Pending, Bound, or Lost when its volume is gone.
  accessModes:2:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)
    # How the volume can be mounted.
  capacity:3:{}q
    # Size of the volume.
  conditions:4:[]PersistentVolumeClaimCondition(map=type;patch=merge;key=type)
    # What is being done with the claim, such as resizing.
  allocatedResources:5:{}q
    # Size that is being given to it.
  allocatedResourceStatuses:7:{}s(mapgranular;enum=ControllerResizeInProgress,ControllerResizeInfeasible,
    NodeResizeInProgress,NodeResizeInfeasible,NodeResizePending)
    # How far a resize has come.
  currentVolumeAttributesClassName*:8:s
    # VolumeAttributesClass that holds now.
  modifyVolumeStatus*:9:ModifyVolumeStatus
    # Change of the volume's attributes that is under way.

PersistentVolumeClaimTemplate
  # A claim that is made for each pod.
  metadata+:1:meta/v1.ObjectMeta
    # Labels and annotations of the claim.
  spec!+:2:PersistentVolumeClaimSpec
    # What the claim asks for.

PersistentVolumeClaimVolumeSource
  # A claim of the pod's namespace.
  claimName!+:1:s
    # Name of the claim.
  readOnly:2:b
    # Whether the volume is mounted read-only.

PersistentVolumeList@
  # A list of objects of the kind PersistentVolume.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PersistentVolume

PersistentVolumeSource
  # Where a volume comes from; one of them is set.
  gcePersistentDisk*:1:GCEPersistentDiskVolumeSource
    # Disk of Google Compute Engine, by its CSI driver.
  awsElasticBlockStore*:2:AWSElasticBlockStoreVolumeSource
    # Disk of AWS EBS, by its CSI driver.
  hostPath*:3:HostPathVolumeSource
    # File or folder of the node.
  glusterfs*:4:GlusterfsPersistentVolumeSource
    # No longer supported.
  nfs*:5:NFSVolumeSource
    # Folder that an NFS server exports.
  rbd*:6:RBDPersistentVolumeSource
    # No longer supported.
  iscsi*:7:ISCSIPersistentVolumeSource
    # Disk of an iSCSI target.
  cinder*:8:CinderPersistentVolumeSource
    # Volume of OpenStack Cinder, by its CSI driver.
  cephfs*:9:CephFSPersistentVolumeSource
    # No longer supported.
  fc*:10:FCVolumeSource
    # Fibre Channel device.
  flocker*:11:FlockerVolumeSource
    # No longer supported.
  flexVolume*:12:FlexPersistentVolumeSource
    # Volume of a Flexvolume driver. Use CSI drivers instead.
  azureFile*:13:AzureFilePersistentVolumeSource
    # File share of Azure, by its CSI driver.
  vsphereVolume*:14:VsphereVirtualDiskVolumeSource
    # Disk of vSphere, by its CSI driver.
  quobyte*:15:QuobyteVolumeSource
    # No longer supported.
  azureDisk*:16:AzureDiskVolumeSource
    # Disk of Azure, by its CSI driver.
  photonPersistentDisk*:17:PhotonPersistentDiskVolumeSource
    # No longer supported.
  portworxVolume*:18:PortworxVolumeSource
    # Volume of Portworx, by its CSI driver.
  scaleIO*:19:ScaleIOPersistentVolumeSource
    # No longer supported.
  local*:20:LocalVolumeSource
    # Disk or folder of one node.
  storageos*:21:StorageOSPersistentVolumeSource
    # No longer supported.
  csi*:22:CSIPersistentVolumeSource
    # Volume of a CSI driver.

PersistentVolumeSpec
  # Where a volume comes from; one of them is set.
  capacity:1:{}q
    # Size of the volume.
  gcePersistentDisk*:2/1:GCEPersistentDiskVolumeSource
    # Disk of Google Compute Engine, by its CSI driver.
  awsElasticBlockStore*:2/2:AWSElasticBlockStoreVolumeSource
    # Disk of AWS EBS, by its CSI driver.
  hostPath*:2/3:HostPathVolumeSource
    # File or folder of the node.
  glusterfs*:2/4:GlusterfsPersistentVolumeSource
    # No longer supported.
  nfs*:2/5:NFSVolumeSource
    # Folder that an NFS server exports.
  rbd*:2/6:RBDPersistentVolumeSource
    # No longer supported.
  iscsi*:2/7:ISCSIPersistentVolumeSource
    # Disk of an iSCSI target.
  cinder*:2/8:CinderPersistentVolumeSource
    # Volume of OpenStack Cinder, by its CSI driver.
  cephfs*:2/9:CephFSPersistentVolumeSource
    # No longer supported.
  fc*:2/10:FCVolumeSource
    # Fibre Channel device.
  flocker*:2/11:FlockerVolumeSource
    # No longer supported.
  flexVolume*:2/12:FlexPersistentVolumeSource
    # Volume of a Flexvolume driver. Use CSI drivers instead.
  azureFile*:2/13:AzureFilePersistentVolumeSource
    # File share of Azure, by its CSI driver.
  vsphereVolume*:2/14:VsphereVirtualDiskVolumeSource
    # Disk of vSphere, by its CSI driver.
  quobyte*:2/15:QuobyteVolumeSource
    # No longer supported.
  azureDisk*:2/16:AzureDiskVolumeSource
    # Disk of Azure, by its CSI driver.
  photonPersistentDisk*:2/17:PhotonPersistentDiskVolumeSource
    # No longer supported.
  portworxVolume*:2/18:PortworxVolumeSource
    # Volume of Portworx, by its CSI driver.
  scaleIO*:2/19:ScaleIOPersistentVolumeSource
    # No longer supported.
  local*:2/20:LocalVolumeSource
    # Disk or folder of one node.
  storageos*:2/21:StorageOSPersistentVolumeSource
    # No longer supported.
  csi*:2/22:CSIPersistentVolumeSource
    # Volume of a CSI driver.
  accessModes:3:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)
    # Ways in which the volume can be mounted: by one node or by many, read-only or read-write.
  claimRef*:4:ObjectReference(mapgranular)
    # Claim that the volume is bound to.
  persistentVolumeReclaimPolicy:5:s(enum=Delete,Recycle,Retain)
    # Action taken when the claim is deleted: Retain, Delete or Recycle.
  storageClassName:6:s
    # StorageClass of the volume. Empty if it belongs to none.
  mountOptions:7:[]s(atomic)
    # Options of the mount, such as ro.
  volumeMode*:8:s(enum=Block,Filesystem)
    # Filesystem or Block.
  nodeAffinity*:9:VolumeNodeAffinity
    # Nodes from which the volume can be accessed.
  volumeAttributesClassName*:10:s
    # VolumeAttributesClass of the volume.

PersistentVolumeStatus
  # Observed state of a volume.
  phase:1:s(enum=Available,Bound,Failed,Pending,Released)
    # Pending, Available, Bound, Released or Failed.
  message:2:s
    # Why it is in this phase, as text for people.
  reason:3:s
    # Why it failed, as one word for programs.
  lastPhaseTransitionTime*:4:t
    # When the phase last changed.

PhotonPersistentDiskVolumeSource
  # A disk of Photon Controller, which no longer exists.
  pdID!+:1:s
    # ID of the disk.
  fsType:2:s
    # File system to mount, such as ext4.

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
  # Which pods should run near a pod.
  requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm(atomic)
    # Terms that must hold when the pod is placed.
  preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm(atomic)
    # Terms that are preferred, by weight.

PodAffinityTerm
  # Which pods are meant, and what near is.
  labelSelector*:1:meta/v1.LabelSelector
    # Labels of the pods. Absent: no pod.
  namespaces:2:[]s(atomic)
    # Namespaces of the pods, beside those of namespaceSelector. Neither: the pod's own.
  topologyKey!+:3:s
    # Label of nodes: those with the same value are near each other.
  namespaceSelector*:4:meta/v1.LabelSelector
    # Labels of the namespaces. Empty: all.
  matchLabelKeys:5:[]s(atomic)
    # Labels whose values must be those of the pod itself.
  mismatchLabelKeys:6:[]s(atomic)
    # Labels whose values must differ from those of the pod itself.

PodAntiAffinity
  # Which pods should not run near a pod.
  requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm(atomic)
    # Terms that must hold when the pod is placed.
  preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm(atomic)
    # Terms that are preferred, by weight.

PodAttachOptions@
  # Options of a connection to a container.
  stdin:1:b
    # Whether input is sent.
  stdout:2:b
    # Whether output is received.
  stderr:3:b
    # Whether error output is received.
  tty:4:b
    # Whether there is a terminal.
  container:5:s
    # Name of the container. Default: the only one.

PodCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  observedGeneration:7:i64
    # Generation of the object that the condition was judged by.
  status!+:2:s
    # True, False or Unknown.
  lastProbeTime+:3:t
    # When the condition was last looked at.
  lastTransitionTime+:4:t
    # When the status last changed.
  reason:5:s
    # Cause of the status, as one word for programs.
  message:6:s
    # Cause of the status, as text for people.

PodDNSConfig
  # Settings of the pod's resolver, added to what the policy gives.
  nameservers:1:[]s(atomic)
    # Addresses of name servers.
  searches:2:[]s(atomic)
    # Domains to search for short names.
  options:3:[]PodDNSConfigOption(atomic)
    # Options of the resolver.

PodDNSConfigOption
  # An option of the resolver.
  name:1:s
    # Name of the option.
  value*:2:s
    # Its value, if it has one.

PodExecOptions@
  # Options of a connection to a container.
  stdin:1:b
    # Whether input is sent.
  stdout:2:b
    # Whether output is received.
  stderr:3:b
    # Whether error output is received.
  tty:4:b
    # Whether there is a terminal.
  container:5:s
    # Name of the container. Default: the only one.
  command+:6:[]s
    # Command and arguments to run. No shell is involved.

PodIP
  # An address of the pod.
  ip!+:1:s
    # The address.

PodList@
  # A list of objects of the kind Pod.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Pod

PodLogOptions@
  # Which part of a log is wanted.
  container:1:s
    # Name of the container. Default: the only one.
  follow:2:b
    # Whether to go on with new lines.
  previous:3:b
    # Whether the log of the container before its last restart is wanted.
  sinceSeconds*:4:i64
    # Only lines of the last seconds.
  sinceTime*:5:t
    # Only lines from this time on.
  timestamps:6:b
    # Whether each line begins with its time.
  tailLines*:7:i64
    # Only so many lines at the end.
  limitBytes*:8:i64
    # At most so many bytes.
  insecureSkipTLSVerifyBackend:9:b
    # Whether the certificate of the node is not checked.
  stream*:10:s
    # All, Stdout or Stderr.

PodOS
  # Operating system of a pod.
  name!+:1:s
    # The system: linux or windows.

PodPortForwardOptions@
  # Options of port forwarding.
  ports:1:[]i32
    # Ports of the pod, for WebSockets.

PodProxyOptions@
  # Options of a request that is passed on.
  path:1:s
    # Path to ask for, from the root of the target.

PodReadinessGate
  # A condition that must be true before the pod is ready.
  conditionType!+:1:s
    # Type of the condition, which another controller sets.

PodResourceClaim
  # A ResourceClaim that a pod uses.
  name!+:1:s
    # Name by which containers refer to it.
  resourceClaimName*:3:s
    # Name of the claim. Not with a template.
  resourceClaimTemplateName*:4:s
    # Template of which a claim is made for the pod.

PodResourceClaimStatus
  # The ResourceClaim that was made for a pod.
  name!+:1:s
    # Name by which containers refer to it.
  resourceClaimName*:2:s
    # Name of the claim that was made.

PodSchedulingGate
  # Keeps a pod from being scheduled.
  name!+:1:s
    # Name of the gate.

PodSecurityContext
  # Security settings of all containers of a pod.
  seLinuxOptions*:1:SELinuxOptions
    # SELinux labels of the containers.
  windowsOptions*:8:WindowsSecurityContextOptions
    # Settings for Windows.
  runAsUser*:2:i64
    # User ID of the containers' processes.
  runAsGroup*:6:i64
    # Primary group of the containers' processes.
  runAsNonRoot*:3:b
    # If true, containers that would run as root do not start.
  supplementalGroups:4:[]i64(atomic)
    # Additional group IDs of the containers' processes.
  supplementalGroupsPolicy*:12:s(enum=Merge,Strict)
    # Merge adds the groups that the image gives the user, Strict does not.
  fsGroup*:5:i64
    # Group ID that owns the pod's volumes and is added to every container.
  sysctls:7:[]Sysctl(atomic)
    # Kernel parameters set for the pod.
  fsGroupChangePolicy*:9:s(enum=Always,OnRootMismatch)
    # Whether the group of a volume's files is changed Always, or OnRootMismatch.
  seccompProfile*:10:SeccompProfile
    # Seccomp profile of the containers.
  appArmorProfile*:11:AppArmorProfile
    # AppArmor profile of the containers.
  seLinuxChangePolicy*:13:s
    # How volumes get their SELinux labels: Recursive or MountOption.

PodSignature
  # Names a class of pods.
  podController*:1:meta/v1.OwnerReference
    # Controller of the pods.

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
    # Never, or PreemptLowerPriority to take the place of pods with lower priority.
  overhead:32:{}q
    # What the pod needs beside its containers. The RuntimeClass sets it.
  topologySpreadConstraints:33:[]TopologySpreadConstraint(map=topologyKey,whenUnsatisfiable;patch=merge;key=topologyKey)
    # How matching pods are spread across zones, nodes or other topology domains.
  setHostnameAsFQDN*:35:b
    # Whether the host name is the whole domain name.
  os*:36:PodOS
    # Operating system that the containers need.
  hostUsers*:37:b
    # Whether the pod shares the node's users. Default: true.
  schedulingGates:38:[]PodSchedulingGate(map=name;patch=merge;key=name)
    # While the list is not empty, the pod is not scheduled.
  resourceClaims:39:[]PodResourceClaim(map=name;patch=merge,retainKeys;key=name)
    # ResourceClaims that its containers use.
  resources*:40:ResourceRequirements
    # Requests and limits of the pod as a whole.

PodStatus
  # Observed state of a pod.
  observedGeneration:17:i64
    # Generation of the pod that the status is about.
  phase:1:s(enum=Failed,Pending,Running,Succeeded,Unknown)
    # Stage of the pod's life: Pending, Running, Succeeded, Failed or Unknown.
  conditions:2:[]PodCondition(map=type;patch=merge;key=type)
    # Current conditions of the pod, such as PodScheduled, Initialized and Ready.
  message:3:s
    # Why it is in this state, as text for people.
  reason:4:s
    # Why it is in this state, as one word for programs.
  nominatedNodeName:11:s
    # Node where other pods make room for it.
  hostIP:5:s
    # IP address of the node on which the pod runs.
  hostIPs:16:[]HostIP(atomic;patch=merge;key=ip)
    # Addresses of its node.
  podIP:6:s
    # IP address of the pod. Empty until one is assigned.
  podIPs:12:[]PodIP(map=ip;patch=merge;key=ip)
    # Addresses of the pod, one for each IP family.
  startTime*:7:t
    # Time at which the node agent accepted the pod.
  initContainerStatuses:10:[]ContainerStatus(atomic)
    # States of its init containers.
  containerStatuses:8:[]ContainerStatus(atomic)
    # Current state of each container.
  qosClass:9:s(enum=BestEffort,Burstable,Guaranteed)
    # Quality of service class, derived from requests and limits: Guaranteed, Burstable or BestEffort.
  ephemeralContainerStatuses:13:[]ContainerStatus(atomic)
    # States of its ephemeral containers.
  resize:14:s
    # How far a resize has come. Replaced by conditions.
  resourceClaimStatuses:15:[]PodResourceClaimStatus(map=name;patch=merge,retainKeys;key=name)
    # ResourceClaims that were made for it.

PodStatusResult@
  # The status of a pod by itself.
  metadata*:1:meta/v1.ObjectMeta
  status+:2:PodStatus

PodTemplate@
  # A stored template from which pods can be created.
  resource podtemplates podtemplate namespaced *
  metadata+:1:meta/v1.ObjectMeta
  template+:2:PodTemplateSpec
    # Pod that is described.

PodTemplateList@
  # A list of objects of the kind PodTemplate.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PodTemplate

PodTemplateSpec
  # Labels and spec of the pods created from this template.
  metadata+:1:meta/v1.ObjectMeta
    # Labels and annotations of the pods.
  spec+:2:PodSpec
    # Desired state of the pods.

PortStatus
  # State of a port of a load balancer.
  port!+:1:i32
    # The port's number.
  protocol!+:2:s(enum=SCTP,TCP,UDP)
    # TCP, UDP or SCTP.
  error*:3:s
    # Why the port does not work, as one word for programs.

PortworxVolumeSource
  # A volume of Portworx. Volumes of this kind need a CSI driver.
  volumeID!+:1:s
    # ID of the volume.
  fsType:2:s
    # File system to mount, such as ext4.
  readOnly:3:b
    # Whether the volume is mounted read-only.

Preconditions
  # What must hold for a write to be done.
  uid*:1:s
    # UID that the object must have.

PreferAvoidPodsEntry
  # A class of pods that a node would rather not run.
  podSignature+:1:PodSignature
    # The class of pods.
  evictionTime+:2:t
    # When this was noted.
  reason:3:s
    # Why, as one word for programs.
  message:4:s
    # Why, as text for people.

PreferredSchedulingTerm
  # Nodes that are preferred.
  weight!+:1:i32
    # How much, from 1 to 100.
  preference!+:2:NodeSelectorTerm
    # Which nodes.

Probe
  # How a container's health is checked.
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
    # Seconds between the signal and the end when the probe has failed. Default: the pod's.

ProbeHandler
  # How a probe looks at the container; one of them is set.
  exec*:1:ExecAction
    # Runs a command in the container.
  httpGet*:2:HTTPGetAction
    # Sends a GET request.
  tcpSocket*:3:TCPSocketAction
    # Opens a TCP connection.
  grpc*:4:GRPCAction
    # Calls the gRPC health service.

ProjectedVolumeSource
  # Several sources in one folder.
  sources+:1:[]VolumeProjection(atomic)
    # The sources.
  defaultMode*:2:i32
    # Mode of the files, unless their item has one. Default: 0644.

QuobyteVolumeSource
  # A volume of Quobyte, which Kubernetes no longer supports.
  registry!+:1:s
    # Addresses of the registry, host:port.
  volume!+:2:s
    # Name of the volume.
  readOnly:3:b
    # Whether the volume is mounted read-only.
  user:4:s
    # User that the volume is mapped to.
  group:5:s
    # Group that the volume is mapped to.
  tenant:6:s
    # Tenant that owns the volume.

RBDPersistentVolumeSource
  # An image of Ceph RBD, which Kubernetes no longer supports.
  monitors!+:1:[]s(atomic)
    # Addresses of the Ceph monitors.
  image!+:2:s
    # Name of the image.
  fsType:3:s
    # File system to mount, such as ext4.
  pool:4:s(default="rbd")
    # Pool of the image. Default: rbd.
  user:5:s(default="admin")
    # User at Ceph. Default: admin.
  keyring:6:s(default="/etc/ceph/keyring")
    # File on the node with the user's key.
  secretRef*:7:SecretReference
    # Secret with the user's key. It goes before the keyring.
  readOnly:8:b
    # Whether the volume is mounted read-only.

RBDVolumeSource
  # An image of Ceph RBD, which Kubernetes no longer supports.
  monitors!+:1:[]s(atomic)
    # Addresses of the Ceph monitors.
  image!+:2:s
    # Name of the image.
  fsType:3:s
    # File system to mount, such as ext4.
  pool:4:s(default="rbd")
    # Pool of the image. Default: rbd.
  user:5:s(default="admin")
    # User at Ceph. Default: admin.
  keyring:6:s(default="/etc/ceph/keyring")
    # File on the node with the user's key.
  secretRef*:7:LocalObjectReference
    # Secret with the user's key. It goes before the keyring.
  readOnly:8:b
    # Whether the volume is mounted read-only.

RangeAllocation@
  # Which numbers or addresses of a range are taken.
  metadata*:1:meta/v1.ObjectMeta
  range+:2:s
    # The range.
  data+:3:bytes
    # One bit for each of them.

ReplicationController@
  # Keeps a specified number of pods running. Superseded by ReplicaSet.
  resource replicationcontrollers replicationcontroller namespaced * short=rc categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status ReplicationController get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ReplicationControllerSpec
  status+:3:ReplicationControllerStatus

ReplicationControllerCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastTransitionTime+:3:t
    # When the status last changed.
  reason:4:s
    # Cause of the status, as one word for programs.
  message:5:s
    # Cause of the status, as text for people.

ReplicationControllerList@
  # A list of objects of the kind ReplicationController.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ReplicationController

ReplicationControllerSpec
  # Desired state of a ReplicationController.
  replicas*:1:i32(default=1)
    # How many pods are wanted. Default: 1.
  minReadySeconds:4:i32(default=0)
    # Seconds that a pod must be ready before it counts as available.
  selector:2:{}s(mapatomic)
    # Labels of its pods. Default: those of the template.
  template*:3:PodTemplateSpec
    # Pod that is made.

ReplicationControllerStatus
  # Observed state of a ReplicationController.
  replicas!+:1:i32
    # Pods that there are.
  fullyLabeledReplicas:2:i32
    # Pods that have all labels of the template.
  readyReplicas:4:i32
    # Pods that are ready.
  availableReplicas:5:i32
    # Pods that have been ready for minReadySeconds.
  observedGeneration:3:i64
    # Generation that the status is about.
  conditions:6:[]ReplicationControllerCondition(map=type;patch=merge;key=type)
    # Facts about its state.

ResourceClaim
  # A ResourceClaim that a container uses.
  name!+:1:s
    # Name of one of the pod's resourceClaims.
  request:2:s
    # Which request of the claim. Empty: all.

ResourceFieldSelector~
  # A request or limit of a container.
  containerName:1:s
    # Name of the container. Default: the one itself; volumes must name it.
  resource!+:2:s
    # What is wanted, such as limits.cpu.
  divisor+:3:q
    # Unit in which the value is given. Default: 1.

ResourceHealth
  # Health of a device.
  resourceID!+:1:s
    # ID of the device.
  health:2:s
    # Healthy, Unhealthy or Unknown.

ResourceQuota@
  # Limits on the total resources that a namespace can use.
  resource resourcequotas resourcequota namespaced * short=quota
  subresource status ResourceQuota get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ResourceQuotaSpec
  status+:3:ResourceQuotaStatus

ResourceQuotaList@
  # A list of objects of the kind ResourceQuota.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ResourceQuota

ResourceQuotaSpec
  # Limits of a quota.
  hard:1:{}q
    # Maximum amount of each resource.
  scopes:2:[]s(atomic;enum=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,
    VolumeAttributesClass)
    # Restricts the quota to pods that match all of these scopes.
  scopeSelector*:3:ScopeSelector
    # Which objects count, by conditions on scopes.

ResourceQuotaStatus
  # Limits and use of a quota.
  hard:1:{}q
    # Limits that hold.
  used:2:{}q
    # How much is used.

ResourceRequirements
  # What a container needs.
  limits:1:{}q
    # Maximum amount of each resource.
  requests:2:{}q
    # Minimum amount of each resource that is reserved. Defaults to the limits.
  claims:3:[]ResourceClaim(map=name)
    # ResourceClaims that the container uses.

ResourceStatus
  # State of the devices of one resource.
  name!+:1:s
    # Name of the resource.
  resources:2:[]ResourceHealth(map=resourceID)
    # The devices and their health.

SELinuxOptions
  # SELinux label of a process.
  user:1:s
    # User of the label.
  role:2:s
    # Role of the label.
  type:3:s
    # Type of the label.
  level:4:s
    # Level of the label.

ScaleIOPersistentVolumeSource
  # A volume of ScaleIO, which Kubernetes no longer supports.
  gateway!+:1:s
    # Address of the API.
  system!+:2:s
    # Name of the storage system.
  secretRef!*+:3:SecretReference
    # Secret with the user and password.
  sslEnabled:4:b
    # Whether TLS is used.
  protectionDomain:5:s
    # Protection domain of the volume.
  storagePool:6:s
    # Storage pool of the protection domain.
  storageMode:7:s(default="ThinProvisioned")
    # ThickProvisioned or ThinProvisioned.
  volumeName:8:s
    # Name of the volume.
  fsType:9:s(default="xfs")
    # File system to mount. Default: xfs.
  readOnly:10:b
    # Whether the volume is mounted read-only.

ScaleIOVolumeSource
  # A volume of ScaleIO, which Kubernetes no longer supports.
  gateway!+:1:s
    # Address of the API.
  system!+:2:s
    # Name of the storage system.
  secretRef!*+:3:LocalObjectReference
    # Secret with the user and password.
  sslEnabled:4:b
    # Whether TLS is used.
  protectionDomain:5:s
    # Protection domain of the volume.
  storagePool:6:s
    # Storage pool of the protection domain.
  storageMode:7:s(default="ThinProvisioned")
    # ThickProvisioned or ThinProvisioned.
  volumeName:8:s
    # Name of the volume.
  fsType:9:s(default="xfs")
    # File system to mount. Default: xfs.
  readOnly:10:b
    # Whether the volume is mounted read-only.

ScopeSelector~
  # Conditions on scopes that must all hold.
  matchExpressions:1:[]ScopedResourceSelectorRequirement(atomic)
    # The conditions.

ScopedResourceSelectorRequirement
  # A condition on one scope.
  scopeName!+:1:s(enum=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,
    VolumeAttributesClass)
    # Name of the scope, such as PriorityClass.
  operator!+:2:s(enum=DoesNotExist,Exists,In,NotIn)
    # In, NotIn, Exists or DoesNotExist.
  values:3:[]s(atomic)
    # Values to compare with: none for Exists and DoesNotExist.

SeccompProfile
  # The seccomp profile of a pod or container.
  type!+:1:s(enum=Localhost,RuntimeDefault,Unconfined)
    # Which profile: RuntimeDefault, Unconfined, or Localhost for a file of the node.
  localhostProfile*:2:s
    # File on the node, relative to its folder of profiles. Only for Localhost.

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
  # All keys of an object, as environment variables.
  name:1/1:s(default="")
    # Name of the object.
  optional*:2:b
    # Whether the container may start without the object.

SecretKeySelector~
  # One key of an object.
  name:1/1:s(default="")
    # Name of the object.
  key!+:2:s
    # The key whose value is meant.
  optional*:3:b
    # Whether the container may start without the object or the key.

SecretList@
  # A list of objects of the kind Secret.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Secret

SecretProjection
  # Keys of an object, as files of a projected volume.
  name:1/1:s(default="")
    # Name of the object.
  items:2:[]KeyToPath(atomic)
    # The keys, and their files. Empty: each key is a file of its name.
  optional*:4:b
    # Whether the pod may start without the object or its keys.

SecretReference~
  # A Secret of any namespace.
  name:1:s
    # Name of the Secret.
  namespace:2:s
    # Namespace of the Secret.

SecretVolumeSource
  # Keys of an object, as the files of a volume.
  secretName:1:s
    # Name of the Secret.
  items:2:[]KeyToPath(atomic)
    # The keys, and their files. Empty: each key is a file of its name.
  defaultMode*:3:i32
    # Mode of the files, unless their item has one. Default: 0644.
  optional*:4:b
    # Whether the pod may start without the object or its keys.

SecurityContext
  # Security settings of a container.
  capabilities*:1:Capabilities
    # Linux capabilities to add or drop.
  privileged*:2:b
    # If true, the container runs with almost all rights of root on the node.
  seLinuxOptions*:3:SELinuxOptions
    # SELinux label of the container.
  windowsOptions*:10:WindowsSecurityContextOptions
    # Settings for Windows.
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
    # How /proc is mounted: Default or Unmasked.
  seccompProfile*:11:SeccompProfile
    # Seccomp profile, which restricts the system calls of the container.
  appArmorProfile*:12:AppArmorProfile
    # AppArmor profile of the container.

SerializedReference@
  # Names the object that made a pod.
  reference+:1:ObjectReference
    # The object.

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
    # Secrets that pods of this account may use, if it is so annotated.
  imagePullSecrets:3:[]LocalObjectReference(atomic)
    # Secrets by which its pods pull images.
  automountServiceAccountToken*:4:b
    # Whether its pods get a token. A pod can say otherwise.

ServiceAccountList@
  # A list of objects of the kind ServiceAccount.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ServiceAccount

ServiceAccountTokenProjection
  # A token of the pod's account, as a file.
  audience:1:s
    # Who the token is for. Default: the API server.
  expirationSeconds*:2:i64
    # Life of the token; it is renewed in time. Default: 3600.
  path!+:3:s
    # File to write, relative to the volume.

ServiceList@
  # A list of objects of the kind Service.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Service

ServicePort
  # A port of a Service.
  name:1:s
    # Name of the port. Required if the service has several ports.
  protocol:2:s(enum=SCTP,TCP,UDP;default="TCP")
    # TCP, UDP or SCTP. Default: TCP.
  appProtocol*:6:s
    # Protocol that is spoken there, such as kubernetes.io/h2c.
  port!+:3:i32
    # Port number of the service.
  targetPort+:4:ios
    # Port number or name on the pods. Defaults to the value of port.
  nodePort:5:i32
    # Port on every node, for services of type NodePort or LoadBalancer.

ServiceProxyOptions@
  # Options of a request that is passed on.
  path:1:s
    # Path to ask for, from the root of the target.

ServiceSpec
  # How a Service is reached.
  ports:1:[]ServicePort(map=port,protocol;patch=merge;key=port)
    # Ports that the service exposes.
  selector:2:{}s(mapatomic)
    # Labels of the pods that receive the traffic. Without a selector, endpoints must be managed separately.
  clusterIP:3:s
    # IP address of the service in the cluster. None makes the service headless: its name resolves to the pods'
    # addresses.
  clusterIPs:18:[]s(atomic)
    # Addresses of the Service, one for each IP family.
  type:4:s(enum=ClusterIP,ExternalName,LoadBalancer,NodePort)
    # How the service is exposed: ClusterIP, NodePort, LoadBalancer or ExternalName. Defaults to ClusterIP.
  externalIPs:5:[]s(atomic)
    # Additional IP addresses for which nodes accept traffic for the service.
  sessionAffinity:7:s(enum=ClientIP,None)
    # ClientIP sends all connections of a client to the same pod; None does not. Defaults to None.
  loadBalancerIP:8:s
    # Address that the load balancer should have. Not every one follows it.
  loadBalancerSourceRanges:9:[]s(atomic)
    # Who may reach the load balancer, as ranges of addresses.
  externalName:10:s
    # External host name that the service's DNS name resolves to. Only for type ExternalName.
  externalTrafficPolicy:11:s(enum=Cluster,Local)
    # Cluster sends external traffic to all ready pods; Local only to those on the node that received it.
  healthCheckNodePort:12:i32
    # Port of nodes that says whether they have ready pods. For externalTrafficPolicy Local.
  publishNotReadyAddresses:13:b
    # If true, pods that are not ready are published as endpoints too.
  sessionAffinityConfig*:14:SessionAffinityConfig
    # How clients are kept with their pod.
  ipFamilies:19:[]s(atomic;enum=,IPv4,IPv6)
    # IPv4, IPv6 or both.
  ipFamilyPolicy*:17:s(enum=PreferDualStack,RequireDualStack,SingleStack)
    # SingleStack, PreferDualStack or RequireDualStack.
  allocateLoadBalancerNodePorts*:20:b
    # Whether a Service of type LoadBalancer gets node ports. Default: true.
  loadBalancerClass*:21:s
    # Which load balancer serves it. Default: the cluster's.
  internalTrafficPolicy*:22:s(enum=Cluster,Local)
    # Cluster sends traffic from inside the cluster to all ready pods; Local only to those on the client's node.
  trafficDistribution*:23:s
    # Which endpoints are preferred, such as PreferClose.

ServiceStatus
  # Observed state of a Service.
  loadBalancer+:1:LoadBalancerStatus
    # Addresses of its load balancer.
  conditions:2:[]meta/v1.Condition(map=type;patch=merge;key=type)
    # Facts about its state.

SessionAffinityConfig
  # How clients are kept with their pod.
  clientIP*:1:ClientIPConfig
    # By the client's address.

SleepAction
  # Waits.
  seconds!+:1:i64
    # How long.

StorageOSPersistentVolumeSource
  # A volume of StorageOS, which Kubernetes no longer supports.
  volumeName:1:s
    # Name of the volume.
  volumeNamespace:2:s
    # Namespace of the volume at StorageOS.
  fsType:3:s
    # File system to mount, such as ext4.
  readOnly:4:b
    # Whether the volume is mounted read-only.
  secretRef*:5:ObjectReference
    # Secret with the credentials.

StorageOSVolumeSource
  # A volume of StorageOS, which Kubernetes no longer supports.
  volumeName:1:s
    # Name of the volume.
  volumeNamespace:2:s
    # Namespace of the volume at StorageOS.
  fsType:3:s
    # File system to mount, such as ext4.
  readOnly:4:b
    # Whether the volume is mounted read-only.
  secretRef*:5:LocalObjectReference
    # Secret with the credentials.

Sysctl
  # A parameter of the kernel.
  name!+:1:s
    # Name of the parameter.
  value!+:2:s
    # Its value.

TCPSocketAction
  # Opens a TCP connection.
  port!+:1:ios
    # Number or name of the port.
  host:2:s
    # Host to connect to. Default: the pod's address.

Taint
  # Keeps pods off a node, unless they tolerate it.
  key!+:1:s
    # Name of the taint.
  value:2:s
    # Its value.
  effect!+:3:s(enum=NoExecute,NoSchedule,PreferNoSchedule)
    # NoSchedule, PreferNoSchedule, or NoExecute to evict running pods too.
  timeAdded*:4:t
    # When it was added.

Toleration
  # A taint that a pod tolerates.
  key:1:s
    # Taint key to match. If empty, with operator Exists, all taints match.
  operator:2:s(enum=Equal,Exists)
    # How the value is compared: Exists or Equal. Defaults to Equal.
  value:3:s
    # Value of the taint. Only for Equal.
  effect:4:s(enum=NoExecute,NoSchedule,PreferNoSchedule)
    # Taint effect to match: NoSchedule, PreferNoSchedule or NoExecute. If empty, all effects match.
  tolerationSeconds*:5:i64
    # Seconds for which a NoExecute taint is tolerated. If missing, it is tolerated forever.

TopologySelectorLabelRequirement
  # Values of one label.
  key!+:1:s
    # The label.
  values!+:2:[]s(atomic)
    # Values, of which it must have one.

TopologySelectorTerm~
  # Which nodes may have a volume.
  matchLabelExpressions:1:[]TopologySelectorLabelRequirement(atomic)
    # Labels of the nodes; all must match.

TopologySpreadConstraint
  # How evenly pods are spread.
  maxSkew!+:1:i32
    # By how many pods two topology domains may differ.
  topologyKey!+:2:s
    # Label of nodes: those with the same value are one domain.
  whenUnsatisfiable!+:3:s(enum=DoNotSchedule,ScheduleAnyway)
    # DoNotSchedule, or ScheduleAnyway to prefer better nodes only.
  labelSelector*:4:meta/v1.LabelSelector
    # Labels of the pods that are counted.
  minDomains*:5:i32
    # Least number of domains; with fewer, empty ones are assumed. Only for DoNotSchedule.
  nodeAffinityPolicy*:6:s(enum=Honor,Ignore)
    # Whether the pod's node affinity decides which nodes count: Honor or Ignore.
  nodeTaintsPolicy*:7:s(enum=Honor,Ignore)
    # Whether taints decide which nodes count: Honor or Ignore.
  matchLabelKeys:8:[]s(atomic)
    # Labels whose values must be those of the pod itself.

TypedLocalObjectReference~
  # Names an object of any kind.
  apiGroup*+:1:s
    # API group of the object. Empty: the core group.
  kind!+:2:s
    # Kind of the object.
  name!+:3:s
    # Name of the object.

TypedObjectReference
  # Names an object of any kind.
  apiGroup*+:1:s
    # API group of the object. Empty: the core group.
  kind!+:2:s
    # Kind of the object.
  name!+:3:s
    # Name of the object.
  namespace*:4:s
    # Namespace of the object. Another one needs a ReferenceGrant.

Volume
  # Where a volume comes from; one of them is set.
  name!+:1:s
    # Name by which containers mount the volume.
  hostPath*:2/1:HostPathVolumeSource
    # File or directory of the node.
  emptyDir*:2/2:EmptyDirVolumeSource
    # Directory that starts empty and shares the pod's lifetime.
  gcePersistentDisk*:2/3:GCEPersistentDiskVolumeSource
    # Disk of Google Compute Engine, by its CSI driver.
  awsElasticBlockStore*:2/4:AWSElasticBlockStoreVolumeSource
    # Disk of AWS EBS, by its CSI driver.
  gitRepo*:2/5:GitRepoVolumeSource
    # Clone of a Git repository. Not safe, and disabled.
  secret*:2/6:SecretVolumeSource
    # Keys of a Secret as files.
  nfs*:2/7:NFSVolumeSource
    # Folder that an NFS server exports.
  iscsi*:2/8:ISCSIVolumeSource
    # Disk of an iSCSI target.
  glusterfs*:2/9:GlusterfsVolumeSource
    # No longer supported.
  persistentVolumeClaim*:2/10:PersistentVolumeClaimVolumeSource
    # Volume bound to a PersistentVolumeClaim.
  rbd*:2/11:RBDVolumeSource
    # No longer supported.
  flexVolume*:2/12:FlexVolumeSource
    # Volume of a Flexvolume driver. Use CSI drivers instead.
  cinder*:2/13:CinderVolumeSource
    # Volume of OpenStack Cinder, by its CSI driver.
  cephfs*:2/14:CephFSVolumeSource
    # No longer supported.
  flocker*:2/15:FlockerVolumeSource
    # No longer supported.
  downwardAPI*:2/16:DownwardAPIVolumeSource
    # Metadata and resources of the pod as files.
  fc*:2/17:FCVolumeSource
    # Fibre Channel device.
  azureFile*:2/18:AzureFileVolumeSource
    # File share of Azure, by its CSI driver.
  configMap*:2/19:ConfigMapVolumeSource
    # Keys of a ConfigMap as files.
  vsphereVolume*:2/20:VsphereVirtualDiskVolumeSource
    # Disk of vSphere, by its CSI driver.
  quobyte*:2/21:QuobyteVolumeSource
    # No longer supported.
  azureDisk*:2/22:AzureDiskVolumeSource
    # Disk of Azure, by its CSI driver.
  photonPersistentDisk*:2/23:PhotonPersistentDiskVolumeSource
    # No longer supported.
  projected*:2/26:ProjectedVolumeSource
    # Several volume sources combined in one directory.
  portworxVolume*:2/24:PortworxVolumeSource
    # Volume of Portworx, by its CSI driver.
  scaleIO*:2/25:ScaleIOVolumeSource
    # No longer supported.
  storageos*:2/27:StorageOSVolumeSource
    # No longer supported.
  csi*:2/28:CSIVolumeSource
    # Volume of a CSI driver.
  ephemeral*:2/29:EphemeralVolumeSource
    # Claim that is made for the pod and goes with it.
  image*:2/30:ImageVolumeSource
    # Files of an image, read-only.

VolumeDevice
  # A block device in a container.
  name!+:1:s
    # Name of a claim's volume in the pod.
  devicePath!+:2:s
    # Where the container sees the device.

VolumeMount
  # A volume in a container.
  name!+:1:s
    # Name of a volume of the pod.
  readOnly:2:b
    # Whether the volume is mounted read-only. Defaults to false.
  recursiveReadOnly*:7:s
    # Whether mounts below are read-only too: Disabled, IfPossible or Enabled.
  mountPath!+:3:s
    # Path in the container at which the volume is mounted.
  subPath:4:s
    # Path inside the volume to mount. Defaults to the root of the volume.
  mountPropagation*:5:s(enum=Bidirectional,HostToContainer,None)
    # Whether later mounts are seen by the other side: None, HostToContainer or Bidirectional.
  subPathExpr:6:s
    # As subPath, with variables such as $(NAME).

VolumeMountStatus
  # How a volume is mounted in a container.
  name!+:1:s
    # Name of the volume.
  mountPath!+:2:s
    # Where it is mounted.
  readOnly:3:b
    # Whether it is read-only.
  recursiveReadOnly*:4:s
    # Whether mounts below are read-only too: Disabled or Enabled.

VolumeNodeAffinity
  # Which nodes can use a volume.
  required*:1:NodeSelector
    # Nodes that can.

VolumeProjection
  # One source of a projected volume; one of them is set.
  secret*:1:SecretProjection
    # Keys of a Secret.
  downwardAPI*:2:DownwardAPIProjection
    # Facts about the pod.
  configMap*:3:ConfigMapProjection
    # Keys of a ConfigMap.
  serviceAccountToken*:4:ServiceAccountTokenProjection
    # Token of the pod's account.
  clusterTrustBundle*:5:ClusterTrustBundleProjection
    # Certificates of ClusterTrustBundles.

VolumeResourceRequirements
  # How large a volume is to be.
  limits:1:{}q
    # Most that is wanted.
  requests:2:{}q
    # Least that is wanted.

VolumeSource
  # Where a volume comes from; one of them is set.
  hostPath*:1:HostPathVolumeSource
    # File or folder of the node.
  emptyDir*:2:EmptyDirVolumeSource
    # Empty folder that lives as long as the pod.
  gcePersistentDisk*:3:GCEPersistentDiskVolumeSource
    # Disk of Google Compute Engine, by its CSI driver.
  awsElasticBlockStore*:4:AWSElasticBlockStoreVolumeSource
    # Disk of AWS EBS, by its CSI driver.
  gitRepo*:5:GitRepoVolumeSource
    # Clone of a Git repository. Not safe, and disabled.
  secret*:6:SecretVolumeSource
    # Keys of a Secret, as files.
  nfs*:7:NFSVolumeSource
    # Folder that an NFS server exports.
  iscsi*:8:ISCSIVolumeSource
    # Disk of an iSCSI target.
  glusterfs*:9:GlusterfsVolumeSource
    # No longer supported.
  persistentVolumeClaim*:10:PersistentVolumeClaimVolumeSource
    # Claim of the pod's namespace.
  rbd*:11:RBDVolumeSource
    # No longer supported.
  flexVolume*:12:FlexVolumeSource
    # Volume of a Flexvolume driver. Use CSI drivers instead.
  cinder*:13:CinderVolumeSource
    # Volume of OpenStack Cinder, by its CSI driver.
  cephfs*:14:CephFSVolumeSource
    # No longer supported.
  flocker*:15:FlockerVolumeSource
    # No longer supported.
  downwardAPI*:16:DownwardAPIVolumeSource
    # Facts about the pod, as files.
  fc*:17:FCVolumeSource
    # Fibre Channel device.
  azureFile*:18:AzureFileVolumeSource
    # File share of Azure, by its CSI driver.
  configMap*:19:ConfigMapVolumeSource
    # Keys of a ConfigMap, as files.
  vsphereVolume*:20:VsphereVirtualDiskVolumeSource
    # Disk of vSphere, by its CSI driver.
  quobyte*:21:QuobyteVolumeSource
    # No longer supported.
  azureDisk*:22:AzureDiskVolumeSource
    # Disk of Azure, by its CSI driver.
  photonPersistentDisk*:23:PhotonPersistentDiskVolumeSource
    # No longer supported.
  projected*:26:ProjectedVolumeSource
    # Several sources in one folder.
  portworxVolume*:24:PortworxVolumeSource
    # Volume of Portworx, by its CSI driver.
  scaleIO*:25:ScaleIOVolumeSource
    # No longer supported.
  storageos*:27:StorageOSVolumeSource
    # No longer supported.
  csi*:28:CSIVolumeSource
    # Volume of a CSI driver.
  ephemeral*:29:EphemeralVolumeSource
    # Claim that is made for the pod and goes with it.
  image*:30:ImageVolumeSource
    # Files of an image, read-only.

VsphereVirtualDiskVolumeSource
  # A disk of vSphere. Volumes of this kind need a CSI driver.
  volumePath!+:1:s
    # Path of the disk.
  fsType:2:s
    # File system to mount, such as ext4.
  storagePolicyName:3:s
    # Name of the storage policy.
  storagePolicyID:4:s
    # ID of the storage policy.

WeightedPodAffinityTerm
  # A term that is preferred.
  weight!+:1:i32
    # How much, from 1 to 100.
  podAffinityTerm!+:2:PodAffinityTerm
    # The term.

WindowsSecurityContextOptions
  # Security settings for Windows.
  gmsaCredentialSpecName*:1:s
    # Name of the GMSA credential spec.
  gmsaCredentialSpec*:2:s
    # Content of the GMSA credential spec.
  runAsUserName*:3:s
    # User of the container's processes.
  hostProcess*:4:b
    # Whether it runs as a process of the host. All containers of a pod must agree.
`;
