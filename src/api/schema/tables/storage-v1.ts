/** Types and resources of storage.k8s.io, version v1, in the form that type-entry.ts reads. */

export const storageV1 = `
CSIDriver@
  # A CSI driver that is installed in the cluster, and its capabilities.
  resource csidrivers csidriver cluster *
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CSIDriverSpec

CSIDriverList@
  # A list of objects of the kind CSIDriver.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CSIDriver

CSIDriverSpec
  # What a CSI driver needs and can do.
  attachRequired*:1:b
    # Whether volumes are attached before they are mounted. Default: true.
  podInfoOnMount*:2:b
    # Whether the driver is told for which pod it mounts.
  volumeLifecycleModes:3:[]s(set)
    # Persistent for claims, Ephemeral for volumes of pods.
  storageCapacity*:4:b
    # Whether the scheduler looks at the capacity that the driver reports.
  fsGroupPolicy*:5:s
    # Whether files get the group of the pod: ReadWriteOnceWithFSType, File or None.
  tokenRequests:6:[]TokenRequest(atomic)
    # Tokens of the pod's account that the driver gets.
  requiresRepublish*:7:b
    # Whether volumes are mounted again from time to time, so that they follow changes.
  seLinuxMount*:8:b
    # Whether it can mount with SELinux labels.
  nodeAllocatableUpdatePeriodSeconds*:9:i64
    # How often a node tells how many volumes it takes, in seconds.

CSINode@
  # The CSI drivers installed on a node.
  resource csinodes csinode cluster *
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CSINodeSpec

CSINodeDriver
  # A CSI driver on a node.
  name!+:1:s
    # Name of the driver.
  nodeID!+:2:s
    # Name of the node at the driver.
  topologyKeys+:3:[]s(atomic)
    # Labels by which the driver tells places apart.
  allocatable*:4:VolumeNodeResources
    # How many volumes the node takes.

CSINodeList@
  # A list of objects of the kind CSINode.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CSINode

CSINodeSpec
  # CSI drivers of a node.
  drivers!+:1:[]CSINodeDriver(map=name;patch=merge;key=name)
    # The drivers.

CSIStorageCapacity@
  # Storage capacity that a CSI driver has left for a StorageClass in one part of the cluster.
  resource csistoragecapacities csistoragecapacity namespaced *
  metadata+:1:meta/v1.ObjectMeta
  nodeTopology*:2:meta/v1.LabelSelector
    # Nodes that reach the storage.
  storageClassName!+:3:s
    # StorageClass that it is about.
  capacity*:4:q
    # How much there is.
  maximumVolumeSize*:5:q
    # How large one volume can be.

CSIStorageCapacityList@
  # A list of objects of the kind CSIStorageCapacity.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CSIStorageCapacity

StorageClass@
  # A class of storage from which volumes are provisioned.
  resource storageclasses storageclass cluster * short=sc
  metadata+:1:meta/v1.ObjectMeta
  provisioner!+:2:s
    # Who makes the volumes.
  parameters:3:{}s
    # Settings for the provisioner.
  reclaimPolicy*:4:s(enum=Delete,Recycle,Retain)
    # What becomes of a volume when its claim is deleted: Delete or Retain. Default: Delete.
  mountOptions:5:[]s(atomic)
    # Options of the mounts, such as ro.
  allowVolumeExpansion*:6:b
    # Whether claims may be enlarged.
  volumeBindingMode*:7:s(enum=Immediate,WaitForFirstConsumer)
    # Immediate, or WaitForFirstConsumer to make the volume near the first pod.
  allowedTopologies:8:[]core/v1.TopologySelectorTerm(atomic)
    # Places where volumes may be made.

StorageClassList@
  # A list of objects of the kind StorageClass.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]StorageClass

TokenRequest
  # A token that a driver gets.
  audience!+:1:s
    # Who the token is for. Empty: the API server.
  expirationSeconds*:2:i64
    # Life of the token, in seconds.

VolumeAttachment@
  # A request to attach a volume to a node, or to detach it.
  resource volumeattachments volumeattachment cluster *
  subresource status VolumeAttachment get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:VolumeAttachmentSpec
  status+:3:VolumeAttachmentStatus

VolumeAttachmentList@
  # A list of objects of the kind VolumeAttachment.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]VolumeAttachment

VolumeAttachmentSource
  # The volume to attach; one of them is set.
  persistentVolumeName*:1:s
    # Name of a PersistentVolume.
  inlineVolumeSpec*:2:core/v1.PersistentVolumeSpec
    # A volume without an object of its own. Only for migration to CSI.

VolumeAttachmentSpec
  # A volume that is to be attached to a node.
  attacher!+:1:s
    # CSI driver that attaches it.
  source!+:2:VolumeAttachmentSource
    # The volume.
  nodeName!+:3:s
    # The node.

VolumeAttachmentStatus
  # Whether a volume is attached.
  attached!+:1:b
    # Whether it is.
  attachmentMetadata:2:{}s
    # What the driver tells the node about it.
  attachError*:3:VolumeError
    # Why it could not be attached.
  detachError*:4:VolumeError
    # Why it could not be detached.

VolumeError
  # Why something failed.
  time+:1:t
    # When it failed.
  message:2:s
    # Why, as text for people. It must hold no secrets.
  errorCode*:3:i32
    # Code of gRPC that the driver gave.

VolumeNodeResources
  # How many volumes a node takes.
  count*:1:i32
    # Their number. Absent: there is no limit.
`;
