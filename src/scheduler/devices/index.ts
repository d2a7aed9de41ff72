/**
 * Dynamic resource allocation: devices for the claims of a pod.
 *
 *   ResourceSlices ─ DevicePools ─▶ what a node reaches ─┐
 *   ResourceClaims ─ DeviceBook ──▶ what is taken ───────┴▶ allocate (search with backtracking) ─▶ AllocationResult
 *
 * Pure but for what is remembered of expressions and devices. Invariant: no device is given twice, decisions that are
 * still being written included. Follows Kubernetes' structured parameters; a search is bounded for each pod.
 */
export { DeviceBook, type DeviceSources } from './device-book.ts';
export { type ClaimBinding, claimsOn, podDevices, searchBudget } from './pod-devices.ts';
