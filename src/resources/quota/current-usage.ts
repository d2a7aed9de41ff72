/** Counts what the objects of a namespace use of a quota now. */

import {
  addAmounts,
  allResources,
  behaviourOf,
  type GroupResource,
  type JsonObject,
  type Quantity,
  quantityOf,
  type QuotaRules,
  resourceAmounts,
  type ResourceAmounts,
  type ResourceQuota,
  sameResource,
} from '../../api/index.ts';
import type { Store } from '../../state/index.ts';
import { readObjects } from '../stored/reading.ts';
import { inScope } from './scope.ts';
import { usageOf } from './usage.ts';

/** A collection that a quota counts, with the rules of its kind. */
interface Counted {
  readonly resource: GroupResource;
  readonly rules: QuotaRules | undefined;
}

/** The collection that a name in `hard` counts; undefined when the name means nothing. */
function countedBy(name: string): Counted | undefined {
  if (name.startsWith('count/')) {
    const [resource = '', ...group] = name.slice('count/'.length).split('.');
    const counted = { group: group.join('.'), resource };
    const info = allResources().find(({ storage }) => sameResource(storage, counted));
    return { resource: counted, rules: info === undefined ? undefined : behaviourOf(info).quota };
  }
  for (const info of allResources()) {
    const rules = behaviourOf(info).quota;
    if (rules === undefined) continue;
    if ((rules.plainCount === true && name === info.resource) || rules.counts?.(name) === true)
      return { resource: info.storage, rules };
  }
  return undefined;
}

/** What the objects of a namespace use of what a quota counts, looked at one by one. */
export function currentUsage(store: Store, quota: ResourceQuota, namespace: string): ResourceAmounts {
  const names = [...resourceAmounts(quota.spec.hard).keys()];
  let total: ResourceAmounts = new Map(names.map((name): [string, Quantity] => [name, quantityOf(0)]));
  const namesByCollection = new Map<string, Counted & { readonly names: Set<string> }>();
  for (const name of names) {
    const counted = countedBy(name);
    if (counted === undefined) continue;
    const key = `${counted.resource.group}/${counted.resource.resource}`;
    const known = namesByCollection.get(key);
    if (known === undefined) namesByCollection.set(key, { ...counted, names: new Set([name]) });
    else known.names.add(name);
  }
  for (const { resource, rules, names: wanted } of namesByCollection.values()) {
    for (const object of readObjects<JsonObject>(store, resource, namespace)) {
      if (!inScope(quota, rules, object)) continue;
      total = addAmounts(total, new Map([...usageOf(resource, rules, object)].filter(([name]) => wanted.has(name))));
    }
  }
  return total;
}
