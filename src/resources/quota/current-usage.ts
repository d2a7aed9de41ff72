import { type GroupResource, type JsonObject, type Quantity, quantityOf } from '../../api/index.ts';
import type { Store } from '../../state/index.ts';
import { type ResourceList, resourceList, sumOf } from '../admission/pod-resources.ts';
import { readObjects } from '../reading.ts';
import { inScope, type QuotaObject } from './scope.ts';
import { usageOf } from './usage.ts';

const plain: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'secrets',
  'configmaps',
  'resourcequotas',
  'replicationcontrollers',
  'persistentvolumeclaims',
]);

/** The collection that a name in `hard` counts. */
export function countedResource(key: string): GroupResource {
  if (key.startsWith('count/')) {
    const [resource = '', ...group] = key.slice('count/'.length).split('.');
    return { group: group.join('.'), resource };
  }
  if (plain.has(key)) return { group: '', resource: key };
  if (key.startsWith('services.')) return { group: '', resource: 'services' };
  if (key === 'requests.storage' || key.includes('.storageclass.storage.k8s.io/'))
    return { group: '', resource: 'persistentvolumeclaims' };
  return { group: '', resource: 'pods' };
}

/** What the objects of a namespace use of what a quota counts, looked at one by one. */
export function currentUsage(store: Store, quota: QuotaObject, namespace: string): ResourceList {
  const names = [...resourceList(quota.spec?.hard).keys()];
  let total: ResourceList = new Map(names.map((name): [string, Quantity] => [name, quantityOf(0)]));
  const counted = new Map(
    names.map((name) => {
      const resource = countedResource(name);
      return [`${resource.group}/${resource.resource}`, resource] as const;
    }),
  );
  for (const resource of counted.values()) {
    for (const object of readObjects<JsonObject>(store, resource, namespace)) {
      if (!inScope(quota, resource.resource, object)) continue;
      total = sumOf(
        total,
        new Map(
          [...usageOf(resource, object)].filter(
            ([name]) => names.includes(name) && sameResource(countedResource(name), resource),
          ),
        ),
      );
    }
  }
  return total;
}

const sameResource = (left: GroupResource, right: GroupResource): boolean =>
  left.group === right.group && left.resource === right.resource;
