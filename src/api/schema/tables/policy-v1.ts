/** Types and resources of policy, version v1, in the form that type-entry.ts reads. */

export const policyV1 = `
Eviction@
  metadata+:1:meta/v1.ObjectMeta
  deleteOptions*:2:meta/v1.DeleteOptions

PodDisruptionBudget@
  # Limits the number of pods that can be evicted at the same time.
  resource poddisruptionbudgets poddisruptionbudget namespaced * short=pdb
  subresource status PodDisruptionBudget get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PodDisruptionBudgetSpec
  status+:3:PodDisruptionBudgetStatus

PodDisruptionBudgetList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PodDisruptionBudget

PodDisruptionBudgetSpec
  minAvailable*:1:ios
    # Number or percentage of pods that must remain available after an eviction.
  selector*:2:meta/v1.LabelSelector(patch=replace)
  maxUnavailable*:3:ios
    # Number or percentage of pods that may be unavailable after an eviction.
  unhealthyPodEvictionPolicy*:4:s(enum=AlwaysAllow,IfHealthyBudget)

PodDisruptionBudgetStatus
  observedGeneration:1:i64
  disruptedPods:2:{}t
  disruptionsAllowed!+:3:i32
  currentHealthy!+:4:i32
  desiredHealthy!+:5:i32
  expectedPods!+:6:i32
  conditions:7:[]meta/v1.Condition(map=type;patch=merge;key=type)
`;
