/**
 * Graceful node shutdown: what happens to pods when their machine goes down.
 *
 *   asked (signal, systemd) ──> node not ready, takes no pods ──> priority groups, lowest first: end, wait ──> done
 *
 * Contract: who belongs to which group and how long it may take is pure (shutdown-plan.ts). A pod that ends so is
 * Failed, `Terminated`, and says so by its condition DisruptionTarget, so that controllers make another elsewhere.
 * Follows the kubelet's graceful node shutdown (KEP-2000, KEP-2712).
 */
export { nodeShutdown, type ShutdownOutcome } from './node-shutdown.ts';
export { shutdownMsMax, type ShutdownSettings, shutdownSteps } from './shutdown-plan.ts';
