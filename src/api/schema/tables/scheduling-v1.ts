/** Types and resources of scheduling.k8s.io, version v1, in the form that type-entry.ts reads. */

export const schedulingV1 = `
PriorityClass@
  # Maps a name to a priority for pods.
  resource priorityclasses priorityclass cluster * short=pc
  metadata+:1:meta/v1.ObjectMeta
  value!+:2:i32
    # Priority value. Pods with higher values are scheduled first.
  globalDefault:3:b
    # Whether this class applies to pods that do not name one.
  description:4:s
    # What the class is for.
  preemptionPolicy*:5:s(enum=Never,PreemptLowerPriority)
    # Never, or PreemptLowerPriority to take the place of pods with lower priority.

PriorityClassList@
  # A list of objects of the kind PriorityClass.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]PriorityClass
`;
