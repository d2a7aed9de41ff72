/** Types and resources of storage.k8s.io, version v1, in the form that type-entry.ts reads. */

export const storageV1 = `
CSIDriver@
  # A CSI driver that is installed in the cluster, and its capabilities.
  resource csidrivers csidriver cluster *
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CSIDriverSpec

CSIDriverList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CSIDriver

CSIDriverSpec
  attachRequired*:1:b
  podInfoOnMount*:2:b
  volumeLifecycleModes:3:[]s(set)
  storageCapacity*:4:b
  fsGroupPolicy*:5:s
  tokenRequests:6:[]TokenRequest(atomic)
  requiresRepublish*:7:b
  seLinuxMount*:8:b
  nodeAllocatableUpdatePeriodSeconds*:9:i64

CSINode@
  # The CSI drivers installed on a node.
  resource csinodes csinode cluster *
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CSINodeSpec

CSINodeDriver
  name!+:1:s
  nodeID!+:2:s
  topologyKeys+:3:[]s(atomic)
  allocatable*:4:VolumeNodeResources

CSINodeList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CSINode

CSINodeSpec
  drivers!+:1:[]CSINodeDriver(map=name;patch=merge;key=name)

CSIStorageCapacity@
  # Storage capacity that a CSI driver has left for a StorageClass in one part of the cluster.
  resource csistoragecapacities csistoragecapacity namespaced *
  metadata+:1:meta/v1.ObjectMeta
  nodeTopology*:2:meta/v1.LabelSelector
  storageClassName!+:3:s
  capacity*:4:q
  maximumVolumeSize*:5:q

CSIStorageCapacityList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CSIStorageCapacity

StorageClass@
  # A class of storage from which volumes are provisioned.
  resource storageclasses storageclass cluster * short=sc
  metadata+:1:meta/v1.ObjectMeta
  provisioner!+:2:s
  parameters:3:{}s
  reclaimPolicy*:4:s(enum=Delete,Recycle,Retain)
  mountOptions:5:[]s(atomic)
  allowVolumeExpansion*:6:b
  volumeBindingMode*:7:s(enum=Immediate,WaitForFirstConsumer)
  allowedTopologies:8:[]core/v1.TopologySelectorTerm(atomic)

StorageClassList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]StorageClass

TokenRequest
  audience!+:1:s
  expirationSeconds*:2:i64

VolumeAttachment@
  # A request to attach a volume to a node, or to detach it.
  resource volumeattachments volumeattachment cluster *
  subresource status VolumeAttachment get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:VolumeAttachmentSpec
  status+:3:VolumeAttachmentStatus

VolumeAttachmentList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]VolumeAttachment

VolumeAttachmentSource
  persistentVolumeName*:1:s
  inlineVolumeSpec*:2:core/v1.PersistentVolumeSpec

VolumeAttachmentSpec
  attacher!+:1:s
  source!+:2:VolumeAttachmentSource
  nodeName!+:3:s

VolumeAttachmentStatus
  attached!+:1:b
  attachmentMetadata:2:{}s
  attachError*:3:VolumeError
  detachError*:4:VolumeError

VolumeError
  time+:1:t
  message:2:s
  errorCode*:3:i32

VolumeNodeResources
  count*:1:i32
`;
