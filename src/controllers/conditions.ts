import { timeText } from '../api/index.ts';
import type { Condition } from './objects.ts';

/** The condition of this type. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function withoutCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

/**
 * Puts a condition in place of the one of its type (or at the end). The same status and reason change nothing, so that
 * a condition's times say when it really turned; a status that stays keeps its transition time.
 */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: number,
): readonly Condition[] {
  const current = conditionOf(conditions, next.type);
  if (current !== undefined && current.status === next.status && current.reason === next.reason) return conditions;
  const lastTransitionTime =
    current !== undefined && current.status === next.status
      ? (current.lastTransitionTime ?? timeText(now))
      : timeText(now);
  return [...withoutCondition(conditions, next.type), { ...next, lastTransitionTime }];
}

/** As `withCondition`, but keeps the condition's place and also takes a new message (metav1 SetStatusCondition). */
export function withMetaCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: number,
): readonly Condition[] {
  const current = conditionOf(conditions, next.type);
  const kept = current !== undefined && current.status === next.status ? current.lastTransitionTime : undefined;
  const condition: Condition = { ...next, lastTransitionTime: kept ?? timeText(now) };
  return current === undefined
    ? [...conditions, condition]
    : conditions.map((known) => (known.type === next.type ? condition : known));
}
