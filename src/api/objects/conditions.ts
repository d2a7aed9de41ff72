/** Rules about status conditions, whatever kind they belong to (metav1 FindStatusCondition, SetStatusCondition). */

/** What the conditions of every kind have. */
export interface ConditionFields {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | null | undefined;
}

export function findCondition<C extends { readonly type?: string | undefined }>(
  conditions: readonly C[] | null | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether there is a condition of this type with the status True. */
export function isConditionTrue(
  conditions:
    | readonly { readonly type?: string | undefined; readonly status?: string | undefined }[]
    | null
    | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The conditions with `next` in the place of the one of its type, or at the end. Its transition time is `now` (RFC
 * 3339) unless the status stays.
 */
export function setCondition<C extends ConditionFields>(
  conditions: readonly C[] | null | undefined,
  next: Omit<C, 'lastTransitionTime'> & ConditionFields,
  now: string,
): readonly C[] {
  const current = findCondition(conditions, next.type);
  const kept = current?.status === next.status ? current.lastTransitionTime : undefined;
  const fields: ConditionFields = { ...next, lastTransitionTime: kept ?? now };
  const condition = fields as C;
  if (current === undefined) return [...(conditions ?? []), condition];
  return (conditions ?? []).map((known) => (known === current ? condition : known));
}

export function withoutCondition<C extends { readonly type: string }>(
  conditions: readonly C[],
  type: string,
): readonly C[] {
  const left = conditions.filter((condition) => condition.type !== type);
  return left.length === conditions.length ? conditions : left;
}
