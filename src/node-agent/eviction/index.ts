/**
 * Evictions by the node: pods that use more local storage than they may, and pods that must go before the machine
 * suffocates.
 *
 *   /proc, statfs ──> room by signal ──> stepPressure ──> the Node's conditions, admission of pods
 *                                              └──> shortage ──> unused images go, else
 *                                                   usage of pods ──> rankForEviction ──> one pod ends
 *
 * Contract: what is short (pressure.ts), who goes first and what it is told (ranking.ts) and what is over its limit
 * (storage-limits.ts) are pure functions; the watches measure each period, and have the pod's own actor end it. Pods
 * are measured only while something is short. (The job of the kubelet's eviction manager, with its settings, order and
 * texts.)
 */
export { existing, kernelRoom, type MachineRoom, readMachine, simulatedRoom } from './machine-room.ts';
export { usesOf } from './pod-use.ts';
export type { Pressure, Room } from './pressure.ts';
export { immediateGraceMs, PressureWatch } from './pressure-watch.ts';
export { roomFinding } from './room-finding.ts';
export { watchStorageLimits } from './storage-watch.ts';
export { evictionPolicy, type EvictionSettings, heldBack, type Signal } from './thresholds.ts';
