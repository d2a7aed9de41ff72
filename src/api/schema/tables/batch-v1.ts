/** Types and resources of batch, version v1, in the form that type-entry.ts reads. */

export const batchV1 = `
CronJob@
  # Creates jobs on a schedule.
  resource cronjobs cronjob namespaced * short=cj categories=all
  subresource status CronJob get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:CronJobSpec
  status+:3:CronJobStatus

CronJobList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CronJob

CronJobSpec
  schedule!+:1:s
    # Schedule in cron format.
  timeZone*:8:s
    # Time zone of the schedule. Defaults to that of the controller.
  startingDeadlineSeconds*:2:i64
    # Seconds after the scheduled time within which a missed job may still be started.
  concurrencyPolicy:3:s(enum=Allow,Forbid,Replace)
    # What happens when the previous job is still running: Allow, Forbid or Replace. Defaults to Allow.
  suspend*:4:b
    # Whether the schedule is suspended. Jobs that already run are not affected.
  jobTemplate!+:5:JobTemplateSpec
  successfulJobsHistoryLimit*:6:i32
  failedJobsHistoryLimit*:7:i32

CronJobStatus
  active:1:[]core/v1.ObjectReference(atomic)
  lastScheduleTime*:4:t
  lastSuccessfulTime*:5:t

Job@
  # Runs pods until a specified number of them have succeeded.
  resource jobs job namespaced * categories=all
  subresource status Job get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:JobSpec
  status+:3:JobStatus

JobCondition
  type!+:1:s
  status!+:2:s
  lastProbeTime+:3:t
  lastTransitionTime+:4:t
  reason:5:s
  message:6:s

JobList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Job

JobSpec
  parallelism*:1:i32
    # Maximum number of pods that run at the same time.
  completions*:2:i32
    # Number of pods that must succeed for the job to be complete.
  activeDeadlineSeconds*:3:i64
    # Seconds that the job may be active before it is terminated.
  podFailurePolicy*:11:PodFailurePolicy
  successPolicy*:16:SuccessPolicy
  backoffLimit*:7:i32
    # Number of retries before the job is marked as failed. Defaults to 6.
  backoffLimitPerIndex*:12:i32
  maxFailedIndexes*:13:i32
  selector*:4:meta/v1.LabelSelector
  manualSelector*:5:b
  template!+:6:core/v1.PodTemplateSpec
  ttlSecondsAfterFinished*:8:i32
    # Seconds after which a finished job is deleted. If missing, it is kept.
  completionMode*:9:s(enum=Indexed,NonIndexed)
    # NonIndexed, or Indexed to give each pod a completion index. Defaults to NonIndexed.
  suspend*:10:b
    # Whether the job is suspended. A suspended job runs no pods.
  podReplacementPolicy*:14:s(enum=Failed,TerminatingOrFailed)
  managedBy*:15:s

JobStatus
  conditions:1:[]JobCondition(atomic;patch=merge;key=type)
  startTime*:2:t
  completionTime*:3:t
  active:4:i32
  succeeded:5:i32
  failed:6:i32
  terminating*:11:i32
  completedIndexes:7:s
  failedIndexes*:10:s
  uncountedTerminatedPods*:8:UncountedTerminatedPods
  ready*:9:i32

JobTemplateSpec
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:JobSpec

PodFailurePolicy
  rules!+:1:[]PodFailurePolicyRule(atomic)

PodFailurePolicyOnExitCodesRequirement
  containerName*:1:s
  operator!+:2:s(enum=In,NotIn)
  values!+:3:[]i32(set)

PodFailurePolicyOnPodConditionsPattern
  type!+:1:s
  status!+:2:s

PodFailurePolicyRule
  action!+:1:s(enum=Count,FailIndex,FailJob,Ignore)
  onExitCodes*:2:PodFailurePolicyOnExitCodesRequirement
  onPodConditions:3:[]PodFailurePolicyOnPodConditionsPattern(atomic)

SuccessPolicy
  rules!+:1:[]SuccessPolicyRule(atomic)

SuccessPolicyRule
  succeededIndexes*:1:s
  succeededCount*:2:i32

UncountedTerminatedPods
  succeeded:1:[]s(set)
  failed:2:[]s(set)
`;
