/**
 * The Pod Security Standards: which pods a namespace of a level may hold.
 *
 * A level (privileged, baseline, restricted) in a version (`v1.25`, `latest`) is a list of checks; a check is a pure
 * function of a pod and answers why it refuses it, or nothing. A namespace's labels name a level for each of three
 * modes: enforce, audit and warn. Texts are those of Kubernetes. Follows k8s.io/pod-security-admission.
 */
export { describeViolations, podViolations, violationNames } from './evaluation.ts';
export {
  isStricter,
  type LevelVersion,
  levelVersionText,
  policyOfLabels,
  policyText,
  type PodSecurityPolicy,
  privilegedPolicy,
  sameLevel,
  samePolicy,
} from './policy.ts';
export { isSignificantChange } from './significant-change.ts';
export type { CheckedPod } from './violation.ts';
