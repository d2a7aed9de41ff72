/** Decides the endpoints of a Service: which pods stand behind it, under which ports and hints. */
import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  familyOf,
  isHeadless,
  isReady,
  type Node,
  type Pod,
  podAddresses,
  type Service,
  serviceNameLabel,
  zoneOf,
} from '../../api/index.ts';
import { controllerReference, stableText } from '../runtime/index.ts';
import { hasManagedEndpoints, headlessLabel, hostnameIn, mayServe, targetPortOf } from './service.ts';
import { wantsZoneHints, withZoneHints } from './zone-hints.ts';
import { triggerTime } from './trigger-time.ts';
import type { ZoneShares } from './zone-processors.ts';
import { type EndpointGroup, managedByLabel, planSlices, type SliceFrame, type SlicePlan } from './slices.ts';

export const sliceManager = 'endpointslice-controller.k8s.io';

interface Observed {
  readonly service: Service;
  /** Pods that the service selects. */
  readonly pods: readonly Pod[];
  /** The service's slices that this controller made. */
  readonly slices: readonly EndpointSlice[];
  nodeOf(name: string): Node | undefined;
  /** Asked only where endpoints are to have hints. */
  shares(): ZoneShares;
}

interface ServiceSlices extends SlicePlan {
  /** Whether endpoints have hints by zone, and why they have none; absent where nobody asked for them. */
  readonly hints?: { readonly given: boolean; readonly obstacle: string | undefined } | undefined;
}

/** The slices that a service with a selector is to have. */
export function planServiceSlices(observed: Observed): ServiceSlices {
  const { service, pods, slices } = observed;
  if (!hasManagedEndpoints(service)) return { create: [], update: [], remove: [] };
  const families = service.spec.ipFamilies ?? ['IPv4'];
  const groups = new Map<string, EndpointGroup & { readonly endpoints: Endpoint[] }>();
  for (const addressType of families) {
    for (const pod of pods) {
      if (!mayServe(pod, true)) continue;
      const endpoint = endpointOf(observed, pod, addressType);
      if (endpoint === undefined) continue;
      const ports = portsOf(service, pod);
      const key = `${addressType}|${stableText(ports)}`;
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpoint);
    }
  }
  const frame = { ...frameOf(service, families), trigger: triggerOf(observed) };
  if (!wantsZoneHints(service)) return planSlices(frame, [...groups.values()], slices);
  const shares = observed.shares();
  const hinted = [...groups.values()].map((group) => ({ group, ...withZoneHints(group.endpoints, shares) }));
  const plan = planSlices(
    frame,
    hinted.map(({ group, endpoints }) => ({ ...group, endpoints })),
    slices,
  );
  const obstacle = hinted.map((each) => each.obstacle).find((found) => found !== undefined);
  return { ...plan, hints: { given: hinted.length > 0 && obstacle === undefined, obstacle } };
}

function triggerOf({ service, pods, slices }: Observed): string | undefined {
  const shown = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .map(({ targetRef, conditions }) => [targetRef?.uid ?? '', conditions?.serving === true] as const);
  return triggerTime({
    service,
    pods: pods.filter((pod) => mayServe(pod, true)),
    isReady,
    shown: slices.length === 0 ? undefined : new Map(shown),
  });
}

function frameOf(service: Service, families: readonly string[]): SliceFrame {
  const { name, namespace = '', labels = {} } = service.metadata;
  const own = Object.fromEntries(
    Object.entries(labels).filter(
      ([label]) => label !== headlessLabel && label !== serviceNameLabel && label !== managedByLabel,
    ),
  );
  return {
    namespace,
    generateName: `${name}-`,
    labels: {
      ...own,
      ...(isHeadless(service.spec) ? { [headlessLabel]: '' } : {}),
      [serviceNameLabel]: name,
      [managedByLabel]: sliceManager,
    },
    owner: controllerReference({ ...service, apiVersion: 'v1', kind: 'Service' }),
    placeholders: families,
  };
}

function endpointOf(observed: Observed, pod: Pod, addressType: string): Endpoint | undefined {
  const { service } = observed;
  const addresses = podAddresses(pod).filter((address) => familyOf(address) === addressType);
  const [address] = addresses;
  if (address === undefined) return undefined;
  const publish = service.spec.publishNotReadyAddresses === true;
  const { nodeName } = pod.spec;
  const node = nodeName === undefined || nodeName === '' ? undefined : observed.nodeOf(nodeName);
  // A pod whose node is unknown is not served: the node is the place to learn its zone and health from.
  if (nodeName !== undefined && nodeName !== '' && node === undefined && !publish) return undefined;
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const zone = node && zoneOf(node);
  const ready = publish || (serving && !terminating);
  const near = service.spec.trafficDistribution === 'PreferClose' && ready && zone !== undefined;
  const hostname = hostnameIn(service, pod);
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    hostname,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    nodeName: nodeName === '' ? undefined : nodeName,
    zone,
    ...(near ? { hints: { forZones: [{ name: zone }] } } : {}),
  };
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port): EndpointPort[] => {
    const target = targetPortOf(pod, port);
    if (target === undefined) return [];
    return [
      {
        name: port.name ?? '',
        protocol: port.protocol ?? 'TCP',
        port: target,
        appProtocol: port.appProtocol,
      },
    ];
  });
}
