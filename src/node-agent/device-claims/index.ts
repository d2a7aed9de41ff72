/**
 * Devices by claims on the node (dynamic resource allocation): drivers prepare them, containers get them.
 *
 *   plugins_registry/*.sock ─ plug-in watch ─▶ ClaimDrivers
 *   pod ─ prepare ─▶ claim reserved? ─▶ record ─▶ NodePrepareResources ─▶ record with CDI names
 *       ─ grant ───▶ CDI names of the container's claims ─▶ variables, mounts, devices
 *       ─ release ─▶ (nobody else) NodeUnprepareResources ─▶ drop
 *
 * Contract: a record is on disk before a driver is called, and goes after it has given back. Containers run only with
 * all of their pod's devices prepared; a pod is over only when its devices are given back. A driver that is away or
 * hangs holds up the pods with claims on its devices, and says so by their events. Follows the kubelet's DRA manager.
 */
export { type ClaimGrant, ClaimSetupError, NodeClaims } from './node-claims.ts';
