/** Repeats a reconciliation that another writer overtook (409). */
import type { Controller, ControllerPorts, ReconcileResult } from './controller.ts';
import { isConflict } from './failures.ts';

/** Conflicts in a row before the actor pauses: somebody else writes the same object very often. */
const conflictsMax = 5;
const conflictPauseMs = 100;

/** Each attempt asks for its ports again: a conflict may mean that the shard has gone to another member. */
export async function reconcileThroughConflicts(
  controller: Controller,
  key: string,
  portsNow: () => ControllerPorts | undefined,
): Promise<ReconcileResult | undefined> {
  for (let attempt = 1; ; attempt++) {
    const ports = portsNow();
    if (ports === undefined) return undefined;
    try {
      return await controller.reconcile(key, ports);
    } catch (error) {
      // What fails after the shard has gone is the next owner's business.
      if (portsNow() === undefined) return undefined;
      if (!isConflict(error)) throw error;
      if (attempt >= conflictsMax) return { requeueAfterMs: conflictPauseMs };
    }
  }
}
