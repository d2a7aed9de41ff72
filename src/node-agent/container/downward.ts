/** The downward API: what a container may learn about its own pod, as text. */
import {
  allContainers,
  type Container,
  type ObjectFieldSelector,
  parseQuantity,
  type Pod,
  quantityMilli,
  quantityUnits,
  type ResourceFieldSelector,
} from '../../api/index.ts';

/** What the downward API needs besides the pod. */
export interface PodFacts {
  readonly pod: Pod;
  /** The pod's addresses and those of its node, one for each family. */
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  /** The node's allocatable amounts: the limit of a container without one. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The text of a field; undefined for a path that does not exist. Paths are validated by the API. */
export function fieldText(facts: PodFacts, ref: ObjectFieldSelector): string | undefined {
  const { pod } = facts;
  const { metadata } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(ref.fieldPath);
  if (keyed !== null) return (keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2] ?? ''] ?? '';
  switch (ref.fieldPath) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return mapText(metadata.labels);
    case 'metadata.annotations':
      return mapText(metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return facts.hostIps[0] ?? '';
    case 'status.hostIPs':
      return facts.hostIps.join(',');
    case 'status.podIP':
      return facts.podIps[0] ?? '';
    case 'status.podIPs':
      return facts.podIps.join(',');
    default:
      return undefined;
  }
}

/** Lines of `key="value"`, sorted, as the kubelet writes labels and annotations into files. */
function mapText(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/** A container's limit or request in units of the divisor, rounded up. */
export function resourceText(
  facts: PodFacts,
  ref: ResourceFieldSelector,
  own: Container | undefined,
): string | undefined {
  const container =
    ref.containerName === undefined || ref.containerName === ''
      ? own
      : allContainers(facts.pod).find(({ name }) => name === ref.containerName);
  const [kind = '', ...rest] = ref.resource.split('.');
  const resource = rest.join('.');
  if (container === undefined || (kind !== 'limits' && kind !== 'requests')) return undefined;
  const limit = container.resources?.limits?.[resource];
  const value =
    kind === 'limits'
      ? (limit ?? facts.allocatable[resource])
      : (container.resources?.requests?.[resource] ?? limit ?? '0');
  const divisor = ref.divisor === undefined || ref.divisor === '0' || ref.divisor === '' ? '1' : ref.divisor;
  const amountOf = resource === 'cpu' ? quantityMilli : quantityUnits;
  return String(Math.ceil(amountOf(parseQuantity(value ?? '0')) / amountOf(parseQuantity(divisor))));
}
