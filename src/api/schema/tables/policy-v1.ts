/** Types and resources of policy, version v1, in the form that type-entry.ts reads. */

export const policyV1 = `
Eviction@
  # Asks to end a pod, unless a disruption budget is against it.
  metadata+:1:meta/v1.ObjectMeta
  deleteOptions*:2:meta/v1.DeleteOptions
    # Options of the deletion.

PodDisruptionBudget@
  # Limits the number of pods that can be evicted at the same time.
  resource poddisruptionbudgets poddisruptionbudget namespaced * short=pdb
  subresource status PodDisruptionBudget get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:PodDisruptionBudgetSpec
  status+:3:PodDisruptionBudgetStatus

PodDisruptionBudgetList@
  # A list of objects of the kind PodDisruptionBudget.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PodDisruptionBudget

PodDisruptionBudgetSpec
  # How many pods of a kind must stay when pods are evicted.
  minAvailable*:1:ios
    # Number or percentage of pods that must remain available after an eviction.
  selector*:2:meta/v1.LabelSelector(patch=replace)
    # Labels of the pods. Empty: all of the namespace.
  maxUnavailable*:3:ios
    # Number or percentage of pods that may be unavailable after an eviction.
  unhealthyPodEvictionPolicy*:4:s(enum=AlwaysAllow,IfHealthyBudget)
    # IfHealthyBudget, or AlwaysAllow to evict pods that are not ready in any case.

PodDisruptionBudgetStatus
  # Observed state of a disruption budget.
  observedGeneration:1:i64
    # Generation that the status is about.
  disruptedPods:2:{}t
    # Pods whose eviction was allowed and that are still there, with the time.
  disruptionsAllowed!+:3:i32
    # How many pods may be evicted now.
  currentHealthy!+:4:i32
    # Pods that are ready.
  desiredHealthy!+:5:i32
    # Pods that must be ready.
  expectedPods!+:6:i32
    # Pods that are counted.
  conditions:7:[]meta/v1.Condition(map=type;patch=merge;key=type)
    # Facts about its state.
`;
