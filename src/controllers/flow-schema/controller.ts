/** Reports in each FlowSchema's status whether its priority level exists. */
import { type FlowSchema, resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, writeStatus } from '../runtime/index.ts';
import { levelOf, planStatus } from './reconcile.ts';

export function flowSchemaController(): Controller {
  return {
    name: 'api-priority-and-fairness-config-consumer-v1',
    resource: resources.flowSchemas,
    watches: [resources.flowSchemas, resources.priorityLevelConfigurations],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.flowSchemas)) return change.type === 'put' ? [keyOf(change.object)] : [];
  if (!isOf(change, resources.priorityLevelConfigurations) || (change.type === 'put' && change.previous !== undefined))
    return [];
  return ports.view
    .list<FlowSchema>(resources.flowSchemas)
    .filter((schema) => levelOf(schema) === change.object.metadata.name)
    .map(keyOf);
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const schema = ports.view.get<FlowSchema>(resources.flowSchemas, undefined, key);
  if (schema === undefined) return;
  const levelExists = ports.view.get(resources.priorityLevelConfigurations, undefined, levelOf(schema)) !== undefined;
  const status = planStatus(schema, levelExists, ports.clock.now());
  if (status !== undefined) await writeStatus(ports, resources.flowSchemas, schema, status);
}
