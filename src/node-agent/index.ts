/**
 * The node agent: what makes a machine a node. It runs the pods that are bound to it, and programs the machine's
 * network.
 *
 *   API ── view ──> node actor ── pods-N ── one actor a pod ── one actor a container ──> ContainerRuntime (Docker)
 *                   proxy ──> packet filter dns ──> cluster names streams ──> logs, exec, attach, port-forward
 *                   usage ──> CPU and memory in use, to all members
 *
 * Contract: decisions are pure steps (pod/, proxy/, dns/, probes/), everything they touch is a port (runtime/,
 * node/machine.ts), each with a simulated twin. Whatever the agent makes carries the cluster's labels and names; a
 * restarted agent adopts it, a purge removes exactly that. Takes the kubelet's, kube-proxy's and cluster DNS's parts of
 * Kubernetes.
 */
export { startNodeAgent } from './agent.ts';
export type { NodeAgent, NodeAgentOptions, NodeAgentSettings } from './agent-settings.ts';
export { networkNames, runCommand, type RunCommand } from './network/index.ts';
export { hostMachine, type Machine, simulatedMachine } from './node/index.ts';
export { purgeEverything, type PurgeOptions } from './purge.ts';
export {
  type ContainerRuntime,
  dockerRuntime,
  type DockerRuntimeOptions,
  RuntimeError,
  type ScriptedProgram,
  simulatedRuntime,
  type SimulatedRuntime,
  type SimulatedRuntimeOptions,
} from './runtime/index.ts';
export { diskVolumeFiles } from './volumes/index.ts';
