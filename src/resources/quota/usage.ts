import { type GroupResource, type JsonObject, type Quantity, quantityOf } from '../../api/index.ts';
import { listOf, specOf } from '../admission/pod-spec.ts';
import { podResources, type ResourceList, resourceList } from '../admission/pod-resources.ts';
import { textOf } from '../metadata.ts';

const one = quantityOf(1);

/** Kinds of the core group that quotas count under their plain names too. */
const plainCounts: ReadonlySet<string> = new Set([
  'replicationcontrollers',
  'services',
  'secrets',
  'configmaps',
  'resourcequotas',
  'persistentvolumeclaims',
]);
const computeNames: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Whether quotas know a resource of a pod without the prefix `requests.` too. */
const isUnprefixed = (name: string): boolean => computeNames.has(name) || name.startsWith('hugepages-');

/**
 * What an object uses up of a quota, by the names that a quota's `hard` has (KEP: resource quota v2;
 * pkg/quota/v1/evaluator/core).
 */
export function usageOf({ group, resource }: GroupResource, object: JsonObject): ResourceList {
  const usage = new Map<string, Quantity>([[`count/${group === '' ? resource : `${resource}.${group}`}`, one]]);
  if (group !== '') return usage;
  if (plainCounts.has(resource)) usage.set(resource, one);
  if (resource === 'services') addService(usage, specOf(object));
  if (resource === 'persistentvolumeclaims') addClaim(usage, object);
  if (resource === 'pods' && !hasEnded(object)) addPod(usage, specOf(object));
  return usage;
}

function addService(usage: Map<string, Quantity>, spec: JsonObject): void {
  const balancer = spec['type'] === 'LoadBalancer';
  const ports =
    spec['type'] === 'NodePort' || (balancer && spec['allocateLoadBalancerNodePorts'] !== false)
      ? listOf(spec, 'ports').length
      : 0;
  usage.set('services.nodeports', quantityOf(ports));
  usage.set('services.loadbalancers', quantityOf(balancer ? 1 : 0));
}

function addClaim(usage: Map<string, Quantity>, claim: JsonObject): void {
  const spec = specOf(claim);
  const annotations = ((claim['metadata'] as JsonObject | undefined)?.['annotations'] ?? {}) as Record<string, string>;
  const name = annotations['volume.beta.kubernetes.io/storage-class'] ?? textOf(spec['storageClassName']);
  const storage = resourceList((spec['resources'] as JsonObject | undefined)?.['requests']).get('storage');
  if (name !== '') usage.set(`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`, one);
  if (storage === undefined) return;
  usage.set('requests.storage', storage);
  if (name !== '') usage.set(`${name}.storageclass.storage.k8s.io/requests.storage`, storage);
}

function addPod(usage: Map<string, Quantity>, spec: JsonObject): void {
  usage.set('pods', one);
  for (const [name, quantity] of podResources(spec, 'requests')) {
    usage.set(`requests.${name}`, quantity);
    if (isUnprefixed(name)) usage.set(name, quantity);
  }
  for (const [name, quantity] of podResources(spec, 'limits'))
    if (computeNames.has(name)) usage.set(`limits.${name}`, quantity);
}

/** A pod that has run to its end holds nothing any more. */
function hasEnded(pod: JsonObject): boolean {
  const phase = (pod['status'] as JsonObject | undefined)?.['phase'];
  return phase === 'Succeeded' || phase === 'Failed';
}

/** What every container must say for itself where a quota counts it; of nothing else is that asked. */
const askedNames: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/**
 * The compute resources of `names` that containers of a new pod leave out though a quota counts them: `limits.memory
 * for: c; …`, or ''.
 */
export function missingCompute(pod: JsonObject, names: readonly string[]): string {
  const spec = specOf(pod);
  const missing = new Map<string, Set<string>>();
  for (const container of [...listOf(spec, 'containers'), ...listOf(spec, 'initContainers')]) {
    const resources = (container['resources'] ?? {}) as JsonObject;
    for (const name of names) {
      if (!askedNames.has(name)) continue;
      const side = name.startsWith('limits.') ? 'limits' : 'requests';
      const plain = name.replace(/^(requests|limits)\./, '');
      if ((resources[side] as JsonObject | undefined)?.[plain] === undefined)
        missing.set(name, (missing.get(name) ?? new Set()).add(textOf(container['name'])));
    }
  }
  return [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, containers]) => `${name} for: ${[...containers].sort().join(',')}`)
    .join('; ');
}
