/**
 * Evictions by the node: pods that use more local storage than they may.
 *
 * Contract: what is over its limit is a pure function of pod and measures (storage-limits.ts); the watch measures the
 * pods with limits each period, and has the pod's own actor end it. (The job of the kubelet's eviction manager.)
 */
export { watchStorageLimits } from './storage-watch.ts';
