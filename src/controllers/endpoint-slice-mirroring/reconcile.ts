/** Decides which EndpointSlices mirror some Endpoints. */
import {
  type Endpoint,
  type EndpointAddress,
  type Endpoints,
  type EndpointSlice,
  endpointsTrigger,
  type EndpointSubset,
  familyOf,
  ipFamilies,
  type Service,
  serviceNameLabel,
} from '../../api/index.ts';
import { type EndpointGroup, managedByLabel, planSlices, type SlicePlan } from '../endpoint-slice/slices.ts';
import { controllerReference, isControlledBy } from '../runtime/index.ts';

export const mirrorManager = 'endpointslicemirroring-controller.k8s.io';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
/** Addresses of one subset that are copied. */
export const addressesMax = 1_000;
const notCopied: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration', endpointsTrigger]);

/** Whether these Endpoints are copied: by hand, of a Service without a selector, and not told to stay alone. */
function isMirrored(endpoints: Endpoints, service: Service | undefined): boolean {
  const { labels, annotations, deletionTimestamp } = endpoints.metadata;
  return (
    deletionTimestamp === undefined &&
    labels?.[skipLabel] !== 'true' &&
    annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined &&
    service !== undefined &&
    service.spec.selector === undefined
  );
}

/** The slices that mirror the Endpoints; none when they are not (or no longer) mirrored. */
export function planMirror(
  endpoints: Endpoints | undefined,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): SlicePlan {
  if (endpoints === undefined || !isMirrored(endpoints, service)) return { create: [], update: [], remove: slices };
  const { name, namespace = '', labels = {}, annotations = {} } = endpoints.metadata;
  const own = Object.fromEntries(Object.entries(labels).filter(([label]) => label !== skipLabel));
  const frame = {
    namespace,
    generateName: `${name}-`,
    labels: { ...own, [serviceNameLabel]: name, [managedByLabel]: mirrorManager },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([annotation]) => !notCopied.has(annotation))),
    owner: controllerReference({ ...endpoints, apiVersion: 'v1', kind: 'Endpoints' }),
  };
  // The garbage collector removes what Endpoints of the same name have left that were deleted since.
  const kept = slices.filter((slice) => isControlledBy(slice, endpoints));
  const plan = planSlices(frame, (endpoints.subsets ?? []).flatMap(groupsOf), kept);
  return { ...plan, remove: [...plan.remove, ...slices.filter((slice) => !kept.includes(slice))] };
}

/** How many addresses are not copied: a subset has too many. */
export function addressesSkipped({ subsets = [] }: Endpoints): number {
  const counts = subsets.map(
    ({ addresses = [], notReadyAddresses = [] }) => addresses.length + notReadyAddresses.length,
  );
  return counts.reduce((sum, count) => sum + Math.max(0, count - addressesMax), 0);
}

function groupsOf(subset: EndpointSubset): readonly EndpointGroup[] {
  const ports = (subset.ports ?? []).map((port) => ({
    name: port.name ?? '',
    protocol: port.protocol ?? 'TCP',
    port: port.port,
    appProtocol: port.appProtocol,
  }));
  const all = [
    ...(subset.addresses ?? []).map((address) => endpointOf(address, true)),
    ...(subset.notReadyAddresses ?? []).map((address) => endpointOf(address, false)),
  ].slice(0, addressesMax);
  return ipFamilies.map((addressType) => ({
    addressType,
    ports,
    endpoints: all.filter((endpoint) => familyOf(endpoint.addresses[0] ?? '') === addressType),
  }));
}

function endpointOf(address: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [address.ip],
    conditions: { ready },
    hostname: address.hostname,
    nodeName: address.nodeName,
    targetRef: address.targetRef,
  };
}
