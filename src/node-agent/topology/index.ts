/**
 * What a container has to itself, near together: the kubelet's topology manager.
 *
 *   new pod ── hints of processors and devices ──> mergeHints(policy) ──> refused, or set aside on those NUMA nodes
 *
 * Contract: hints and their merging are pure. What is set aside for a pod that the node takes stays its own until the
 * pod has ended; of a pod that is refused nothing stays. Sets of NUMA nodes are bits of a number (numa-mask.ts).
 */
export { alignPod, type HintProvider, type NodeTopology, passesOn, podAmount } from './align-pod.ts';
export { hintsFor, type ResourceHints, type TopologyHint } from './hints.ts';
export { includesNode } from './numa-mask.ts';
export { checkNumaNodes, topologyChoice, type TopologySettings } from './topology-settings.ts';
