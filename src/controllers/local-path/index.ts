/**
 * Volumes made on demand on the disk of the node where they are used first, as k3s' local-path does it.
 *
 *   claim of the class local-path -> a pod is placed -> PersistentVolume on that node -> bound
 *   claim deleted -> Released -> deleted -> the node's agent removes the data and lets go
 *
 * Contract: at most one volume a claim, named after the claim's UID. Data goes only when the reclaim policy says
 * Delete.
 */
export { localPathProvisioner } from './provisioner.ts';
export { localPathReclaimer } from './reclaimer.ts';
export { localPathClass, type LocalClassOptions } from './storage-class.ts';
