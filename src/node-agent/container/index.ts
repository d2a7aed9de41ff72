/**
 * One container: how the engine shall run a pod's container, and the rules of its life.
 *
 * Contract: pure. A Pod and what it refers to go in, a ContainerSpec of the runtime port comes out; what is missing is
 * a ConfigError with the kubelet's text. Follows the kubelet's rules for variables, security contexts and resources.
 */
export { type BackOff, raiseBackOff, shortRetryMs } from './backoff.ts';
export { ConfinementError, localhostSeccompProfile, type NodeConfinement, takesUserRange } from './confinement.ts';
export {
  type AgentIdentity,
  containerHash,
  containerPlan,
  hostnameOf,
  sandboxPlan,
  type ContainerAttempt,
} from './container-plan.ts';
export { fieldText, type PodFacts, resourceText } from './downward.ts';
export { ConfigError, type ConfigSources, environmentOf, referencedConfig } from './environment.ts';
export { expand } from './expansion.ts';
export { cgroupResources, isCriticalPod, type MachineLimits } from './quality.ts';
export { containerUser } from './security.ts';
export { sysctlName } from './sysctl-name.ts';
export { UserRanges } from './user-ranges.ts';
