/**
 * The container engine as a port, and its two adapters.
 *
 *   pod, streams, probes ──> ContainerRuntime ──> docker-runtime      (Docker Engine API, by dockerode)
 *                                            └──> simulated-runtime   (in memory, virtual time, scripted outcomes)
 *
 * Contract: both adapters pass runtime-suite.ts. Everything made carries the labels of labels.ts; adoption and clean-up
 * go by them alone. Decisions (when to start, what to mount) are made above; here is only how an engine is told.
 */
export { clusterFilter, dockerRuntime, type DockerRuntimeOptions } from './docker-runtime.ts';
export { type ImageReference, parseImageReference } from './image-reference.ts';
export { attemptOf, containerName, labels } from './labels.ts';
export {
  type ContainerFacts,
  type ContainerMount,
  type ContainerNetwork,
  type ContainerResources,
  type ContainerRuntime,
  type ContainerSecurity,
  type ContainerSpec,
  type ContainerStats,
  type ExecSpec,
  type ImageFacts,
  type LogOutput,
  type NetworkSpec,
  type OutputChunk,
  type ProcessSession,
  type ReadLogs,
  type RegistryCredentials,
  RuntimeError,
  type RuntimeErrorCode,
  type RuntimeEvent,
  type RuntimeFacts,
} from './runtime.ts';
export { sandboxExecutable, sandboxReference } from './sandbox-image.ts';
export {
  type ScriptedProgram,
  simulatedRuntime,
  type SimulatedRuntime,
  type SimulatedRuntimeOptions,
} from './simulated-runtime.ts';
