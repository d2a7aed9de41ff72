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
  # A list of objects of the kind CronJob.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CronJob

CronJobSpec
  # Desired state of a CronJob.
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
    # Job that is made.
  successfulJobsHistoryLimit*:6:i32
    # How many complete jobs are kept. Default: 3.
  failedJobsHistoryLimit*:7:i32
    # How many failed jobs are kept. Default: 1.

CronJobStatus
  # Observed state of a CronJob.
  active:1:[]core/v1.ObjectReference(atomic)
    # Jobs that run.
  lastScheduleTime*:4:t
    # When it last made a job.
  lastSuccessfulTime*:5:t
    # When a job of it last completed.

Job@
  # Runs pods until a specified number of them have succeeded.
  resource jobs job namespaced * categories=all
  subresource status Job get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:JobSpec
  status+:3:JobStatus

JobCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastProbeTime+:3:t
    # When the condition was last looked at.
  lastTransitionTime+:4:t
    # When the status last changed.
  reason:5:s
    # Cause of the status, as one word for programs.
  message:6:s
    # Cause of the status, as text for people.

JobList@
  # A list of objects of the kind Job.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Job

JobSpec
  # Desired state of a Job.
  parallelism*:1:i32
    # Maximum number of pods that run at the same time.
  completions*:2:i32
    # Number of pods that must succeed for the job to be complete.
  activeDeadlineSeconds*:3:i64
    # Seconds that the job may be active before it is terminated.
  podFailurePolicy*:11:PodFailurePolicy
    # What the failure of a pod means, by its exit codes and conditions.
  successPolicy*:16:SuccessPolicy
    # When a job counts as successful before all its pods have succeeded.
  backoffLimit*:7:i32
    # Number of retries before the job is marked as failed. Defaults to 6.
  backoffLimitPerIndex*:12:i32
    # How often the pod of one index may fail. Only for Indexed jobs.
  maxFailedIndexes*:13:i32
    # How many indexes may fail before the job does.
  selector*:4:meta/v1.LabelSelector
    # Labels of its pods. Usually set by the server.
  manualSelector*:5:b
    # Whether the selector is yours. Leave it out, or pods of other jobs may be taken.
  template!+:6:core/v1.PodTemplateSpec
    # Pod that is made.
  ttlSecondsAfterFinished*:8:i32
    # Seconds after which a finished job is deleted. If missing, it is kept.
  completionMode*:9:s(enum=Indexed,NonIndexed)
    # NonIndexed, or Indexed to give each pod a completion index. Defaults to NonIndexed.
  suspend*:10:b
    # Whether the job is suspended. A suspended job runs no pods.
  podReplacementPolicy*:14:s(enum=Failed,TerminatingOrFailed)
    # When a pod is replaced: TerminatingOrFailed, or Failed to wait until it has ended.
  managedBy*:15:s
    # Controller that looks after the job. Default: the built-in one.

JobStatus
  # Observed state of a Job.
  conditions:1:[]JobCondition(atomic;patch=merge;key=type)
    # Facts about its state, such as Complete and Failed.
  startTime*:2:t
    # When it was started, or last resumed.
  completionTime*:3:t
    # When it completed.
  active:4:i32
    # Pods that have not ended.
  succeeded:5:i32
    # Pods that succeeded.
  failed:6:i32
    # Pods that failed.
  terminating*:11:i32
    # Pods that are being ended.
  completedIndexes:7:s
    # Indexes that succeeded, such as 1,3-5.
  failedIndexes*:10:s
    # Indexes that failed, such as 1,3-5.
  uncountedTerminatedPods*:8:UncountedTerminatedPods
    # Ended pods that are not counted yet.
  ready*:9:i32
    # Pods that are ready.

JobTemplateSpec
  # The jobs that a CronJob makes.
  metadata+:1:meta/v1.ObjectMeta
    # Labels and annotations of the jobs.
  spec+:2:JobSpec
    # Desired state of the jobs.

PodFailurePolicy
  # What the failure of a pod means.
  rules!+:1:[]PodFailurePolicyRule(atomic)
    # Rules in their order; the first that matches decides. None: the failure counts.

PodFailurePolicyOnExitCodesRequirement
  # Exit codes that a rule is about.
  containerName*:1:s
    # Container whose code is looked at. Default: any.
  operator!+:2:s(enum=In,NotIn)
    # In or NotIn.
  values!+:3:[]i32(set)
    # Exit codes, in ascending order.

PodFailurePolicyOnPodConditionsPattern
  # A condition of the pod that a rule is about.
  type!+:1:s
    # Type of the condition.
  status!+:2:s
    # Status that it must have. Default: True.

PodFailurePolicyRule
  # What a failure means; exit codes or conditions say which one.
  action!+:1:s(enum=Count,FailIndex,FailJob,Ignore)
    # FailJob, FailIndex, Ignore or Count.
  onExitCodes*:2:PodFailurePolicyOnExitCodesRequirement
    # Exit codes of the containers.
  onPodConditions:3:[]PodFailurePolicyOnPodConditionsPattern(atomic)
    # Conditions of the pod, of which one must match.

SuccessPolicy
  # When a job counts as successful early.
  rules!+:1:[]SuccessPolicyRule(atomic)
    # Rules, of which one must hold.

SuccessPolicyRule
  # Which indexes must have succeeded.
  succeededIndexes*:1:s
    # Indexes that are looked at, such as 1,3-5. Absent: all.
  succeededCount*:2:i32
    # How many of them must have succeeded. Absent: all.

UncountedTerminatedPods
  # Ended pods that are not counted yet, by UID.
  succeeded:1:[]s(set)
    # Pods that succeeded.
  failed:2:[]s(set)
    # Pods that failed.
`;
