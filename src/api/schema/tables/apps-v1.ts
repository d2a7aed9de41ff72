/** Types and resources of apps, version v1, in the form that type-entry.ts reads. */

export const appsV1 = `
ControllerRevision@
  # An immutable snapshot of a DaemonSet's or StatefulSet's template, used for updates and rollbacks.
  resource controllerrevisions controllerrevision namespaced *
  metadata+:1:meta/v1.ObjectMeta
  data+:2:raw
  revision!+:3:i64

ControllerRevisionList@
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
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

DaemonSetList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]DaemonSet

DaemonSetSpec
  selector!*+:1:meta/v1.LabelSelector
  template!+:2:core/v1.PodTemplateSpec
  updateStrategy+:3:DaemonSetUpdateStrategy
  minReadySeconds:4:i32
  revisionHistoryLimit*:6:i32

DaemonSetStatus
  currentNumberScheduled!+:1:i32
  numberMisscheduled!+:2:i32
  desiredNumberScheduled!+:3:i32
  numberReady!+:4:i32
  observedGeneration:5:i64
  updatedNumberScheduled:6:i32
  numberAvailable:7:i32
  numberUnavailable:8:i32
  collisionCount*:9:i32
  conditions:10:[]DaemonSetCondition(map=type;patch=merge;key=type)

DaemonSetUpdateStrategy
  type:1:s(enum=OnDelete,RollingUpdate)
  rollingUpdate*:2:RollingUpdateDaemonSet

Deployment@
  # Keeps replicated pods running and rolls out changes of their template.
  resource deployments deployment namespaced * short=deploy categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status Deployment get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:DeploymentSpec
  status+:3:DeploymentStatus

DeploymentCondition
  type!+:1:s
  status!+:2:s
  lastUpdateTime+:6:t
  lastTransitionTime+:7:t
  reason:4:s
  message:5:s

DeploymentList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Deployment

DeploymentSpec
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
  observedGeneration:1:i64
  replicas:2:i32
  updatedReplicas:3:i32
  readyReplicas:7:i32
  availableReplicas:4:i32
  unavailableReplicas:5:i32
  terminatingReplicas*:9:i32
  conditions:6:[]DeploymentCondition(map=type;patch=merge;key=type)
  collisionCount*:8:i32

DeploymentStrategy
  type:1:s(enum=Recreate,RollingUpdate)
  rollingUpdate*:2:RollingUpdateDeployment

ReplicaSet@
  # Keeps a specified number of identical pods running.
  resource replicasets replicaset namespaced * short=rs categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status ReplicaSet get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ReplicaSetSpec
  status+:3:ReplicaSetStatus

ReplicaSetCondition
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

ReplicaSetList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ReplicaSet

ReplicaSetSpec
  replicas*:1:i32
  minReadySeconds:4:i32
  selector!*+:2:meta/v1.LabelSelector
  template+:3:core/v1.PodTemplateSpec

ReplicaSetStatus
  replicas!+:1:i32
  fullyLabeledReplicas:2:i32
  readyReplicas:4:i32
  availableReplicas:5:i32
  terminatingReplicas*:7:i32
  observedGeneration:3:i64
  conditions:6:[]ReplicaSetCondition(map=type;patch=merge;key=type)

RollingUpdateDaemonSet
  maxUnavailable*:1:ios
  maxSurge*:2:ios

RollingUpdateDeployment
  maxUnavailable*:1:ios
  maxSurge*:2:ios

RollingUpdateStatefulSetStrategy
  partition*:1:i32
  maxUnavailable*:2:ios

StatefulSet@
  # Runs pods with stable names and stable storage, created and updated in order.
  resource statefulsets statefulset namespaced * short=sts categories=all
  subresource scale autoscaling/v1.Scale get,patch,update
  subresource status StatefulSet get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:StatefulSetSpec
  status+:3:StatefulSetStatus

StatefulSetCondition
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

StatefulSetList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]StatefulSet

StatefulSetOrdinals
  start+:1:i32

StatefulSetPersistentVolumeClaimRetentionPolicy
  whenDeleted:1:s
  whenScaled:2:s

StatefulSetSpec
  replicas*:1:i32
    # Desired number of pods. Defaults to 1.
  selector!*+:2:meta/v1.LabelSelector
  template!+:3:core/v1.PodTemplateSpec
  volumeClaimTemplates:4:[]core/v1.PersistentVolumeClaim(atomic)
    # Templates of the PersistentVolumeClaims that are created for each pod.
  serviceName+:5:s
    # Service that governs the DNS names of the pods.
  podManagementPolicy:6:s(enum=OrderedReady,Parallel)
    # How pods are created and deleted: OrderedReady, one at a time, or Parallel.
  updateStrategy+:7:StatefulSetUpdateStrategy
    # How pods are updated when the template changes: RollingUpdate or OnDelete.
  revisionHistoryLimit*:8:i32
  minReadySeconds:9:i32
  persistentVolumeClaimRetentionPolicy*:10:StatefulSetPersistentVolumeClaimRetentionPolicy
  ordinals*:11:StatefulSetOrdinals

StatefulSetStatus
  observedGeneration:1:i64
  replicas!+:2:i32
  readyReplicas:3:i32
  currentReplicas:4:i32
  updatedReplicas:5:i32
  currentRevision:6:s
  updateRevision:7:s
  collisionCount*:9:i32
  conditions:10:[]StatefulSetCondition(map=type;patch=merge;key=type)
  availableReplicas+:11:i32

StatefulSetUpdateStrategy
  type:1:s(enum=OnDelete,RollingUpdate)
  rollingUpdate*:2:RollingUpdateStatefulSetStrategy
`;
