/** Services and their EndpointSlices as ports with backends. */
import {
  type Endpoint,
  type EndpointSlice,
  type IpFamily,
  isEndpointReady,
  isServingWhileTerminating,
  type Service,
  serviceOfSlice,
  type ServicePort,
} from '../../api/index.ts';
import { joinHostPort } from '../../base/index.ts';
import { filterAddress, filterBlock } from './packet-words.ts';

/** An address that answers for a service port. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

/** One port of one service, with all that the rules need. */
export interface ServicePortView {
  /** Of all of a cluster's, in whose order they stand. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly clusterIp: string;
  /** When the Service was created: of several that name one address of the outside the oldest has it. */
  readonly created: string;
  readonly externalIps: readonly string[];
  /** Addresses of its load balancer, and from where they may be used; undefined: from everywhere. */
  readonly balancerIps: readonly string[];
  readonly sourceRanges: readonly string[] | undefined;
  readonly nodePort: number;
  readonly affinitySeconds: number;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly backends: readonly Backend[];
  /**
   * What the policy Local leads to: ready endpoints on this machine, or those here that still serve while they end.
   */
  readonly localBackends: readonly Backend[];
}

/** What the health check node port of a Service tells. */
export interface HealthPort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** How many ready endpoints it has on this machine; those that end do not count. */
  readonly localEndpoints: number;
}

/** Whose traffic the rules are for. */
export interface ProxyScope {
  readonly family: IpFamily;
  /** The nodes on this machine. */
  readonly localNodes: ReadonlySet<string>;
  /** Where the machine is, if its nodes say so with one voice. */
  readonly zone?: string | undefined;
}

/** All ports of Services that have an address of the family, with their backends, in a fixed order. */
export function servicePorts(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  scope: ProxyScope,
): readonly ServicePortView[] {
  const byService = slicesByService(slices, scope.family);
  const nodes = [scope.zone ?? '', ...[...scope.localNodes].sort()].join(' ');
  const views = services.map((service) => {
    const own = byService.get(nameOf(service)) ?? [];
    const known = remembered[scope.family].get(service);
    if (
      known?.nodes === nodes &&
      known.slices.length === own.length &&
      known.slices.every((each, i) => each === own[i])
    )
      return known.views;
    const made = viewsOf(service, own, scope);
    remembered[scope.family].set(service, { nodes, slices: own, views: made });
    return made;
  });
  return views.flat().sort((one, other) => compare(one.key, other.key));
}

interface Remembered {
  /** The zone and the nodes. */
  readonly nodes: string;
  readonly slices: readonly EndpointSlice[];
  readonly views: readonly ServicePortView[];
}

/** Stored objects are never changed, so what comes of a Service is the same until another object takes its place. */
const remembered: Readonly<Record<IpFamily, WeakMap<Service, Remembered>>> = {
  IPv4: new WeakMap(),
  IPv6: new WeakMap(),
};

const nameOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;

/** The slices of each Service, by namespace and name; of one family, or of all. */
function slicesByService(
  slices: readonly EndpointSlice[],
  family?: IpFamily,
): ReadonlyMap<string, readonly EndpointSlice[]> {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const service = serviceOfSlice(slice);
    if (service === undefined || slice.addressType !== (family ?? slice.addressType)) continue;
    const key = `${slice.metadata.namespace}/${service}`;
    const list = byService.get(key);
    if (list === undefined) byService.set(key, [slice]);
    else list.push(slice);
  }
  return byService;
}

/** The health check node ports that this machine serves. `localNodes`: the nodes on it. */
export function healthPorts(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  localNodes: ReadonlySet<string>,
): readonly HealthPort[] {
  const wanted = services.filter(
    ({ spec }) =>
      spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && (spec.healthCheckNodePort ?? 0) > 0,
  );
  if (wanted.length === 0) return [];
  const byService = slicesByService(slices);
  return wanted.map((service) => {
    const { namespace = '', name = '' } = service.metadata;
    // A pod of two families is one endpoint: the family counts that has more.
    const families = Map.groupBy(byService.get(nameOf(service)) ?? [], ({ addressType }) => addressType);
    const counts = [...families.values()].map((own) => localEndpoints(own, localNodes));
    return { namespace, name, port: service.spec.healthCheckNodePort ?? 0, localEndpoints: Math.max(0, ...counts) };
  });
}

function localEndpoints(slices: readonly EndpointSlice[], localNodes: ReadonlySet<string>): number {
  const addresses = slices.flatMap(({ endpoints }) =>
    (endpoints ?? [])
      .filter((endpoint) => isEndpointReady(endpoint) && localNodes.has(endpoint.nodeName ?? ''))
      .flatMap((endpoint) => endpoint.addresses.slice(0, 1)),
  );
  return new Set(addresses).size;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Labels that keep a Service from the proxy: another one serves it, or nobody shall. */
const notOurs = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'];

function viewsOf(service: Service, slices: readonly EndpointSlice[], scope: ProxyScope): ServicePortView[] {
  const { family } = scope;
  const { spec } = service;
  if (notOurs.some((label) => label in (service.metadata.labels ?? {}))) return [];
  const [clusterIp] = ofFamily(family, spec.clusterIPs ?? [spec.clusterIP ?? '']);
  if (spec.type === 'ExternalName' || clusterIp === undefined) return [];
  const balancer = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip === undefined || ipMode === 'Proxy' ? [] : [ip],
  );
  const affinitySeconds =
    spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0;
  return (spec.ports ?? []).map((port) => ({
    key: `${nameOf(service)}/${port.name ?? ''}/${protocolOf(port)}/${port.port}`,
    namespace: service.metadata.namespace ?? '',
    name: service.metadata.name ?? '',
    portName: port.name ?? '',
    protocol: protocolOf(port),
    port: port.port,
    clusterIp,
    created: service.metadata.creationTimestamp ?? '',
    externalIps: ofFamily(family, spec.externalIPs ?? []).sort(),
    balancerIps: ofFamily(family, balancer).sort(),
    sourceRanges: sourceRanges(service, family),
    nodePort: port.nodePort ?? 0,
    affinitySeconds,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    ...backendsOf(port, slices, scope),
  }));
}

/** An address once, in whatever texts it is given. */
const ofFamily = (family: IpFamily, addresses: readonly string[]): string[] => [
  ...new Set(addresses.flatMap((address) => filterAddress(address, family) ?? [])),
];

const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/**
 * The family's ranges of the field, or of the annotation that it took the place of; undefined where there is no range
 * of any family.
 */
function sourceRanges({ metadata, spec }: Service, family: IpFamily): readonly string[] | undefined {
  const given = (spec.loadBalancerSourceRanges ?? metadata.annotations?.[sourceRangesAnnotation]?.split(',') ?? [])
    .map((range) => range.trim())
    .filter((range) => range !== '');
  if (given.length === 0) return undefined;
  return given.flatMap((range) => filterBlock(range, family) ?? []);
}

function protocolOf(port: ServicePort): 'tcp' | 'udp' | 'sctp' {
  return port.protocol === 'UDP' ? 'udp' : port.protocol === 'SCTP' ? 'sctp' : 'tcp';
}

/** Ready endpoints; when none is ready, those that still serve while they end. */
function backendsOf(
  port: ServicePort,
  slices: readonly EndpointSlice[],
  { family, localNodes, zone }: ProxyScope,
): Pick<ServicePortView, 'backends' | 'localBackends'> {
  const ready = new Map<string, Backend>();
  const hints = new Map<string, readonly string[]>();
  const serving = new Map<string, Backend>();
  for (const slice of slices) {
    const target = slice.ports?.find(
      (each) => (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )?.port;
    if (target === undefined) continue;
    for (const endpoint of slice.endpoints ?? [])
      addBackends(endpoint, {
        ready,
        serving,
        hints,
        family,
        port: target,
        local: localNodes.has(endpoint.nodeName ?? ''),
      });
  }
  const [readyOnes, servingOnes] = [inOrder(ready), inOrder(serving)];
  const backends = readyOnes.length > 0 ? nearOnes(readyOnes, hints, zone) : servingOnes;
  const readyHere = readyOnes.filter(({ local }) => local);
  return { backends, localBackends: readyHere.length > 0 ? readyHere : servingOnes.filter(({ local }) => local) };
}

/** By their keys. */
const inOrder = (backends: ReadonlyMap<string, Backend>): readonly Backend[] =>
  [...backends.keys()].sort().flatMap((key) => backends.get(key) ?? []);

const keyOf = ({ address, port }: Backend): string => joinHostPort(address, port);

/**
 * Those whose hints name the zone of this machine; all of them where one has no hint, or none is for here (as
 * kube-proxy).
 */
function nearOnes(
  backends: readonly Backend[],
  hints: ReadonlyMap<string, readonly string[]>,
  zone: string | undefined,
): readonly Backend[] {
  if (zone === undefined || backends.some((each) => (hints.get(keyOf(each)) ?? []).length === 0)) return backends;
  const near = backends.filter((each) => hints.get(keyOf(each))?.includes(zone));
  return near.length > 0 ? near : backends;
}

function addBackends(
  endpoint: Endpoint,
  into: {
    readonly ready: Map<string, Backend>;
    readonly serving: Map<string, Backend>;
    /** Zones that ready endpoints are meant for. */
    readonly hints: Map<string, readonly string[]>;
    readonly family: IpFamily;
    readonly port: number;
    readonly local: boolean;
  },
): void {
  const address = filterAddress(endpoint.addresses[0] ?? '', into.family);
  if (address === undefined) return;
  const backend = { address, port: into.port, local: into.local };
  const key = keyOf(backend);
  if (isEndpointReady(endpoint)) {
    into.ready.set(key, backend);
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length > 0)
      into.hints.set(
        key,
        zones.map(({ name }) => name),
      );
  }
  if (isServingWhileTerminating(endpoint)) into.serving.set(key, backend);
}
