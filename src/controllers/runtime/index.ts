/**
 * The frame that every controller runs in (controller-runtime's words: watches, keys, requeue-after, work queue).
 *
 *   view.onChange ─ keysFor(change) ─▶ WakeQueue ▸ region ▸ bucket ▸ actor of one object ─ reconcile(key)
 *                                          ▲                                                   │ requeueAfterMs
 *                                          └───────────────── RequeueTimers ◀──────────────────┘
 *
 * Contract: a key is reconciled by one actor at a time; keys that wait are one; a conflict (409) is retried at once;
 * any other failure crashes the actor, whose supervisor restarts it with back-off. A member acts only on the keys of
 * shards that it owns, and writes for them under that shard's fence. Nothing here knows a kind.
 */
export { withCondition } from './conditions.ts';
export type { Controller, ControllerPorts, Note, ReconcileResult } from './controller.ts';
export { isAlreadyExists, isNamespaceTerminating, isNotFound, isRefusal, unlessGone } from './failures.ts';
export { isOf, keyOf, keyOfFacts, nameOf, namespaceOf, splitKey } from './keys.ts';
export { claim, controllerKeys, controllerReference, isControlledBy } from './ownership.ts';
export { runController } from './runner.ts';
export { stableText } from './stable-text.ts';
export { startControllers } from './start.ts';
export {
  deleteObject,
  nowText,
  patchFinalizers,
  patchObject,
  performAll,
  performClaims,
  refOf,
  slowStart,
  writeStatus,
} from './writes.ts';
