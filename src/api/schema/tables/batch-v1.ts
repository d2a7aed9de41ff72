/** Group batch, version v1: a line a type, as table-line.ts reads it. */
export const batchV1 = `
CronJob@ metadata+:1:meta/v1.ObjectMeta spec+:2:CronJobSpec status+:3:CronJobStatus
CronJobList@ metadata+:1:meta/v1.ListMeta items!+:2:[]CronJob
CronJobSpec schedule!+:1:s timeZone*:8:s startingDeadlineSeconds*:2:i64 concurrencyPolicy:3:s(enum=Allow,Forbid,Replace) suspend*:4:b jobTemplate!+:5:JobTemplateSpec successfulJobsHistoryLimit*:6:i32 failedJobsHistoryLimit*:7:i32
CronJobStatus active:1:[]core/v1.ObjectReference(atomic) lastScheduleTime*:4:t lastSuccessfulTime*:5:t
Job@ metadata+:1:meta/v1.ObjectMeta spec+:2:JobSpec status+:3:JobStatus
JobCondition type!+:1:s status!+:2:s lastProbeTime+:3:t lastTransitionTime+:4:t reason:5:s message:6:s
JobList@ metadata+:1:meta/v1.ListMeta items!+:2:[]Job
JobSpec parallelism*:1:i32 completions*:2:i32 activeDeadlineSeconds*:3:i64 podFailurePolicy*:11:PodFailurePolicy successPolicy*:16:SuccessPolicy backoffLimit*:7:i32 backoffLimitPerIndex*:12:i32 maxFailedIndexes*:13:i32 selector*:4:meta/v1.LabelSelector manualSelector*:5:b template!+:6:core/v1.PodTemplateSpec ttlSecondsAfterFinished*:8:i32 completionMode*:9:s(enum=Indexed,NonIndexed) suspend*:10:b podReplacementPolicy*:14:s(enum=Failed,TerminatingOrFailed) managedBy*:15:s
JobStatus conditions:1:[]JobCondition(atomic;patch=merge;key=type) startTime*:2:t completionTime*:3:t active:4:i32 succeeded:5:i32 failed:6:i32 terminating*:11:i32 completedIndexes:7:s failedIndexes*:10:s uncountedTerminatedPods*:8:UncountedTerminatedPods ready*:9:i32
JobTemplateSpec metadata+:1:meta/v1.ObjectMeta spec+:2:JobSpec
PodFailurePolicy rules!+:1:[]PodFailurePolicyRule(atomic)
PodFailurePolicyOnExitCodesRequirement containerName*:1:s operator!+:2:s(enum=In,NotIn) values!+:3:[]i32(set)
PodFailurePolicyOnPodConditionsPattern type!+:1:s status!+:2:s
PodFailurePolicyRule action!+:1:s(enum=Count,FailIndex,FailJob,Ignore) onExitCodes*:2:PodFailurePolicyOnExitCodesRequirement onPodConditions:3:[]PodFailurePolicyOnPodConditionsPattern(atomic)
SuccessPolicy rules!+:1:[]SuccessPolicyRule(atomic)
SuccessPolicyRule succeededIndexes*:1:s succeededCount*:2:i32
UncountedTerminatedPods succeeded:1:[]s(set) failed:2:[]s(set)
`;
