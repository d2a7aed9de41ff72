/** Types and resources of autoscaling, version v1, in the form that type-entry.ts reads. */

export const autoscalingV1 = `
ContainerResourceMetricSource
  # Use of a resource that pods should have.
  name+:1:s
    # The resource, such as cpu.
  targetAverageUtilization*:2:i32
    # Wanted use on average, as a percentage of the requests.
  targetAverageValue*:3:q
    # Wanted use on average.
  container+:5:s
    # Container whose use is measured.

ContainerResourceMetricStatus
  # Use of a resource that pods have.
  name+:1:s
    # The resource, such as cpu.
  currentAverageUtilization*:2:i32
    # Use on average, as a percentage of the requests.
  currentAverageValue+:3:q
    # Use on average.
  container+:4:s
    # Container whose use is measured.

CrossVersionObjectReference~
  # Names an object of any version.
  kind!+:1:s
    # Kind of the object.
  name!+:2:s
    # Name of the object.
  apiVersion:3:s
    # API group and version of the object.

ExternalMetricSource
  # A metric from outside the cluster, and the wanted value.
  metricName+:1:s
    # Name of the metric.
  metricSelector*:2:meta/v1.LabelSelector
    # Labels of the metric.
  targetValue*:3:q
    # Wanted value in total.
  targetAverageValue*:4:q
    # Wanted value for each pod.

ExternalMetricStatus
  # A metric from outside the cluster.
  metricName+:1:s
    # Name of the metric.
  metricSelector*:2:meta/v1.LabelSelector
    # Labels of the metric.
  currentValue+:3:q
    # Value in total.
  currentAverageValue*:4:q
    # Value for each pod.

HorizontalPodAutoscaler@
  # Scales the number of pods to match a target CPU utilization.
  resource horizontalpodautoscalers horizontalpodautoscaler namespaced * short=hpa categories=all stored=autoscaling/v2
  subresource status HorizontalPodAutoscaler get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:HorizontalPodAutoscalerSpec
  status+:3:HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerCondition
  # One fact about the state of an object, and since when it holds.
  type+:1:s
    # What the condition is about.
  status+:2:s
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
    # Workload that is scaled.
  minReplicas*:2:i32
    # Least number of pods. Default: 1.
  maxReplicas!+:3:i32
    # Largest number of pods.
  targetCPUUtilizationPercentage*:4:i32
    # Wanted use of CPU, as a percentage of the requests.

HorizontalPodAutoscalerStatus
  # Observed state of an autoscaler.
  observedGeneration*:1:i64
    # Generation that the status is about.
  lastScaleTime*:2:t
    # When it last scaled the workload.
  currentReplicas!+:3:i32
    # Pods that there are.
  desiredReplicas!+:4:i32
    # Pods that it wants.
  currentCPUUtilizationPercentage*:5:i32
    # Use of CPU, as a percentage of the requests.

MetricSpec
  # A metric, and its wanted value. One of the sources is set.
  type+:1:s
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
  type+:1:s
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

ObjectMetricSource
  # A metric of one object.
  target+:1:CrossVersionObjectReference
    # Object that the metric is about.
  metricName+:2:s
    # Name of the metric.
  targetValue+:3:q
    # Wanted value.
  selector*:4:meta/v1.LabelSelector
    # Labels of the metric.
  averageValue*:5:q
    # Value for each pod.

ObjectMetricStatus
  # A metric of one object.
  target+:1:CrossVersionObjectReference
    # Object that the metric is about.
  metricName+:2:s
    # Name of the metric.
  currentValue+:3:q
    # Value now.
  selector*:4:meta/v1.LabelSelector
    # Labels of the metric.
  averageValue*:5:q
    # Value for each pod.

PodsMetricSource
  # A metric of each pod.
  metricName+:1:s
    # Name of the metric.
  targetAverageValue+:2:q
    # Wanted value on average.
  selector*:3:meta/v1.LabelSelector
    # Labels of the metric.

PodsMetricStatus
  # A metric of each pod.
  metricName+:1:s
    # Name of the metric.
  currentAverageValue+:2:q
    # Value on average.
  selector*:3:meta/v1.LabelSelector
    # Labels of the metric.

ResourceMetricSource
  # Use of a resource that pods should have.
  name+:1:s
    # The resource, such as cpu.
  targetAverageUtilization*:2:i32
    # Wanted use on average, as a percentage of the requests.
  targetAverageValue*:3:q
    # Wanted use on average.

ResourceMetricStatus
  # Use of a resource that pods have.
  name+:1:s
    # The resource, such as cpu.
  currentAverageUtilization*:2:i32
    # Use on average, as a percentage of the requests.
  currentAverageValue+:3:q
    # Use on average.

Scale@
  # How many pods a workload has, and should have.
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ScaleSpec
  status+:3:ScaleStatus

ScaleSpec
  # Desired scale.
  replicas:1:i32
    # How many pods are wanted.

ScaleStatus
  # Observed scale.
  replicas!+:1:i32
    # Pods that there are.
  selector:2:s
    # Labels of the pods, as text.
`;
