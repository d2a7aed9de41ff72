/** Keeps the rules of aggregated ClusterRoles. */
import { type ClusterRole, resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, refOf } from '../runtime/index.ts';
import { planRole } from './reconcile.ts';

export function clusterRoleController(): Controller {
  return {
    name: 'clusterrole-aggregation-controller',
    resource: resources.clusterRoles,
    watches: [resources.clusterRoles],
    keysFor,
    reconcile,
  };
}

/** Any role may be a part of any aggregated one. */
function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (!isOf(change, resources.clusterRoles)) return [];
  return ports.view
    .list<ClusterRole>(resources.clusterRoles)
    .filter((role) => role.aggregationRule !== undefined)
    .map(keyOf);
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const role = ports.view.get<ClusterRole>(resources.clusterRoles, undefined, key);
  if (role?.aggregationRule === undefined) return;
  const next = planRole(role, ports.view.list<ClusterRole>(resources.clusterRoles));
  if (next !== undefined) await ports.client.update(refOf(resources.clusterRoles, role), next);
}
