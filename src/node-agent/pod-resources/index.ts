/**
 * Which devices and processors the node's pods hold, told to monitoring agents (those of GPUs, say) by gRPC.
 *
 *   agent ── List, Get, GetAllocatableResources ──> pod-resources/kubelet.sock ──> pods of the node
 *                                                      └─> what device plug-ins, claims and the CPU policy gave them
 *
 * Contract: only reads, and nothing is asked of a plug-in or of the API: a plug-in that hangs holds up no answer.
 * Follows the kubelet's endpoint of this name (v1).
 */
export { servePodResources } from './pod-resources-server.ts';
