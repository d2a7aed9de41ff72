/**
 * CSI on the node: drivers register, and pods get their volumes.
 *
 *   plugins_registry/*.sock ─ plugin-watch ─▶ driver-registry ─▶ CSINode, labels of the Node
 *                                                  │ node-service (gRPC)
 *   pod ─ mount ─▶ attached? ─▶ record ─▶ stage ─▶ record ─▶ publish ─▶ complete
 *       ─ release ─▶ unpublish ─▶ drop ─▶ (nobody else) unstage ─▶ drop
 *
 * Contract: a record is on disk before its mount, and goes after it; so what a dead agent or driver left is found and
 * taken away, and nothing else is. Of a pod that runs nothing is unmounted. Each call has a deadline, each volume its
 * own turns: a driver that hangs holds up the pods that use that very volume. Follows the kubelet's volume manager and
 * the CSI specification 1.11.
 */
export { purgeKubeletRoot } from './kubelet-root.ts';
export { type Csi, openCsi } from './open-csi.ts';
export { KeyedTurns } from './keyed-turns.ts';
export type { PluginHandler } from './plugin-watch.ts';
