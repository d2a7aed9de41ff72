/**
 * The node agent: what makes a machine a node. It runs the pods that are bound to it, and programs the machine's
 * network.
 *
 *   API ── view ──> node actor ── pods-N ── one actor a pod ── one actor a container ──> ContainerRuntime (Docker)
 *                   proxy ──> packet filter dns ──> cluster names streams ──> logs, exec, attach, port-forward
 *                   usage ──> CPU and memory in use, to all members kubelet ──> a kubelet's paths, to nodes/proxy
 *                   eviction ──> ends pods that use more local storage than they may, or when the machine is full
 *                   static ──> pods of a folder, which need no API
 *                   devices ──> what vendors' plug-ins have, as extended resources
 *                   device-claims ──> what drivers prepare for claims on devices cdi ──> what containers get by it
 *                   shutdown ──> ends pods in order before the machine goes down
 *
 * Contract: decisions are pure steps (pod/, proxy/, dns/, probes/), everything they touch is a port (runtime/,
 * node/machine.ts), each with a simulated twin. Whatever the agent makes carries the cluster's labels and names; a
 * restarted agent adopts it, a purge removes exactly that. Takes the kubelet's, kube-proxy's and cluster DNS's parts of
 * Kubernetes.
 */
export { startNodeAgent } from './agent.ts';
export { checkKubeletSettings, kubeletSettings, type KubeletSettings } from './kubelet-settings.ts';
export type { NodeAgent } from './agent-settings.ts';
export type { PortCertificate } from './kubelet/index.ts';
export { roomFinding } from './eviction/index.ts';
export { type NetworkMode, networkModes } from './network/index.ts';
export { hostMachine, simulatedMachine } from './node/index.ts';
export { volumeRefreshMs } from './pod/index.ts';
export { NodeSettingError } from './node-setting.ts';
export type { ProxyPlaces } from './proxy/index.ts';
export { nodeRangesIn } from './pod-range.ts';
export { shutdownMsMax, shutdownSteps } from './shutdown/index.ts';
export { purgeEverything } from './purge.ts';
export {
  logLimits,
  type MachineFinding,
  runtimeDriver,
  runtimeFinding,
  type RuntimeName,
  runtimeNames,
  runtimeSettings,
  type RuntimeSettings,
} from './runtime/index.ts';
