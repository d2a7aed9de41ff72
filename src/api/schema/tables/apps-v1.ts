/** Types and resources of apps, version v1, in the form that type-entry.ts reads. */

export const appsV1 = `
ControllerRevision@
  # An immutable snapshot of a DaemonSet's or StatefulSet's template, used for updates and rollbacks.
  resource controllerrevisions controllerrevision namespaced *
  metadata+:1:meta/v1.ObjectMeta
  data+:2:raw
    # The state that is kept.
  revision!+:3:i64
    # Number of the revision; newer ones are higher.

ControllerRevisionList@
  # A list of objects of the kind ControllerRevision.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ControllerRevision

DaemonSet@
  # Runs one copy of a pod on every matching node.
  resource daemonsets daemonset namespaced * short=ds categories=all
  subresource status DaemonSet get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:DaemonSetSpec
  status+:3:DaemonSetStatus

DaemonSetCondition
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

DaemonSetList@
  # A list of objects of the kind DaemonSet.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]DaemonSet

DaemonSetSpec
  # Desired state of a DaemonSet.
  selector!*+:1:meta/v1.LabelSelector
    # Labels of its pods. It cannot be changed.
  template!+:2:core/v1.PodTemplateSpec
    # Pod that is made on each node.
  updateStrategy+:3:DaemonSetUpdateStrategy
    # How pods are replaced when the template changes.
  minReadySeconds:4:i32
    # Seconds that a pod must be ready before it counts as available.
  revisionHistoryLimit*:6:i32
    # How many old revisions are kept. Default: 10.

DaemonSetStatus
  # Observed state of a DaemonSet.
  currentNumberScheduled!+:1:i32
    # Nodes that have the pod and should have it.
  numberMisscheduled!+:2:i32
    # Nodes that have the pod and should not have it.
  desiredNumberScheduled!+:3:i32
    # Nodes that should have the pod.
  numberReady!+:4:i32
    # Nodes whose pod is ready.
  observedGeneration:5:i64
    # Generation that the status is about.
  updatedNumberScheduled:6:i32
    # Nodes whose pod is of the newest template.
  numberAvailable:7:i32
    # Nodes whose pod has been ready for minReadySeconds.
  numberUnavailable:8:i32
    # Nodes that should have an available pod and have none.
  collisionCount*:9:i32
    # How often the name of a revision was taken already.
  conditions:10:[]DaemonSetCondition(map=type;patch=merge;key=type)
    # Facts about its state.

DaemonSetUpdateStrategy
  # How pods are replaced when the template changes.
  type:1:s(enum=OnDelete,RollingUpdate)
    # The way: RollingUpdate, or OnDelete or Recreate where the kind has it.
  rollingUpdate*:2:RollingUpdateDaemonSet
    # Settings of RollingUpdate.

Deployment@
  # Keeps replicated pods running and rolls out changes of their template.
  resource deployments deployment namespaced * short=deploy categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status Deployment get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:DeploymentSpec
  status+:3:DeploymentStatus

DeploymentCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastUpdateTime+:6:t
    # When the condition was last written.
  lastTransitionTime+:7:t
    # When the status last changed.
  reason:4:s
    # Cause of the status, as one word for programs.
  message:5:s
    # Cause of the status, as text for people.

DeploymentList@
  # A list of objects of the kind Deployment.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Deployment

DeploymentSpec
  # Desired state of a Deployment.
  replicas*:1:i32
    # Desired number of pods. Defaults to 1.
  selector!*+:2:meta/v1.LabelSelector
    # Label query for the pods that the Deployment manages. It must match the template's labels. Immutable.
  template!+:3:core/v1.PodTemplateSpec
    # Template from which the pods are created.
  strategy+:4:DeploymentStrategy(patch=retainKeys)
    # How existing pods are replaced by new ones: RollingUpdate or Recreate.
  minReadySeconds:5:i32
    # Seconds for which a new pod must be ready before it counts as available. Defaults to 0.
  revisionHistoryLimit*:6:i32
    # Number of old ReplicaSets kept for rollbacks. Defaults to 10.
  paused:7:b
    # Whether the Deployment is paused. While it is, changes of the template are not rolled out.
  progressDeadlineSeconds*:9:i32
    # Seconds without progress after which a rollout is reported as failed. Defaults to 600.

DeploymentStatus
  # Observed state of a Deployment.
  observedGeneration:1:i64
    # Generation that the status is about.
  replicas:2:i32
    # Pods that there are.
  updatedReplicas:3:i32
    # Pods of the newest template.
  readyReplicas:7:i32
    # Pods that are ready.
  availableReplicas:4:i32
    # Pods that have been ready for minReadySeconds.
  unavailableReplicas:5:i32
    # Pods that are missing or not available yet.
  terminatingReplicas*:9:i32
    # Pods that are being ended.
  conditions:6:[]DeploymentCondition(map=type;patch=merge;key=type)
    # Facts about its state.
  collisionCount*:8:i32
    # How often the name of a ReplicaSet was taken already.

DeploymentStrategy
  # How pods are replaced when the template changes.
  type:1:s(enum=Recreate,RollingUpdate)
    # The way: RollingUpdate, or OnDelete or Recreate where the kind has it.
  rollingUpdate*:2:RollingUpdateDeployment
    # Settings of RollingUpdate.

ReplicaSet@
  # Keeps a specified number of identical pods running.
  resource replicasets replicaset namespaced * short=rs categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status ReplicaSet get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ReplicaSetSpec
  status+:3:ReplicaSetStatus

ReplicaSetCondition
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

ReplicaSetList@
  # A list of objects of the kind ReplicaSet.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ReplicaSet

ReplicaSetSpec
  # Desired state of a ReplicaSet.
  replicas*:1:i32
    # How many pods are wanted. Default: 1.
  minReadySeconds:4:i32
    # Seconds that a pod must be ready before it counts as available.
  selector!*+:2:meta/v1.LabelSelector
    # Labels of its pods. It cannot be changed.
  template+:3:core/v1.PodTemplateSpec
    # Pod that is made.

ReplicaSetStatus
  # Observed state of a ReplicaSet.
  replicas!+:1:i32
    # Pods that there are.
  fullyLabeledReplicas:2:i32
    # Pods that have all labels of the template.
  readyReplicas:4:i32
    # Pods that are ready.
  availableReplicas:5:i32
    # Pods that have been ready for minReadySeconds.
  terminatingReplicas*:7:i32
    # Pods that are being ended.
  observedGeneration:3:i64
    # Generation that the status is about.
  conditions:6:[]ReplicaSetCondition(map=type;patch=merge;key=type)
    # Facts about its state.

RollingUpdateDaemonSet
  # How pods are replaced step by step.
  maxUnavailable*:1:ios
    # How many nodes may be without an available pod. Default: 1.
  maxSurge*:2:ios
    # On how many nodes the new pod may start before the old one ends. Default: 0.

RollingUpdateDeployment
  # How pods are replaced step by step.
  maxUnavailable*:1:ios
    # How many pods may be missing, as a number or percentage. Default: 25%.
  maxSurge*:2:ios
    # How many pods there may be too many, as a number or percentage. Default: 25%.

RollingUpdateStatefulSetStrategy
  # How pods are replaced step by step.
  partition*:1:i32
    # Only pods from this number on are replaced. Default: 0.
  maxUnavailable*:2:ios
    # How many pods may be missing. Default: 1.

StatefulSet@
  # Runs pods with stable names and stable storage, created and updated in order.
  resource statefulsets statefulset namespaced * short=sts categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status StatefulSet get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:StatefulSetSpec
  status+:3:StatefulSetStatus

StatefulSetCondition
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

StatefulSetList@
  # A list of objects of the kind StatefulSet.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]StatefulSet

StatefulSetOrdinals
  # How pods are numbered.
  start+:1:i32
    # Number of the first pod. Default: 0.

StatefulSetPersistentVolumeClaimRetentionPolicy
  # What becomes of the claims of pods.
  whenDeleted:1:s
    # Retain or Delete them when the StatefulSet is deleted. Default: Retain.
  whenScaled:2:s
    # Retain or Delete them when it is scaled down. Default: Retain.

StatefulSetSpec
  # Desired state of a StatefulSet.
  replicas*:1:i32
    # Desired number of pods. Defaults to 1.
  selector!*+:2:meta/v1.LabelSelector
    # Labels of its pods. It cannot be changed.
  template!+:3:core/v1.PodTemplateSpec
    # Pod that is made.
  volumeClaimTemplates:4:[]core/v1.PersistentVolumeClaim(atomic)
    # Templates of the PersistentVolumeClaims that are created for each pod.
  serviceName+:5:s
    # Service that governs the DNS names of the pods.
  podManagementPolicy:6:s(enum=OrderedReady,Parallel)
    # How pods are created and deleted: OrderedReady, one at a time, or Parallel.
  updateStrategy+:7:StatefulSetUpdateStrategy
    # How pods are updated when the template changes: RollingUpdate or OnDelete.
  revisionHistoryLimit*:8:i32
    # How many old revisions are kept. Default: 10.
  minReadySeconds:9:i32
    # Seconds that a pod must be ready before it counts as available.
  persistentVolumeClaimRetentionPolicy*:10:StatefulSetPersistentVolumeClaimRetentionPolicy
    # What becomes of the claims of pods.
  ordinals*:11:StatefulSetOrdinals
    # How pods are numbered.

StatefulSetStatus
  # Observed state of a StatefulSet.
  observedGeneration:1:i64
    # Generation that the status is about.
  replicas!+:2:i32
    # Pods that there are.
  readyReplicas:3:i32
    # Pods that are ready.
  currentReplicas:4:i32
    # Pods of the current revision.
  updatedReplicas:5:i32
    # Pods of the newest revision.
  currentRevision:6:s
    # Revision that pods are updated from.
  updateRevision:7:s
    # Revision that pods are updated to.
  collisionCount*:9:i32
    # How often the name of a revision was taken already.
  conditions:10:[]StatefulSetCondition(map=type;patch=merge;key=type)
    # Facts about its state.
  availableReplicas+:11:i32
    # Pods that have been ready for minReadySeconds.

StatefulSetUpdateStrategy
  # How pods are replaced when the template changes.
  type:1:s(enum=OnDelete,RollingUpdate)
    # The way: RollingUpdate, or OnDelete or Recreate where the kind has it.
  rollingUpdate*:2:RollingUpdateStatefulSetStrategy
    # Settings of RollingUpdate.
`;
