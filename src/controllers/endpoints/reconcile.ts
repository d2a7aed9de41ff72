/** Decides the Endpoints object of a Service. */
import {
  type CoreV1EndpointPort,
  type EndpointAddress,
  type Endpoints,
  type EndpointSubset,
  familyOf,
  isHeadless,
  isReady,
  type Pod,
  podAddresses,
  type Service,
} from '../../api/index.ts';
import { stableText } from '../runtime/index.ts';
import { headlessLabel, hostnameIn, mayServe, targetPortOf } from '../endpoint-slice/service.ts';
import { triggerTime, withTriggerTime } from '../endpoint-slice/trigger-time.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';
/** Addresses in one Endpoints object; the rest is only in slices. */
const addressesMax = 1_000;

interface Entry {
  readonly address: EndpointAddress;
  readonly ready: boolean;
  readonly ports: readonly CoreV1EndpointPort[];
}

/** The Endpoints object that a service with a selector is to have; undefined when the present one is right. */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  current: Endpoints | undefined,
): object | undefined {
  const serving = pods.filter((pod) => mayServe(pod, service.spec.publishNotReadyAddresses === true));
  const entries = serving.flatMap((pod) => entriesOf(service, pod));
  const kept =
    entries.length > addressesMax
      ? [...entries].sort((a, b) => Number(b.ready) - Number(a.ready)).slice(0, addressesMax)
      : entries;
  const subsets = packSubsets(kept);
  const { name, namespace } = service.metadata;
  const labels = {
    ...service.metadata.labels,
    ...(isHeadless(service.spec) ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: 'endpoint-controller',
  };
  const annotations: Record<string, string> = { ...withTriggerTime(current?.metadata.annotations, undefined) };
  delete annotations[overCapacity];
  if (kept.length < entries.length) annotations[overCapacity] = 'truncated';
  const shape = (from: {
    readonly labels?: unknown;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
    readonly subsets?: unknown;
  }): string => stableText([from.labels ?? {}, withTriggerTime(from.annotations, undefined) ?? {}, from.subsets ?? []]);
  if (
    current !== undefined &&
    shape({ ...current.metadata, subsets: current.subsets }) === shape({ labels, annotations, subsets })
  )
    return undefined;
  return {
    ...(current ?? { apiVersion: 'v1', kind: 'Endpoints' }),
    metadata: {
      ...(current?.metadata ?? { name, namespace }),
      labels,
      annotations: withTriggerTime(annotations, triggerOf(service, serving, current)),
    },
    ...(subsets.length === 0 ? { subsets: null } : { subsets }),
  };
}

function triggerOf(service: Service, pods: readonly Pod[], current: Endpoints | undefined): string | undefined {
  const shown = (current?.subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }) => [
    ...addresses.map(({ targetRef }) => [targetRef?.uid ?? '', true] as const),
    ...notReadyAddresses.map(({ targetRef }) => [targetRef?.uid ?? '', false] as const),
  ]);
  return triggerTime({
    service,
    pods,
    isReady: (pod) => isShownReady(service, pod),
    shown: current === undefined ? undefined : new Map(shown),
  });
}

function isShownReady(service: Service, pod: Pod): boolean {
  return service.spec.publishNotReadyAddresses === true || isReady(pod);
}

function entriesOf(service: Service, pod: Pod): readonly Entry[] {
  const family = service.spec.ipFamilies?.[0] ?? 'IPv4';
  const ip = podAddresses(pod).find((address) => familyOf(address) === family);
  if (ip === undefined) return [];
  const { nodeName } = pod.spec;
  const hostname = hostnameIn(service, pod);
  const address: EndpointAddress = {
    ip,
    hostname,
    nodeName: nodeName === '' ? undefined : nodeName,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
  const declared = service.spec.ports ?? [];
  const ports = declared.flatMap((port): CoreV1EndpointPort[] => {
    const target = targetPortOf(pod, port);
    const name = port.name === undefined || port.name === '' ? {} : { name: port.name };
    return target === undefined
      ? []
      : [
          {
            ...name,
            port: target,
            protocol: port.protocol ?? 'TCP',
            appProtocol: port.appProtocol,
          },
        ];
  });
  if (declared.length > 0 && ports.length === 0) return [];
  return [{ address, ready: isShownReady(service, pod), ports }];
}

/** Addresses with the same ports share a subset; everything is sorted, so that equal endpoints are equal texts. */
function packSubsets(entries: readonly Entry[]): readonly EndpointSubset[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = stableText([...entry.ports].sort((a, b) => (stableText(a) < stableText(b) ? -1 : 1)));
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => subsetOf(group));
}

function subsetOf(group: readonly Entry[]): EndpointSubset {
  const addresses = (ready: boolean): readonly EndpointAddress[] =>
    group
      .filter((entry) => entry.ready === ready)
      .map((entry) => entry.address)
      .sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0));
  const ready = addresses(true);
  const notReady = addresses(false);
  const ports = group[0]?.ports ?? [];
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}
