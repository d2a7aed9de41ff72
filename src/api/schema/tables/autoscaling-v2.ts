/** Types and resources of autoscaling, version v2, in the form that type-entry.ts reads. */

export const autoscalingV2 = `
ContainerResourceMetricSource
  name!+:1:s
  target!+:2:MetricTarget
  container!+:3:s

ContainerResourceMetricStatus
  name!+:1:s
  current!+:2:MetricValueStatus
  container!+:3:s

CrossVersionObjectReference
  kind!+:1:s
  name!+:2:s
  apiVersion:3:s

ExternalMetricSource
  metric!+:1:MetricIdentifier
  target!+:2:MetricTarget

ExternalMetricStatus
  metric!+:1:MetricIdentifier
  current!+:2:MetricValueStatus

HPAScalingPolicy
  type!+:1:s
  value!+:2:i32
  periodSeconds!+:3:i32

HPAScalingRules
  stabilizationWindowSeconds*:3:i32
  selectPolicy*:1:s
  policies*:2:[]HPAScalingPolicy(atomic)
  tolerance*:4:q

HorizontalPodAutoscaler@
  # Scales the number of pods to match the targets of one or more metrics.
  resource horizontalpodautoscalers horizontalpodautoscaler namespaced * short=hpa categories=all
  subresource status HorizontalPodAutoscaler get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:HorizontalPodAutoscalerSpec
  status+:3:HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerBehavior
  scaleUp*:1:HPAScalingRules
  scaleDown*:2:HPAScalingRules

HorizontalPodAutoscalerCondition
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

HorizontalPodAutoscalerList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]HorizontalPodAutoscaler

HorizontalPodAutoscalerSpec
  scaleTargetRef!+:1:CrossVersionObjectReference
    # Object to scale.
  minReplicas*:2:i32
    # Minimum number of pods. Defaults to 1.
  maxReplicas!+:3:i32
    # Maximum number of pods.
  metrics:4:[]MetricSpec(atomic)
    # Metrics and targets from which the number of pods is calculated.
  behavior*:5:HorizontalPodAutoscalerBehavior

HorizontalPodAutoscalerStatus
  observedGeneration*:1:i64
  lastScaleTime*:2:t
  currentReplicas:3:i32
  desiredReplicas!+:4:i32
  currentMetrics+:5:[]MetricStatus(atomic)
  conditions:6:[]HorizontalPodAutoscalerCondition(map=type;patch=merge;key=type)

MetricIdentifier
  name!+:1:s
  selector*:2:meta/v1.LabelSelector

MetricSpec
  type!+:1:s
  object*:2:ObjectMetricSource
  pods*:3:PodsMetricSource
  resource*:4:ResourceMetricSource
  containerResource*:7:ContainerResourceMetricSource
  external*:5:ExternalMetricSource

MetricStatus
  type!+:1:s
  object*:2:ObjectMetricStatus
  pods*:3:PodsMetricStatus
  resource*:4:ResourceMetricStatus
  containerResource*:7:ContainerResourceMetricStatus
  external*:5:ExternalMetricStatus

MetricTarget
  type!+:1:s
  value*:2:q
  averageValue*:3:q
  averageUtilization*:4:i32

MetricValueStatus
  value*:1:q
  averageValue*:2:q
  averageUtilization*:3:i32

ObjectMetricSource
  describedObject!+:1:CrossVersionObjectReference
  target!+:2:MetricTarget
  metric!+:3:MetricIdentifier

ObjectMetricStatus
  metric!+:1:MetricIdentifier
  current!+:2:MetricValueStatus
  describedObject!+:3:CrossVersionObjectReference

PodsMetricSource
  metric!+:1:MetricIdentifier
  target!+:2:MetricTarget

PodsMetricStatus
  metric!+:1:MetricIdentifier
  current!+:2:MetricValueStatus

ResourceMetricSource
  name!+:1:s
  target!+:2:MetricTarget

ResourceMetricStatus
  name!+:1:s
  current!+:2:MetricValueStatus
`;
