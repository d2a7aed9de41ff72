/**
 * Probes: how a container is asked whether it has started, is alive, is ready (Kubernetes, "Configure Liveness,
 * Readiness and Startup Probes"), and hooks, which are asked the same way.
 *
 * Contract: probe-state.ts turns outcomes into verdicts, purely; probe-runner.ts makes one try against the container.
 * When to try is the container actor's business.
 */
export { ProbeTally } from './probe-tally.ts';
export { type ProbePorts, runHandler, runHook } from './probe-runner.ts';
export {
  firstProbeMs,
  initialProbe,
  type ProbeKind,
  type ProbeOutcome,
  probePeriodMs,
  type ProbeState,
  probeStep,
  probeTimeoutMs,
} from './probe-state.ts';
