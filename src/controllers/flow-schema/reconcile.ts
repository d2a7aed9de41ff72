/** Decides what a FlowSchema says of its priority level. */
import { type ConditionFields, findCondition, type FlowSchema, setCondition, timeText } from '../../api/index.ts';

export const levelOf = (schema: FlowSchema): string => schema.spec?.priorityLevelConfiguration?.name ?? '';

function danglingCondition(level: string, exists: boolean): Omit<ConditionFields, 'lastTransitionTime'> {
  const found = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return exists
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${found} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${found} but there is no such object` };
}

/** The status to write; undefined: it says already whether the level exists. */
export function planStatus(schema: FlowSchema, levelExists: boolean, now: number): FlowSchema['status'] | undefined {
  if (schema.metadata.deletionTimestamp !== undefined) return undefined;
  const next = danglingCondition(levelOf(schema), levelExists);
  const conditions = (schema.status?.conditions ?? []) as readonly ConditionFields[];
  const current = findCondition(conditions, 'Dangling');
  if (current?.status === next.status && current.reason === next.reason && current.message === next.message)
    return undefined;
  return { conditions: setCondition(conditions, next, timeText(now)) };
}
