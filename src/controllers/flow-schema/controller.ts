import type { ObjectChange } from '../../resources/index.ts';
import { withMetaCondition } from '../conditions.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, writeStatus } from '../runtime/index.ts';
import { type Condition, resources, type Stored } from '../objects.ts';

export interface FlowSchema extends Stored {
  readonly spec?: { readonly priorityLevelConfiguration?: { readonly name?: string } };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

const levelOf = (schema: FlowSchema): string => schema.spec?.priorityLevelConfiguration?.name ?? '';

/** What a flow schema says of its priority level: whether it leads anywhere. */
export function danglingCondition(level: string, exists: boolean): Omit<Condition, 'lastTransitionTime'> {
  const found = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return exists
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${found} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${found} but there is no such object` };
}

/** Says of each flow schema whether its priority level exists. */
export function flowSchemaController(): Controller {
  return {
    name: 'api-priority-and-fairness-config-consumer-v1',
    resource: resources.flowSchemas,
    watches: [resources.flowSchemas, resources.priorityLevels],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.flowSchemas)) return change.type === 'put' ? [keyOf(change.object)] : [];
  if (!isOf(change, resources.priorityLevels) || (change.type === 'put' && change.previous !== undefined)) return [];
  return ports.view
    .list<FlowSchema>(resources.flowSchemas)
    .filter((schema) => levelOf(schema) === change.object.metadata.name)
    .map(keyOf);
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const schema = ports.view.get<FlowSchema>(resources.flowSchemas, undefined, key);
  if (schema === undefined || schema.metadata.deletionTimestamp !== undefined) return;
  const level = levelOf(schema);
  const next = danglingCondition(level, ports.view.get(resources.priorityLevels, undefined, level) !== undefined);
  const current = schema.status?.conditions?.find((condition) => condition.type === 'Dangling');
  if (current?.status === next.status && current.reason === next.reason && current.message === next.message) return;
  await writeStatus(ports, resources.flowSchemas, schema, {
    conditions: withMetaCondition(schema.status?.conditions ?? [], next, ports.clock.now()),
  });
}
