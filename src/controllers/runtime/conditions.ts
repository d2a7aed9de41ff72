/** Conditions as the controllers of workloads and nodes write them. */
import { type ConditionFields, findCondition, timeText, withoutCondition } from '../../api/index.ts';

/**
 * Puts a condition in place of the one of its type, at the end. The same status and reason change nothing, so that a
 * condition's times say when it really turned; a status that stays keeps its transition time (SetDeploymentCondition;
 * metav1 SetStatusCondition is `setCondition`). `now` in ms since 1970.
 */
export function withCondition<C extends ConditionFields>(
  conditions: readonly C[],
  next: Omit<C, 'lastTransitionTime'> & ConditionFields,
  now: number,
): readonly C[] {
  const current = findCondition(conditions, next.type);
  if (current !== undefined && current.status === next.status && current.reason === next.reason) return conditions;
  const kept = current !== undefined && current.status === next.status ? current.lastTransitionTime : undefined;
  const fields: ConditionFields = { ...next, lastTransitionTime: kept ?? timeText(now) };
  return [...withoutCondition(conditions, next.type), fields as C];
}
