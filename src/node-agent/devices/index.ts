/**
 * Device plug-ins: devices that programs of their vendors know, given to containers as extended resources.
 *
 *   plug-in ── Register (kubelet.sock, or the folder of plug-ins) ──> NodeDevices
 *           ── ListAndWatch ──> DeviceLedger ──> amounts of the Node
 *   container ── grant ──> healthy, free devices ── Allocate ──> variables, mounts, devices of its spec
 *
 * Contract: no device is held by two containers at once, but that a pod's init containers pass theirs on. What was
 * given is on disk before the container is made, and is the same after a restart of container or agent. A plug-in that
 * is away keeps its devices from new containers; those that run keep theirs. Follows the kubelet's device manager
 * (v1beta1).
 */
export type { DeviceInventory } from './device-ledger.ts';
export { NodeDevices } from './node-devices.ts';
export type { DeviceGrant } from './device-plugin.ts';
