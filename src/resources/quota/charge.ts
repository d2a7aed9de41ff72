/** Charges a write to the ResourceQuotas of its namespace, within its transaction. */
import {
  addAmounts,
  behaviourOf,
  compareQuantity,
  findResource,
  forbiddenError,
  type JsonObject,
  type KubeObject,
  type Quantity,
  quantityText,
  resourceAmounts,
  type ResourceAmounts,
  type ResourceInfo,
  type ResourceQuota,
  resources,
  subtractQuantity,
} from '../../api/index.ts';
import { assert } from '../../base/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import type { Allocation } from '../allocation/index.ts';
import { putOperation } from '../stored/commit.ts';
import { resourceOf } from '../writing/metadata.ts';
import type { WritePorts } from '../ports.ts';
import { collectionPrefix } from '../stored/key.ts';
import { readRecords } from '../stored/reading.ts';
import { remembered } from '../stored/remembered.ts';
import { storageInfo } from '../stored/versions.ts';
import { inScope } from './scope.ts';
import { currentUsage } from './current-usage.ts';
import { usageOf } from './usage.ts';

const quotas = resources.resourceQuotas;
/** Many clusters have none, and every write asks. */
const quotasExist = remembered([quotas], (store) => store.count(collectionPrefix(quotas)) > 0);
const nothing: Allocation = { compares: [], operations: [] };

interface Charge {
  readonly info: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly object: JsonObject;
  /** The object before an update. */
  readonly old?: KubeObject | undefined;
}

/**
 * What a write costs the quotas of its namespace: their new status, on condition that it is still what it was charged
 * on, for the write's own transaction. So a quota is never exceeded, however many write at once. Throws 403 when it
 * would be.
 */
export function chargeQuotas(ports: WritePorts, charge: Charge): Allocation {
  const { info, namespace } = charge;
  if (namespace === undefined) return nothing;
  if (charge.old !== undefined && behaviourOf(info).quota?.freeUpdates === true) return nothing;
  if (!quotasExist(ports.store)) return nothing;
  const records = readRecords(ports.store, quotas, namespace);
  const compares: Allocation['compares'][number][] = [];
  const operations: Allocation['operations'][number][] = [];
  for (const record of records) {
    const used = chargeOne(ports, record, charge);
    if (used === undefined) continue;
    compares.push({ key: record.key, revision: record.revision });
    operations.push(putOperation({ info: quotaInfo(), object: used }));
  }
  return { compares, operations };
}

/** The quota with its new status; undefined when the write costs it nothing. */
function chargeOne(
  ports: WritePorts,
  record: StoredRecord,
  { info, name, object, old, namespace }: Charge,
): JsonObject | undefined {
  const quota = record.object<ResourceQuota>();
  const rules = behaviourOf(storageInfo(info)).quota;
  if (!inScope(quota, rules, object)) return undefined;
  const quotaName = quota.metadata.name ?? '';
  const hard = resourceAmounts(quota.spec.hard);
  const refuse = (reason: string): Error => forbiddenError(resourceOf(info), name, reason);
  if (old === undefined) {
    const missing = rules?.missing?.(object, [...hard.keys()]) ?? '';
    if (missing !== '') throw refuse(`failed quota: ${quotaName}: must specify ${missing}`);
  }
  const delta = increaseOf(
    hard,
    usageOf(info.storage, rules, object),
    old === undefined ? new Map() : usageOf(info.storage, rules, old),
  );
  if (delta.size === 0) return undefined;
  const before = usedOf(ports, quota, hard, namespace ?? '');
  const after = addAmounts(before, delta);
  const exceeded = [...delta.keys()].filter((key) => isOver(after.get(key), hard.get(key))).sort();
  if (exceeded.length > 0) {
    const text = (list: ResourceAmounts): string =>
      exceeded.map((key) => `${key}=${quantityText(list.get(key) as Quantity)}`).join(',');
    throw refuse(
      `exceeded quota: ${quotaName}, requested: ${text(delta)}, used: ${text(before)}, limited: ${text(hard)}`,
    );
  }
  return { ...(quota as KubeObject), status: { hard: { ...quota.spec.hard }, used: textsOf(after) } };
}

function isOver(amount: Quantity | undefined, bound: Quantity | undefined): boolean {
  return amount !== undefined && bound !== undefined && compareQuantity(amount, bound) > 0;
}

/** What grows, of what the quota counts. */
function increaseOf(hard: ResourceAmounts, usage: ResourceAmounts, before: ResourceAmounts): ResourceAmounts {
  const increase = new Map<string, Quantity>();
  for (const [key, quantity] of usage) {
    const was = before.get(key);
    const delta = was === undefined ? quantity : subtractQuantity(quantity, was);
    if (hard.has(key) && delta.nanos > 0n) increase.set(key, delta);
  }
  return increase;
}

/** What is used, as the quota's status says; counted from the objects where it does not say yet. */
function usedOf(ports: WritePorts, quota: ResourceQuota, hard: ResourceAmounts, namespace: string): ResourceAmounts {
  const used = resourceAmounts(quota.status.used);
  if ([...hard.keys()].every((key) => used.has(key))) return new Map([...used].filter(([key]) => hard.has(key)));
  return currentUsage(ports.store, quota, namespace);
}

function textsOf(list: ResourceAmounts): Record<string, string> {
  return Object.fromEntries([...list].map(([key, quantity]) => [key, quantityText(quantity)]));
}

function quotaInfo(): ResourceInfo {
  const info = findResource('', 'v1', 'resourcequotas');
  assert(info !== undefined, 'ResourceQuota is a known kind');
  return info;
}
