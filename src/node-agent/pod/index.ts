/**
 * Pods: one actor each, whose decisions are one pure function.
 *
 *   API change, engine event, result ──> stepPod(state, input, now) ──> state, effects, next look
 *                                              effects ──> container actors, sandbox, volumes ──> results
 *
 * Contract: pod-plan.ts decides, pod-actor.ts performs. An effect in flight is marked in the state; a repeated input
 * changes nothing. An agent that starts adopts what runs (pod-adoption.ts) and restarts nothing. The status is derived
 * from the state each time (pod-status.ts), and only differences are written. Follows the kubelet's pod lifecycle,
 * its reasons and texts.
 */
export { Allocations } from './pod-allocation.ts';
export { removeDeadContainers } from './dead-containers.ts';
export { isOver } from './pod-ending.ts';
export type { PodEffect, PodInput, PodMessage } from './pod-messages.ts';
export { stepPod } from './pod-plan.ts';
export type { PodPorts } from './pod-ports.ts';
export { connectSandbox, reserveSandbox } from './sandbox-work.ts';
export { volumeRefreshMs } from './pod-effects.ts';
export { podsActor, type PodsMessage } from './pods-actor.ts';
export { freshPod, type PodState } from './pod-state.ts';
export { evictedReason, podStatus } from './pod-status.ts';
export { takenPods } from './taken-pods.ts';
