/**
 * The node's part of the pod network: one bridge for the cluster's pods on this machine, addresses out of the node's
 * range, and the commands that make it so. (Kubernetes' model: each pod its own address, reachable from every other
 * without translation.)
 *
 * Contract: every command to the machine goes through RunCommand, so that tests and simulations see the very commands.
 */
export { AddressPool } from './address-pool.ts';
export { type BridgeFacts, linkSettings, networkNames, setUpBridge } from './bridge.ts';
export { type FamilyNetwork, gatewayOf } from './family-network.ts';
export { CommandError, type RunCommand, runCommand } from './command.ts';
export { keepBridge } from './keep-bridge.ts';
export { claimMachine, type MachineClaim } from './machine-claim.ts';
export {
  type LinkSettings,
  linkName,
  linkScript,
  machinePodLinks,
  type PodLinks,
  simulatedPodLinks,
} from './pod-links.ts';
export { type NetworkMode, networkModes, overlayDevice } from './overlay.ts';
export { nodeClaims } from './node-claims.ts';
export { scriptShell } from './script-shell.ts';
export { keepNodeRoutes, type NodePods, removeNodeRoutes } from './node-routes.ts';
export { translatedMark } from './route-plan.ts';
