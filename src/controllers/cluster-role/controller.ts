import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  refOf,
  selectorMatches,
  stableText,
} from '../runtime/index.ts';
import { type LabelSelector, resources, type Stored } from '../objects.ts';

export interface ClusterRole extends Stored {
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] };
  readonly rules?: readonly unknown[] | null;
}

/** The rules of all roles that the selectors choose: in the order of selectors, then of names, each rule once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly unknown[] {
  const sorted = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules = new Map<string, unknown>();
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name || !selectorMatches(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) {
        const text = stableText(rule);
        if (!rules.has(text)) rules.set(text, rule);
      }
    }
  }
  return [...rules.values()];
}

/** Keeps the rules of aggregated ClusterRoles. */
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
  if (role?.aggregationRule === undefined || role.metadata.deletionTimestamp !== undefined) return;
  const rules = aggregatedRules(role, ports.view.list<ClusterRole>(resources.clusterRoles));
  if (stableText(rules) === stableText(role.rules ?? [])) return;
  await ports.client.update(refOf(resources.clusterRoles, role), { ...role, rules: rules.length === 0 ? null : rules });
}
