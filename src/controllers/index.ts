/**
 * Controllers: the reconcilers that make the cluster be what its objects wish (Kubernetes' controller manager).
 *
 *   view.onChange ─ wakes(change) ─▶ region ▸ shard ▸ actor of one object ─ reconcile(key): read, plan (pure), write
 *
 * One folder a controller: reconcile.ts decides (observed -> plan, no clock, no I/O), controller.ts reads the view,
 * performs the plan through the client and says which changes wake it. Contract: level-based; a controller keeps no
 * state that it could not read again (except when it last heard of a node, and what an autoscaler proposed of late);
 * names of children follow from their owners wherever upstream's do; a 409 is retried at once; any other failure
 * crashes the actor, whose supervisor restarts it with back-off to reconcile again.
 */
export type { Controller, ControllerPorts, ReconcileResult } from './controller.ts';
export { allControllers, type ControllerSettings } from './all.ts';
export type { ApprovalCheck } from './certificate-signing/approver.ts';
export type { CertificateSigner, SigningOrder } from './certificate-signing/controller.ts';
export { type EventRecorder, eventRecorder, type EventType } from './events.ts';
export { runController, type RunningController } from './runner.ts';
export { type RunningControllers, startControllers, type StartControllersOptions } from './start.ts';
