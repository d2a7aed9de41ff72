/**
 * The container engine as a port, its adapters, and the table of them that the settings choose from (registry.ts).
 *
 *   pod, streams, probes ──> ContainerRuntime ──> docker/      (Docker Engine API, by dockerode)
 *                                            ├──> cri/         (containerd and CRI-O, by gRPC)
 *                                            ├──> podman/      (Docker's API, with what differs)
 *                                            └──> simulated/   (in memory, virtual time, scripted outcomes)
 *
 * Contract: every adapter passes runtime-suite.test.ts. Everything made carries the labels of labels.ts; adoption and
 * clean-up go by them alone. Decisions (when to start, what to mount) are made above; an adapter only tells its engine.
 */
export { criRuntime } from './cri/index.ts';
export { dockerRuntime } from './docker/index.ts';
export type { MachineFinding } from './driver.ts';
export { logLimits, type LogSettings } from './log-limits.ts';
export { parseImageReference } from './image-reference.ts';
export { attemptOf, type ClusterIdentity, clusterLabels, containerName, labels, listedAddresses } from './labels.ts';
export {
  runtimeDriver,
  runtimeFinding,
  type RuntimeName,
  runtimeNames,
  runtimeSettings,
  type RuntimeSettings,
} from './registry.ts';
export {
  type ContainerFacts,
  type ContainerDevice,
  type ContainerMount,
  type ContainerResources,
  type ContainerRuntime,
  type ContainerSecurity,
  type ContainerSpec,
  type ContainerSummary,
  type ImageFacts,
  type NetworkSpec,
  type OutputChunk,
  type ProcessSession,
  type ReadLogs,
  type RegistryCredentials,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeFacts,
  type RuntimeHandler,
  type UserRange,
} from './runtime.ts';
export { podmanRuntime } from './podman/index.ts';
export { sandboxExecutable, sandboxReference } from './sandbox-image.ts';
export { simulatedRuntime, type SimulatedRuntimeOptions } from './simulated/index.ts';
