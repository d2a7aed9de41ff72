/** Decides what a FlowSchema says of its priority level. */
import { withMetaCondition } from '../conditions.ts';
import type { Condition, Stored } from '../objects.ts';

export interface FlowSchema extends Stored {
  readonly spec?: { readonly priorityLevelConfiguration?: { readonly name?: string } };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export const levelOf = (schema: FlowSchema): string => schema.spec?.priorityLevelConfiguration?.name ?? '';

function danglingCondition(level: string, exists: boolean): Omit<Condition, 'lastTransitionTime'> {
  const found = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return exists
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${found} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${found} but there is no such object` };
}

/** The status to write; undefined: it says already whether the level exists. */
export function planStatus(schema: FlowSchema, levelExists: boolean, now: number): FlowSchema['status'] | undefined {
  if (schema.metadata.deletionTimestamp !== undefined) return undefined;
  const next = danglingCondition(levelOf(schema), levelExists);
  const current = schema.status?.conditions?.find((condition) => condition.type === 'Dangling');
  if (current?.status === next.status && current.reason === next.reason && current.message === next.message)
    return undefined;
  return { conditions: withMetaCondition(schema.status?.conditions ?? [], next, now) };
}
