/** Keeps the use that ResourceQuotas report. */
import { type ResourceQuota, resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  namespaceOf,
  type ReconcileResult,
  splitKey,
  writeStatus,
} from '../runtime/index.ts';
import { mayFree, planStatus } from './reconcile.ts';

/**
 * Counts what the objects of the quota's namespace use, by the names in `spec.hard`; the write path counts the same
 * way.
 */
export type QuotaUsage = (quota: ResourceQuota, namespace: string) => Readonly<Record<string, string>>;

/** Everything is counted again after this long, whatever happened. */
const recountMs = 5 * 60_000;

/**
 * Gives back what deletions and ended pods free, and takes over new limits. What new objects use is charged as they are
 * written.
 */
export function resourceQuotaController(usage: QuotaUsage): Controller {
  return {
    name: 'resourcequota-controller',
    resource: resources.resourceQuotas,
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, usage),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.resourceQuotas)) return change.type === 'put' ? [keyOf(change.object)] : [];
  const namespace = namespaceOf(change);
  if (namespace === undefined || namespace === '' || isOf(change, resources.events) || isOf(change, resources.leases))
    return [];
  return mayFree(change) ? ports.view.list<ResourceQuota>(resources.resourceQuotas, namespace).map(keyOf) : [];
}

async function reconcile(key: string, ports: ControllerPorts, usage: QuotaUsage): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const quota = ports.view.get<ResourceQuota>(resources.resourceQuotas, namespace, name);
  if (quota === undefined) return undefined;
  const status = planStatus(quota, usage(quota, namespace));
  if (status !== undefined) await writeStatus(ports, resources.resourceQuotas, quota, status);
  return { requeueAfterMs: recountMs };
}
