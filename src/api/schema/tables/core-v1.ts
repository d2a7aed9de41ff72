/** Group core, version v1: a line a type, as table-line.ts reads it. */
export const coreV1 = `
AWSElasticBlockStoreVolumeSource volumeID!+:1:s fsType:2:s partition:3:i32 readOnly:4:b
Affinity nodeAffinity*:1:NodeAffinity podAffinity*:2:PodAffinity podAntiAffinity*:3:PodAntiAffinity
AppArmorProfile type!+:1:s(enum=Localhost,RuntimeDefault,Unconfined) localhostProfile*:2:s
AttachedVolume name!+:1:s devicePath!+:2:s
AvoidPods preferAvoidPods:1:[]PreferAvoidPodsEntry
AzureDiskVolumeSource diskName!+:1:s diskURI!+:2:s cachingMode*:3:s(enum=None,ReadOnly,ReadWrite;default="ReadWrite") fsType*:4:s(default="ext4") readOnly*:5:b(default=false) kind*:6:s(enum=Dedicated,Managed,Shared;default="Shared")
AzureFilePersistentVolumeSource secretName!+:1:s shareName!+:2:s readOnly:3:b secretNamespace*+:4:s
AzureFileVolumeSource secretName!+:1:s shareName!+:2:s readOnly:3:b
Binding@ metadata+:1:meta/v1.ObjectMeta target!+:2:ObjectReference
CSIPersistentVolumeSource driver!+:1:s volumeHandle!+:2:s readOnly:3:b fsType:4:s volumeAttributes:5:{}s controllerPublishSecretRef*:6:SecretReference nodeStageSecretRef*:7:SecretReference nodePublishSecretRef*:8:SecretReference controllerExpandSecretRef*:9:SecretReference nodeExpandSecretRef*:10:SecretReference
CSIVolumeSource driver!+:1:s readOnly*:2:b fsType*:3:s volumeAttributes:4:{}s nodePublishSecretRef*:5:LocalObjectReference
Capabilities add:1:[]s(atomic) drop:2:[]s(atomic)
CephFSPersistentVolumeSource monitors!+:1:[]s(atomic) path:2:s user:3:s secretFile:4:s secretRef*:5:SecretReference readOnly:6:b
CephFSVolumeSource monitors!+:1:[]s(atomic) path:2:s user:3:s secretFile:4:s secretRef*:5:LocalObjectReference readOnly:6:b
CinderPersistentVolumeSource volumeID!+:1:s fsType:2:s readOnly:3:b secretRef*:4:SecretReference
CinderVolumeSource volumeID!+:1:s fsType:2:s readOnly:3:b secretRef*:4:LocalObjectReference
ClientIPConfig timeoutSeconds*:1:i32
ClusterTrustBundleProjection name*:1:s signerName*:2:s labelSelector*:3:meta/v1.LabelSelector optional*:5:b path!+:4:s
ComponentCondition type!+:1:s status!+:2:s message:3:s error:4:s
ComponentStatus@ metadata+:1:meta/v1.ObjectMeta conditions:2:[]ComponentCondition(map=type;patch=merge;key=type)
ComponentStatusList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ComponentStatus
ConfigMap@ metadata+:1:meta/v1.ObjectMeta immutable*:4:b data:2:{}s binaryData:3:{}bytes
ConfigMapEnvSource name:1/1:s(default="") optional*:2:b
ConfigMapKeySelector~ name:1/1:s(default="") key!+:2:s optional*:3:b
ConfigMapList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ConfigMap
ConfigMapNodeConfigSource namespace!+:1:s name!+:2:s uid:3:s resourceVersion:4:s kubeletConfigKey!+:5:s
ConfigMapProjection name:1/1:s(default="") items:2:[]KeyToPath(atomic) optional*:4:b
ConfigMapVolumeSource name:1/1:s(default="") items:2:[]KeyToPath(atomic) defaultMode*:3:i32 optional*:4:b
Container name!+:1:s image:2:s command:3:[]s(atomic) args:4:[]s(atomic) workingDir:5:s ports:6:[]ContainerPort(map=containerPort,protocol;patch=merge;key=containerPort) envFrom:19:[]EnvFromSource(atomic) env:7:[]EnvVar(map=name;patch=merge;key=name) resources+:8:ResourceRequirements resizePolicy:23:[]ContainerResizePolicy(atomic) restartPolicy*:24:s volumeMounts:9:[]VolumeMount(map=mountPath;patch=merge;key=mountPath) volumeDevices:21:[]VolumeDevice(map=devicePath;patch=merge;key=devicePath) livenessProbe*:10:Probe readinessProbe*:11:Probe startupProbe*:22:Probe lifecycle*:12:Lifecycle terminationMessagePath:13:s terminationMessagePolicy:20:s(enum=FallbackToLogsOnError,File) imagePullPolicy:14:s(enum=Always,IfNotPresent,Never) securityContext*:15:SecurityContext stdin:16:b stdinOnce:17:b tty:18:b
ContainerImage names+:1:[]s(atomic) sizeBytes:2:i64
ContainerPort name:1:s hostPort:2:i32 containerPort!+:3:i32 protocol:4:s(enum=SCTP,TCP,UDP;default="TCP") hostIP:5:s
ContainerResizePolicy resourceName!+:1:s restartPolicy!+:2:s
ContainerState waiting*:1:ContainerStateWaiting running*:2:ContainerStateRunning terminated*:3:ContainerStateTerminated
ContainerStateRunning startedAt+:1:t
ContainerStateTerminated exitCode!+:1:i32 signal:2:i32 reason:3:s message:4:s startedAt+:5:t finishedAt+:6:t containerID:7:s
ContainerStateWaiting reason:1:s message:2:s
ContainerStatus name!+:1:s state+:2:ContainerState lastState+:3:ContainerState ready!+:4:b restartCount!+:5:i32 image!+:6:s imageID!+:7:s containerID:8:s started*:9:b allocatedResources:10:{}q resources*:11:ResourceRequirements volumeMounts:12:[]VolumeMountStatus(map=mountPath;patch=merge;key=mountPath) user*:13:ContainerUser allocatedResourcesStatus:14:[]ResourceStatus(map=name;patch=merge;key=name) stopSignal*:15:s(enum=SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)
ContainerUser linux*:1:LinuxContainerUser
DaemonEndpoint Port!+:1:i32
DownwardAPIProjection items:1:[]DownwardAPIVolumeFile(atomic)
DownwardAPIVolumeFile path!+:1:s fieldRef*:2:ObjectFieldSelector resourceFieldRef*:3:ResourceFieldSelector mode*:4:i32
DownwardAPIVolumeSource items:1:[]DownwardAPIVolumeFile(atomic) defaultMode*:2:i32
EmptyDirVolumeSource medium:1:s sizeLimit*:2:q
EndpointAddress~ ip!+:1:s hostname:3:s nodeName*:4:s targetRef*:2:ObjectReference
EndpointPort~ name:1:s port!+:2:i32 protocol:3:s(enum=SCTP,TCP,UDP) appProtocol*:4:s
EndpointSubset addresses:1:[]EndpointAddress(atomic) notReadyAddresses:2:[]EndpointAddress(atomic) ports:3:[]EndpointPort(atomic)
Endpoints@ metadata+:1:meta/v1.ObjectMeta subsets:2:[]EndpointSubset(atomic)
EndpointsList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Endpoints
EnvFromSource prefix:1:s configMapRef*:2:ConfigMapEnvSource secretRef*:3:SecretEnvSource
EnvVar name!+:1:s value:2:s valueFrom*:3:EnvVarSource
EnvVarSource fieldRef*:1:ObjectFieldSelector resourceFieldRef*:2:ResourceFieldSelector configMapKeyRef*:3:ConfigMapKeySelector secretKeyRef*:4:SecretKeySelector
EphemeralContainer name!+:1/1:s image:1/2:s command:1/3:[]s(atomic) args:1/4:[]s(atomic) workingDir:1/5:s ports:1/6:[]ContainerPort(map=containerPort,protocol;patch=merge;key=containerPort) envFrom:1/19:[]EnvFromSource(atomic) env:1/7:[]EnvVar(map=name;patch=merge;key=name) resources+:1/8:ResourceRequirements resizePolicy:1/23:[]ContainerResizePolicy(atomic) restartPolicy*:1/24:s volumeMounts:1/9:[]VolumeMount(map=mountPath;patch=merge;key=mountPath) volumeDevices:1/21:[]VolumeDevice(map=devicePath;patch=merge;key=devicePath) livenessProbe*:1/10:Probe readinessProbe*:1/11:Probe startupProbe*:1/22:Probe lifecycle*:1/12:Lifecycle terminationMessagePath:1/13:s terminationMessagePolicy:1/20:s(enum=FallbackToLogsOnError,File) imagePullPolicy:1/14:s(enum=Always,IfNotPresent,Never) securityContext*:1/15:SecurityContext stdin:1/16:b stdinOnce:1/17:b tty:1/18:b targetContainerName:2:s
EphemeralContainerCommon name+:1:s image:2:s command:3:[]s args:4:[]s workingDir:5:s ports:6:[]ContainerPort envFrom:19:[]EnvFromSource env:7:[]EnvVar resources+:8:ResourceRequirements resizePolicy:23:[]ContainerResizePolicy restartPolicy*:24:s volumeMounts:9:[]VolumeMount volumeDevices:21:[]VolumeDevice livenessProbe*:10:Probe readinessProbe*:11:Probe startupProbe*:22:Probe lifecycle*:12:Lifecycle terminationMessagePath:13:s terminationMessagePolicy:20:s imagePullPolicy:14:s securityContext*:15:SecurityContext stdin:16:b stdinOnce:17:b tty:18:b
EphemeralVolumeSource volumeClaimTemplate*:1:PersistentVolumeClaimTemplate
Event@ metadata!+:1:meta/v1.ObjectMeta involvedObject!+:2:ObjectReference reason:3:s message:4:s source+:5:EventSource firstTimestamp+:6:t lastTimestamp+:7:t count:8:i32 type:9:s eventTime+:10:mt series*:11:EventSeries action:12:s related*:13:ObjectReference reportingComponent+:14:s reportingInstance+:15:s
EventList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Event
EventSeries count:1:i32 lastObservedTime+:2:mt
EventSource component:1:s host:2:s
ExecAction command:1:[]s(atomic)
FCVolumeSource targetWWNs:1:[]s(atomic) lun*:2:i32 fsType:3:s readOnly:4:b wwids:5:[]s(atomic)
FlexPersistentVolumeSource driver!+:1:s fsType:2:s secretRef*:3:SecretReference readOnly:4:b options:5:{}s
FlexVolumeSource driver!+:1:s fsType:2:s secretRef*:3:LocalObjectReference readOnly:4:b options:5:{}s
FlockerVolumeSource datasetName:1:s datasetUUID:2:s
GCEPersistentDiskVolumeSource pdName!+:1:s fsType:2:s partition:3:i32 readOnly:4:b
GRPCAction port!+:1:i32 service*+:2:s(default="")
GitRepoVolumeSource repository!+:1:s revision:2:s directory:3:s
GlusterfsPersistentVolumeSource endpoints!+:1:s path!+:2:s readOnly:3:b endpointsNamespace*:4:s
GlusterfsVolumeSource endpoints!+:1:s path!+:2:s readOnly:3:b
HTTPGetAction path:1:s port!+:2:ios host:3:s scheme:4:s(enum=HTTP,HTTPS) httpHeaders:5:[]HTTPHeader(atomic)
HTTPHeader name!+:1:s value!+:2:s
HostAlias ip!+:1:s hostnames:2:[]s(atomic)
HostIP ip!+:1:s
HostPathVolumeSource path!+:1:s type*:2:s(enum=,BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket)
ISCSIPersistentVolumeSource targetPortal!+:1:s iqn!+:2:s lun!+:3:i32 iscsiInterface:4:s(default="default") fsType:5:s readOnly:6:b portals:7:[]s(atomic) chapAuthDiscovery:8:b chapAuthSession:11:b secretRef*:10:SecretReference initiatorName*:12:s
ISCSIVolumeSource targetPortal!+:1:s iqn!+:2:s lun!+:3:i32 iscsiInterface:4:s(default="default") fsType:5:s readOnly:6:b portals:7:[]s(atomic) chapAuthDiscovery:8:b chapAuthSession:11:b secretRef*:10:LocalObjectReference initiatorName*:12:s
ImageVolumeSource reference:1:s pullPolicy:2:s(enum=Always,IfNotPresent,Never)
KeyToPath key!+:1:s path!+:2:s mode*:3:i32
Lifecycle postStart*:1:LifecycleHandler preStop*:2:LifecycleHandler stopSignal*:3:s(enum=SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)
LifecycleHandler exec*:1:ExecAction httpGet*:2:HTTPGetAction tcpSocket*:3:TCPSocketAction sleep*:4:SleepAction
LimitRange@ metadata+:1:meta/v1.ObjectMeta spec+:2:LimitRangeSpec
LimitRangeItem type!+:1:s max:2:{}q min:3:{}q default:4:{}q defaultRequest:5:{}q maxLimitRequestRatio:6:{}q
LimitRangeList@ metadata+:1:meta/v1.ListMeta items!+:2:[]LimitRange
LimitRangeSpec limits!+:1:[]LimitRangeItem(atomic)
LinuxContainerUser uid!+:1:i64 gid!+:2:i64 supplementalGroups:3:[]i64(atomic)
List metadata*:1:meta/v1.ListMeta items:2:[]raw
LoadBalancerIngress ip:1:s hostname:2:s ipMode*:3:s ports:4:[]PortStatus(atomic)
LoadBalancerStatus ingress:1:[]LoadBalancerIngress(atomic)
LocalObjectReference~ name:1:s(default="")
LocalVolumeSource path!+:1:s fsType*:2:s
ModifyVolumeStatus targetVolumeAttributesClassName:1:s status!+:2:s(enum=InProgress,Infeasible,Pending)
NFSVolumeSource server!+:1:s path!+:2:s readOnly:3:b
Namespace@ metadata+:1:meta/v1.ObjectMeta spec+:2:NamespaceSpec status+:3:NamespaceStatus
NamespaceCondition type!+:1:s status!+:2:s lastTransitionTime+:4:t reason:5:s message:6:s
NamespaceList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Namespace
NamespaceSpec finalizers:1:[]s(atomic)
NamespaceStatus phase:1:s(enum=Active,Terminating) conditions:2:[]NamespaceCondition(map=type;patch=merge;key=type)
Node@ metadata+:1:meta/v1.ObjectMeta spec+:2:NodeSpec status+:3:NodeStatus
NodeAddress type!+:1:s address!+:2:s
NodeAffinity requiredDuringSchedulingIgnoredDuringExecution*:1:NodeSelector preferredDuringSchedulingIgnoredDuringExecution:2:[]PreferredSchedulingTerm(atomic)
NodeCondition type!+:1:s status!+:2:s lastHeartbeatTime+:3:t lastTransitionTime+:4:t reason:5:s message:6:s
NodeConfigSource configMap*:2:ConfigMapNodeConfigSource
NodeConfigStatus assigned*:1:NodeConfigSource active*:2:NodeConfigSource lastKnownGood*:3:NodeConfigSource error:4:s
NodeDaemonEndpoints kubeletEndpoint+:1:DaemonEndpoint
NodeFeatures supplementalGroupsPolicy*:1:b
NodeList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Node
NodeProxyOptions@ path:1:s
NodeRuntimeHandler name+:1:s features*:2:NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts*:1:b userNamespaces*:2:b
NodeSelector~ nodeSelectorTerms!+:1:[]NodeSelectorTerm(atomic)
NodeSelectorRequirement key!+:1:s operator!+:2:s(enum=DoesNotExist,Exists,Gt,In,Lt,NotIn) values:3:[]s(atomic)
NodeSelectorTerm~ matchExpressions:1:[]NodeSelectorRequirement(atomic) matchFields:2:[]NodeSelectorRequirement(atomic)
NodeSpec podCIDR:1:s podCIDRs:7:[]s(set;patch=merge) providerID:3:s unschedulable:4:b taints:5:[]Taint(atomic) configSource*:6:NodeConfigSource externalID:2:s
NodeStatus capacity:1:{}q allocatable:2:{}q phase:3:s(enum=Pending,Running,Terminated) conditions:4:[]NodeCondition(map=type;patch=merge;key=type) addresses:5:[]NodeAddress(map=type;patch=merge;key=type) daemonEndpoints+:6:NodeDaemonEndpoints nodeInfo+:7:NodeSystemInfo images:8:[]ContainerImage(atomic) volumesInUse:9:[]s(atomic) volumesAttached:10:[]AttachedVolume(atomic) config*:11:NodeConfigStatus runtimeHandlers:12:[]NodeRuntimeHandler(atomic) features*:13:NodeFeatures
NodeSwapStatus capacity*:1:i64
NodeSystemInfo machineID!+:1:s systemUUID!+:2:s bootID!+:3:s kernelVersion!+:4:s osImage!+:5:s containerRuntimeVersion!+:6:s kubeletVersion!+:7:s kubeProxyVersion!+:8:s operatingSystem!+:9:s architecture!+:10:s swap*:11:NodeSwapStatus
ObjectFieldSelector~ apiVersion:1:s fieldPath!+:2:s
ObjectReference~ kind:1:s namespace:2:s name:3:s uid:4:s apiVersion:5:s resourceVersion:6:s fieldPath:7:s
PersistentVolume@ metadata+:1:meta/v1.ObjectMeta spec+:2:PersistentVolumeSpec status+:3:PersistentVolumeStatus
PersistentVolumeClaim@ metadata+:1:meta/v1.ObjectMeta spec+:2:PersistentVolumeClaimSpec status+:3:PersistentVolumeClaimStatus
PersistentVolumeClaimCondition type!+:1:s status!+:2:s lastProbeTime+:3:t lastTransitionTime+:4:t reason:5:s message:6:s
PersistentVolumeClaimList@ metadata+:1:meta/v1.ListMeta items!+:2:[]PersistentVolumeClaim
PersistentVolumeClaimSpec accessModes:1:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod) selector*:4:meta/v1.LabelSelector resources+:2:VolumeResourceRequirements volumeName:3:s storageClassName*:5:s volumeMode*:6:s(enum=Block,Filesystem) dataSource*:7:TypedLocalObjectReference dataSourceRef*:8:TypedObjectReference volumeAttributesClassName*:9:s
PersistentVolumeClaimStatus phase:1:s(enum=Bound,Lost,Pending) accessModes:2:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod) capacity:3:{}q conditions:4:[]PersistentVolumeClaimCondition(map=type;patch=merge;key=type) allocatedResources:5:{}q allocatedResourceStatuses:7:{}s(mapgranular;enum=ControllerResizeInProgress,ControllerResizeInfeasible,NodeResizeInProgress,NodeResizeInfeasible,NodeResizePending) currentVolumeAttributesClassName*:8:s modifyVolumeStatus*:9:ModifyVolumeStatus
PersistentVolumeClaimTemplate metadata+:1:meta/v1.ObjectMeta spec!+:2:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName!+:1:s readOnly:2:b
PersistentVolumeList@ metadata+:1:meta/v1.ListMeta items!+:2:[]PersistentVolume
PersistentVolumeSource gcePersistentDisk*:1:GCEPersistentDiskVolumeSource awsElasticBlockStore*:2:AWSElasticBlockStoreVolumeSource hostPath*:3:HostPathVolumeSource glusterfs*:4:GlusterfsPersistentVolumeSource nfs*:5:NFSVolumeSource rbd*:6:RBDPersistentVolumeSource iscsi*:7:ISCSIPersistentVolumeSource cinder*:8:CinderPersistentVolumeSource cephfs*:9:CephFSPersistentVolumeSource fc*:10:FCVolumeSource flocker*:11:FlockerVolumeSource flexVolume*:12:FlexPersistentVolumeSource azureFile*:13:AzureFilePersistentVolumeSource vsphereVolume*:14:VsphereVirtualDiskVolumeSource quobyte*:15:QuobyteVolumeSource azureDisk*:16:AzureDiskVolumeSource photonPersistentDisk*:17:PhotonPersistentDiskVolumeSource portworxVolume*:18:PortworxVolumeSource scaleIO*:19:ScaleIOPersistentVolumeSource local*:20:LocalVolumeSource storageos*:21:StorageOSPersistentVolumeSource csi*:22:CSIPersistentVolumeSource
PersistentVolumeSpec capacity:1:{}q gcePersistentDisk*:2/1:GCEPersistentDiskVolumeSource awsElasticBlockStore*:2/2:AWSElasticBlockStoreVolumeSource hostPath*:2/3:HostPathVolumeSource glusterfs*:2/4:GlusterfsPersistentVolumeSource nfs*:2/5:NFSVolumeSource rbd*:2/6:RBDPersistentVolumeSource iscsi*:2/7:ISCSIPersistentVolumeSource cinder*:2/8:CinderPersistentVolumeSource cephfs*:2/9:CephFSPersistentVolumeSource fc*:2/10:FCVolumeSource flocker*:2/11:FlockerVolumeSource flexVolume*:2/12:FlexPersistentVolumeSource azureFile*:2/13:AzureFilePersistentVolumeSource vsphereVolume*:2/14:VsphereVirtualDiskVolumeSource quobyte*:2/15:QuobyteVolumeSource azureDisk*:2/16:AzureDiskVolumeSource photonPersistentDisk*:2/17:PhotonPersistentDiskVolumeSource portworxVolume*:2/18:PortworxVolumeSource scaleIO*:2/19:ScaleIOPersistentVolumeSource local*:2/20:LocalVolumeSource storageos*:2/21:StorageOSPersistentVolumeSource csi*:2/22:CSIPersistentVolumeSource accessModes:3:[]s(atomic;enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod) claimRef*:4:ObjectReference(mapgranular) persistentVolumeReclaimPolicy:5:s(enum=Delete,Recycle,Retain) storageClassName:6:s mountOptions:7:[]s(atomic) volumeMode*:8:s(enum=Block,Filesystem) nodeAffinity*:9:VolumeNodeAffinity volumeAttributesClassName*:10:s
PersistentVolumeStatus phase:1:s(enum=Available,Bound,Failed,Pending,Released) message:2:s reason:3:s lastPhaseTransitionTime*:4:t
PhotonPersistentDiskVolumeSource pdID!+:1:s fsType:2:s
Pod@ metadata+:1:meta/v1.ObjectMeta spec+:2:PodSpec status+:3:PodStatus
PodAffinity requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm(atomic) preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm(atomic)
PodAffinityTerm labelSelector*:1:meta/v1.LabelSelector namespaces:2:[]s(atomic) topologyKey!+:3:s namespaceSelector*:4:meta/v1.LabelSelector matchLabelKeys:5:[]s(atomic) mismatchLabelKeys:6:[]s(atomic)
PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm(atomic) preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm(atomic)
PodAttachOptions@ stdin:1:b stdout:2:b stderr:3:b tty:4:b container:5:s
PodCondition type!+:1:s observedGeneration:7:i64 status!+:2:s lastProbeTime+:3:t lastTransitionTime+:4:t reason:5:s message:6:s
PodDNSConfig nameservers:1:[]s(atomic) searches:2:[]s(atomic) options:3:[]PodDNSConfigOption(atomic)
PodDNSConfigOption name:1:s value*:2:s
PodExecOptions@ stdin:1:b stdout:2:b stderr:3:b tty:4:b container:5:s command+:6:[]s
PodIP ip!+:1:s
PodList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Pod
PodLogOptions@ container:1:s follow:2:b previous:3:b sinceSeconds*:4:i64 sinceTime*:5:t timestamps:6:b tailLines*:7:i64 limitBytes*:8:i64 insecureSkipTLSVerifyBackend:9:b stream*:10:s
PodOS name!+:1:s
PodPortForwardOptions@ ports:1:[]i32
PodProxyOptions@ path:1:s
PodReadinessGate conditionType!+:1:s
PodResourceClaim name!+:1:s resourceClaimName*:3:s resourceClaimTemplateName*:4:s
PodResourceClaimStatus name!+:1:s resourceClaimName*:2:s
PodSchedulingGate name!+:1:s
PodSecurityContext seLinuxOptions*:1:SELinuxOptions windowsOptions*:8:WindowsSecurityContextOptions runAsUser*:2:i64 runAsGroup*:6:i64 runAsNonRoot*:3:b supplementalGroups:4:[]i64(atomic) supplementalGroupsPolicy*:12:s(enum=Merge,Strict) fsGroup*:5:i64 sysctls:7:[]Sysctl(atomic) fsGroupChangePolicy*:9:s(enum=Always,OnRootMismatch) seccompProfile*:10:SeccompProfile appArmorProfile*:11:AppArmorProfile seLinuxChangePolicy*:13:s
PodSignature podController*:1:meta/v1.OwnerReference
PodSpec volumes:1:[]Volume(map=name;patch=merge,retainKeys;key=name) initContainers:20:[]Container(map=name;patch=merge;key=name) containers!+:2:[]Container(map=name;patch=merge;key=name) ephemeralContainers:34:[]EphemeralContainer(map=name;patch=merge;key=name) restartPolicy:3:s(enum=Always,Never,OnFailure) terminationGracePeriodSeconds*:4:i64 activeDeadlineSeconds*:5:i64 dnsPolicy:6:s(enum=ClusterFirst,ClusterFirstWithHostNet,Default,None) nodeSelector:7:{}s(mapatomic) serviceAccountName:8:s serviceAccount:9:s automountServiceAccountToken*:21:b nodeName:10:s hostNetwork:11:b hostPID:12:b hostIPC:13:b shareProcessNamespace*:27:b securityContext*:14:PodSecurityContext imagePullSecrets:15:[]LocalObjectReference(map=name;patch=merge;key=name) hostname:16:s subdomain:17:s affinity*:18:Affinity schedulerName:19:s tolerations:22:[]Toleration(atomic) hostAliases:23:[]HostAlias(map=ip;patch=merge;key=ip) priorityClassName:24:s priority*:25:i32 dnsConfig*:26:PodDNSConfig readinessGates:28:[]PodReadinessGate(atomic) runtimeClassName*:29:s enableServiceLinks*:30:b preemptionPolicy*:31:s(enum=Never,PreemptLowerPriority) overhead:32:{}q topologySpreadConstraints:33:[]TopologySpreadConstraint(map=topologyKey,whenUnsatisfiable;patch=merge;key=topologyKey) setHostnameAsFQDN*:35:b os*:36:PodOS hostUsers*:37:b schedulingGates:38:[]PodSchedulingGate(map=name;patch=merge;key=name) resourceClaims:39:[]PodResourceClaim(map=name;patch=merge,retainKeys;key=name) resources*:40:ResourceRequirements
PodStatus observedGeneration:17:i64 phase:1:s(enum=Failed,Pending,Running,Succeeded,Unknown) conditions:2:[]PodCondition(map=type;patch=merge;key=type) message:3:s reason:4:s nominatedNodeName:11:s hostIP:5:s hostIPs:16:[]HostIP(atomic;patch=merge;key=ip) podIP:6:s podIPs:12:[]PodIP(map=ip;patch=merge;key=ip) startTime*:7:t initContainerStatuses:10:[]ContainerStatus(atomic) containerStatuses:8:[]ContainerStatus(atomic) qosClass:9:s(enum=BestEffort,Burstable,Guaranteed) ephemeralContainerStatuses:13:[]ContainerStatus(atomic) resize:14:s resourceClaimStatuses:15:[]PodResourceClaimStatus(map=name;patch=merge,retainKeys;key=name)
PodStatusResult@ metadata*:1:meta/v1.ObjectMeta status+:2:PodStatus
PodTemplate@ metadata+:1:meta/v1.ObjectMeta template+:2:PodTemplateSpec
PodTemplateList@ metadata+:1:meta/v1.ListMeta items!+:2:[]PodTemplate
PodTemplateSpec metadata+:1:meta/v1.ObjectMeta spec+:2:PodSpec
PortStatus port!+:1:i32 protocol!+:2:s(enum=SCTP,TCP,UDP) error*:3:s
PortworxVolumeSource volumeID!+:1:s fsType:2:s readOnly:3:b
Preconditions uid*:1:s
PreferAvoidPodsEntry podSignature+:1:PodSignature evictionTime+:2:t reason:3:s message:4:s
PreferredSchedulingTerm weight!+:1:i32 preference!+:2:NodeSelectorTerm
Probe exec*:1/1:ExecAction httpGet*:1/2:HTTPGetAction tcpSocket*:1/3:TCPSocketAction grpc*:1/4:GRPCAction initialDelaySeconds:2:i32 timeoutSeconds:3:i32 periodSeconds:4:i32 successThreshold:5:i32 failureThreshold:6:i32 terminationGracePeriodSeconds*:7:i64
ProbeHandler exec*:1:ExecAction httpGet*:2:HTTPGetAction tcpSocket*:3:TCPSocketAction grpc*:4:GRPCAction
ProjectedVolumeSource sources+:1:[]VolumeProjection(atomic) defaultMode*:2:i32
QuobyteVolumeSource registry!+:1:s volume!+:2:s readOnly:3:b user:4:s group:5:s tenant:6:s
RBDPersistentVolumeSource monitors!+:1:[]s(atomic) image!+:2:s fsType:3:s pool:4:s(default="rbd") user:5:s(default="admin") keyring:6:s(default="/etc/ceph/keyring") secretRef*:7:SecretReference readOnly:8:b
RBDVolumeSource monitors!+:1:[]s(atomic) image!+:2:s fsType:3:s pool:4:s(default="rbd") user:5:s(default="admin") keyring:6:s(default="/etc/ceph/keyring") secretRef*:7:LocalObjectReference readOnly:8:b
RangeAllocation@ metadata*:1:meta/v1.ObjectMeta range+:2:s data+:3:bytes
ReplicationController@ metadata+:1:meta/v1.ObjectMeta spec+:2:ReplicationControllerSpec status+:3:ReplicationControllerStatus
ReplicationControllerCondition type!+:1:s status!+:2:s lastTransitionTime+:3:t reason:4:s message:5:s
ReplicationControllerList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ReplicationController
ReplicationControllerSpec replicas*:1:i32(default=1) minReadySeconds:4:i32(default=0) selector:2:{}s(mapatomic) template*:3:PodTemplateSpec
ReplicationControllerStatus replicas!+:1:i32 fullyLabeledReplicas:2:i32 readyReplicas:4:i32 availableReplicas:5:i32 observedGeneration:3:i64 conditions:6:[]ReplicationControllerCondition(map=type;patch=merge;key=type)
ResourceClaim name!+:1:s request:2:s
ResourceFieldSelector~ containerName:1:s resource!+:2:s divisor+:3:q
ResourceHealth resourceID!+:1:s health:2:s
ResourceQuota@ metadata+:1:meta/v1.ObjectMeta spec+:2:ResourceQuotaSpec status+:3:ResourceQuotaStatus
ResourceQuotaList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ResourceQuota
ResourceQuotaSpec hard:1:{}q scopes:2:[]s(atomic;enum=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass) scopeSelector*:3:ScopeSelector
ResourceQuotaStatus hard:1:{}q used:2:{}q
ResourceRequirements limits:1:{}q requests:2:{}q claims:3:[]ResourceClaim(map=name)
ResourceStatus name!+:1:s resources:2:[]ResourceHealth(map=resourceID)
SELinuxOptions user:1:s role:2:s type:3:s level:4:s
ScaleIOPersistentVolumeSource gateway!+:1:s system!+:2:s secretRef!*+:3:SecretReference sslEnabled:4:b protectionDomain:5:s storagePool:6:s storageMode:7:s(default="ThinProvisioned") volumeName:8:s fsType:9:s(default="xfs") readOnly:10:b
ScaleIOVolumeSource gateway!+:1:s system!+:2:s secretRef!*+:3:LocalObjectReference sslEnabled:4:b protectionDomain:5:s storagePool:6:s storageMode:7:s(default="ThinProvisioned") volumeName:8:s fsType:9:s(default="xfs") readOnly:10:b
ScopeSelector~ matchExpressions:1:[]ScopedResourceSelectorRequirement(atomic)
ScopedResourceSelectorRequirement scopeName!+:1:s(enum=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass) operator!+:2:s(enum=DoesNotExist,Exists,In,NotIn) values:3:[]s(atomic)
SeccompProfile type!+:1:s(enum=Localhost,RuntimeDefault,Unconfined) localhostProfile*:2:s
Secret@ metadata+:1:meta/v1.ObjectMeta immutable*:5:b data:2:{}bytes stringData:4:{}s type:3:s
SecretEnvSource name:1/1:s(default="") optional*:2:b
SecretKeySelector~ name:1/1:s(default="") key!+:2:s optional*:3:b
SecretList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Secret
SecretProjection name:1/1:s(default="") items:2:[]KeyToPath(atomic) optional*:4:b
SecretReference~ name:1:s namespace:2:s
SecretVolumeSource secretName:1:s items:2:[]KeyToPath(atomic) defaultMode*:3:i32 optional*:4:b
SecurityContext capabilities*:1:Capabilities privileged*:2:b seLinuxOptions*:3:SELinuxOptions windowsOptions*:10:WindowsSecurityContextOptions runAsUser*:4:i64 runAsGroup*:8:i64 runAsNonRoot*:5:b readOnlyRootFilesystem*:6:b allowPrivilegeEscalation*:7:b procMount*:9:s(enum=Default,Unmasked) seccompProfile*:11:SeccompProfile appArmorProfile*:12:AppArmorProfile
SerializedReference@ reference+:1:ObjectReference
Service@ metadata+:1:meta/v1.ObjectMeta spec+:2:ServiceSpec status+:3:ServiceStatus
ServiceAccount@ metadata+:1:meta/v1.ObjectMeta secrets:2:[]ObjectReference(map=name;patch=merge;key=name) imagePullSecrets:3:[]LocalObjectReference(atomic) automountServiceAccountToken*:4:b
ServiceAccountList@ metadata+:1:meta/v1.ListMeta items!+:2:[]ServiceAccount
ServiceAccountTokenProjection audience:1:s expirationSeconds*:2:i64 path!+:3:s
ServiceList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Service
ServicePort name:1:s protocol:2:s(enum=SCTP,TCP,UDP;default="TCP") appProtocol*:6:s port!+:3:i32 targetPort+:4:ios nodePort:5:i32
ServiceProxyOptions@ path:1:s
ServiceSpec ports:1:[]ServicePort(map=port,protocol;patch=merge;key=port) selector:2:{}s(mapatomic) clusterIP:3:s clusterIPs:18:[]s(atomic) type:4:s(enum=ClusterIP,ExternalName,LoadBalancer,NodePort) externalIPs:5:[]s(atomic) sessionAffinity:7:s(enum=ClientIP,None) loadBalancerIP:8:s loadBalancerSourceRanges:9:[]s(atomic) externalName:10:s externalTrafficPolicy:11:s(enum=Cluster,Local) healthCheckNodePort:12:i32 publishNotReadyAddresses:13:b sessionAffinityConfig*:14:SessionAffinityConfig ipFamilies:19:[]s(atomic;enum=,IPv4,IPv6) ipFamilyPolicy*:17:s(enum=PreferDualStack,RequireDualStack,SingleStack) allocateLoadBalancerNodePorts*:20:b loadBalancerClass*:21:s internalTrafficPolicy*:22:s(enum=Cluster,Local) trafficDistribution*:23:s
ServiceStatus loadBalancer+:1:LoadBalancerStatus conditions:2:[]meta/v1.Condition(map=type;patch=merge;key=type)
SessionAffinityConfig clientIP*:1:ClientIPConfig
SleepAction seconds!+:1:i64
StorageOSPersistentVolumeSource volumeName:1:s volumeNamespace:2:s fsType:3:s readOnly:4:b secretRef*:5:ObjectReference
StorageOSVolumeSource volumeName:1:s volumeNamespace:2:s fsType:3:s readOnly:4:b secretRef*:5:LocalObjectReference
Sysctl name!+:1:s value!+:2:s
TCPSocketAction port!+:1:ios host:2:s
Taint key!+:1:s value:2:s effect!+:3:s(enum=NoExecute,NoSchedule,PreferNoSchedule) timeAdded*:4:t
Toleration key:1:s operator:2:s(enum=Equal,Exists) value:3:s effect:4:s(enum=NoExecute,NoSchedule,PreferNoSchedule) tolerationSeconds*:5:i64
TopologySelectorLabelRequirement key!+:1:s values!+:2:[]s(atomic)
TopologySelectorTerm~ matchLabelExpressions:1:[]TopologySelectorLabelRequirement(atomic)
TopologySpreadConstraint maxSkew!+:1:i32 topologyKey!+:2:s whenUnsatisfiable!+:3:s(enum=DoNotSchedule,ScheduleAnyway) labelSelector*:4:meta/v1.LabelSelector minDomains*:5:i32 nodeAffinityPolicy*:6:s(enum=Honor,Ignore) nodeTaintsPolicy*:7:s(enum=Honor,Ignore) matchLabelKeys:8:[]s(atomic)
TypedLocalObjectReference~ apiGroup*+:1:s kind!+:2:s name!+:3:s
TypedObjectReference apiGroup*+:1:s kind!+:2:s name!+:3:s namespace*:4:s
Volume name!+:1:s hostPath*:2/1:HostPathVolumeSource emptyDir*:2/2:EmptyDirVolumeSource gcePersistentDisk*:2/3:GCEPersistentDiskVolumeSource awsElasticBlockStore*:2/4:AWSElasticBlockStoreVolumeSource gitRepo*:2/5:GitRepoVolumeSource secret*:2/6:SecretVolumeSource nfs*:2/7:NFSVolumeSource iscsi*:2/8:ISCSIVolumeSource glusterfs*:2/9:GlusterfsVolumeSource persistentVolumeClaim*:2/10:PersistentVolumeClaimVolumeSource rbd*:2/11:RBDVolumeSource flexVolume*:2/12:FlexVolumeSource cinder*:2/13:CinderVolumeSource cephfs*:2/14:CephFSVolumeSource flocker*:2/15:FlockerVolumeSource downwardAPI*:2/16:DownwardAPIVolumeSource fc*:2/17:FCVolumeSource azureFile*:2/18:AzureFileVolumeSource configMap*:2/19:ConfigMapVolumeSource vsphereVolume*:2/20:VsphereVirtualDiskVolumeSource quobyte*:2/21:QuobyteVolumeSource azureDisk*:2/22:AzureDiskVolumeSource photonPersistentDisk*:2/23:PhotonPersistentDiskVolumeSource projected*:2/26:ProjectedVolumeSource portworxVolume*:2/24:PortworxVolumeSource scaleIO*:2/25:ScaleIOVolumeSource storageos*:2/27:StorageOSVolumeSource csi*:2/28:CSIVolumeSource ephemeral*:2/29:EphemeralVolumeSource image*:2/30:ImageVolumeSource
VolumeDevice name!+:1:s devicePath!+:2:s
VolumeMount name!+:1:s readOnly:2:b recursiveReadOnly*:7:s mountPath!+:3:s subPath:4:s mountPropagation*:5:s(enum=Bidirectional,HostToContainer,None) subPathExpr:6:s
VolumeMountStatus name!+:1:s mountPath!+:2:s readOnly:3:b recursiveReadOnly*:4:s
VolumeNodeAffinity required*:1:NodeSelector
VolumeProjection secret*:1:SecretProjection downwardAPI*:2:DownwardAPIProjection configMap*:3:ConfigMapProjection serviceAccountToken*:4:ServiceAccountTokenProjection clusterTrustBundle*:5:ClusterTrustBundleProjection
VolumeResourceRequirements limits:1:{}q requests:2:{}q
VolumeSource hostPath*:1:HostPathVolumeSource emptyDir*:2:EmptyDirVolumeSource gcePersistentDisk*:3:GCEPersistentDiskVolumeSource awsElasticBlockStore*:4:AWSElasticBlockStoreVolumeSource gitRepo*:5:GitRepoVolumeSource secret*:6:SecretVolumeSource nfs*:7:NFSVolumeSource iscsi*:8:ISCSIVolumeSource glusterfs*:9:GlusterfsVolumeSource persistentVolumeClaim*:10:PersistentVolumeClaimVolumeSource rbd*:11:RBDVolumeSource flexVolume*:12:FlexVolumeSource cinder*:13:CinderVolumeSource cephfs*:14:CephFSVolumeSource flocker*:15:FlockerVolumeSource downwardAPI*:16:DownwardAPIVolumeSource fc*:17:FCVolumeSource azureFile*:18:AzureFileVolumeSource configMap*:19:ConfigMapVolumeSource vsphereVolume*:20:VsphereVirtualDiskVolumeSource quobyte*:21:QuobyteVolumeSource azureDisk*:22:AzureDiskVolumeSource photonPersistentDisk*:23:PhotonPersistentDiskVolumeSource projected*:26:ProjectedVolumeSource portworxVolume*:24:PortworxVolumeSource scaleIO*:25:ScaleIOVolumeSource storageos*:27:StorageOSVolumeSource csi*:28:CSIVolumeSource ephemeral*:29:EphemeralVolumeSource image*:30:ImageVolumeSource
VsphereVirtualDiskVolumeSource volumePath!+:1:s fsType:2:s storagePolicyName:3:s storagePolicyID:4:s
WeightedPodAffinityTerm weight!+:1:i32 podAffinityTerm!+:2:PodAffinityTerm
WindowsSecurityContextOptions gmsaCredentialSpecName*:1:s gmsaCredentialSpec*:2:s runAsUserName*:3:s hostProcess*:4:b
`;
