/**
 * The node itself: its Node object, its sign of life (Lease), its Events.
 *
 * Contract: what the Node says is a pure function of facts (node-object.ts). Registration goes on until it succeeds; a
 * lost heartbeat is only logged. Follows the kubelet's registration and node leases.
 */
export { heldBackOf, reservedOf, type ReservedSettings } from './held-back.ts';
export { hostMachine, type Machine, type MachineFacts, simulatedMachine } from './machine.ts';
export { allocatableOf, type DeviceAmounts, type NodeFacts, nodeObject, podRangeFields } from './node-object.ts';
export { NodeEvents } from './node-events.ts';
export type { TellMembers } from './lease.ts';
export { register, type Registration } from './registration.ts';
