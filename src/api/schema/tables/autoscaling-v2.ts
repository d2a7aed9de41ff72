/** Types and resources of autoscaling, version v2, in the form that type-entry.ts reads. */

export const autoscalingV2 = `
ContainerResourceMetricSource
  # Use of a resource that pods should have.
  name!+:1:s
    # The resource, such as cpu.
  target!+:2:MetricTarget
    # Wanted value.
  container!+:3:s
    # Container whose use is measured.

ContainerResourceMetricStatus
  # Use of a resource that pods have.
  name!+:1:s
    # The resource, such as cpu.
  current!+:2:MetricValueStatus
    # Value now.
  container!+:3:s
    # Container whose use is measured.

CrossVersionObjectReference
  # Names an object of any version.
  kind!+:1:s
    # Kind of the object.
  name!+:2:s
    # Name of the object.
  apiVersion:3:s
    # API group and version of the object.

ExternalMetricSource
  # A metric from outside the cluster.
  metric!+:1:MetricIdentifier
    # Name and labels of the metric.
  target!+:2:MetricTarget
    # Wanted value.

ExternalMetricStatus
  # A metric from outside the cluster.
  metric!+:1:MetricIdentifier
    # Name and labels of the metric.
  current!+:2:MetricValueStatus
    # Value now.

HPAScalingPolicy
  # How much may change within some time.
  type!+:1:s
    # What is counted: Pods or Percent.
  value!+:2:i32
    # How much may change.
  periodSeconds!+:3:i32
    # Within how many seconds.

HPAScalingRules
  # How fast a workload is scaled in one direction.
  stabilizationWindowSeconds*:3:i32
    # How far it looks back, so as not to scale to and fro. Default: 0 up, 300 down.
  selectPolicy*:1:s
    # Which policy counts: Max, Min, or Disabled for no scaling in this direction.
  policies*:2:[]HPAScalingPolicy(atomic)
    # The policies.
  tolerance*:4:q
    # How far a metric may be off before anything is scaled. Default: 0.1.

HorizontalPodAutoscaler@
  # Scales the number of pods to match the targets of one or more metrics.
  resource horizontalpodautoscalers horizontalpodautoscaler namespaced * short=hpa categories=all
  subresource status HorizontalPodAutoscaler get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:HorizontalPodAutoscalerSpec
  status+:3:HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerBehavior
  # How fast a workload is scaled.
  scaleUp*:1:HPAScalingRules
    # Rules for more pods.
  scaleDown*:2:HPAScalingRules
    # Rules for fewer pods.

HorizontalPodAutoscalerCondition
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

HorizontalPodAutoscalerList@
  # A list of objects of the kind HorizontalPodAutoscaler.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]HorizontalPodAutoscaler

HorizontalPodAutoscalerSpec
  # How a workload is scaled.
  scaleTargetRef!+:1:CrossVersionObjectReference
    # Object to scale.
  minReplicas*:2:i32
    # Minimum number of pods. Defaults to 1.
  maxReplicas!+:3:i32
    # Maximum number of pods.
  metrics:4:[]MetricSpec(atomic)
    # Metrics and targets from which the number of pods is calculated.
  behavior*:5:HorizontalPodAutoscalerBehavior
    # How fast it is scaled up and down.

HorizontalPodAutoscalerStatus
  # Observed state of an autoscaler.
  observedGeneration*:1:i64
    # Generation that the status is about.
  lastScaleTime*:2:t
    # When it last scaled the workload.
  currentReplicas:3:i32
    # Pods that there are.
  desiredReplicas!+:4:i32
    # Pods that it wants.
  currentMetrics+:5:[]MetricStatus(atomic)
    # Values of its metrics.
  conditions:6:[]HorizontalPodAutoscalerCondition(map=type;patch=merge;key=type)
    # Facts about its state.

MetricIdentifier
  # Names a metric.
  name!+:1:s
    # Name of the metric.
  selector*:2:meta/v1.LabelSelector
    # Labels of the metric.

MetricSpec
  # A metric, and its wanted value. One of the sources is set.
  type!+:1:s
    # Which source: Object, Pods, Resource, ContainerResource or External.
  object*:2:ObjectMetricSource
    # Metric of one object, such as an Ingress.
  pods*:3:PodsMetricSource
    # Metric of each pod.
  resource*:4:ResourceMetricSource
    # Use of a resource by the pods.
  containerResource*:7:ContainerResourceMetricSource
    # Use of a resource by one container of each pod.
  external*:5:ExternalMetricSource
    # Metric from outside the cluster.

MetricStatus
  # The value of a metric. One of the sources is set.
  type!+:1:s
    # Which source: Object, Pods, Resource, ContainerResource or External.
  object*:2:ObjectMetricStatus
    # Metric of one object, such as an Ingress.
  pods*:3:PodsMetricStatus
    # Metric of each pod.
  resource*:4:ResourceMetricStatus
    # Use of a resource by the pods.
  containerResource*:7:ContainerResourceMetricStatus
    # Use of a resource by one container of each pod.
  external*:5:ExternalMetricStatus
    # Metric from outside the cluster.

MetricTarget
  # The wanted value of a metric; one of them is set.
  type!+:1:s
    # Which one: Utilization, Value or AverageValue.
  value*:2:q
    # Wanted value in total.
  averageValue*:3:q
    # Wanted value for each pod.
  averageUtilization*:4:i32
    # Wanted use on average, as a percentage of the requests.

MetricValueStatus
  # The value of a metric.
  value*:1:q
    # Value in total.
  averageValue*:2:q
    # Value for each pod.
  averageUtilization*:3:i32
    # Use on average, as a percentage of the requests.

ObjectMetricSource
  # A metric of one object.
  describedObject!+:1:CrossVersionObjectReference
    # Object that the metric is about.
  target!+:2:MetricTarget
    # Wanted value.
  metric!+:3:MetricIdentifier
    # Name and labels of the metric.

ObjectMetricStatus
  # A metric of one object.
  metric!+:1:MetricIdentifier
    # Name and labels of the metric.
  current!+:2:MetricValueStatus
    # Value now.
  describedObject!+:3:CrossVersionObjectReference
    # Object that the metric is about.

PodsMetricSource
  # A metric of each pod.
  metric!+:1:MetricIdentifier
    # Name and labels of the metric.
  target!+:2:MetricTarget
    # Wanted value.

PodsMetricStatus
  # A metric of each pod.
  metric!+:1:MetricIdentifier
    # Name and labels of the metric.
  current!+:2:MetricValueStatus
    # Value now.

ResourceMetricSource
  # Use of a resource that pods should have.
  name!+:1:s
    # The resource, such as cpu.
  target!+:2:MetricTarget
    # Wanted value.

ResourceMetricStatus
  # Use of a resource that pods have.
  name!+:1:s
    # The resource, such as cpu.
  current!+:2:MetricValueStatus
    # Value now.
`;
