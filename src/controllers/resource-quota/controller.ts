import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  namespaceOf,
  type ReconcileResult,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import { resources, type Stored } from '../objects.ts';

export interface Quota extends Stored {
  readonly spec?: { readonly hard?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
}

/**
 * Counts what the objects of the quota's namespace use, by the names in `spec.hard`; the write path counts the same
 * way.
 */
export type QuotaUsage = (quota: Quota, namespace: string) => Readonly<Record<string, string>>;

/** Everything is counted anew after this long, whatever happened. */
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
  const freed =
    change.type === 'delete' ||
    (isOf(change, resources.pods) && phaseOf(change.object) !== phaseOf(change.previous)) ||
    isOf(change, resources.services) ||
    isOf(change, resources.persistentVolumeClaims);
  return freed ? ports.view.list<Quota>(resources.resourceQuotas, namespace).map(keyOf) : [];
}

const phaseOf = (object: { readonly status?: unknown } | undefined): unknown =>
  (object?.status as { readonly phase?: string } | undefined)?.phase;

async function reconcile(key: string, ports: ControllerPorts, usage: QuotaUsage): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const quota = ports.view.get<Quota>(resources.resourceQuotas, namespace, name);
  if (quota === undefined) return undefined;
  const status = { hard: quota.spec?.hard ?? {}, used: usage(quota, namespace) };
  if (stableText(status) !== stableText({ hard: quota.status?.hard ?? {}, used: quota.status?.used ?? {} }))
    await writeStatus(ports, resources.resourceQuotas, quota, status);
  return { requeueAfterMs: recountMs };
}
