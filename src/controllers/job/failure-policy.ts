/** Decides what a Job's failure policy makes of a failed pod. */
import type { ContainerStatus, Job, Pod, PodFailurePolicyRule } from '../../api/index.ts';

/** What a failure policy makes of one failed pod. */
interface Verdict {
  readonly action: 'Count' | 'Ignore' | 'FailJob' | 'FailIndex';
  readonly message: string;
}

/** The first rule that fits decides; without one the failure counts. */
export function judge(job: Job, pod: Pod): Verdict {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const reason = matchRule(rule, pod);
    if (reason === undefined) continue;
    return {
      action: rule.action as Verdict['action'],
      message: `${reason} matching ${rule.action} rule at index ${String(index)}`,
    };
  }
  return { action: 'Count', message: '' };
}

function matchRule(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  if (rule.onExitCodes !== undefined && rule.onExitCodes !== null) {
    const found = matchExitCode(rule.onExitCodes, pod);
    return found === undefined
      ? undefined
      : `Container ${found.name} for pod ${name} failed with exit code ` +
          `${String(found.state?.terminated?.exitCode ?? 0)}`;
  }
  const condition = (rule.onPodConditions ?? []).find((wanted) =>
    pod.status?.conditions?.some((known) => known.type === wanted.type && known.status === wanted.status),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}

function matchExitCode(rule: NonNullable<PodFailurePolicyRule['onExitCodes']>, pod: Pod): ContainerStatus | undefined {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((status) => {
    const code = status.state?.terminated?.exitCode;
    if (code === undefined || code === 0) return false;
    if (rule.containerName !== undefined && rule.containerName !== null && rule.containerName !== status.name)
      return false;
    return rule.values.includes(code) === (rule.operator === 'In');
  });
}
